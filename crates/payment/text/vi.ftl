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

# Khoản phải nộp

payment-nav = Thu phí, lệ phí
payment-why = Lý do
payment-way-transfer = Chuyển khoản
payment-way-cash = Tiền mặt

bills-title = Khoản phải nộp
bills-caption = { $n ->
   *[other] { $n } khoản
  }
bills-none = Không có khoản nào ở đây.
bill-tab-waiting = Chờ nộp
bill-tab-over = Nộp thừa, chờ hoàn trả
bill-tab-paid = Đã nộp
bill-tab-ended = Đã hủy, đã hoàn trả
bill-title = Phiếu yêu cầu nộp phí
bill-reference = Mã thanh toán
bill-subject = Hồ sơ
bill-payer = Người nộp
bill-amount = Số tiền
bill-state = Tình trạng
bill-issued = Lập ngày
bill-unit = Đơn vị thu
bill-lines = Các khoản
bill-line = Khoản thu
bill-quantity = Số lượng
bill-due = Phải nộp
bill-total = Tổng cộng
bill-relief = Miễn, giảm:
bill-instead-of = thay vì
bill-settled = Đã nộp
bill-waiting = Còn phải nộp
bill-surplus = nộp thừa
bill-refunded = Đã hoàn trả
bill-payments = Tiền đã nhận
bill-no-payments = Chưa nhận khoản nào.
bill-take-cash = Thu tiền mặt { $amount }
bill-cancel = Hủy phiếu
bill-cancel-words = Phiếu đã hủy không nhận tiền nữa. Tiền đã nộp cho phiếu này phải hoàn trả.
bill-cancelled-by = { $name } hủy lúc { $at }.
bill-standing-open = Chưa nộp
bill-standing-partly = Nộp thiếu
bill-standing-paid = Đã nộp đủ
bill-standing-over = Nộp thừa
bill-standing-cancelled = Đã hủy
bill-standing-refunded = Đã hoàn trả
bill-qr = Mã VietQR chuyển { $amount }
bill-scan = Quét mã bằng ứng dụng ngân hàng, hoặc nhập như sau:
bill-purpose = Nội dung chuyển khoản
bill-purpose-exactly = Giữ đúng nội dung chuyển khoản: hệ thống nhận ra khoản nộp nhờ mã trong đó.
bill-cash-only = Khoản này nộp tiền mặt tại bộ phận một cửa.
bill-payer-title = Phí, lệ phí: { $amount }
bill-payer-open = Hồ sơ đang chờ bạn nộp phí, lệ phí. Đồng hồ tính thời hạn tạm dừng.
bill-payer-partly = Đã nhận một phần, còn thiếu { $waiting }. Hãy nộp nốt theo mã dưới đây.
bill-payer-paid = Đã nhận đủ.
bill-payer-over = Đã nhận nhiều hơn số phải nộp. Phần thừa sẽ được hoàn trả.
bill-payer-cancelled = Khoản này đã hủy, bạn không phải nộp.
bill-payer-refunded = Tiền đã nộp đã được hoàn trả.
bill-payer-cash = Bạn cũng có thể nộp tiền mặt tại { $desk }.
bill-payer-next = Khi ngân hàng báo đã nhận tiền, hồ sơ tự động được giải quyết tiếp; bạn không phải báo lại.

receipt-word = biên nhận
receipt-link = Biên nhận { $amount }
receipt-fee-title = Biên nhận thu phí, lệ phí
receipt-fee-number = Số { $number }
receipt-fee-for = Nộp cho thủ tục
receipt-fee-words = Bằng chữ
receipt-fee-way = Hình thức nộp
receipt-fee-day = Ngày nộp
receipt-fee-taken-by = Người thu tiền
receipt-fee-note = Giấy này xác nhận khoản nộp đã được ghi nhận. Biên lai điện tử theo Nghị định 123/2020/NĐ-CP do hệ thống biên lai của đơn vị lập.

# Tài khoản thu

payment-accounts-title = Tài khoản thu
payment-accounts-nav = Tài khoản thu
payment-accounts-words = Tài khoản ngân hàng mà người dân chuyển phí, lệ phí vào. Mọi thay đổi được ghi vào nhật ký kiểm toán.
payment-accounts-caption = { $n ->
   *[other] { $n } tài khoản
  }
payment-accounts-none = Chưa có tài khoản thu nào. Khi chưa có, phí và lệ phí chỉ thu được bằng tiền mặt.
payment-account-add = Thêm tài khoản thu
payment-account-change = Sửa
payment-account-save = Lưu
payment-account-close = Ngừng dùng tài khoản này
payment-account-reopen = Dùng lại tài khoản này
payment-account-open = Đang dùng
payment-account-closed = Đã ngừng
payment-account-state = Tình trạng
payment-account-unit = Đơn vị thu
payment-account-bin = Mã ngân hàng (BIN)
payment-account-bin-hint = 6 chữ số theo NAPAS, ví dụ 970436.
payment-account-number = Số tài khoản
payment-account-bank-name = Ngân hàng
payment-account-holder = Chủ tài khoản
payment-account-holder-hint = Như ngân hàng ghi.
payment-account-statements = Cách đọc sao kê
payment-account-statements-hint = Khai báo TOML: định dạng, cột, bảng mã và các dòng tự giải thích (phí ngân hàng, lãi). Xem docs/payments.md.
payment-notice-title = Báo có của ngân hàng
payment-notice-words = Ngân hàng (hoặc đơn vị trung gian) gửi từng giao dịch ngay khi phát sinh, ký bằng khóa riêng của tài khoản này.
payment-notice-off = Chưa nhận báo có
payment-notice-on = Đang nhận báo có
payment-notice-key = Khóa ký (chỉ giao cho ngân hàng)
payment-notice-begin = Bắt đầu nhận báo có
payment-notice-renew = Đổi khóa
payment-notice-end = Ngừng nhận báo có

# Sao kê, đối soát

statements-title = Sao kê
statements-words = Nhập sao kê của ngân hàng: CSV, XLSX, MT940 hoặc camt.053, theo khai báo của từng tài khoản. Tệp có lỗi thì không ghi nhận dòng nào; dòng đã có ở tệp trước không tính lần nữa.
statements-caption = { $n ->
   *[other] { $n } sao kê đã nhập
  }
statements-none = Chưa nhập sao kê nào.
statement-title = Sao kê
statement-account = Tài khoản
statement-file = Tệp sao kê
statement-file-hint = Trọn ngày; tối đa 20.000 dòng một lần.
statement-take-in = Nhập sao kê
statement-faults-title = Tệp có lỗi, chưa ghi nhận dòng nào
statement-fault-line = Dòng { $line }: { $what }
statement-fault-more = và { $n } lỗi nữa
statement-period = Từ ngày – đến ngày
statement-in = Tiền vào
statement-out = Tiền ra
statement-lines = Số dòng
statement-lines-new = Dòng mới
statement-lines-known = Dòng đã có
statement-lines-doubled = Dòng lặp trong tệp
statement-opening = Số dư đầu kỳ
statement-closing = Số dư cuối kỳ
statement-taken-in = Nhập lúc
statement-came-before = Tệp này đã được nhập trước đây; không có gì thay đổi.
statement-agrees = Khớp với tổng của sao kê
statement-differs = Ghi nhận { $in } vào, { $out } ra; sao kê nói { $said-in } vào, { $said-out } ra
statement-unconfirmed = { $n } giao dịch ({ $amount }) mới chỉ có báo có, chưa có trong sao kê
statement-parts = { $n ->
   *[other] { $n } khoản
  }
reconciliation-title = Đối soát
reconciliation-sums = Mỗi đồng là gì
reconciliation-class = Phân loại
reconciliation-adds-up = Khớp từng đồng
reconciliation-does-not = Không khớp
reconciliation-listed = { $n ->
   *[other] { $n } khoản chờ người xem xét
  }
reconciliation-nothing-listed = Không có khoản nào chờ xem xét.
reconciliation-period = Xem theo tài khoản và thời gian
reconciliation-from = Từ ngày
reconciliation-to = Đến ngày
line-class-matched = Khớp
line-class-explained = Đã rõ
line-class-listed = Chờ xem xét
line-is-settles = Nộp cho phiếu
line-is-refunds = Hoàn trả đã lệnh
line-is-overpaid = Nộp thừa, phải hoàn trả
line-is-paid-again = Nộp lần nữa, phải hoàn trả
line-is-paid-though-cancelled = Nộp cho phiếu đã hủy, phải hoàn trả
line-is-known = Theo quy tắc
line-is-unknown = Không có mã thanh toán
line-is-several = Có nhiều mã, không chia được
line-is-beyond-refund = Nhiều hơn lệnh hoàn trả
line-is-explained = Cán bộ giải thích
line-is-given-back = Đã lệnh hoàn trả
lines-none = Không có khoản nào.
line-title = Dòng sao kê
line-day = Ngày
line-what = Là gì
line-text = Nội dung
line-counterparty = Đối tác giao dịch
line-bank-reference = Số tham chiếu của ngân hàng
line-by-notice = Ngân hàng đã báo giao dịch này; sao kê chưa xác nhận.
line-parts = Gồm
line-decide = Khoản này là gì?
line-candidates = Phiếu đang chờ đúng số tiền này:
line-assign = Nộp cho một phiếu
line-assign-hint = Mã trên phiếu, ví dụ TS0000001Z.
line-explain = Giải thích
line-explain-why = Khoản này là gì
line-back-words = Khoản này không thuộc phiếu nào: trả lại người đã chuyển. Việc trả được nhận ra trên sao kê nhờ mã của lệnh.
line-use = Việc mở trang này được ghi lại khi dòng thuộc phiếu của một người.

# Hoàn trả

refunds-title = Hoàn trả
refunds-caption = { $n ->
   *[other] { $n } lệnh hoàn trả
  }
refunds-none = Chưa có lệnh hoàn trả nào.
refund-title = Lệnh hoàn trả
refund-order = Lập lệnh hoàn trả
refund-most = Hoàn trả được nhiều nhất { $amount }.
refund-to-bill = Về phiếu yêu cầu nộp phí
refund-amount = Số tiền hoàn trả
refund-way = Cách trả
refund-to = Trả cho ai
refund-to-hint = Ngân hàng, số tài khoản và tên; hoặc người nhận tiền mặt và giấy tờ.
refund-ordered = Lập lúc
refund-bill = Phiếu yêu cầu nộp phí
refund-sent = Đã trả
refund-waits = Chờ trả
refund-waits-partly = Còn phải trả { $amount }
refund-cancelled = Đã hủy
refund-unapproved = Chờ duyệt
refund-refused = Không duyệt
refund-approved = Đã duyệt
refund-approve = Duyệt lệnh
refund-refuse = Không duyệt lệnh
refund-unapproved-words = Lệnh này chờ lãnh đạo duyệt. Chưa được chuyển khoản hay trả tiền mặt.
refund-own-words = Bạn lập lệnh này, nên người khác phải duyệt.
refund-cancel = Hủy lệnh
refund-give = Trả tiền mặt { $amount }
refund-transfer-words = Chuyển khoản tại ngân hàng với nội dung { $reference }. Sao kê sẽ xác nhận.

# Sổ quỹ

tills-title = Sổ quỹ
tills-words = Tiền mặt thu tại bộ phận một cửa, theo ngày. Sổ quỹ ngày trước phải khóa trước khi thu tiếp.
tills-caption = { $n ->
   *[other] { $n } ngày
  }
tills-none = Chưa có ngày nào thu tiền mặt.
till-title = Sổ quỹ ngày { $day }
till-day = Ngày
till-desk = Bộ phận một cửa
till-opening = Tồn đầu ngày
till-taken = Đã thu
till-given = Đã trả
till-expected = Phải có
till-counted = Đếm được
till-counted-hint = Đếm tiền trong quỹ rồi ghi số đếm được.
till-handed-over = Nộp về
till-handed-over-hint = Nộp thủ quỹ hoặc ngân hàng; phần còn lại là tồn đầu ngày mai.
till-why = Vì sao chênh lệch
till-why-hint = Bắt buộc khi số đếm khác số phải có.
till-close = Khóa sổ quỹ
till-close-words = Sau khi khóa, sổ quỹ ngày này không thay đổi được nữa.
till-closed-by = { $name } khóa lúc { $at }.
till-state = Tình trạng
till-open = Đang mở
till-agrees = Khớp
till-differs = Chênh lệch { $amount }
till-at = Lúc
till-by = Người thu
till-refund = hoàn trả
till-movements = { $n ->
   *[other] { $n } lần thu, trả
  }
till-movements-none = Chưa thu khoản nào.

# Biểu phí, lệ phí

tariffs-title = Biểu phí, lệ phí
tariffs-words = Mức thu theo thủ tục, từ ngày đến ngày, kèm văn bản quy định. Thủ tục không có ở đây thì lấy mức thu trong danh mục.
tariffs-caption = { $n ->
   *[other] { $n } biểu
  }
tariffs-none = Chưa nhập biểu nào.
tariff-add = Nhập biểu phí, lệ phí
tariff-title = Biểu phí, lệ phí
tariff-procedure = Thủ tục
tariff-from = Áp dụng từ
tariff-entered = Nhập lúc
tariff-since = Từ { $day }
tariff-fees = Các khoản
tariff-desk = Trực tiếp
tariff-online = Trực tuyến
tariff-post = Bưu chính
tariff-reliefs = Miễn, giảm
tariff-exempt = miễn
tariff-toml = Biểu (TOML)
tariff-toml-hint = Xem docs/payments.md. Biểu cũ của cùng thủ tục tự kết thúc vào hôm trước.

error-payment-not-found = Không tìm thấy, hoặc bạn không được xem.
error-payment-stale = Có người vừa thay đổi. Hãy mở lại trang rồi làm tiếp.
error-bill-nothing-due = Không có gì phải nộp nên không lập phiếu.
error-bill-ended = Phiếu đã nộp đủ hoặc đã hủy.
error-till-closed = Sổ quỹ ngày { $day } đã khóa, không ghi thêm và không khóa lại được. Khoản mới ghi vào sổ của ngày sau; ai khóa và số đã ghi xem ở trang sổ quỹ.
error-till-earlier-open = Sổ quỹ ngày { $day } chưa khóa. Hãy khóa trước khi thu tiếp.
error-till-difference = Chênh lệch { $amount }. Hãy ghi vì sao.
error-till-handed-over = Không nộp về nhiều hơn số đếm được.
error-statement-account-differs = Sao kê này của tài khoản { $number }, không phải tài khoản đã chọn.
error-payment-account-closed = Tài khoản này đã ngừng dùng.
error-payment-account-taken = Tài khoản này đã có.
error-payment-account-format = Khai báo không đọc được: { $why }
error-import-too-many-lines = Tệp có hơn { $max } dòng. Hãy xuất thời gian ngắn hơn.
error-line-part-decided = Đã có người quyết định khoản này.
error-refund-nothing-came = Phiếu này chưa nhận đồng nào nên không có gì để hoàn trả. Nếu không còn phải nộp, hãy hủy phiếu.
error-refund-nothing-left = Mọi khoản đã nhận của phiếu này đã hoàn trả hoặc đã có lệnh hoàn trả, nên không lập thêm được.
error-refund-too-large = Hoàn trả được nhiều nhất { $amount }.
error-refund-unapproved = Lệnh hoàn trả chưa được duyệt. Hãy đề nghị lãnh đạo duyệt trước.
error-refund-own = Người lập lệnh không được tự duyệt. Hãy đề nghị người khác duyệt.
error-refund-decided = Lệnh này đã được duyệt, không duyệt hoặc đã hủy. Hãy tải lại trang.
error-refund-ended = Lệnh này đã trả hoặc đã hủy.
error-payment-reason-missing = Hãy ghi lý do.
error-bank-notice-signature = Chữ ký của thông báo không đúng hoặc đã quá hạn.
error-bank-notice-unreadable = Không đọc được thông báo: { $why }
