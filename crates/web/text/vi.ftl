# Lời của khung trang, biểu mẫu, bảng và trang báo lỗi.

web-skip = Đến nội dung chính
web-nav = Mục chính
web-nav-more = Thêm
web-crumbs = Bạn đang ở đây
web-back = Quay lại
web-home = Về trang chủ
web-sign-in = Đăng nhập
web-sign-out = Đăng xuất
web-search = Tìm
web-title-error = Lỗi: { "" }
web-foot = Tỉnh Số · { $name }
web-free = Miễn phí
web-warning = Cảnh báo:
web-tone-ok = Xong
web-tone-soon = Chú ý
web-tone-late = Lỗi
web-tone-info = Thông tin
web-tone-plain = Thông tin
web-step-done = đã xong
web-step-now = đang làm
web-step-next = chưa đến
web-step-stopped = đã dừng
web-chart-table = Bảng số liệu

web-left-minutes = còn { $n } phút làm việc
web-left-hours = còn { $n } giờ làm việc
web-left-days = còn { $n } ngày làm việc
web-over-minutes = quá { $n } phút làm việc
web-over-hours = quá { $n } giờ làm việc
web-over-days = quá { $n } ngày làm việc
web-working-hours = { $n } giờ làm việc
web-working-days = { $n } ngày làm việc

web-session-title = Bạn còn ở đây không?
web-session-left = Vì sự an toàn của bạn, phiên làm việc sẽ kết thúc sau
web-session-draft = Những gì bạn đã gõ và đồng ý lưu nháp vẫn còn sau khi đăng nhập lại.
web-session-stay = Tôi vẫn đang làm
web-session-over = Phiên làm việc đã kết thúc. Hãy đăng nhập lại để tiếp tục.

web-api-title = Giao diện cho lập trình viên
web-api-lead = Mọi thao tác mà hệ thống khác có thể gọi. Bản máy đọc (OpenAPI 3.1):
web-api-schemas = Kiểu dữ liệu
web-api-parameters = Tham số
web-api-answers = Trả lời
web-api-full = Mô tả đầy đủ

# Trang báo lỗi: tên, chuyện gì đã xảy ra (.what), nên làm gì (.do)

web-failure-id = Khi cần trợ giúp, hãy đọc mã yêu cầu này:
web-failure-retry = Hãy thử lại sau { $n } giây.
web-failure-bad-request = Không hiểu yêu cầu
    .what = Trình duyệt gửi một yêu cầu mà hệ thống không hiểu.
    .do = Hãy quay lại trang trước, tải lại rồi thử lần nữa.
web-failure-unauthenticated = Bạn cần đăng nhập
    .what = Trang này chỉ dành cho người đã đăng nhập, hoặc phiên của bạn đã kết thúc.
    .do = Hãy đăng nhập. Sau đó bạn có thể mở lại trang này.
web-failure-forbidden = Bạn không có quyền xem trang này
    .what = Tài khoản của bạn không được giao việc này.
    .do = Nếu bạn cần làm việc này, hãy hỏi người quản trị đơn vị của bạn.
web-failure-not-found = Không tìm thấy trang
    .what = Địa chỉ này không có trang nào, hoặc trang không dành cho bạn.
    .do = Hãy kiểm tra lại địa chỉ, hoặc tìm từ trang chủ.
web-failure-method = Không làm được như vậy ở đây
    .what = Địa chỉ này có trang, nhưng không nhận cách gửi vừa rồi.
    .do = Hãy quay lại trang trước và dùng nút trên trang.
web-failure-conflict = Có người vừa thay đổi trước bạn
    .what = Điều bạn muốn làm không còn khớp với dữ liệu hiện có.
    .do = Hãy tải lại trang để xem tình trạng mới, rồi làm lại nếu vẫn cần.
web-failure-gone = Trang này không còn nữa
    .what = Nội dung đã được gỡ bỏ hoặc đã hết hạn.
    .do = Hãy tìm nội dung mới từ trang chủ.
web-failure-too-large = Nội dung gửi lên quá lớn
    .what = Tổng dung lượng vượt mức cho phép.
    .do = Hãy quay lại, bớt tệp hoặc chọn tệp nhỏ hơn. Những gì bạn đã gõ vẫn còn ở trang trước.
web-failure-unsupported = Không nhận được loại nội dung này
    .what = Hệ thống không đọc được dạng nội dung vừa gửi.
    .do = Hãy quay lại trang trước và gửi bằng biểu mẫu trên trang.
web-failure-invalid = Có chỗ chưa đúng
    .what = Nội dung gửi lên có chỗ chưa đúng.
    .do = Hãy quay lại trang trước, sửa rồi gửi lại.
web-failure-too-many = Bạn đã thử quá nhiều lần
    .what = Để bảo vệ tài khoản và hệ thống, chúng tôi tạm dừng nhận yêu cầu từ máy của bạn.
    .do = Hãy chờ một lát rồi thử lại.
web-failure-timeout = Gửi quá chậm
    .what = Kết nối bị gián đoạn trước khi nhận đủ.
    .do = Hãy kiểm tra mạng rồi gửi lại.
web-failure-busy = Hệ thống đang bận
    .what = Đang có nhiều người cùng sử dụng. Những gì đã được xác nhận vẫn an toàn.
    .do = Hãy chờ một lát rồi tải lại trang.
web-failure-internal = Hệ thống gặp lỗi
    .what = Lỗi này là của chúng tôi, không phải của bạn. Sự việc đã được ghi lại.
    .do = Hãy thử lại sau ít phút. Nếu vẫn lỗi, hãy gọi bộ phận hỗ trợ.

error-not-found = Địa chỉ này không có trang nào, hoặc trang không dành cho bạn.
error-cross-site = Yêu cầu này đến từ một trang khác, nên chúng tôi không thực hiện.
    .title = Yêu cầu không đến từ trang của chúng tôi
    .do = Hãy mở trang này từ trang chủ và làm lại.
error-form-token = Trang này đã mở quá lâu, hoặc bạn đã đăng nhập lại ở nơi khác. Chưa có gì được gửi đi.
    .title = Trang đã hết hạn
    .do = Hãy quay lại, tải lại trang rồi gửi lần nữa.
error-form-malformed = Biểu mẫu gửi lên bị hỏng trên đường đi.
error-form-no-form = Trang này chỉ nhận biểu mẫu.
error-form-too-large = Biểu mẫu gửi lên lớn hơn mức cho phép.
error-form-too-slow = Kết nối quá chậm nên chúng tôi chưa nhận đủ biểu mẫu.
    .title = Gửi quá chậm
    .do = Hãy kiểm tra mạng, quay lại trang trước rồi gửi lần nữa.
error-form-spool = Hiện chưa nhận được tệp. Hãy thử lại sau ít phút.
error-json-too-large = Nội dung JSON lớn hơn mức cho phép.
error-json-expected = Hãy gửi nội dung dạng application/json.
error-json-invalid = Không đọc được nội dung JSON: { $why }
error-timeout = Yêu cầu mất quá nhiều thời gian nên đã dừng.

# Biểu mẫu

form-submit = Gửi
form-cancel = Hủy
form-optional = (không bắt buộc)
form-choose = Chọn…
form-yes = Có
form-no = Không
form-dong = đồng
form-day = Ngày
form-month = Tháng
form-year = Năm
form-province = Tỉnh, thành phố
form-province-go = Xem các xã, phường
form-commune = Xã, phường, đặc khu
form-when = Chỉ điền khi “{ $label }” là: { $is }
form-hint-date = Ví dụ: 26 11 2026.
form-hint-person-id = 12 chữ số trên thẻ căn cước.
form-hint-files = { $n ->
    [1] Một tệp { $kinds }, không quá { $size }.
   *[other] Tối đa { $n } tệp { $kinds }, mỗi tệp không quá { $size }.
  }
form-file-kept = Giữ tệp đã gửi:
form-count-left = Còn {"{n}"} chữ
form-count-over = Quá {"{n}"} chữ
form-draft-consent = Giữ bản nháp trên máy này
form-draft-hint = Chỉ bật khi đây là máy của riêng bạn. Bản nháp nằm trong trình duyệt và tự xóa khi bạn gửi hoặc sau 7 ngày.
form-draft-found = Máy này có một bản nháp bạn đang viết dở.
form-draft-restore = Điền lại
form-draft-drop = Xóa bản nháp
form-errors = { $n ->
    [1] Có một chỗ cần sửa
   *[other] Có { $n } chỗ cần sửa
  }
form-error-prefix = Lỗi:
form-error-required = Bạn chưa điền “{ $label }”.
form-error-required-choice = Bạn chưa chọn “{ $label }”.
form-error-required-choices = Hãy chọn ít nhất một mục ở “{ $label }”.
form-error-required-confirm = Hãy đánh dấu ô “{ $label }” để tiếp tục.
form-error-required-file = Bạn chưa gửi tệp cho “{ $label }”.
form-error-control = “{ $label }” có ký tự ẩn không dùng được. Hãy gõ lại thay vì dán.
form-error-too-long = “{ $label }” được nhiều nhất { $max } chữ, hiện quá { $over } chữ.
form-error-too-short = “{ $label }” cần ít nhất { $min } chữ.
form-error-choice = Hãy chọn một trong các mục của “{ $label }”.
form-error-decimal = “{ $label }” phải là một số, tối đa { $decimals } chữ số sau dấu phẩy, ví dụ 120,5.
form-error-lookup = “{ $label }”: không có mục nào là “{ $text }”. Hãy gõ vài chữ rồi chọn trong các gợi ý.
form-error-lookup-count = “{ $label }” chỉ nhận tối đa { $max } mục.
form-hint-lookup = Gõ vài chữ rồi chọn trong các gợi ý.
form-error-integer = “{ $label }” phải là số nguyên, ví dụ 12 hoặc 1.500.
form-error-dong = “{ $label }” phải là số tiền, ví dụ 150.000.
form-error-min = “{ $label }” phải từ { $min } trở lên.
form-error-max = “{ $label }” không được quá { $max }.
form-error-person-id = “{ $label }” gồm đúng 12 chữ số như trên thẻ căn cước. Hãy kiểm tra lại từng số.
form-error-phone = “{ $label }” chưa đúng. Ví dụ: 0912 345 678.
form-error-email = “{ $label }” chưa đúng. Ví dụ: ten@example.vn.
form-error-tax-code = “{ $label }” gồm 10 chữ số, hoặc 10 chữ số, gạch ngang và 3 chữ số.
form-error-area-code = “{ $label }” phải là mã đơn vị hành chính, 2 hoặc 5 chữ số.
form-error-agency-code = “{ $label }” phải có dạng H27.01.02.
form-error-procedure-code = “{ $label }” phải có dạng 1.001612.
form-error-dossier-code = “{ $label }” chưa đúng. Mã có dạng H27.15-261122-0042.
form-error-login = “{ $label }” chỉ gồm chữ không dấu, chữ số, dấu chấm, gạch ngang.
form-error-one-time-code = “{ $label }” gồm 6 chữ số trong ứng dụng xác thực.
form-error-date = “{ $label }” không phải một ngày có thật. Ví dụ: 26 11 2026.
form-error-date-day = “{ $label }” thiếu ngày, hoặc ngày không phải là số.
form-error-date-month = “{ $label }” thiếu tháng, hoặc tháng không phải là số.
form-error-date-year = “{ $label }” thiếu năm. Năm gồm 4 chữ số.
form-error-date-min = “{ $label }” phải từ ngày { $min } trở đi.
form-error-date-max = “{ $label }” không được sau ngày { $max }.
form-error-file-empty = Tệp “{ $file }” rỗng. Hãy chọn lại tệp.
form-error-file-truncated = Tệp “{ $file }” bị thiếu phần cuối. Hãy mở thử trên máy, lưu lại rồi gửi lần nữa.
form-error-file-unknown = Không nhận ra loại tệp “{ $file }”, hoặc tệp có mã lệnh bên trong.
form-error-file-kind = Tệp “{ $file }” không thuộc loại nhận được ở đây ({ $kinds }).
form-error-file-large = Tệp “{ $file }” lớn quá { $max }.
form-error-file-many = Tệp “{ $file }” không nhận được nữa: chỉ gửi được { $max } tệp mỗi lần.
form-error-file-count = “{ $label }” chỉ nhận { $max } tệp.

# Bảng

table-filter = Lọc
table-filters = Bộ lọc của bảng
table-clear = Bỏ lọc
table-all = Tất cả
table-actions = Thao tác
table-export = Xuất CSV
table-empty = Chưa có gì ở đây.
table-none-fit = Không có mục nào khớp. Hãy bớt điều kiện lọc.
table-pages = Các trang
table-page = Trang { $n }
table-prev = Trước
table-next = Sau
table-first = Về đầu
table-sorted-up = xếp tăng theo
table-sorted-down = xếp giảm theo

# Faults of the store, whose crate knows no language.
error-store-busy = Hệ thống đang bận. Việc của bạn chưa được ghi nhận; hãy thử lại sau ít phút.
error-store-unavailable = Cơ sở dữ liệu tạm thời không trả lời. Hãy thử lại sau ít phút.
error-store-disk-full = Hệ thống tạm thời không lưu thêm được dữ liệu. Dữ liệu đã có vẫn an toàn; hãy thử lại sau.
error-store-not-found = Không có nội dung này.
error-store-conflict = Nội dung này đã có rồi.
error-blob-too-large = Tệp quá lớn.
error-blob-broken-off = Tệp chưa được gửi hết. Hãy gửi lại.
error-blob-storage = Nơi lưu tệp tạm thời không trả lời. Hãy thử lại sau ít phút.
error-blob-erased = Tệp này đã được xoá.
