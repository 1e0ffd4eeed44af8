# Words of requests for more and refusals, versions of procedures, handing results over.

# What is missing or wrong

defect-papers = Papers of the procedure: choose what is not right
defect-denial = Grounds of the denial (only when a denial is proposed)
defect-papers-hint = Choose at a paper that needs something; leave the others as they are.
defect-item-hint = Where you say what is missing or wrong, give the clause and an example as well. Leave this empty if the papers above say it all.
defect-denial-hint = Give at least one ground, each with its clause and an example.
defect-nothing-said = Say what is missing or wrong, or empty the other fields of this item.
defect-more = Add one more
defect-basis = Legal document
defect-clause-hint = For example: Article 16(1). Choose the document above, or write its number too.
defect-example = What would be right
defect-example-hint = An example to follow: photographed straight on, all four corners visible.
defect-clause-missing = Write the clause, or choose the document.
defect-example-missing = Give an example of what would be right.
defect-example-paper = Photographed straight on, all four corners visible, every word and stamp readable, still valid.
defect-published-by = Papers of procedure { $code }, as published by { $by }
defect-published = Papers of procedure { $code }
defect-fault-missing = Not there
defect-fault-unreadable = Not readable
defect-fault-expired = Expired
defect-fault-differs = Does not agree
defect-fault-unsigned = No signature or stamp
defect-what-missing = Missing: { $paper }
defect-what-unreadable = Not readable: { $paper }
defect-what-expired = Expired: { $paper }
defect-what-differs = Does not agree with the form or another paper: { $paper }
defect-what-unsigned = Without signature or stamp: { $paper }
defect-remedy-missing = Hand in { $paper }.
defect-remedy-unreadable = Photograph or scan { $paper } again and hand it in.
defect-remedy-expired = Hand in { $paper } that is still valid.
defect-remedy-differs = Correct the form, or hand in { $paper } that says the same.
defect-remedy-unsigned = Hand in { $paper } again with signature and stamp.
error-dossier-defect-bare = Each defect needs its clause and an example of what would be right.
track-example = For example:
track-stage = Stage
track-stage-before = When the dossier was checked, before it was received
track-stage-after = After it was received, while it was settled
track-stage-step = After it was received, at the step “{ $step }”

# Handing over

hand-over-title = How the result was handed over
hand-over-proof = Proof of who took it
hand-over-proof-receipt = Receipt and identity card
hand-over-proof-identity = Identity card, or electronic identity on a telephone
hand-over-proof-authorisation = Power of attorney and the proxy's identity card
hand-over-proof-signature = Signature in the book
hand-over-carrier = Carrier
hand-over-carrier-vnpost = Vietnam Post (public postal service)
hand-over-carrier-viettel-post = Viettel Post
hand-over-carrier-other = Another carrier
hand-over-track-vnpost = Follow it by this number on Vietnam Post's tracking page (vnpost.vn), or ask at the nearest post office.
hand-over-track-viettel-post = Follow it by this number on Viettel Post's tracking page (viettelpost.vn), or ask at the nearest office.
hand-over-track-other = Ask the carrier with this number; the one-stop desk says which carrier it is.
hand-over-post-item = Number of the postal item
hand-over-post-item-hint = As on the slip, for example EA473124829VN.
hand-over-post-item-wrong = This is no number of a postal item. Read it again on the slip.
error-dossier-proof-missing = Write the number of the postal item, or what proved who came.

# Versions of procedures

nav-admin-procedures = Versions of procedures
version-title = Versions of procedures
version-about = Each version holds from a day, once somebody else than who brought it has approved it. Until that day the earlier one holds. Dossiers stay under the version of their filing.
version-coming = Versions that wait for approval or come
version-none-coming = No version waits for approval or comes.
version-one = Version
version-waiting = waits for approval
version-approved = approved
version-set-aside-tag = set aside
version-comes = holds from { $day }
version-own = brought by you
version-made-by-who = Brought by
version-made-by = Brought by { $who }, { $at }
version-decided-by = Decided by { $who }, { $at }
version-days = holds from { $from } to the end of { $until }
version-days-open = holds from { $from }
version-never = replaced on its first day
version-drafts = Drafts
version-dossiers = Running dossiers
version-public = Public page
version-changes = What changes
version-against = Against version { $n }
version-first = This is the first version.
version-no-change = Words alone change; fee, time limit, papers and form stay.
version-what = What
version-was = Before
version-is = After
version-what-name = Name
version-what-fee = Fee
version-what-time = Time limit
version-what-papers = Papers
version-what-form = Form
version-what-service = Where and how to file
version-what-basis = Legal basis
version-form-changed = The questions change; earlier answers are kept to be looked at.
version-online = can be filed on line
version-not-online = cannot be filed on line
version-touches = Whom it touches
version-touches-drafts = { $n } drafts: their people are told what changed, and file under the version that holds on the day.
version-touches-dossiers = { $n } running dossiers: they stay under the version of their filing to the end.
version-decide = Decide
version-valid-from = Holds from
version-approve-other = Who brought it may not approve it; somebody else must.
version-set-aside = Set this version aside
version-bring-title = Bring a list
version-bring-about = Each procedure that it changes gets a new version, which waits for somebody else's approval.
version-bring = Bring it, to be approved
version-file = File of procedures
version-file-hint = One procedure a line (JSON Lines), as tinhso catalogue import reads.
version-source = Source
version-source-hint = For example: Decision 163/QĐ-BTP; the procedure's page says it.
version-copied-on = Day of the copy
version-next = About to change
version-next-words = A new version holds from { $day }
version-now = The version that holds now
error-version-not-found = There is no such version of this procedure.
error-version-decided = This version was decided already.
error-version-same-person = Who brought it may not approve it. Ask somebody else with this right.
error-version-past-day = The first day must be today or later.
error-version-unreadable = No procedure in this file can be read.

# Drafts of a procedure that has changed

draft-moved = The procedure has changed since you began
draft-moved-words = Your dossier will be filed under the rules that hold now (from { $day }). What you filled in is kept; the pages ask again where something must be looked at.
draft-moved-read = Read the procedure as it holds now
error-dossier-procedure-ended = This procedure has ended or can no longer be filed on line, so the draft cannot be sent. You can discard the draft, look for the procedure that took its place, or ask at a one-stop desk.

# Cases of the catalogue

procedure-case = Which case is yours?
procedure-case-hint = Choose every case that applies. The papers of the chosen cases are required.
procedure-case-none = None of these
draft-paper-either = one of these is needed
intake-error-either = At least one of the papers of this case is needed.
