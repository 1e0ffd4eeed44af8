# Words of the page shell, forms, tables and error pages.

web-skip = Skip to main content
web-nav = Main
web-nav-more = More
web-crumbs = You are here
web-back = Back
web-home = Home page
web-sign-in = Sign in
web-sign-out = Sign out
web-search = Search
web-title-error = Error: { "" }
web-foot = Tỉnh Số · { $name }
web-free = Free
web-warning = Warning:
web-tone-ok = Done
web-tone-soon = Attention
web-tone-late = Error
web-tone-info = Information
web-tone-plain = Information
web-step-done = done
web-step-now = in progress
web-step-next = to come
web-step-stopped = stopped
web-chart-table = Table of figures

web-left-minutes = { $n } { $n ->
    [one] working minute
   *[other] working minutes
  } left
web-left-hours = { $n } { $n ->
    [one] working hour
   *[other] working hours
  } left
web-left-days = { $n } { $n ->
    [one] working day
   *[other] working days
  } left
web-over-minutes = { $n } { $n ->
    [one] working minute
   *[other] working minutes
  } over
web-over-hours = { $n } { $n ->
    [one] working hour
   *[other] working hours
  } over
web-over-days = { $n } { $n ->
    [one] working day
   *[other] working days
  } over
web-working-hours = { $n } { $n ->
    [one] working hour
   *[other] working hours
  }
web-working-days = { $n } { $n ->
    [one] working day
   *[other] working days
  }

web-session-title = Are you still there?
web-session-left = To keep you safe, your session will end in
web-session-draft = What you typed and agreed to keep as a draft will still be there after you sign in again.
web-session-stay = I am still here
web-session-over = Your session has ended. Sign in again to go on.

web-api-title = Interfaces for developers
web-api-lead = Every operation that another system can call. For machines (OpenAPI 3.1):
web-api-schemas = Schemas
web-api-parameters = Parameters
web-api-answers = Answers
web-api-full = Full description

# Error pages: name, what happened (.what), what to do (.do)

web-failure-id = If you ask for help, name this request:
web-failure-retry = Try again in { $n } seconds.
web-failure-bad-request = The request was not understood
    .what = Your browser sent a request that we do not understand.
    .do = Go back, reload the page and try again.
web-failure-unauthenticated = You need to sign in
    .what = This page is for people who are signed in, or your session has ended.
    .do = Sign in. After that you can open this page again.
web-failure-forbidden = You may not see this page
    .what = Your account has not been given this task.
    .do = If you need to do this, ask the administrator of your unit.
web-failure-not-found = Page not found
    .what = There is no page at this address, or it is not for you.
    .do = Check the address, or search from the home page.
web-failure-method = That cannot be done here
    .what = There is a page at this address, but it does not take what was sent.
    .do = Go back and use the button on the page.
web-failure-conflict = Somebody changed this before you
    .what = What you want to do no longer fits what is there.
    .do = Reload the page to see how things stand, then try again if you still need to.
web-failure-gone = This page is gone
    .what = The content was removed or has expired.
    .do = Look for newer content from the home page.
web-failure-too-large = Too much was sent
    .what = The total size is over the limit.
    .do = Go back and send fewer or smaller files. What you typed is still on the page before.
web-failure-unsupported = This kind of content is not taken
    .what = We cannot read the form of what was sent.
    .do = Go back and use the form on the page.
web-failure-invalid = Something is not right
    .what = Something in what was sent is not right.
    .do = Go back, correct it and send again.
web-failure-too-many = You tried too often
    .what = To protect accounts and this service, we have paused requests from your computer.
    .do = Wait a while and try again.
web-failure-timeout = It took too long to arrive
    .what = The connection broke before everything had arrived.
    .do = Check your connection and send again.
web-failure-busy = The service is busy
    .what = Many people are using it right now. Everything that was confirmed is safe.
    .do = Wait a moment and reload the page.
web-failure-internal = Something went wrong
    .what = This is our fault, not yours. It has been recorded.
    .do = Try again in a few minutes. If it still fails, call the help desk.

error-not-found = There is no page at this address, or it is not for you.
error-cross-site = This request came from another site, so we did not carry it out.
    .title = The request did not come from our site
    .do = Open this page from the home page and try again.
error-form-token = This page was open for too long, or you signed in again elsewhere. Nothing was sent.
    .title = The page has expired
    .do = Go back, reload the page and send again.
error-form-malformed = The form was damaged on its way.
error-form-no-form = This page takes forms only.
error-form-too-large = The form is larger than allowed.
error-form-too-slow = The connection was so slow that the form did not arrive as a whole.
    .title = It took too long to arrive
    .do = Check your connection, go back and send again.
error-form-spool = Files cannot be taken right now. Try again in a few minutes.
error-json-too-large = The JSON body is larger than allowed.
error-json-expected = Send a body of type application/json.
error-json-invalid = The JSON body cannot be read: { $why }
error-timeout = The request took too long and was stopped.

# Forms

form-submit = Send
form-cancel = Cancel
form-optional = (optional)
form-choose = Choose…
form-yes = Yes
form-no = No
form-dong = VND
form-day = Day
form-month = Month
form-year = Year
form-province = Province or city
form-province-go = Show communes
form-commune = Commune, ward or special zone
form-when = Only when “{ $label }” is: { $is }
form-hint-date = For example: 26 11 2026.
form-hint-person-id = The 12 digits on the identity card.
form-hint-files = { $n ->
    [1] One file of type { $kinds }, at most { $size }.
   *[other] Up to { $n } files of type { $kinds }, at most { $size } each.
  }
form-file-kept = Keep the file sent before:
form-count-left = {"{n}"} characters left
form-count-over = {"{n}"} characters too many
form-draft-consent = Keep a draft on this device
form-draft-hint = Only if this device is yours alone. The draft stays in your browser and is deleted when you send or after 7 days.
form-draft-found = There is an unfinished draft on this device.
form-draft-restore = Fill it in
form-draft-drop = Delete the draft
form-errors = { $n ->
    [1] There is one thing to correct
   *[other] There are { $n } things to correct
  }
form-error-prefix = Error:
form-error-required = Fill in “{ $label }”.
form-error-required-choice = Choose an answer for “{ $label }”.
form-error-required-choices = Choose at least one answer for “{ $label }”.
form-error-required-confirm = Tick “{ $label }” to go on.
form-error-required-file = Add a file for “{ $label }”.
form-error-control = “{ $label }” holds a hidden character that cannot be used. Type it instead of pasting.
form-error-too-long = “{ $label }” can have at most { $max } characters; there are { $over } too many.
form-error-too-short = “{ $label }” needs at least { $min } characters.
form-error-choice = Choose one of the answers of “{ $label }”.
form-error-decimal = “{ $label }” must be a number with at most { $decimals } decimals, such as 120.5.
form-error-lookup = “{ $label }”: nothing is called “{ $text }”. Type a few letters and choose what is suggested.
form-error-lookup-count = “{ $label }” takes at most { $max }.
form-hint-lookup = Type a few letters and choose what is suggested.
form-error-integer = “{ $label }” must be a whole number, such as 12 or 1.500.
form-error-dong = “{ $label }” must be an amount of money, such as 150.000.
form-error-min = “{ $label }” must be at least { $min }.
form-error-max = “{ $label }” must be at most { $max }.
form-error-person-id = “{ $label }” has exactly 12 digits, as on the identity card. Check each of them.
form-error-phone = “{ $label }” is not right. Example: 0912 345 678.
form-error-email = “{ $label }” is not right. Example: name@example.vn.
form-error-tax-code = “{ $label }” has 10 digits, or 10 digits, a hyphen and 3 digits.
form-error-area-code = “{ $label }” must be the code of an area, 2 or 5 digits.
form-error-agency-code = “{ $label }” must look like H27.01.02.
form-error-procedure-code = “{ $label }” must look like 1.001612.
form-error-dossier-code = “{ $label }” is not right. A code looks like H27.15-261122-0042.
form-error-login = “{ $label }” takes unaccented letters, digits, dots and hyphens only.
form-error-one-time-code = “{ $label }” is the 6 digits in your authenticator.
form-error-date = “{ $label }” is not a real date. Example: 26 11 2026.
form-error-date-day = The day of “{ $label }” is missing or not a number.
form-error-date-month = The month of “{ $label }” is missing or not a number.
form-error-date-year = The year of “{ $label }” is missing. A year has 4 digits.
form-error-date-min = “{ $label }” must be { $min } or later.
form-error-date-max = “{ $label }” must be { $max } or earlier.
form-error-file-empty = The file “{ $file }” is empty. Choose it again.
form-error-file-truncated = The end of the file “{ $file }” is missing. Open it on your device, save it and send it again.
form-error-file-unknown = The type of the file “{ $file }” is not known, or it holds macros.
form-error-file-kind = The file “{ $file }” is not of a type taken here ({ $kinds }).
form-error-file-large = The file “{ $file }” is larger than { $max }.
form-error-file-many = The file “{ $file }” was not taken: only { $max } files can be sent at once.
form-error-file-count = “{ $label }” takes { $max } files only.

# Tables

table-filter = Filter
table-filters = Filters of the table
table-clear = Clear filters
table-all = All
table-actions = Actions
table-export = Export CSV
table-empty = There is nothing here yet.
table-none-fit = Nothing fits. Try fewer filters.
table-pages = Pages
table-page = Page { $n }
table-prev = Previous
table-next = Next
table-first = Back to the start
table-sorted-up = ascending by
table-sorted-down = descending by

# Faults of the store, whose crate knows no language.
error-store-busy = The system is busy. Nothing was recorded; please try again in a few minutes.
error-store-unavailable = The database does not answer at the moment. Please try again in a few minutes.
error-store-disk-full = The system cannot store more data at the moment. Existing data is safe; please try again later.
error-store-not-found = There is no such content.
error-store-conflict = This exists already.
error-blob-too-large = The file is too large.
error-blob-broken-off = The file did not arrive whole. Please send it again.
error-blob-storage = The place where files are kept does not answer. Please try again in a few minutes.
error-blob-erased = This file was erased.
