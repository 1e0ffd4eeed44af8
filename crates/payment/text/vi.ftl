# Thu phí, lệ phí: mã VietQR, sao kê, đối soát.

error-bank-bin-invalid = Mã ngân hàng (BIN) gồm 6 chữ số, ví dụ 970436.
error-account-number-invalid = Số tài khoản gồm 1 đến 19 chữ cái và chữ số, không có dấu cách.
error-card-number-invalid = Số thẻ gồm 12 đến 19 chữ số, không có dấu cách.
error-vietqr-cannot-be-issued = Không tạo được mã VietQR: trường { $field } không hợp lệ.
error-vietqr-unreadable = Không đọc được mã: đây không phải mã VietQR, hoặc mã đã bị sửa hay quét sai.
error-qr-too-long = Nội dung quá dài, không vẽ được thành mã QR.

# Sao kê ngân hàng

error-statement-too-large = Tệp sao kê quá lớn. Hãy xuất sao kê cho khoảng thời gian ngắn hơn.
error-statement-not-of-format = Tệp này không phải { $format }.
error-statement-entities = Tệp XML khai báo thực thể hoặc kiểu tài liệu; sao kê của ngân hàng không có, nên tệp không được đọc.
error-statement-faults = Sao kê có { $count } lỗi; chưa ghi nhận dòng nào.
error-statement-encoding-utf8 = Tệp được khai báo là { $declared } nhưng lại là UTF-8. Hãy chọn UTF-8.
error-statement-encoding-utf16 = Tệp được khai báo là { $declared } nhưng lại là UTF-16. Hãy chọn UTF-16 hoặc xuất lại dạng UTF-8.
error-statement-encoding-eight-bit = Tệp được khai báo là { $declared } nhưng lại là bảng mã 8 bit (windows-1258, TCVN3, VNI) hoặc đã hỏng. Hãy xuất lại dạng UTF-8, hoặc chọn windows-1258 nếu đúng là bảng mã đó.
error-statement-encoding-zip = Tệp được khai báo là { $declared } nhưng lại là tệp nén, có lẽ là XLSX. Hãy chọn định dạng XLSX.
error-statement-encoding-old-excel = Tệp được khai báo là { $declared } nhưng lại là bảng tính Excel 97-2003. Hãy mở tệp và lưu lại dạng XLSX hoặc CSV UTF-8.
error-statement-encoding-pdf = Tệp được khai báo là { $declared } nhưng lại là PDF. Hãy đề nghị ngân hàng gửi CSV, XLSX, MT940 hoặc camt.053.
error-statement-encoding-web-page = Tệp được khai báo là { $declared } nhưng lại là trang web, dù tên tệp nói khác. Hãy mở tệp và lưu lại dạng XLSX hoặc CSV UTF-8.
error-statement-encoding-binary = Tệp được khai báo là { $declared } nhưng không phải văn bản. Hãy đề nghị ngân hàng gửi CSV, XLSX, MT940 hoặc camt.053.

statement-fault-no-heading = Không có dòng nào chứa đủ các tiêu đề cột: { $found }.
statement-fault-date = "{ $found }" không phải ngày theo dạng { $format }.
statement-fault-amount = "{ $found }" không phải số tiền theo dạng đã khai báo.
statement-fault-not-whole = "{ $found }" không phải số đồng nguyên.
statement-fault-no-amount = Không có số tiền.
statement-fault-two-amounts = Vừa ghi có vừa ghi nợ.
statement-fault-mark = "{ $found }" không phải ghi có cũng không phải ghi nợ.
statement-fault-currency = Loại tiền là { $found }, không phải VND.
statement-fault-missing = Thiếu { $found }.
statement-fault-malformed = { $found } sai cấu trúc.
statement-fault-text-too-long = Nội dung dài quá { $max } ký tự.
statement-fault-running-balance = Số dư là { $found }, nhưng cộng các dòng được { $expected }.
statement-fault-balance = Số dư cuối kỳ là { $found }, nhưng số dư đầu kỳ cộng các dòng được { $expected }.
statement-fault-overflow = Số tiền quá lớn, không cộng được.
statement-fault-page-gap = Trang này không nối tiếp số dư của trang trước.
statement-fault-no-lines = Không có dòng nào.

# Biểu phí

error-tariff-missing = Thủ tục này không có biểu phí có hiệu lực vào ngày đó.
error-tariff-ground-unknown = Biểu phí không có căn cứ miễn, giảm này.
error-tariff-quantity-missing = Chưa có số lượng để tính phí.
error-tariff-too-large = Số tiền quá lớn.

# Đối soát

error-bill-reference-invalid = Mã thanh toán không hợp lệ.
error-reference-given-twice = Mã thanh toán { $reference } bị dùng hai lần.
error-bill-amounts-invalid = Số tiền của { $reference } không hợp lệ.
