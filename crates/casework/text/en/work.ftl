# Sharing out work: absences and deputies, many dossiers at once, hand-over, internal notes, units that took over.

# Absences

absence-title = Absences and deputies
absence-about = While somebody is away, new work for her goes to her deputy, who sees her dossiers and signs with her own name.
absence-enter = Record an absence
absence-none = No absence is recorded.
absence-officer = Who is away
absence-deputy = Who stands in
absence-deputy-hint = She must have the same role at the same unit.
absence-days = First day – last day
absence-from = First day
absence-until = Last day
absence-cause = Reason
absence-cause-leave = Leave
absence-cause-mission = Travels on duty
absence-cause-training = Training
absence-cause-other = Another reason
absence-by = recorded by { $name }
absence-end = End it now
absence-ended = Back early
absence-holds = Away
absence-over = Past
absence-to-come = To come
error-absence-not-found = There is no such absence.
error-absence-order = The last day must be the first day or a later one.
error-absence-past = The last day has passed. Choose today or a later day.
error-absence-too-long = An absence is at most { $days } days long. For longer, hand the work over.
error-absence-own-deputy = Nobody stands in for herself. Choose somebody else.
error-absence-deputy-elsewhere = Who stands in must have the same role at the same unit. Choose somebody else.
error-absence-overlaps = An absence of these days is recorded already.
error-absence-ended = This absence was ended already.

# The work list

desk-tab-stand-in = Standing in
desk-colour = Colour of the deadline
desk-colour-late = Overdue
desk-colour-soon = Less than a working day left
desk-colour-in-time = In time
desk-colour-stopped = The clock stands still
desk-nobody = Nobody yet
desk-unit = Unit

# Many dossiers at once

bulk-title = For the marked dossiers
bulk-about = Mark dossiers in the list, then choose what to do. At most { $n } dossiers at a go.
bulk-all = Mark the whole page
bulk-pick = Mark dossier { $code }
bulk-choose = Choose an officer
bulk-reason-hint = A reason is needed where somebody works on the dossier.
bulk-do-receive = Receive
bulk-do-claim = Take
bulk-do-assign = Give out
bulk-did-receive = Receive many dossiers
bulk-did-claim = Take many dossiers
bulk-did-assign = Give out many dossiers
bulk-none = No dossier was marked. Go back and mark some.
bulk-sums = { $done } done, { $not } not done.
bulk-unknown = A dossier that is not within your scope
bulk-ok = done
bulk-offered = waits to be accepted
bulk-not = not done
bulk-back = Back to the list

# Hand-over of work inside a unit

handover-title = Hand-over of work
handover-about = Officers who have open dossiers. When somebody moves or leaves, hand all her dossiers over in one go.
handover-none = No officer has an open dossier.
handover-here = At work
handover-left = Works here no more
handover-away = Away until { $until }
handover-deputy = { $name } stands in
handover-open = Open dossiers
handover-first-due = First due
handover-of = Dossiers of { $name }
handover-asks-her = She is at work: each dossier stays hers until the other officer has accepted it.
handover-at-once = She is not there: the dossiers go to the other officer at once. Due dates stay.
handover-dossiers = Dossiers to hand over
handover-count = { $n ->
    [one] One open dossier
   *[other] { $n } open dossiers
}
handover-more = At most { $n } dossiers at a go; hand the others over after these.
handover-do = Hand over the marked dossiers
handover-reason = Reason for giving it to another
handover-offered = Waits to be accepted
handover-offered-words = { $by } gave this dossier to { $to } at { $at }. { $from } stays responsible until { $to } accepts it.
handover-do-accept = Accept the dossier
handover-do-decline = Do not accept, with a reason
handover-do-give-back = Give the work back
handover-about-give-back = A leader reads the reason and gives it to somebody else. The due date stays.
handover-waiting = { $n ->
    [one] One dossier was given to you and waits for your word
   *[other] { $n } dossiers were given to you and wait for your word
}
history-to = given to { $name }
history-for = for { $name }
track-did-offer = Given to another officer, who has to accept
track-did-accept = Accepted by the other officer
track-did-decline = Not accepted
track-did-give-back = Work given back
error-dossier-offer-ended = This dossier is not on offer any more. Load the page again to see who works on it.

# Internal notes

comment-one = Internal note
comment-title = Internal notes
comment-about = Officers who may open this dossier read the notes; the applicant never sees them. A note cannot be changed; it can be struck out and stays readable.
comment-all = The notes
comment-add = Add an internal note
comment-text = Words
comment-text-hint = Write only what is needed to settle the dossier.
comment-strike = Strike out
comment-why = Reason for striking it out
comment-struck = struck out
error-comment-struck = This note was struck out already.

# Units that were merged or split

nav-successions = Dossiers without a successor
succession-title = Dossiers that wait for a successor
succession-about = The units below are no more, and not exactly one unit followed each. Their dossiers wait until somebody decides where they go; code, history and due date stay.
succession-none = No dossier waits for a decision.
succession-heir = The unit that takes over
succession-which = Which dossiers
succession-all = All that are left
succession-all-hint = With the open requests to that unit; decided once, and not taken back.
succession-marked = Only those marked above
succession-basis = Legal basis
succession-basis-hint = Number and day of the decision, for example 12/QĐ-UBND of 20/11/2026. It stands in the history of each dossier.
succession-decide = Decide
succession-count = { $n ->
    [one] One open dossier
   *[other] { $n } open dossiers
}
succession-more = { $n } more are not shown here; choose all of them to lead them as well.
error-succession-not-found = There is nothing to decide about this unit.
error-succession-decided = Somebody decided about this unit already. Load the page again.
error-succession-no-heir = The chosen unit is none that may take over.
error-succession-nothing-marked = No dossier is marked. Mark some, or choose all of them.

# Notices to officers

notice-lies-still = A dossier has lain still for days.
notice-work-offered = A dossier was given to you and waits for your word.
notice-work-given = A dossier was given to you.
notice-work-accepted = Another officer took over your dossier.
notice-work-declined = The officer did not accept the dossier.
notice-work-given-back = An officer gave work back; it needs somebody else.

# Coordination

coordination-take-back-reason = Reason for taking it back

# Child dossiers
child-title = Child dossiers
child-about = Parts of dossiers that other units handed over. Each has its own number, time and clock; the dossier itself stays with the unit that sent it.
child-tab-all = All
child-tab-mine = Mine
child-tab-over = Over
child-none = No child dossier is open.
child-more = More
child-waiting = { $n ->
    [one] { $n } child dossier handed over by another unit is open
   *[other] { $n } child dossiers handed over by other units are open
}
child-of-dossier = Child dossiers at other units
child-to-dossier = Open the dossier itself
child-from = Sent by
child-unit = Works on it
child-sent-on-by = sent on by { $unit }
child-accepted = Accepted
child-accept-by = to be accepted or given back by { $at }
child-accept-late = accepted late
child-due = Answer due
child-due-at = Answer due { $at }
child-question = What is asked
child-answer = Answer
child-steps = Steps
child-stops = Stops of the clock
child-stop-parent = The dossier waits for its applicant
child-stop-asked = The unit that sent it was asked
child-stop-open = stands still now
child-stop-due = Due { $before } became { $after }
child-late = Late
child-late-whose = { $unit } is { $over } over. This time is that unit's.
child-given-back-next = This unit did not take it. Settle it here, or hand it over to another unit.
child-send-to = Send on to
child-files-hint = New files replace those that were laid before the leader last time.
child-lies-title = Your dossier is with another agency
child-lies = Part of it was handed to { $unit } at { $since }. That agency has to answer by { $until }.
child-lies-late = Part of it was handed to { $unit } at { $since }. That agency had to answer by { $until } and is late.
child-lies-stopped = Part of it was handed to { $unit } at { $since }. Work there stands still for now.
child-lies-more = You need not do anything. The date on which you get your result does not change.
child-state-sent = sent, not accepted
child-state-accepted = accepted
child-state-processing = in work
child-state-proposed = with the leader
child-state-waiting = waits for the sender
child-state-answered = answered
child-state-given-back = given back
child-state-sent-on = sent on
child-state-taken-back = taken back
child-state-ended = ended with its dossier
child-did-send = Sent
child-did-hold = The clock stopped with the dossier's
child-did-release = The clock goes on with the dossier's
child-did-end = Ended with its dossier
child-did-succeed = Went to the unit that followed
child-did-accept = Accepted
child-did-claim = Work taken
child-did-assign = Work given
child-did-ask-back = The sender was asked
child-did-reply = The sender answered
child-did-forward = Next step
child-did-propose = Laid before the leader
child-did-send-back = The leader sent it back
child-did-approve = Approved
child-did-give-back = Given back to the sender
child-did-send-on = Sent on
child-did-take-back = Taken back
child-do-accept = Accept
child-do-claim = Take the work
child-do-assign = Give to an officer
child-do-ask-back = Ask the sender
child-do-reply = Answer
child-do-forward = Go to the next step
child-do-propose = Lay before the leader
child-do-send-back = Send back to be done again
child-do-approve = Approve
child-do-give-back = Give back, not ours
child-do-send-on = Send on to another unit
child-do-take-back = Take back
child-done-accept = Accepted.
child-done-claim = The work is yours.
child-done-assign = The work was given.
child-done-ask-back = Asked. The clock stands still until there is an answer.
child-done-reply = Answered. The clock goes on.
child-done-forward = The next step begins.
child-done-propose = Laid before the leader.
child-done-send-back = Sent back to be done again.
child-done-approve = Approved.
child-done-give-back = Given back to the sender.
child-done-send-on = Sent on.
child-done-take-back = Taken back.
child-about-accept = From now on the work is your unit's.
child-about-claim = You do this work.
child-about-assign = Choose who does it.
child-about-ask-back = The clock of this part stands still until the unit that sent it answers. That time is the sender's.
child-about-reply = The other unit's clock goes on as soon as you answer.
child-about-forward = This step is done, the next one begins.
child-about-propose = Answer and files go back to the sender when the leader approves.
child-about-send-back = Who works on it sees your reason.
child-about-approve = Answer and files go back to the dossier; this part ends.
child-about-give-back = The sender sees the reason and has to go on with it.
child-about-send-on = The third unit gets this part with the same date. Its answer goes straight to who sent it first.
child-about-take-back = The other unit is told and stops working on it.
child-note-assign = Message
child-note-ask-back = What is needed
child-note-reply = Answer
child-note-forward = Message, or the answer at the last step
child-note-propose = The answer
child-note-send-back = What has to be done again
child-note-approve = Remark
child-note-give-back = Why it is not this unit's business
child-note-send-on = Why it is sent on
child-note-take-back = Why it is taken back
desk-file-answer = another unit's answer
coordination-state-sent-on = sent on
error-child-wrong-state = The child dossier is not at this step. Open its page again to see where it is.
error-child-sent-before = This unit had this part before, or sent it. Choose another one, or give it back.
error-kept-file-gone = A file chosen before is no longer there: its day is over, or the virus scanner threw it out. Attach it again. Everything typed is still here.
