# Collecting fees: VietQR codes, statements, reconciliation.

error-bank-bin-invalid = A bank's BIN is 6 digits, for example 970436.
error-account-number-invalid = An account number is 1 to 19 letters and digits, without spaces.
error-card-number-invalid = A card number is 12 to 19 digits, without spaces.
error-vietqr-cannot-be-issued = The VietQR code cannot be made: field { $field } is not right.
error-vietqr-unreadable = The code cannot be read: it is no VietQR code, or it was changed or misread.
error-qr-too-long = The text is too long to be drawn as a QR code.

# Bank statements

error-statement-too-large = The statement file is too large. Export a shorter period.
error-statement-not-of-format = This file is no { $format }.
error-statement-entities = The XML declares entities or a document type; no bank's statement does, so it was not read.
error-statement-faults = Faults in the statement: { $count }; no line was taken.
error-statement-encoding-utf8 = The file is declared as { $declared }, but it is UTF-8. Choose UTF-8.
error-statement-encoding-utf16 = The file is declared as { $declared }, but it is UTF-16. Choose UTF-16, or export it as UTF-8.
error-statement-encoding-eight-bit = The file is declared as { $declared }, but it is eight-bit text (windows-1258, TCVN3, VNI) or damaged. Export it as UTF-8, or choose windows-1258 if it is that.
error-statement-encoding-zip = The file is declared as { $declared }, but it is a ZIP archive, most likely XLSX. Choose the format XLSX.
error-statement-encoding-old-excel = The file is declared as { $declared }, but it is a workbook of Excel 97 to 2003. Open it and save it as XLSX or CSV UTF-8.
error-statement-encoding-pdf = The file is declared as { $declared }, but it is a PDF. Ask the bank for CSV, XLSX, MT940 or camt.053.
error-statement-encoding-web-page = The file is declared as { $declared }, but it is a web page, whatever its name says. Open it and save it as XLSX or CSV UTF-8.
error-statement-encoding-binary = The file is declared as { $declared }, but it is no text. Ask the bank for CSV, XLSX, MT940 or camt.053.

statement-fault-no-heading = No row has all the headings: { $found }.
statement-fault-date = "{ $found }" is no date of the form { $format }.
statement-fault-amount = "{ $found }" is no amount in the declared form.
statement-fault-not-whole = "{ $found }" is no whole number of đồng.
statement-fault-no-amount = There is no amount.
statement-fault-two-amounts = There is both a credit and a debit.
statement-fault-mark = "{ $found }" means neither credit nor debit.
statement-fault-currency = The currency is { $found }, not VND.
statement-fault-missing = { $found } is missing.
statement-fault-malformed = { $found } is malformed.
statement-fault-text-too-long = A text has more than { $max } characters.
statement-fault-running-balance = The balance is { $found }, but the lines give { $expected }.
statement-fault-balance = The closing balance is { $found }, but opening balance and lines give { $expected }.
statement-fault-overflow = The amounts are too large to add up.
statement-fault-page-gap = This page does not go on where the page before ended.
statement-fault-no-lines = There are no lines.

# Tariffs

error-tariff-missing = This procedure has no tariff in force on that day.
error-tariff-ground-unknown = The tariff does not know this ground for exemption or reduction.
error-tariff-quantity-missing = The quantity by which the fee is counted is missing.
error-tariff-too-large = The amount is too large.

# Reconciliation

error-bill-reference-invalid = The payment reference is not right.
error-reference-given-twice = The payment reference { $reference } is used twice.
error-bill-amounts-invalid = The amounts of { $reference } cannot be.

# Bills

payment-nav = Fees
payment-why = Reason
payment-way-transfer = By transfer
payment-way-cash = In cash

bills-title = Bills
bills-caption = { $n ->
    [one] { $n } bill
   *[other] { $n } bills
  }
bills-none = There are no bills here.
bill-tab-waiting = Waiting
bill-tab-over = Paid too much, to go back
bill-tab-paid = Paid
bill-tab-ended = Cancelled, refunded
bill-title = Bill
bill-reference = Payment reference
bill-subject = Dossier
bill-payer = Payer
bill-amount = Amount
bill-state = State
bill-issued = Issued
bill-unit = Receiving unit
bill-lines = Lines
bill-line = Fee
bill-quantity = Quantity
bill-due = To pay
bill-total = In all
bill-relief = Relief:
bill-instead-of = instead of
bill-settled = Paid
bill-waiting = Still to pay
bill-surplus = beyond the bill
bill-refunded = Gone back
bill-payments = Money that came
bill-no-payments = Nothing came yet.
bill-take-cash = Take { $amount } in cash
bill-cancel = Cancel the bill
bill-cancel-words = A cancelled bill takes no money any more. What was paid for it has to go back.
bill-cancelled-by = { $name } cancelled it, { $at }.
bill-standing-open = Not paid
bill-standing-partly = Paid short
bill-standing-paid = Paid
bill-standing-over = Paid too much
bill-standing-cancelled = Cancelled
bill-standing-refunded = Refunded
bill-qr = VietQR code for { $amount }
bill-scan = Scan the code with your banking application, or type:
bill-purpose = Text of the transfer
bill-purpose-exactly = Keep the text as it is: by the reference in it the payment is recognised.
bill-cash-only = This is paid in cash at the one-stop desk.
bill-payer-title = Fees: { $amount }
bill-payer-open = Your dossier waits for this payment. The clock stands still meanwhile.
bill-payer-partly = A part came; { $waiting } is missing. Please pay the rest by the code below.
bill-payer-paid = All of it came.
bill-payer-over = More came than was asked. The rest goes back to you.
bill-payer-cancelled = This was cancelled; you need not pay.
bill-payer-refunded = What you paid went back to you.
bill-payer-cash = You can also pay in cash at { $desk }.
bill-payer-next = When the bank tells that the money came, your dossier goes on by itself; you need not tell anybody.

receipt-word = receipt
receipt-link = Receipt over { $amount }
receipt-fee-title = Receipt for fees
receipt-fee-number = No. { $number }
receipt-fee-for = Paid for
receipt-fee-words = In words
receipt-fee-way = Paid
receipt-fee-day = Day of payment
receipt-fee-taken-by = Taken by
receipt-fee-note = This paper confirms that the payment is on record. The electronic receipt under Decree 123/2020/NĐ-CP is made by the unit's receipt system.

# Receiving accounts

payment-accounts-title = Receiving accounts
payment-accounts-nav = Receiving accounts
payment-accounts-words = Bank accounts to which people transfer fees. Every change is in the audit log.
payment-accounts-caption = { $n ->
    [one] { $n } account
   *[other] { $n } accounts
  }
payment-accounts-none = There is no receiving account yet. Until there is, fees can be paid in cash only.
payment-account-add = Add a receiving account
payment-account-change = Change
payment-account-save = Save
payment-account-close = Stop using this account
payment-account-reopen = Use this account again
payment-account-open = In use
payment-account-closed = No longer used
payment-account-state = State
payment-account-unit = Receiving unit
payment-account-bin = Bank number (BIN)
payment-account-bin-hint = 6 digits at NAPAS, for example 970436.
payment-account-number = Account number
payment-account-bank-name = Bank
payment-account-holder = Account holder
payment-account-holder-hint = As the bank has it.
payment-account-statements = How statements are read
payment-account-statements-hint = In TOML: format, columns, encoding, and lines that explain themselves (the bank's fees, interest). See docs/payments.md.
payment-notice-title = Notices of the bank
payment-notice-words = The bank (or a provider between) tells of each booking the moment it happens, signed with this account's own key.
payment-notice-off = No notices are taken
payment-notice-on = Notices are taken
payment-notice-key = Signing key (for the bank alone)
payment-notice-begin = Begin to take notices
payment-notice-renew = Renew the key
payment-notice-end = Take no more notices

# Statements, reconciliation

statements-title = Statements
statements-words = Take in bank statements: CSV, XLSX, MT940 or camt.053, as declared for each account. Of a file with a fault nothing is taken; a line that an earlier file brought does not count again.
statements-caption = { $n ->
    [one] { $n } statement taken in
   *[other] { $n } statements taken in
  }
statements-none = No statement was taken in yet.
statement-title = Statement
statement-account = Account
statement-file = Statement file
statement-file-hint = Whole days; at most 20,000 lines at once.
statement-take-in = Take the statement in
statement-faults-title = The file has faults; nothing was taken in
statement-fault-line = Line { $line }: { $what }
statement-fault-more = and { $n } more faults
statement-period = From – to
statement-in = Came
statement-out = Went
statement-lines = Lines
statement-lines-new = New lines
statement-lines-known = Known lines
statement-lines-doubled = Lines twice in the file
statement-opening = Opening balance
statement-closing = Closing balance
statement-taken-in = Taken in
statement-came-before = This file was taken in before; nothing changed.
statement-agrees = Agrees with the statement's sum
statement-differs = On record: { $in } came, { $out } went; the statement says { $said-in } came, { $said-out } went
statement-unconfirmed = { $n } bookings ({ $amount }) are known by notice only and stand on no statement yet
statement-parts = { $n ->
    [one] { $n } part
   *[other] { $n } parts
  }
reconciliation-title = Reconciliation
reconciliation-sums = What each đồng is
reconciliation-class = Class
reconciliation-adds-up = Adds up to the đồng
reconciliation-does-not = Does not add up
reconciliation-listed = { $n ->
    [one] { $n } part waits for a person
   *[other] { $n } parts wait for a person
  }
reconciliation-nothing-listed = Nothing waits for a person.
reconciliation-period = By account and time
reconciliation-from = From
reconciliation-to = To
line-class-matched = Matched
line-class-explained = Explained
line-class-listed = To be looked at
line-is-settles = Pays a bill
line-is-refunds = Refund that was ordered
line-is-overpaid = Too much, to go back
line-is-paid-again = Paid again, to go back
line-is-paid-though-cancelled = For a cancelled bill, to go back
line-is-known = By rule
line-is-unknown = Names no bill
line-is-several = Names several bills, cannot be shared
line-is-beyond-refund = More than the refund
line-is-explained = Explained by an officer
line-is-given-back = Ordered back
lines-none = There is nothing here.
line-title = Line of a statement
line-day = Day
line-what = What it is
line-text = Text
line-counterparty = Counterparty
line-bank-reference = The bank's reference
line-by-notice = The bank told of this booking; no statement confirms it yet.
line-parts = Made up of
line-decide = What is this?
line-candidates = Bills that wait for exactly this amount:
line-assign = It pays a bill
line-assign-hint = The reference on the bill, for example TS0000001Z.
line-explain = Explain
line-explain-why = What it is
line-back-words = This belongs to no bill: it goes back to who sent it. The statement confirms it by the reference of the order.
line-use = A view of this page is recorded when the line belongs to a person's bill.

# Refunds

refunds-title = Refunds
refunds-caption = { $n ->
    [one] { $n } refund
   *[other] { $n } refunds
  }
refunds-none = No refund was ordered yet.
refund-title = Refund
refund-order = Order a refund
refund-most = At most { $amount } can go back.
refund-to-bill = Back to the bill
refund-amount = Amount that goes back
refund-way = How it goes
refund-to = To whom
refund-to-hint = Bank, account number and name; or who takes the cash, and against what.
refund-ordered = Ordered
refund-bill = The bill
refund-sent = Gone
refund-waits = To go
refund-waits-partly = { $amount } still to go
refund-cancelled = Cancelled
refund-unapproved = Waits for approval
refund-refused = Not approved
refund-approved = Approved
refund-approve = Approve the order
refund-refuse = Refuse the order
refund-unapproved-words = This order waits for a leader to approve it. Make no transfer and give no cash before.
refund-own-words = You ordered this refund, so somebody else approves it.
refund-cancel = Cancel the order
refund-give = Give back { $amount } in cash
refund-transfer-words = Make the transfer at the bank with the text { $reference }. The statement will confirm it.

# Tills

tills-title = Tills
tills-words = Cash taken at one-stop desks, by day. An earlier day is closed before more is taken.
tills-caption = { $n ->
    [one] { $n } day
   *[other] { $n } days
  }
tills-none = No cash was taken on any day yet.
till-title = Till of { $day }
till-day = Day
till-desk = One-stop desk
till-opening = In the morning
till-taken = Taken
till-given = Given back
till-expected = Must be there
till-counted = Counted
till-counted-hint = Count the money in the till and enter the sum.
till-handed-over = Handed over
till-handed-over-hint = To the cashier or the bank; the rest is tomorrow's opening.
till-why = Why it differs
till-why-hint = Needed when the count is not what must be there.
till-close = Close the till
till-close-words = Once it is closed, nothing of this day's till can be changed.
till-closed-by = { $name } closed it, { $at }.
till-state = State
till-open = Open
till-agrees = Agrees
till-differs = Differs by { $amount }
till-at = At
till-by = Taken by
till-refund = refund
till-movements = { $n ->
    [one] { $n } movement
   *[other] { $n } movements
  }
till-movements-none = Nothing was taken yet.

# Tariffs

tariffs-title = Tariffs
tariffs-words = What procedures cost, from a day to a day, with the text that says so. A procedure that is not here has the fee of the catalogue.
tariffs-caption = { $n ->
    [one] { $n } tariff
   *[other] { $n } tariffs
  }
tariffs-none = No tariff was entered yet.
tariff-add = Enter a tariff
tariff-title = Tariff
tariff-procedure = Procedure
tariff-from = In force since
tariff-entered = Entered
tariff-since = Since { $day }
tariff-fees = Fees
tariff-desk = At a desk
tariff-online = Online
tariff-post = By post
tariff-reliefs = Exemptions and reductions
tariff-exempt = exempt
tariff-toml = Tariff (TOML)
tariff-toml-hint = See docs/payments.md. The older tariff of the procedure ends the day before by itself.

error-payment-not-found = It is not there, or you may not see it.
error-payment-stale = Somebody just changed it. Please open the page again and go on.
error-bill-nothing-due = Nothing is to pay, so there is no bill.
error-bill-ended = The bill is paid or cancelled already.
error-till-closed = The till of { $day } is closed: nothing is added to it and it is not closed again. New cash goes into the next day's till; who closed it, and with what sums, stands on its page.
error-till-earlier-open = The till of { $day } is not closed. Please close it before you take more.
error-till-difference = It differs by { $amount }. Please say why.
error-till-handed-over = More cannot be handed over than was counted.
error-statement-account-differs = This statement is of the account { $number }, not of the one that was chosen.
error-payment-account-closed = This account is no longer used.
error-payment-account-taken = This account is entered already.
error-payment-account-format = The declaration cannot be read: { $why }
error-import-too-many-lines = The file has more than { $max } lines. Please export a shorter time.
error-line-part-decided = Somebody decided this part already.
error-refund-nothing-came = Nothing was paid on this bill, so nothing can go back. If it need not be paid any more, cancel the bill.
error-refund-nothing-left = All that was paid on this bill went back or is ordered back already, so no more can be ordered.
error-refund-too-large = At most { $amount } can go back.
error-refund-unapproved = The refund is not approved yet. Ask a leader to approve it first.
error-refund-own = Who orders a refund does not approve it. Ask somebody else.
error-refund-decided = This order was approved, refused or cancelled already. Load the page again.
error-refund-ended = This order was sent or cancelled already.
error-payment-reason-missing = Please give a reason.
error-bank-notice-signature = The notice is not signed rightly, or is too old.
error-bank-notice-unreadable = The notice cannot be read: { $why }
