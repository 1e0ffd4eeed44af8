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

# Hồ sơ con
child-title = Hồ sơ con
child-about = Phần việc của hồ sơ do đơn vị khác chuyển đến. Mỗi phần có số, thời hạn và đồng hồ riêng; hồ sơ gốc vẫn ở đơn vị chuyển.
child-tab-all = Tất cả
child-tab-mine = Của tôi
child-tab-over = Quá hạn
child-none = Không có hồ sơ con nào đang mở.
child-more = Xem tiếp
child-waiting = { $n } hồ sơ con do đơn vị khác chuyển đến đang mở
child-of-dossier = Hồ sơ con ở đơn vị khác
child-to-dossier = Mở hồ sơ gốc
child-from = Đơn vị chuyển
child-unit = Đơn vị giải quyết
child-sent-on-by = { $unit } chuyển tiếp
child-accepted = Nhận lúc
child-accept-by = phải nhận hoặc trả lại trước { $at }
child-accept-late = nhận trễ
child-due = Hạn trả lời
child-due-at = Hạn trả lời { $at }
child-question = Nội dung chuyển
child-answer = Trả lời
child-steps = Các bước
child-stops = Đồng hồ dừng
child-stop-parent = Hồ sơ gốc chờ người nộp
child-stop-asked = Chờ đơn vị chuyển trả lời
child-stop-open = đang dừng
child-stop-due = Hạn { $before } thành { $after }
child-late = Trễ hạn
child-late-whose = { $unit } trễ { $over }. Thời gian này tính cho đơn vị đó.
child-given-back-next = Đơn vị này không nhận. Hãy giải quyết tại chỗ hoặc chuyển cho đơn vị khác.
child-send-to = Chuyển tiếp cho
child-files-hint = Nếu chọn tệp mới, tệp của lần trình trước được thay.
child-lies-title = Hồ sơ đang ở cơ quan khác
child-lies = Một phần hồ sơ được chuyển cho { $unit } từ { $since }. Nơi đó phải trả lời trước { $until }.
child-lies-late = Một phần hồ sơ được chuyển cho { $unit } từ { $since }. Nơi đó phải trả lời trước { $until } và đang trễ.
child-lies-stopped = Một phần hồ sơ được chuyển cho { $unit } từ { $since }. Việc ở đó đang tạm dừng.
child-lies-more = Bạn không phải làm gì. Ngày hẹn trả kết quả của bạn không thay đổi.
child-state-sent = đã gửi, chưa nhận
child-state-accepted = đã nhận
child-state-processing = đang xử lý
child-state-proposed = chờ lãnh đạo duyệt
child-state-waiting = chờ đơn vị chuyển
child-state-answered = đã trả lời
child-state-given-back = đã trả lại
child-state-sent-on = đã chuyển tiếp
child-state-taken-back = đã thu hồi
child-state-ended = kết thúc theo hồ sơ gốc
child-did-send = Gửi
child-did-hold = Đồng hồ dừng theo hồ sơ gốc
child-did-release = Đồng hồ chạy tiếp theo hồ sơ gốc
child-did-end = Kết thúc theo hồ sơ gốc
child-did-succeed = Chuyển cho đơn vị kế thừa
child-did-accept = Nhận
child-did-claim = Nhận việc
child-did-assign = Phân công
child-did-ask-back = Hỏi đơn vị chuyển
child-did-reply = Đơn vị chuyển trả lời
child-did-forward = Chuyển bước
child-did-propose = Trình lãnh đạo
child-did-send-back = Lãnh đạo trả lại
child-did-approve = Duyệt
child-did-give-back = Trả lại đơn vị chuyển
child-did-send-on = Chuyển tiếp
child-did-take-back = Thu hồi
child-do-accept = Nhận
child-do-claim = Nhận việc
child-do-assign = Phân công
child-do-ask-back = Hỏi lại đơn vị chuyển
child-do-reply = Trả lời
child-do-forward = Chuyển bước tiếp theo
child-do-propose = Trình lãnh đạo
child-do-send-back = Trả lại để làm lại
child-do-approve = Duyệt
child-do-give-back = Trả lại, không thuộc đơn vị này
child-do-send-on = Chuyển tiếp cho đơn vị khác
child-do-take-back = Thu hồi
child-done-accept = Đã nhận.
child-done-claim = Bạn đã nhận việc này.
child-done-assign = Đã phân công.
child-done-ask-back = Đã hỏi. Đồng hồ dừng cho đến khi có trả lời.
child-done-reply = Đã trả lời. Đồng hồ chạy tiếp.
child-done-forward = Đã chuyển bước.
child-done-propose = Đã trình lãnh đạo.
child-done-send-back = Đã trả lại để làm lại.
child-done-approve = Đã duyệt.
child-done-give-back = Đã trả lại đơn vị chuyển.
child-done-send-on = Đã chuyển tiếp.
child-done-take-back = Đã thu hồi.
child-about-accept = Từ lúc này việc là của đơn vị bạn.
child-about-claim = Bạn làm việc này.
child-about-assign = Chọn người làm.
child-about-ask-back = Đồng hồ của phần này dừng cho đến khi đơn vị chuyển trả lời. Thời gian chờ tính cho đơn vị đó.
child-about-reply = Đồng hồ của đơn vị kia chạy tiếp ngay khi bạn trả lời.
child-about-forward = Bước này xong, bước sau bắt đầu.
child-about-propose = Lãnh đạo duyệt thì trả lời và tệp mới về đơn vị chuyển.
child-about-send-back = Người làm thấy lý do của bạn.
child-about-approve = Trả lời và tệp về hồ sơ gốc; phần này kết thúc.
child-about-give-back = Đơn vị chuyển thấy lý do và phải giải quyết tiếp.
child-about-send-on = Đơn vị thứ ba nhận phần này với hạn cũ. Trả lời về thẳng đơn vị đã chuyển đầu tiên.
child-about-take-back = Đơn vị kia được báo và dừng làm.
child-note-assign = Lời nhắn
child-note-ask-back = Cần gì
child-note-reply = Trả lời
child-note-forward = Lời nhắn, hoặc nội dung trả lời ở bước cuối
child-note-propose = Nội dung trả lời
child-note-send-back = Cần làm lại gì
child-note-approve = Ý kiến
child-note-give-back = Vì sao không thuộc đơn vị này
child-note-send-on = Vì sao chuyển tiếp
child-note-take-back = Vì sao thu hồi
desk-file-answer = trả lời của đơn vị khác
coordination-state-sent-on = đã chuyển tiếp
error-child-wrong-state = Hồ sơ con không ở bước này. Hãy mở lại trang của nó để xem.
error-child-sent-before = Đơn vị này đã có hoặc đã chuyển phần này. Hãy chọn đơn vị khác, hoặc trả lại.
error-kept-file-gone = Tệp đã chọn lần trước không còn: quá một ngày, hoặc bị bộ quét virus loại. Hãy đính kèm lại. Những gì đã gõ vẫn còn.
