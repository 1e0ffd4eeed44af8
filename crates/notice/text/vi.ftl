# Các kênh báo tin: cài đặt, trạng thái gửi, thư in.

notice-channel-email = Thư điện tử
notice-channel-sms = Tin nhắn SMS
notice-channel-zalo = Zalo
notice-channel-push = Thông báo trên trình duyệt
notice-channel-letter = Thư giấy
notice-lang-vi = Tiếng Việt
notice-lang-en = English

notice-state-queued = Chờ gửi
notice-state-sending = Đang gửi
notice-state-sent = Đã gửi
notice-state-delivered = Đã đến
notice-state-failed = Không đến
notice-state-refused = Bị từ chối
notice-state-skipped = Bỏ qua

notice-reason-stale = Chờ quá lâu, không còn đáng gửi
notice-reason-unwanted = Người nhận không muốn kênh này
notice-reason-no-address = Không có địa chỉ cho kênh này
notice-reason-no-template = Chưa có mẫu Zalo được duyệt
notice-reason-others-first = Đã có kênh khác báo; chỉ gửi khi kênh đó hỏng
notice-reason-refused = Máy chủ từ chối
notice-reason-tries = Đã thử đủ số lần
notice-reason-unknown = Không rõ đã gửi hay chưa; không gửi lại để khỏi trùng
notice-reason-words = Mẫu tin không soạn được
notice-reason-reported = Nhà cung cấp báo không đến
notice-reason-devices-gone = Trình duyệt không còn nhận
notice-reason-deceased = Người nhận đã mất; không làm phiền gia đình

notice-mail-next = Việc tiếp theo
notice-mail-look = Xem chi tiết tại:
notice-mail-foot = Thư này do hệ thống tự gửi, xin đừng trả lời. Chúng tôi không bao giờ hỏi mật khẩu hay mã xác thực, và không gửi đường dẫn qua SMS hay Zalo.
notice-mail-settings = Đổi cách nhận tin:

notice-settings-title = Cách nhận tin
notice-settings-words = Tin trên các trang này luôn có. Ở đây bạn chọn thêm nơi nhận khác.
notice-settings-lang = Ngôn ngữ của tin
notice-settings-channels = Nhận tin qua
notice-settings-channels-hint = SMS và Zalo chỉ ghi mã hồ sơ và việc cần làm, không ghi tên hay nội dung, và không có đường dẫn.
notice-settings-email = Thư điện tử để nhận tin
notice-settings-email-hint = Để trống: dùng địa chỉ bạn ghi trong hồ sơ.
notice-settings-phone = Số điện thoại để nhận tin
notice-settings-phone-hint = Để trống: dùng số bạn ghi trong hồ sơ.
notice-settings-save = Lưu
settings-notice-saved = Đã lưu cách nhận tin.

notice-push-title = Thông báo trên trình duyệt này
notice-push-words = Trình duyệt hiện mã hồ sơ và việc cần làm, kể cả khi trang này đã đóng.
notice-push-since = Một trình duyệt nhận từ { $at }
notice-push-remove = Thôi nhận
notice-push-needs-script = Cần bật JavaScript để bật thông báo trên trình duyệt.
notice-push-listen = Bật trên trình duyệt này
notice-push-refused = Trình duyệt không cho phép thông báo. Bạn có thể đổi trong cài đặt của trình duyệt.
push-notice-listening = Trình duyệt này sẽ nhận thông báo.
push-notice-removed = Trình duyệt đó không nhận thông báo nữa.

notice-nav-admin = Gửi tin
    .about = Các kênh báo tin, tin không gửi được và lý do
notice-admin-title = Gửi tin
notice-admin-lines = Các kênh, bảy ngày qua
notice-admin-caption = Các lượt gửi, mới nhất trước
notice-admin-empty = Không có lượt gửi nào.
notice-admin-no-channel = Chưa cài kênh nào. Người dân chỉ thấy tin trên các trang. Xem docs/notices.md.
notice-admin-at = Lúc
notice-admin-channel = Kênh
notice-admin-kind = Tin
notice-admin-state = Trạng thái
notice-admin-tries = Số lần thử
notice-admin-cost = Chi phí hôm nay
notice-admin-cost-of = { $spent } trên { $most }
notice-admin-how = Tình hình
notice-admin-fine = Tốt
notice-admin-down = Ngừng
notice-admin-down-until = thử lại lúc { $at }
notice-admin-capped = Hết hạn mức hôm nay
notice-admin-retry = Gửi lại
sending-notice-retried = Lượt gửi này được đưa lại vào hàng chờ.

notice-nav-letters = Thư giấy
notice-letter-title = Thư cần in
notice-letter-words = Những tin chưa đến được người dân qua kênh khác, hoặc người dân muốn nhận bằng giấy. Mở thư là xem địa chỉ của người dân, và lượt xem được ghi lại.
notice-letter-caption = Thư cần in, cũ nhất trước
notice-letter-empty = Không có thư nào cần in.
notice-letter-code = Mã hồ sơ
notice-letter-what = Nội dung
notice-letter-at = Lúc
notice-letter-no-address = Không có địa chỉ bưu chính. Hãy gọi điện hoặc trao thư tại quầy.
notice-letter-print = In trang này, gửi đi, rồi bấm nút dưới đây.
notice-letter-posted = Đã gửi thư này
letter-notice-posted = Đã ghi nhận thư đã gửi.

error-notice-config = Cài đặt gửi tin có lỗi. Xin báo cho người vận hành.
error-notice-templates = Mẫu tin có lỗi. Xin báo cho người vận hành.
error-notice-render = Tin này không soạn được. Xin báo cho người vận hành.
error-notice-contact = Địa chỉ đã niêm phong không mở được. Xin báo cho người vận hành.
error-notice-device = Trình duyệt gửi thông tin không hợp lệ. Hãy tải lại trang rồi thử lại.
error-notice-devices = Mỗi tài khoản nhận thông báo trên nhiều nhất { $most } trình duyệt. Hãy bỏ bớt một trình duyệt.
error-notice-not-set-up = Kênh này chưa được cài ở đây.
error-notice-gone = Lượt gửi này không còn ở trạng thái đó. Hãy tải lại trang.
error-notice-signature = Chữ ký của báo cáo không đúng hoặc đã quá năm phút.
error-notice-report = Báo cáo không đúng dạng đã cài.
error-notice-unknown-messages = Không có tin nào như trong báo cáo. Hãy gửi lại sau.
