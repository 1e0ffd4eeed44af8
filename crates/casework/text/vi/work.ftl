# Chia việc: vắng mặt và người thay, nhiều hồ sơ một lúc, bàn giao, ghi chú nội bộ, đơn vị kế thừa.

# Vắng mặt

absence-title = Vắng mặt và người thay
absence-about = Trong những ngày vắng mặt, việc mới giao cho người vắng được chuyển cho người thay; người thay thấy hồ sơ của người vắng và ký tên mình khi làm.
absence-enter = Ghi nhận vắng mặt
absence-none = Chưa có ai ghi nhận vắng mặt.
absence-officer = Người vắng
absence-deputy = Người thay
absence-deputy-hint = Phải cùng đơn vị và cùng vai trò với người vắng.
absence-days = Từ ngày – đến ngày
absence-from = Ngày đầu tiên
absence-until = Ngày cuối cùng
absence-cause = Lý do
absence-cause-leave = Nghỉ phép
absence-cause-mission = Đi công tác
absence-cause-training = Đi học, tập huấn
absence-cause-other = Lý do khác
absence-by = { $name } ghi nhận
absence-end = Kết thúc sớm
absence-ended = Đã về sớm
absence-holds = Đang vắng
absence-over = Đã qua
absence-to-come = Sắp tới
error-absence-not-found = Không tìm thấy ngày vắng này.
error-absence-order = Ngày cuối cùng phải bằng hoặc sau ngày đầu tiên.
error-absence-past = Ngày cuối cùng đã qua. Hãy chọn ngày từ hôm nay trở đi.
error-absence-too-long = Vắng mặt nhiều nhất { $days } ngày. Vắng lâu hơn thì bàn giao việc.
error-absence-own-deputy = Người vắng không tự thay mình được. Hãy chọn người khác.
error-absence-deputy-elsewhere = Người thay phải cùng đơn vị và cùng vai trò với người vắng. Hãy chọn người khác.
error-absence-overlaps = Người này đã được ghi nhận vắng mặt trong những ngày đó.
error-absence-ended = Lần vắng mặt này đã kết thúc.

# Danh sách việc

desk-tab-stand-in = Làm thay
desk-colour = Màu thời hạn
desk-colour-late = Quá hạn
desk-colour-soon = Còn dưới một ngày làm việc
desk-colour-in-time = Còn hạn
desk-colour-stopped = Đang dừng đồng hồ
desk-nobody = Chưa ai nhận
desk-unit = Đơn vị

# Nhiều hồ sơ một lúc

bulk-title = Làm cho các hồ sơ đã đánh dấu
bulk-about = Đánh dấu hồ sơ trong danh sách rồi chọn việc. Mỗi lần nhiều nhất { $n } hồ sơ.
bulk-all = Đánh dấu cả trang
bulk-pick = Đánh dấu hồ sơ { $code }
bulk-choose = Chọn cán bộ
bulk-reason-hint = Cần lý do khi hồ sơ đang có người xử lý.
bulk-do-receive = Tiếp nhận
bulk-do-claim = Nhận xử lý
bulk-do-assign = Giao việc
bulk-did-receive = Tiếp nhận nhiều hồ sơ
bulk-did-claim = Nhận xử lý nhiều hồ sơ
bulk-did-assign = Giao nhiều hồ sơ
bulk-none = Chưa đánh dấu hồ sơ nào. Hãy quay lại và đánh dấu.
bulk-sums = { $done } hồ sơ đã làm, { $not } hồ sơ chưa làm được.
bulk-unknown = Một hồ sơ không thuộc phạm vi của bạn
bulk-ok = đã làm
bulk-offered = chờ người được giao nhận
bulk-not = chưa làm
bulk-back = Về danh sách

# Bàn giao việc trong đơn vị

handover-title = Bàn giao việc
handover-about = Cán bộ đang giữ hồ sơ. Khi một người chuyển đi hoặc nghỉ, hãy bàn giao hết hồ sơ của người đó một lần.
handover-none = Không cán bộ nào đang giữ hồ sơ.
handover-here = Đang làm việc
handover-left = Không còn làm ở đây
handover-away = Vắng đến { $until }
handover-deputy = { $name } làm thay
handover-open = Hồ sơ đang giữ
handover-first-due = Hạn gần nhất
handover-of = Hồ sơ của { $name }
handover-asks-her = Người này đang làm việc: mỗi hồ sơ vẫn thuộc trách nhiệm của người này cho đến khi người mới nhận.
handover-at-once = Người này không có mặt: hồ sơ chuyển ngay cho người mới. Thời hạn không đổi.
handover-dossiers = Hồ sơ bàn giao
handover-count = { $n } hồ sơ đang giữ
handover-more = Mỗi lần bàn giao nhiều nhất { $n } hồ sơ; còn lại làm tiếp lần sau.
handover-do = Bàn giao các hồ sơ đã đánh dấu
handover-reason = Lý do giao lại
handover-offered = Chờ nhận bàn giao
handover-offered-words = { $by } giao hồ sơ này cho { $to } lúc { $at }. { $from } vẫn chịu trách nhiệm cho đến khi { $to } nhận.
handover-do-accept = Nhận hồ sơ
handover-do-decline = Không nhận, nêu lý do
handover-do-give-back = Trả lại việc
handover-about-give-back = Lãnh đạo đọc lý do và giao cho người khác. Thời hạn không đổi.
handover-waiting = { $n } hồ sơ được giao, chờ bạn nhận
history-to = giao cho { $name }
history-for = thay cho { $name }
track-did-offer = Giao lại, chờ người mới nhận
track-did-accept = Người mới đã nhận
track-did-decline = Người được giao không nhận
track-did-give-back = Trả lại việc
error-dossier-offer-ended = Hồ sơ này không còn chờ nhận bàn giao. Hãy tải lại trang để xem ai đang xử lý.

# Ghi chú nội bộ

comment-one = Ghi chú nội bộ
comment-title = Ghi chú nội bộ
comment-about = Cán bộ xem được hồ sơ này đọc được ghi chú; người nộp không bao giờ thấy. Ghi chú không sửa được, chỉ gạch bỏ được và vẫn đọc được.
comment-all = Các ghi chú
comment-add = Thêm ghi chú nội bộ
comment-text = Nội dung
comment-text-hint = Chỉ ghi điều cần cho việc giải quyết hồ sơ.
comment-strike = Gạch bỏ
comment-why = Lý do gạch bỏ
comment-struck = đã gạch bỏ
error-comment-struck = Ghi chú này đã được gạch bỏ.

# Đơn vị đã sáp nhập, chia tách

nav-successions = Hồ sơ chờ đơn vị kế thừa
succession-title = Hồ sơ chờ quyết định đơn vị kế thừa
succession-about = Đơn vị dưới đây không còn, và không phải chỉ một đơn vị kế thừa. Hồ sơ đứng yên cho đến khi có người quyết định nơi nhận; mã, lịch sử và hạn không đổi.
succession-none = Không có hồ sơ nào chờ quyết định.
succession-heir = Đơn vị nhận
succession-which = Hồ sơ nào
succession-all = Tất cả hồ sơ còn lại
succession-all-hint = Kể cả các yêu cầu phối hợp còn mở; quyết định một lần, không đổi lại.
succession-marked = Chỉ các hồ sơ đã đánh dấu ở trên
succession-basis = Căn cứ
succession-basis-hint = Số và ngày quyết định, ví dụ 12/QĐ-UBND ngày 20/11/2026. Căn cứ hiện trong lịch sử hồ sơ.
succession-decide = Quyết định
succession-count = { $n } hồ sơ đang mở
succession-more = Còn { $n } hồ sơ nữa không hiện ở đây; chọn “Tất cả” để chuyển hết.
error-succession-not-found = Không có gì cần quyết định về đơn vị này.
error-succession-decided = Đã có người quyết định về đơn vị này. Hãy tải lại trang.
error-succession-no-heir = Đơn vị được chọn không phải đơn vị kế thừa.
error-succession-nothing-marked = Chưa đánh dấu hồ sơ nào. Hãy đánh dấu, hoặc chọn tất cả.

# Thông báo cho cán bộ

notice-lies-still = Hồ sơ nằm yên nhiều ngày làm việc.
notice-work-offered = Bạn được giao một hồ sơ, chờ bạn nhận.
notice-work-given = Bạn được giao một hồ sơ.
notice-work-accepted = Hồ sơ của bạn đã có người khác nhận.
notice-work-declined = Người được giao không nhận hồ sơ.
notice-work-given-back = Một cán bộ trả lại việc, cần giao cho người khác.

# Phối hợp

coordination-take-back-reason = Lý do thu hồi
