# The page of who waits her turn while many people send.
line-wait-title = Waiting for your turn
line-before = { $count ->
    [0] You are first: the next turn is yours.
    [one] One person is before you.
   *[other] { $count } people are before you.
}
line-kept = What you typed is kept, and your draft is saved. The dossier is not submitted yet; when it is, you will see its code.
line-again = Send again now
line-by-itself = This page sends itself again after { $seconds } seconds where the browser lets it. Pressing the button does not lose your turn.
