# Thu phí, lệ phí: mã VietQR, sao kê, đối soát.

error-bank-bin-invalid = Mã ngân hàng (BIN) gồm 6 chữ số, ví dụ 970436.
error-account-number-invalid = Số tài khoản gồm 1 đến 19 chữ cái và chữ số, không có dấu cách.
error-card-number-invalid = Số thẻ gồm 12 đến 19 chữ số, không có dấu cách.
error-vietqr-cannot-be-issued = Không tạo được mã VietQR: trường { $field } không hợp lệ.
error-vietqr-unreadable = Không đọc được mã: đây không phải mã VietQR, hoặc mã đã bị sửa hay quét sai.
error-qr-too-long = Nội dung quá dài, không vẽ được thành mã QR.
