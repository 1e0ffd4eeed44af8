# Collecting fees: VietQR codes, statements, reconciliation.

error-bank-bin-invalid = A bank's BIN is 6 digits, for example 970436.
error-account-number-invalid = An account number is 1 to 19 letters and digits, without spaces.
error-card-number-invalid = A card number is 12 to 19 digits, without spaces.
error-vietqr-cannot-be-issued = The VietQR code cannot be made: field { $field } is not right.
error-vietqr-unreadable = The code cannot be read: it is no VietQR code, or it was changed or misread.
error-qr-too-long = The text is too long to be drawn as a QR code.
