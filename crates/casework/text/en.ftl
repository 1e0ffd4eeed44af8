# Words of procedures, dossiers, the desk, tracking, notices.

# Main navigation

nav-procedures = Procedures
nav-track = Track a dossier
nav-my-dossiers = My dossiers
nav-notices = Notices
nav-desk = Work list
nav-desk-figures = Day's registers

# Front page

front-page = Home
front-title = What do you need to do today?
front-description = Find an administrative procedure, file a dossier online, follow it, and see how the province works.
front-hint = You can type without diacritics.
front-count = { $n ->
    [one] One procedure
   *[other] { $n } procedures
}
front-online = { $n } of them online
front-popular = Most asked for
front-track = Track a dossier
front-work = How the province is doing

# Procedures

procedure-list-title = Administrative procedures
procedure-search = Find a procedure
procedure-search-example = For example: khai sinh, cap lai giay phep lai xe
procedure-sector = Sector
procedure-all-sectors = All sectors
procedure-tier = Level
procedure-all-tiers = All levels
procedure-filter = Filter
procedure-by-sector = By sector
procedure-found = { $n ->
    [one] 1 procedure
   *[other] { $n } procedures
}
procedure-none = No procedure was found. Try fewer words, or other words.
procedure-all = See all procedures
procedure-online = online
procedure-papers = { $n ->
    [one] 1 paper
   *[other] { $n } papers
} needed
procedure-no-data = no data
procedure-tier-ministry = Ministry
procedure-tier-province = Province
procedure-tier-commune = Commune
procedure-tier-other = Other body
procedure-fact-fee = Fee
procedure-fact-when = Result by
procedure-fact-where = Settled by
procedure-fact-result = You get
procedure-fee-varies = Depends on the case
procedure-fee-from = From { $fee }
procedure-fee-at-desk = { $fee } at the desk
procedure-if-today = { $limit } if sent and received today
procedure-if-today-unconfirmed = { $limit } if sent today; the days off are not officially announced yet
procedure-any-desk = any desk of the province takes it
procedure-need = What you need
procedure-no-papers = The source names no paper to hand in.
procedure-paper-form = filled in on this site
procedure-paper-known = already known
procedure-template = Form: { $name }
procedure-originals = { $n ->
    [one] 1 original
   *[other] { $n } originals
}
procedure-copies = { $n ->
    [one] 1 copy
   *[other] { $n } copies
}
procedure-originals-copies = originals: { $originals }, copies: { $copies }
procedure-steps = Steps
procedure-step-send = You answer one question at a time, add your papers and send. You can stop and go on later.
procedure-step-send-portal = You fill in and send on the National Public Service Portal.
procedure-step-send-desk = You bring your papers to a one-stop desk.
procedure-step-check = The desk checks within 8 working hours. If something is missing, you get one message that lists everything.
procedure-step-result = You get the result online, at the desk or by post.
procedure-conditions = Conditions
procedure-channels = Ways of filing, time, fees
procedure-channel = Way
procedure-channel-time = Time
procedure-channel-fee = Fee
procedure-channel-online = On line
procedure-channel-desk = At a desk
procedure-channel-post = By post
procedure-full-name = Full name of the procedure
procedure-full-steps = The full official order of steps
procedure-basis = Legal basis
procedure-origin = Code { $code }, published by { $decision }, in force since { $day }, version { $version } in this catalogue.
procedure-file-here = File online
procedure-file-here-hint = What is on your record is filled in for you.
procedure-start = Start
procedure-file-portal = File on the National Portal
procedure-file-portal-hint = This site guides and tracks; dossiers are filed on the National Public Service Portal.
procedure-go-portal = Go to the National Public Service Portal
procedure-file-desk = File at a desk
procedure-file-desk-hint = This procedure cannot be filed online here.
procedure-track = Track a dossier
procedure-qr = Scan to open this procedure
procedure-description = { $name }: what you need, what it costs, when you will have it.

# Filing

draft-start-title = Before you start
draft-start-hint = There are six steps, one question each.
draft-start-know = Your name and identity number come from your account; you need not type them.
draft-start-papers = Have photos or scans of { $n ->
    [one] 1 required paper
   *[other] { $n } required papers
} at hand.
draft-start-save = Your answers are saved after each step; you can stop and go on from another device.
draft-begin = Start
draft-begun = You have begun this before
draft-begun-on = Last changed at { $at }.
draft-resume = Go on
draft-step-of = Step { $at } of { $steps } · { $name }
draft-title-who = Who files
draft-title-form = The request
draft-title-files = Papers
draft-title-unit = Where
draft-title-delivery = Getting the result
draft-title-review = Check and send
draft-known = already known
draft-known-hint = From your identity account.
draft-more = There is more to answer
draft-more-hint = Your answers bring further questions; they are new below.
draft-people-hint = One person a line: full name, identity number.
draft-lines-hint = One a line.
draft-place-hint = House, street or village; commune; province.
draft-unfit-missing = “{ $label }” is not answered.
draft-unfit-count = “{ $label }” takes from { $least } to { $most }.
draft-unfit-day = “{ $label }”: this day is not taken; what has happened lies not after today.
draft-unfit-range = “{ $label }” is outside of what is allowed.
draft-unfit-pattern = “{ $label }” is not written as it must be. Look at each letter and digit.
draft-unfit-type = “{ $label }” cannot be read. Please type it again.
draft-from-record = From your record; you can change it.
draft-who-relation = For whom you file
draft-who-contact = How to reach you
draft-representation = For whom is this dossier?
draft-as-own = For myself
draft-as-guardian = For my child or somebody in my care
draft-as-heir = As an heir of somebody who died
draft-as-proxy = With somebody's written authority
draft-represented-name = That person's full name
draft-represented-id = That person's identity number
draft-ground = Relation or authority
draft-ground-hint = For example: mother; or power of attorney no. 12, notarised on 2 October 2026.
draft-name = Full name
draft-person-id = Identity number
draft-phone = Phone number
draft-phone-hint = So that an officer can call you. The last four digits let you look up the dossier.
draft-email = E-mail
draft-address = Address
draft-continue = Continue
draft-saved-hint = Your answers are saved each time you press Continue.
draft-files-hint = A clear photo from a phone will do. Each file is listed with its size and its SHA-256 check code.
draft-no-papers = No paper is needed for this. Press Continue.
draft-paper-required = required
draft-paper-optional = if you have it
draft-paper-by-hand = I will bring or post this on paper: { $name }
draft-paper-promised = Will be handed in on paper
draft-paper-missing = Add a file for “{ $name }”, or tick that you will hand it in on paper.
draft-errors = Something is missing
draft-file-choose = Choose files
draft-file-add = Add files
draft-file-remove = Remove { $name }
file-hash = check code
draft-unit = Agency that settles it
draft-unit-hint = Usually where you live. Wherever you file, the dossier goes to this agency.
draft-desk = Desk that receives it
draft-delivery = How do you want to get the result?
draft-by-electronic = Electronically
draft-by-electronic-hint = Download it from your dossier's page.
draft-by-pick-up = At the desk
draft-by-pick-up-hint = Bring the receipt or your identity card.
draft-by-post = By post
draft-by-post-hint = The post may charge for it.
draft-post-address = Postal address
draft-review-rest = Where, and getting the result
draft-change = Change
draft-empty = None
draft-yes = Yes
draft-no = No
draft-next = After you send
draft-next-words = The desk checks within 8 working hours. The time limit is { $limit }: if received today, the result comes by { $day }.
draft-declared = I declare that what I have stated is true, and answer for it before the law.
draft-send = Send the dossier
draft-discard = Discard this draft
draft-list-title = My drafts
draft-list-hint = A draft that is not changed for { $days } days goes away by itself.
draft-none = You have no drafts.
draft-find = Find a procedure
draft-guide-title = File on the National Public Service Portal
draft-guide-words = “{ $name }” is filed on the National Public Service Portal. Once it is sent, you can follow it here by its code.
draft-guide-back = Back to the procedure

# Dossiers

dossier-state-submitted = New
dossier-state-received = Received
dossier-state-refused = Not received
dossier-state-processing = In work
dossier-state-proposed = Before the leader
dossier-state-awaiting-supplement = Waiting for papers
dossier-state-awaiting-fee = Waiting for the fee
dossier-state-withdrawn = Withdrawn
dossier-state-stopped = Stopped
dossier-state-approved = Result is ready
dossier-state-returned = Result handed over
dossier-pace-stopped = clock stopped
dossier-pace-in-time = in time
dossier-pace-late = late
dossier-entered-self = self-filed
dossier-entered-assisted = assisted
dossier-entered-officer = typed by an officer
dossier-capacity-applicant = applicant
dossier-capacity-desk = desk officer
dossier-capacity-specialist = specialist
dossier-capacity-leader = leader
dossier-outcome-granted = Grant
dossier-outcome-denied = Deny, in writing with reasons

# Receipt

receipt-title = Receipt
receipt-sent = Dossier sent
receipt-your-code = Your dossier's code
receipt-next = The one-stop desk checks it before { $at } (8 working hours). We tell you as soon as it is received, or if something is missing.
receipt-again = Already received
receipt-again-words = You sent this before; we keep one dossier, code { $code }.
receipt-follow = Follow this dossier
receipt-number = No. { $code }/TNHS
receipt-qr = QR code that opens the page of this dossier
receipt-form = Receipt and appointment for the result
receipt-form-sent = Confirmation that the dossier was sent
receipt-applicant = Applicant
receipt-request = Request
receipt-papers = Papers handed in
receipt-by-hand = (on paper)
receipt-form-only = Electronic form
receipt-sets = Number of sets
receipt-limit = Statutory time limit
receipt-sent-at = Sent at
receipt-received-at = Received at
receipt-due = Result due at
receipt-due-later = Set when the desk receives the dossier
receipt-result-at = Way of getting the result
receipt-secret = Your look-up secret: { $secret }. Whoever has the code and this secret can follow the steps, but not read the contents.
receipt-sign-applicant = Applicant
receipt-sign-officer = Received by

# Tracking

track-title = Track a dossier
track-code-label = Dossier code
track-show = Show
track-where = The code stands on the receipt, for example H27.15-261122-0042.
track-unknown = There is no dossier with this code. Check the code on the receipt.
track-code = Dossier { $code }
track-since = Since
track-more-title = See each step
track-more-hint = The code alone opens nothing private. To see each step, add something that only you know.
track-digits = Last four digits of your phone or identity number, or the look-up secret on the receipt
track-digits-hint = For example: 5678
track-check = Show the steps
track-list-title = My dossiers
track-none = You have not filed any dossier yet.
track-count = { $n ->
    [one] 1 dossier
   *[other] { $n } dossiers, newest first
}
track-by-applicant = by the applicant
track-did-submit = Sent
track-did-receive = Received
track-did-refuse = Not received
track-did-ask-supplement = Papers asked for
track-did-answer-supplement = Papers added
track-did-ask-fee = Fee asked for
track-did-confirm-fee = Fee paid
track-did-assign = Assigned
track-did-claim = Taken up
track-did-propose = Laid before the leader
track-did-approve = Approved
track-did-send-back = Sent back for more work
track-did-attach-result = Result attached
track-did-return = Result handed over
track-did-stop = Stopped
track-did-withdraw = Withdrawn
track-next-receive = The desk checks and receives
track-next-process = An officer works on it
track-next-approve = A leader approves
track-next-return = Handing over the result
track-due = due { $at }
track-due-unconfirmed = The days off of that year are not officially announced yet; the date may move with them.
track-way-electronic = Electronically, on this page
track-way-pick-up = At the one-stop desk
track-way-post = By post
track-next-title = What happens next
track-turn-submitted = You need not do anything. The desk checks it before { $at }.
track-turn-received = You need not do anything. The dossier waits for an officer to take it up.
track-turn-processing = You need not do anything. We tell you when there is a result.
track-turn-proposed = You need not do anything. The dossier is before the leader.
track-turn-awaiting-supplement = It is your turn: add what is missing. Our clock stands still until you do.
track-turn-awaiting-fee = It is your turn: pay the fee as described. Our clock stands still until it is in.
track-turn-approved = The result is there. The desk hands it over the way you chose.
track-turn-returned = This is done. There is nothing more to do.
track-turn-refused = The dossier was not received; the reason stands at the last step. You can file again when the conditions are met.
track-turn-stopped = The procedure was stopped; the reason stands at the last step.
track-turn-withdrawn = You withdrew this dossier.
track-looked = Who looked at it
track-looked-nobody = Nobody has opened its contents yet.
track-looked-all = Every use of my data
track-receipt = Receipt to print
track-withdraw = Withdraw the dossier
track-withdraw-hint = A withdrawn dossier cannot be brought back; to go on you file again.
track-withdraw-button = Withdraw this dossier
track-result = Result
track-papers = Papers
track-remedy = What to do:
track-clause = Ground:
track-supplement-title = Something is missing
track-supplement-answer = Add what is missing
track-supplement-asked = Asked by
track-supplement-clock = The clock stands still and goes on when you send.
track-supplement-note = What you want to say
track-supplement-files = Files
track-supplement-send = Send
track-supplement-past = Request of { $at }

# Notices

notice-title = Notices
notice-none = You have no notices.
notice-new = new
notice-unread = { $n } unread
notice-mark-read = Mark all as read
notice-older = Older notices
notice-submitted = We have the dossier you sent.
notice-received = The dossier was received and has a due date.
notice-refused = The dossier was not received. See why.
notice-supplement-asked = Something is missing. Please add it.
notice-fee-asked = A fee is to be paid. See how.
notice-result-ready = The result is ready.
notice-returned = The result was handed over.
notice-stopped = The procedure was stopped. See why.
notice-withdrawn = The dossier was withdrawn as you asked.

# Desk

desk-title = Work list
desk-tabs = Views
desk-tab-all = All
desk-tab-mine = Mine
desk-tab-overdue = Overdue
desk-tab-today = Due today
desk-tab-waiting = Waiting for citizen
desk-tab-to-return = To hand over
desk-tab-closed = Ended
desk-caption = { $n ->
    [one] One dossier on this page
   *[other] { $n } dossiers on this page, nearest deadline first
}
desk-caption-register = { $n ->
    [one] 1 dossier
   *[other] { $n } dossiers
}
desk-code = Code
desk-procedure = Procedure
desk-person = Applicant
desk-state = Step
desk-due = Deadline
desk-entered = Typed by
desk-search = Find
desk-search-example = code or identity number
desk-search-note = Nothing was found. Type a whole code or all 12 digits of an identity number; names are sealed and cannot be searched.
desk-empty = There are no dossiers here.
desk-applicant = Applicant
desk-history = History
desk-actions = What to do
desk-no-actions = There is nothing for you to do with this dossier now.
desk-print-receipt = Print the receipt
desk-use-recorded = This view was recorded; the applicant sees who looked and why.
desk-no-files = There are no files.
desk-file-result = result
desk-file-supplement = added later
desk-answered = Answered at { $at }.
desk-unanswered = Not answered yet.
desk-submitted = Sent
desk-received = Received
desk-late-receipt = received later than 8 working hours
desk-check-by = to be checked before { $at }
desk-assignee = Officer
desk-officer = Assign to
desk-outcome = Proposal
desk-delivery = How it is handed over
desk-taken-by = Taken by, against what
desk-taken-by-hint = For example: Trần Thị Hoa, identity card; or the postman Lê Văn Nam.
desk-files = Files
desk-limit-days = Time limit in working days
desk-limit-days-hint = The catalogue states no time limit for this procedure.
desk-receive-due = Time limit { $limit }. If received now, it is due at { $at }.
desk-receive-due-unconfirmed = Time limit { $limit }. If received now, it is due at { $at } (days off not officially announced yet).
desk-defect-item = Item { $n }
desk-defect-what = What is missing or wrong
desk-defect-remedy = What the applicant has to do
desk-defect-clause = Legal clause
desk-do-receive = Receive
desk-do-refuse = Refuse
desk-do-ask-supplement = Ask for more
desk-do-answer-supplement = Record what was added
desk-do-ask-fee = Ask for the fee
desk-do-confirm-fee = Record the fee
desk-do-assign = Assign
desk-do-claim = Take it up
desk-do-propose = Lay before the leader
desk-do-approve = Approve
desk-do-send-back = Send back
desk-do-attach-result = Attach the result
desk-do-return = Hand over the result
desk-do-stop = Stop
desk-do-withdraw = Withdraw
desk-about-receive = The dossier is complete. The applicant gets the receipt with the due date.
desk-about-refuse = Form 03. List every reason, each with its clause and an example of what would be right. The applicant reads them word for word.
desk-about-ask-supplement = Form 02. List everything that is missing at once, in plain words. The clock stands still until the applicant answers. A second request needs a leader.
desk-about-answer-supplement = For an applicant who brings the missing papers to the desk.
desk-about-ask-fee = The clock stands still until the fee is recorded.
desk-about-confirm-fee = The clock goes on.
desk-about-assign = The officer chosen answers for it.
desk-about-claim = You answer for it from now on.
desk-about-propose = The leader reads the proposal and the files.
desk-about-approve = The dossier goes to the desk to be handed over.
desk-about-send-back = The officer reads the reason and goes on. The due date stays.
desk-about-attach-result = The file is what the applicant gets.
desk-about-return = Being overdue does not stop the hand-over. An electronic result needs its file.
desk-about-stop = Form 05. The applicant reads the reason below word for word.
desk-about-withdraw = Only the applicant can withdraw.
desk-note-receive = Remark
desk-note-refuse = General remark
desk-note-answer-supplement = What was handed in
desk-note-ask-fee = Which fee, how much, where to pay
desk-note-confirm-fee = Receipt number
desk-note-assign = Remark
desk-note-propose = Assessment
desk-note-approve = Remark
desk-note-send-back = Reason
desk-note-stop = Reason
desk-done-receive = The dossier is received.
desk-done-refuse = The dossier is refused.
desk-done-ask-supplement = The request was sent.
desk-done-answer-supplement = What was added is recorded.
desk-done-ask-fee = The fee was asked for.
desk-done-confirm-fee = The fee is recorded.
desk-done-assign = Assigned.
desk-done-claim = You have taken this dossier up.
desk-done-propose = Laid before the leader.
desk-done-approve = Approved.
desk-done-send-back = Sent back.
desk-done-attach-result = The result is attached.
desk-done-return = The result is handed over.
desk-done-stop = Stopped.
desk-done-withdraw = Withdrawn.
desk-figures-title = Day's registers
desk-figures-show = Show
desk-figures-note = Each figure opens the dossiers behind it.
desk-register-submitted = Came in
desk-register-received = Received
desk-register-late-receipt = Received late
desk-register-decided = Decided
desk-register-late = Decided late
desk-register-returned = Handed over
desk-register-about-submitted = Dossiers that came in on that day.
desk-register-about-received = Dossiers that the desk received on that day.
desk-register-about-late-receipt = Dossiers received on that day, more than 8 working hours after they were sent.
desk-register-about-decided = Dossiers approved, refused, stopped or withdrawn on that day.
desk-register-about-late = Dossiers that ended on that day after their due date. Waiting for the applicant does not count.
desk-register-about-returned = Dossiers whose result was handed over on that day.

# Figures

figure-on-time = In time, { $month }
figure-mean-time = Mean time of a dossier
figure-supplemented = Asked for more papers
figure-self-filed = Self-filed
figure-formula = How it is computed
figure-formula-on-time = Dossiers approved this month in time, divided by dossiers approved this month that had a due date. Waiting for the applicant does not count.
figure-formula-mean-time = Working time from reception to approval, without waits for the applicant, divided by the dossiers approved this month.
figure-formula-supplemented = Dossiers approved this month whose applicant was asked for more at least once, divided by all approved this month.
figure-formula-self-filed = Dossiers of this month that people typed alone, divided by all dossiers of this month. Assisted ones and those typed by officers are counted apart.
figure-decided = Approved this month
figure-late = Of these late
figure-filed = Filed this month
figure-by-unit = By unit
figure-unit = Unit
figure-behind = { $n ->
    [one] The dossier approved this month
   *[other] The latest { $n } dossiers approved this month
}
figure-in-time = In time
figure-decided-at = Approved

# Errors

error-procedure-not-found = There is no procedure with this code.
error-dossier-not-found = There is no such dossier, or it is not for you.
error-draft-not-found = There is no such draft, or it was sent already.
error-dossier-file-not-found = There is no such file.
error-dossier-wrong-state = The dossier has moved on, so this cannot be done any more.
error-dossier-not-yours = This belongs to somebody with another role.
error-dossier-stale = Somebody else has just changed this dossier. Reload the page, see what changed, and do it again if it is still needed.
error-dossier-not-assignee = Another officer works on this dossier.
error-dossier-second-supplement = More papers were asked for once already. A second request needs a leader.
error-dossier-same-person = Who proposes may not approve.
error-dossier-reason-missing = Give a reason.
error-dossier-defects-missing = List at least one thing that is missing, at most 20.
error-dossier-limit-missing = State the time limit; the catalogue has none for this procedure.
error-dossier-result-missing = An electronic result needs its file. Attach it.
error-dossier-assignee-unknown = Choose an officer of the unit.
error-dossier-not-filed-here = This procedure is not filed online here.
error-dossier-guide-mode = Dossiers are not taken here. File on the National Public Service Portal.
error-dossier-unit-missing = No agency settles this procedure at the place chosen.
error-dossier-incomplete = Some questions are not answered yet.
error-dossier-too-many = Too many drafts or files. Remove what is not needed.
error-dossier-check-failed = These digits do not fit the dossier.
error-dossier-check-locked = Too many wrong tries. Try again in an hour.
error-dossier-bad-value = One of the answers is not of the right form.
error-dossier-supplement-closed = This dossier does not wait for anything any more.
# Internal processes
nav-processes = Processes
process-title = Internal processes
process-about = Each procedure takes the steps below. Running dossiers keep the version they were sent in under until somebody moves them.
process-search = Find a procedure
process-search-example = name or code of a procedure
process-none = No procedure was found.
process-version = Version { $n }
process-generic = General process
process-in-force = In force
process-begin = Write a new version
process-go-on = Go on writing the new version
process-versions = Versions
process-running = Running dossiers by version
process-running-none = No dossier is running.
process-move = Move running dossiers
process-move-do = Move the chosen dossiers
process-move-about = { $n } dossiers run under another version; { $can } of them can be moved. They stay at their step, whose time is counted again; the due date of the result does not change.
process-now = Now
process-then = After the move
process-step-missing = the new version does not have this step; the dossier stays
process-from = in force from { $day }
process-approved-by = approved by { $who }
process-being-written = being written
process-made-by = Written by { $who }, { $at }
process-edit = Change the steps
process-edit-about = The first step is reception, the last one gives the result. Empty the name of a step to remove it. The steps together take no longer than the procedure's time limit.
process-save = Save
process-note = Why it changes
process-note-hint = Whoever approves it, and whoever looks it up later, reads this line.
process-step-n = Step { $n }
process-label-vi = Name of the step in Vietnamese
process-label-en = Name of the step in English
process-role = Who does it
process-unit = Where
process-unit-own = Competent agency
process-hours = Time in working hours
process-ask = Asks the opinion of
process-ask-nobody = Nobody
process-hand = Hand over to another agency
process-hand-hint = The dossier waits for that agency's answer before the next step; its deadline goes on.
process-ask-hours = Within how many working hours
process-valid-from = In force from
process-approve = Approve
process-approve-other = Who wrote it may not approve it; another person is needed.
process-of-dossier = Process
process-step-due = this step is due { $at }
process-asks = Asks { $whom }
process-hands-over = Handed over to { $whom }
error-process-not-found = There is no such version of the process.
error-process-faulty = The process has faults. Mend those that are named.
error-process-in-force = This version was approved and is not changed any more. Write a new version.
error-process-stale = Somebody has just changed this version. Open it again, look, and go on.
error-process-same-person = Who wrote a version may not approve it. Ask somebody else with the right.
error-process-past-day = The first day is today or later.
# Coordination between agencies
coordination-title = Coordination with other agencies
coordination-of-dossier = Other agencies asked
coordination-one = Request to another agency
coordination-count = { $n } requests wait for an answer
coordination-from = Asked by
coordination-unit = Agency asked
coordination-kind = What is needed
coordination-kind-opinion = Opinion
coordination-kind-hand-over = Hand-over of work
coordination-state-asked = sent
coordination-state-accepted = accepted
coordination-state-answered = answered
coordination-state-given-back = given back
coordination-state-silent = time over, no answer
coordination-state-taken-back = taken back
coordination-opinion = Opinion
coordination-opinion-agree = Agrees
coordination-opinion-conditions = Agrees under conditions
coordination-opinion-disagree = Does not agree
coordination-question = Question
coordination-answer = Answer
coordination-by-process = Asked by the process, step { $step }.
coordination-over = { $n } working hours over
coordination-accepted = Accepted by
coordination-hours = Time to answer in working hours
coordination-hours-hint = No answer in this time is recorded as no answer, and the dossier goes on. The dossier's own clock runs.
coordination-do-ask = Ask another agency
coordination-about-ask = The agency sees this dossier and answers on its page. Yours stays responsible until the other one has accepted.
coordination-do-accept = Accept
coordination-do-answer = Send the answer
coordination-do-give-back = Give back
coordination-do-take-back = Take the request back
coordination-give-back-reason = Why it is not this agency's business
error-coordination-ended = This request has ended. Open the page again to see how.
error-dossier-still-asking = Still waiting for an answer of: { $whom }. Wait for it or for the end of its time, or take the request back.
error-dossier-extension-too-late = A due date is extended before it passes. An overdue result is still handed over.
# Forwarding, extension
desk-do-forward = Pass on to the next step
desk-about-forward = This step is done. Whoever does the next one sees the dossier.
desk-note-forward = Remark
desk-done-forward = Passed on.
track-did-forward = Passed on to the next step
track-did-move-process = Moved to a new process
desk-do-extend = Apologise and extend
desk-about-extend = Form 04. The applicant reads the apology and the reason below word for word, with the new date. Possible only before the old date passes.
desk-note-extend = Apology and reason
desk-done-extend = The due date was extended and the applicant told.
track-did-succeed = Went to the agency that took over
track-did-extend = Apology and a new date
desk-extend-days = How many working days more
desk-extended = extended { $n } times
notice-extended = We apologise: the dossier needs more time. See why and the new date.
