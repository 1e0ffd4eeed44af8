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
