# The page of who waits her turn while many people send.
line-wait-title = Waiting for your turn
line-before = { $count ->
    [0] You are first: the next turn is yours.
    [one] One person is before you.
   *[other] { $count } people are before you.
}
line-about = { $minutes ->
    [0] Your turn is expected now.
    [one] Your turn is expected in about a minute.
   *[other] Your turn is expected in about { $minutes } minutes.
}
line-held = What you have just sent is held and will be worked on when it is your turn. You need not send it again.
line-may-leave = A dossier is submitted only when you see its code. If you close this page, look under My dossiers or My drafts.
line-look = Look again now
line-by-itself = This page looks again by itself after { $seconds } seconds.
line-full-title = The line is full
line-kept = This page keeps what you have just typed. This has not been sent: please send it again in a few minutes.
line-again = Send again
line-over-title = This place in the line is gone
line-over = It is over or no longer held. See whether your dossier was submitted; if not, your draft is as it was last saved.
line-over-dossiers = My dossiers
line-over-drafts = My drafts
error-line-no-turn = Many people are sending at once. People before you: { $before }. Nothing of this was recorded.
    .title = Not your turn yet
    .do = Go back and send it again; you may have to choose your files once more.
