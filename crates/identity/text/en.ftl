# Areas

area-list-title = Areas
    .about = Provinces, districts and communes before and after July 2025, and what became of each.
area-list-lead = Provinces, districts and communes of the whole country before and since 1 July 2025, with their codes and names over time.
area-resolve-title = What is an old code today?
area-code = Code
area-code-hint = 2 digits (province), 3 (district) or 5 (commune)
area-date = Day of the code
area-date-hint = For example 30/06/2025
area-resolve = Look up
area-code-invalid = A code has 2, 3 or 5 digits
area-date-missing = Say on which day the code was used
area-date-why = A code without a day identifies nothing: more than half of the commune codes of 2025 were those of another commune before.
area-then = On { $day }, code { $code } was
area-one = Today it is one area
area-one-same = This area still exists
area-several = Today it belongs to { $n } areas; the address decides which
area-unknown = Not known
area-incomplete = For a part of the old area it is not known where it belongs today.
area-not-seen = This day lies outside the days for which the lists were made; the code may have had another name then.
area-hint = It may have gone to (by another name in the list of 2025, not confirmed):
area-why-before-codes = There were no area codes before 8 July 2004 (Decision 124/2004/QĐ-TTg).
area-why-never-listed = No list has this code.
area-why-not-in-force = The code was not in force on that day. On other days it was that of:
area-why-no-successor = No list says what became of this area.
area-why-ambiguous = Several areas may have had this code on that day:
area-table-title = List
area-table-caption = { $n ->
    [one] One area
   *[other] { $n } areas
}
area-table-empty = No areas yet. Load the lists with the command tinhso units.
area-name = Name
area-within = Part of
area-days = Time
area-search = Name or code
area-level = Level
area-level-province = Province, city
area-level-district = District (until 30/06/2025)
area-level-commune = Commune, ward, special zone
area-province = In province
area-when = Day
area-when-today = Today
area-when-before = 30/06/2025
area-when-any = Any time
area-current = Exists
area-since = since { $from }
area-from-to = { $from } to { $to }
area-states = Code, name and area above over time
area-states-caption = { $n ->
    [one] One period
   *[other] { $n } periods
}
area-possible = May have been in force
area-seen = Shown by a list
area-today = Today part of
area-predecessors = Made from
area-below = { $n ->
    [one] One area below
   *[other] { $n } areas below
}
error-area-list = The list of areas is faulty.
error-area-none = There is no such area.
error-area-code-invalid = An area code has 2, 3 or 5 digits.
error-area-date = This is no day. Examples: 2025-06-30 or 30/06/2025.

# Units

unit-list-title = Agencies and units
unit-list-lead = People's committees, departments, one-stop desks and divisions, with their codes and names over time.
unit-tree-title = Organisation chart
unit-table-caption = { $n ->
    [one] One unit
   *[other] { $n } units
}
unit-table-empty = No units yet.
unit-name = Name
unit-name-en = English name
unit-code = Agency code
unit-code-hint = For example H27.30 (Decision 20/2020/QĐ-TTg)
unit-code-verified = I have checked this code against the decision that issued it
unit-code-unverified = not verified
unit-code-is-verified = verified
unit-code-form = Form
unit-code-new = Current (Decision 20/2020)
unit-code-old = Old (QCVN 102:2016)
unit-no-code = No code yet
unit-kind = Kind
unit-kind-province = People's committee of the province
unit-kind-department = Department
unit-kind-district = People's committee of a district (until 30 June 2025)
unit-kind-commune = People's committee of a commune
unit-kind-desk = One-stop desk
unit-kind-division = Division
unit-group-desk = Provincial one-stop desk
unit-group-division = Divisions ({ $n })
unit-group-department = Departments ({ $n })
unit-group-district = Districts, towns, cities ({ $n })
unit-group-commune = Communes, wards, special zones ({ $n })
unit-parent = Part of
unit-area = Area
unit-state = State
unit-open = Open
unit-closed = Closed
unit-not-yet = Not yet open
unit-search = Name or code
unit-when = Day
unit-when-today = Today
unit-when-any = Any time
unit-page = Page of the unit
unit-below = { $n ->
    [one] One unit below
   *[other] { $n } units below
}
unit-days = Time
unit-working-hours = Working hours
unit-hours-office = Office hours
unit-sectors = Sectors
unit-history = History
unit-names-caption = Names ({ $n })
unit-codes-caption = Agency codes ({ $n })
unit-changes = Changes
unit-successors = Followed by
unit-predecessors = Follows
unit-notice-changed = The change is recorded, in the unit's history and in the audit log.
unit-act-open = Open a unit below
unit-act-rename = Rename
unit-act-recode = Change the agency code
unit-act-move = Move below another unit
unit-act-merge = Merge
unit-act-close = Close
unit-about-open = The new unit is part of this one and works from the day below.
unit-about-rename = The old name stays for the time before; old dossiers keep it.
unit-about-recode = The old code stays for the time before. New dossiers bear the new code.
unit-about-move = From the day below this unit and all units inside it are part of the other unit.
unit-about-merge = This unit ends. Its divisions move to the unit it joins; its one-stop desk joins the desk there.
unit-about-close = This unit is no more from the day below. First move or close the units inside it.
unit-new-parent = New unit above
unit-merge-into = Merge into
unit-successor = Followed by
unit-successor-hint = Work and dossiers of this unit go to the unit that follows it.
unit-on = From
unit-on-hint = The first day of the change.
unit-reason = Reason
unit-reason-hint = For example: Decision 12/QĐ-UBND of 05/01/2027
unit-did-open = Opened, from { $day }
unit-did-rename = Renamed, from { $day }
unit-did-recode = New agency code, from { $day }
unit-did-move = Moved, from { $day }
unit-did-merge = Merged, from { $day }
unit-did-close = Closed, from { $day }
error-unit-none = There is no such unit.
error-unit-not-in-force = The unit does not exist on { $day }.
error-unit-before-last-change = The unit already changed on { $day }; a new change must come after that day.
error-unit-ring = A unit cannot be part of itself or follow itself.
error-unit-kind-does-not-fit = A unit of this kind cannot stand here.
error-unit-kind-is-over = There are no districts since 1 July 2025; no unit of this kind can be opened.
error-unit-code-taken = Code { $code } belongs to another unit.
error-unit-has-open-units = { $count } units inside are still open. Move or close them first.
error-unit-no-reason = Give a reason.
error-unit-no-name = Give the unit a name.
error-unit-nothing-to-merge = Choose another unit to merge into.
error-unit-no-change = Nothing would change.
error-unit-profile = The province's file of units is faulty.

# People

person-search-title = Look up a person
    .about = See a person's data on a legal ground; the person sees that you did.
person-title = What is known of a person
person-number = Personal identification number
person-reason = Legal basis
person-reason-hint = Law and article that permit it. The person will read this line.
person-look-up = Look up
person-recorded = Every view is recorded.
person-recorded-more = The person sees who looked, when, and on which basis.
person-nobody = Nobody with this number is on record.
person-name = Full name
person-born = Date of birth
person-sex = Sex
person-male = Male
person-female = Female
person-address = Address
person-phone = Telephone
person-email = E-mail
person-unknown = Not known
person-changed-at = Changed
person-questions-title = Claims to compare
    .about = Names and dates of birth that differ from what is recorded.
person-questions-lead = Somebody stated another name or date of birth than the one on record. Records do not change by themselves: an officer looks and decides.
person-questions-caption = { $n ->
    [one] One claim to compare
   *[other] { $n } claims to compare
}
person-questions-empty = Nothing to compare.
person-question-title = Compare a claim
person-source = From
person-asked-at = At
person-source-sign-in = Sign-in
person-source-dossier = Dossier
person-source-counter = Counter
person-compare-caption = { $n ->
    [one] One item compared
   *[other] { $n } items compared
}
person-what = Item
person-on-record = On record
person-claimed = Claimed
person-decision = Decision
person-accept = The claim is right: take its name, date of birth and sex
person-refuse = The record is right: keep it
person-decision-reason = Reason
person-decide = Record the decision
person-notice-decided = The decision is recorded.
error-person-none = There is no such person.
error-person-no-question = This claim is gone or already decided.
error-person-changed = Somebody else just changed the record. Open the page again.
error-person-name = A name must have 1 to 200 characters.
error-person-no-reason = Give a reason.
error-person-damaged = The sealed record cannot be read.


# --- Accounts, signing in, policies, audit log, uses of data ---

account-nav-own = My account
account-nav-acting = Change the role I act in
account-nav-admin = Administration
account-nav-units = Agencies and units
    .about = Agencies, one-stop desks and divisions, with their codes and names over time.
account-admin-none = Your role has no administration pages.

account-own-title = My account
account-name = Full name
account-login = Sign-in name
account-login-hint = 3 to 64 characters: lower-case letters, digits, dot, hyphen, underscore; begins with a letter. Example: lan.nguyen
account-password = Password
account-change = Change
account-level = Way of signing in
account-level-password = Password
account-level-password-totp = Password and one-time code
account-level-oidc = Electronic identity
account-second-factor = Second factor
account-second-factor-since = On since { $at }; { $codes } recovery codes left
account-second-factor-set = On
account-second-factor-none = Off
account-kind-organisation = for an organisation
account-roles = Roles
account-roles-title = Roles
    .about = What each role may do and who holds it.
account-roles-words = What a role may do is set by the policies, not here. Choose a role to see who holds it.
account-roles-caption = { $n ->
    [one] One role
   *[other] { $n } roles
}
account-roles-of-caption = { $n ->
    [one] One assignment
   *[other] { $n } assignments
}
account-roles-none = This account has no role yet.
account-role = Role
account-role-does = What it may do
account-role-count = People
account-role-desk = one-stop desk officer
account-role-desk-does = Receives dossiers, asks for missing papers and gives results at the own unit.
account-role-specialist = specialist
account-role-specialist-does = Processes dossiers the unit has received.
account-role-leader = leader
account-role-leader-does = Assigns, approves, sends back and stops dossiers; sees the unit's figures.
account-role-accountant = accountant
account-role-accountant-does = Takes in bank statements, reconciles what came, orders refunds; sees no dossier.
account-role-unit-admin = unit administrator
account-role-unit-admin-does = Manages accounts and roles of the unit and below; sees no dossier.
account-role-admin = system administrator
account-role-admin-does = Manages units, accounts and the procedure catalogue; sees no dossier.
account-role-auditor = auditor
account-role-auditor-does = Reads policies, figures and the audit log; changes nothing.
account-role-operator = operator
account-role-operator-does = Watches the system and runs failed jobs again.
account-unit = Unit
account-from = From
account-from-hint = Leave empty to begin today.
account-to = Until
account-to-hint = Leave empty while the last day is not known.
account-reason = Reason
account-reason-hint = Example: Decision 12/QĐ-UBND of 01/11/2026
account-open-end = open
account-withdrawn = withdrawn { $at }
account-acting-words = You hold several roles. At any moment you act in one role at one unit.
account-acting-choose = Act as
account-acting-submit = Change role
account-password-title = Change password
account-password-words = When the password is changed, your other sign-ins end.

account-list-title = Officers' accounts
    .about = Open accounts, give and withdraw roles, unlock, reset passwords.
account-list-caption = { $n ->
    [one] One account
   *[other] { $n } accounts
}
account-list-empty = There is no account in your scope yet.
account-search = Name or sign-in name
account-state = State
account-state-active = In use
account-state-new = Must change password
account-state-locked = Locked
account-state-disabled = Disabled
account-used = Last sign-in
account-never = never
account-created = Opened
account-disabled = Disabled
account-disabled-unused = not used for 45 days
account-locked-until = Locked until
account-new-title = Open an officer's account
account-new-who = Who uses the account
account-new-role = First role
account-new-submit = Open account
account-opened-title = The account is open
account-reset-title = New temporary password
account-handover-words = Hand this temporary password to the officer. It is shown once and must be changed at the first sign-in.
account-handover-onward = Go to the account
account-acts = What can be done
account-unlock = Unlock
account-reset-password = Give a temporary password
account-reset-second-factor = Remove the second factor
account-disable = Disable the account
account-enable = Enable the account
account-withdraw = Withdraw
account-grant = Give role
account-grant-title = Give a role or move the officer
account-grant-how = This is
account-grant-add = One more role
account-grant-move = A move: every role held is withdrawn and sign-ins end

account-notice-role = The role was given.
account-notice-withdrawn = The role was withdrawn.
account-notice-unlocked = The account was unlocked.
account-notice-second-factor = The second factor was removed. The officer sets up a new one at sign-in.
account-notice-disabled = The account was disabled.
account-notice-enabled = The account can be used again.
account-notice-password = The password was changed.
account-notice-acting = The role was changed.

error-account-unknown = There is no such account.
error-account-login-taken = This sign-in name is taken.
error-account-login-invalid = A sign-in name has 3 to 64 lower-case letters, digits, dots, hyphens or underscores and begins with a letter.
error-account-name-invalid = Enter the full name, at most 100 characters.
error-account-reason-needed = Enter a reason, at most 500 characters.
error-account-password-too-short = Without a second factor a password needs at least 14 characters.
error-account-password-too-short-totp = A password needs at least 8 characters.
error-account-password-too-long = A password has at most 256 characters.
error-account-password-common = This password is too easy to guess. Choose another one.
error-account-password-own-name = A password must not be your own name.
error-account-password-unchanged = The new password must differ from the old one.
error-account-role-not-grantable = You may not give or withdraw this role.
error-account-own-account = Nobody changes their own rights or account. Ask another administrator.
error-account-role-held = The account already has this role at this unit.
error-account-assignment-unknown = There is no such role, or it was withdrawn.
error-account-unit-unknown = There is no such unit, or it is closed.
error-account-dates-reversed = The last day must come after the first.
error-account-not-an-officer = This is not an officer's account.
error-account-code-wrong = The one-time code is wrong.
error-account-totp-not-begun = Setting up the second factor has not begun. Open this page again.
error-account-too-busy = Many people are signing in just now. Try again in a few seconds.

session-title = Sign-ins
session-words = If you do not recognise a device, end its sign-in and change your password.
session-caption = { $n ->
    [one] One open sign-in
   *[other] { $n } open sign-ins
}
session-empty = No sign-in is open.
session-device = Device
session-device-unknown = unknown
session-began = Signed in
session-seen = Last used
session-this = this device
session-end = End
session-end-others = End all other sign-ins
session-end-all = End all sign-ins
session-notice-ended = Your session ended because it was not used. Sign in again to go on.
session-notice-revoked = The sign-in was ended.
error-session-unknown = This sign-in is no longer there.
error-session-not-held = You do not hold this role.

sign-in-title = Sign in
sign-in-citizens = Citizens and organisations
sign-in-citizens-words = Sign in with your electronic identity. You go to the provider's page and come back here.
sign-in-officers = Officers
sign-in-login = Sign-in name
sign-in-password = Password
sign-in-submit = Sign in
sign-in-continue = Continue
sign-in-code-title = One-time code
sign-in-code-words = Open the authenticator app on your telephone and type the six-digit code.
sign-in-code = Code
sign-in-code-hint = Lost your telephone? Type a recovery code instead of the six digits.
sign-in-new-title = Choose a new password
sign-in-new-words = Somebody else set the present password. Choose one of your own.
sign-in-old-password = Present password
sign-in-new-password = New password
sign-in-new-password-hint = At least 8 characters with a second factor, 14 without. A short sentence is best.
sign-in-new-password-again = New password again
sign-in-new-password-submit = Change password
sign-in-second-title = Set up the second factor
sign-in-second-words = Besides the password, each sign-in needs a code from your telephone. Administrators must have it.
sign-in-second-app = Install an authenticator app on your telephone.
sign-in-second-scan = Scan the QR code below with it.
sign-in-second-type = Type the six-digit code the app shows.
sign-in-second-qr = QR code to set up the authenticator app
sign-in-second-letters = Cannot scan? Type this key into the app:
sign-in-second-submit = Turn on
sign-in-recovery-title = Recovery codes
sign-in-recovery-words = Each code works once when you do not have your telephone. Print or copy them and keep them safe: they are not shown again.
sign-in-recovery-kept = I have kept these codes
error-sign-in-refused = You could not be signed in. Check name and password. After 5 failures an account is locked for 15 minutes; an administrator can unlock it.
error-sign-in-code-refused = The code is wrong or was used already. Wait for a new one and try again.
error-sign-in-expired = This step has expired. Sign in from the beginning.
error-sign-in-too-many = Too many tries. Wait a little and try again.
error-sign-in-passwords-differ = The two new passwords are not the same.
error-sign-in-old-password-wrong = The present password is wrong.
error-sign-in-provider-unknown = There is no such identity provider.
error-sign-in-provider-unavailable = The electronic identity page does not answer. Try again in a few minutes.
error-sign-in-provider-refused = You did not finish signing in at the electronic identity page. Try again.
error-sign-in-answer-invalid = The answer of the electronic identity page was not valid, so we did not accept it. Sign in again.
error-sign-in-claim-missing = Your electronic identity lacks the number, the name or the date of birth. Ask the police where you live.
error-sign-in-identity-differs = Name or date of birth differ from the record we hold. An officer will check; please come to the one-stop desk with your identity card.

policy-title = Access policies
    .about = The rules that say who may do what, word for word.
policy-words = Every right comes from one of the policies below. What none of them permits is forbidden.
policy-version = In force:
policy-plain = What they say
policy-files = Full text
error-policy-sign-in-needed = Sign in to see this page.
error-policy-forbidden = Your role does not permit this.

audit-nav = Audit log
audit-title = Audit log
    .about = Every administrative change and security event, in a chain that cannot be edited unseen.
audit-words = Every administrative change and every security event. Each entry is chained to the one before, so that changes and gaps show.
audit-caption = { $n ->
    [one] One entry
   *[other] { $n } entries
}
audit-empty = The log is empty.
audit-seq = No.
audit-at = When
audit-action = Act
audit-actor = Who
audit-subject = Subject
audit-detail = Details
audit-program = the system
audit-whole = The chain is whole
audit-broken = The chain is broken: run the verification and tell the security unit
audit-head = Head:
audit-export = Download the whole log (JSONL)
audit-concept-account = Accounts
audit-concept-role = Roles
audit-concept-session = Sessions
audit-concept-sign-in = Signing in
audit-concept-unit = Units
audit-concept-person = People
audit-concept-policy = Policies
audit-concept-dossier = Dossiers
audit-concept-job = Background jobs
audit-concept-payment-account = Receiving accounts
audit-concept-tariff = Tariffs
audit-concept-audit = The log itself
audit-act-account-open = Account opened
audit-act-account-disable = Account disabled
audit-act-account-enable = Account enabled
audit-act-account-lock = Account locked
audit-act-account-unlock = Account unlocked
audit-act-account-password = Password changed
audit-act-account-reset-password = Temporary password given
audit-act-account-second-factor = Second factor turned on
audit-act-account-reset-second-factor = Second factor removed
audit-act-account-recovery-code = Recovery code used
audit-act-account-link = Electronic identity linked
audit-act-role-grant = Role given
audit-act-role-withdraw = Role withdrawn
audit-act-session-end = One sign-in ended
audit-act-session-end-all = All sign-ins ended
audit-act-sign-in = Signed in
audit-act-sign-in-fail = Sign-in failed
audit-act-sign-in-identity-differs = Identity differs from the record
audit-act-sign-out = Signed out
audit-act-audit-export = Log downloaded
audit-act-payment-account-open = Receiving account opened
audit-act-payment-account-change = Receiving account changed
audit-act-payment-account-close = Receiving account closed
audit-act-payment-account-notice-key = Key of bank notices changed
audit-act-tariff-enter = Tariff entered
audit-act-policy-in-force = Policies came into force
audit-act-dossier-export = List of dossiers downloaded
audit-act-job-rerun = Background job run again
audit-act-job-drop = Failed background job dropped
audit-act-unit-open = Unit opened
audit-act-unit-rename = Unit renamed
audit-act-unit-recode = Unit recoded
audit-act-unit-move = Unit moved
audit-act-unit-close = Unit closed
audit-act-unit-merge = Units merged
audit-act-unit-load = List of units loaded
audit-act-person-question = Question about a person decided

use-nav = Who saw my data
use-title = Who saw my data
use-words = Each time an officer or the system opens your personal data it is written down here: who, when and why.
use-caption = { $n ->
    [one] One view
   *[other] { $n } views
}
use-empty = Nobody has opened your personal data.
use-filter-own = Your own views
use-filter-own-yes = With my own views
use-at = When
use-who = Who
use-why = Why
use-who-self = You
use-who-system = The system
use-why-own = Own data
use-why-dossier = Work on a dossier
use-why-task = Work on a task
use-why-legal-basis = By law
use-why-system = Automatic processing

simulated-title = Simulated electronic identity
simulated-note = This is a demonstration
simulated-words = Everybody in the list was made up. Choose a person to sign in as her or him.
simulated-caption = { $n ->
    [one] One person
   *[other] { $n } people
}
simulated-number = Identity number
simulated-organisation = Organisation
simulated-search = Name or identity number

# A second administrator

approval-title = Waiting for a second administrator
    .about = New accounts, administrators' roles
approval-words = A new account and an administrator's role that one administrator asks for hold only when another administrator has approved them.
approval-none = Nothing waits.
approval-act-open = Open an account
approval-act-grant = Give an administrator's role
approval-act-move = Move to an administrator's role
approval-act-alone = Let one person decide
approval-asked-by = Asked by
approval-own = You asked for it; somebody else approves.
approval-hers = This is about your own account; somebody else approves.
approval-approve = Approve
approval-refuse = Refuse
approval-take-back = Take it back
approval-notice-waits = Asked. It waits for another administrator.
approval-notice-approved = Approved.
approval-notice-refused = Refused.
approval-notice-ended = From now on a second administrator approves.
approval-handover-words = The password works only once another administrator has approved the account.
approval-alone-title = Units where one person is enough
approval-alone-words = A small unit may have one administrator only. At the units below, and under them, one person decides; the log says so at each act.
approval-alone-add = Add a unit where one person is enough
approval-alone-ask = Ask for it
approval-alone-end = Ask for a second person again
approval-alone-reason-hint = Why the unit has no second person, and by which document.
account-state-waiting = Waiting for approval
account-disabled-waiting = waits for a second administrator
account-disabled-refused = a second administrator refused it
audit-act-account-propose = Account asked for
audit-act-account-approve = Account request approved
audit-act-account-refuse = Account request refused
audit-act-account-alone = One person may decide
audit-act-account-alone-end = A second person is needed again
error-account-same-person = Who asked does not approve. Another administrator does.
error-account-proposal-unknown = There is no such request.
error-account-proposal-decided = This request was decided already.
error-account-waits-already = This was asked for already and waits, or it is so already.
error-account-not-approved = No second administrator has approved this account.
token-title = Keys of other programs
token-words = A key lets a program read or write registers at one unit, within what you choose here. It never sees people in full. Take back a key that is no longer needed.
token-none = No program has a key here.
token-new = A new key
token-name = Program
token-name-hint = Which program it is for, and who looks after it.
token-scopes = What it may do
token-scope-register-read = Read registers
token-scope-register-write = Enter, change and correct records
token-scope-register-import = Bring in files
token-scope-open-catalogue = Keep links in the catalogue of open data
token-per-minute = Requests in a minute
token-per-day = Requests in a day
token-limits = Limits
token-limits-of = { $minute } in a minute, { $day } in a day; { $used } today
token-expires = Last day
token-expires-hint = Leave empty for a key that holds until it is taken back.
token-used = Last used
token-never = Never
token-made = Made by
token-holds = In use
token-expired = Expired
token-revoked = Taken back
token-revoke = Take back
token-open = Make a key
token-opened = The key for { $name } is made.
token-secret = Copy it now: it is shown only this once, and nobody can look it up later. The program sends it as “Authorization: Bearer …”.
token-notice-revoked = The key is taken back and opens nothing any more.
audit-act-token-open = Key of a program made
audit-act-token-revoke = Key of a program taken back
error-token-unknown = This key is not known, has expired or was taken back.
error-token-rate = This key sends too many requests in a minute.
error-token-quota = The requests of this key for today are used up.
