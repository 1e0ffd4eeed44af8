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
