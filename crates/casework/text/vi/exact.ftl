# Lời của phiếu yêu cầu bổ sung và từ chối, phiên bản thủ tục, bàn giao kết quả.

# Thiếu hoặc sai

defect-papers = Giấy tờ của thủ tục: chọn điều chưa đúng
defect-denial = Căn cứ từ chối (chỉ khi đề xuất từ chối)
defect-papers-hint = Chọn ở giấy tờ có điều phải bổ sung; giấy tờ đã đủ thì để trống.
defect-item-hint = Đã ghi điều thiếu hoặc sai thì ghi cả căn cứ và ví dụ thế nào là đúng. Không có gì ngoài giấy tờ ở trên thì để trống.
defect-denial-hint = Ghi ít nhất một căn cứ; mỗi căn cứ có điều, khoản và ví dụ.
defect-nothing-said = Hãy ghi thiếu hoặc sai điều gì, hoặc xoá những ô còn lại của mục này.
defect-more = Thêm một mục
defect-basis = Văn bản
defect-clause-hint = Ví dụ: Điều 16 khoản 1. Chọn văn bản ở trên, hoặc ghi đủ cả số văn bản.
defect-example = Thế nào là đúng
defect-example-hint = Một ví dụ để người nộp làm theo: bản chụp thẳng, thấy đủ bốn góc.
defect-clause-missing = Hãy ghi điều, khoản hoặc chọn văn bản.
defect-example-missing = Hãy nêu một ví dụ thế nào là đúng.
defect-example-paper = Bản chụp thẳng, thấy đủ bốn góc, đọc được mọi chữ và dấu, còn hiệu lực.
defect-published-by = Thành phần hồ sơ của thủ tục { $code }, công bố tại { $by }
defect-published = Thành phần hồ sơ của thủ tục { $code }
defect-fault-missing = Không có
defect-fault-unreadable = Không đọc được
defect-fault-expired = Hết hiệu lực
defect-fault-differs = Không khớp
defect-fault-unsigned = Thiếu chữ ký, dấu
defect-what-missing = Thiếu giấy tờ: { $paper }
defect-what-unreadable = Không đọc được: { $paper }
defect-what-expired = Đã hết hiệu lực: { $paper }
defect-what-differs = Không khớp với tờ khai hoặc giấy tờ khác: { $paper }
defect-what-unsigned = Thiếu chữ ký hoặc dấu: { $paper }
defect-remedy-missing = Nộp { $paper }.
defect-remedy-unreadable = Chụp hoặc quét lại { $paper }, rồi nộp lại.
defect-remedy-expired = Nộp { $paper } còn hiệu lực.
defect-remedy-differs = Sửa tờ khai, hoặc nộp { $paper } ghi đúng.
defect-remedy-unsigned = Nộp lại { $paper } đủ chữ ký và dấu.
error-dossier-defect-bare = Mỗi điều thiếu hoặc sai phải ghi rõ điều, khoản và một ví dụ thế nào là đúng.
track-example = Ví dụ đúng:
track-stage = Giai đoạn
track-stage-before = Khi kiểm tra hồ sơ, trước khi tiếp nhận
track-stage-after = Sau khi tiếp nhận, trong khi giải quyết
track-stage-step = Sau khi tiếp nhận, ở bước “{ $step }”

# Bàn giao kết quả

hand-over-title = Đã trả kết quả
hand-over-proof = Bằng chứng người nhận
hand-over-proof-receipt = Giấy hẹn và căn cước
hand-over-proof-identity = Căn cước, hoặc định danh điện tử trên điện thoại
hand-over-proof-authorisation = Giấy uỷ quyền và căn cước của người được uỷ quyền
hand-over-proof-signature = Ký nhận trong sổ
hand-over-carrier = Đơn vị vận chuyển
hand-over-carrier-vnpost = Bưu điện Việt Nam (bưu chính công ích)
hand-over-carrier-viettel-post = Viettel Post
hand-over-carrier-other = Đơn vị khác
hand-over-track-vnpost = Theo dõi bằng số này ở trang định vị bưu gửi của Bưu điện Việt Nam (vnpost.vn), hoặc hỏi ở bưu cục gần nhất.
hand-over-track-viettel-post = Theo dõi bằng số này ở trang tra cứu của Viettel Post (viettelpost.vn), hoặc hỏi ở bưu cục gần nhất.
hand-over-track-other = Hỏi đơn vị vận chuyển bằng số này; quầy một cửa cho biết đó là đơn vị nào.
hand-over-post-item = Số hiệu bưu gửi
hand-over-post-item-hint = Như trên phiếu gửi, ví dụ EA473124829VN.
hand-over-post-item-wrong = Số hiệu bưu gửi không đúng. Hãy đọc lại trên phiếu gửi.
error-dossier-proof-missing = Hãy ghi số hiệu bưu gửi, hoặc bằng chứng người nhận tại quầy.

# Phiên bản thủ tục

nav-admin-procedures = Phiên bản thủ tục
version-title = Phiên bản thủ tục
version-about = Mỗi phiên bản có hiệu lực từ một ngày, sau khi một người khác người đưa vào đã phê duyệt. Trước ngày đó phiên bản cũ vẫn có hiệu lực. Hồ sơ đã nộp giữ phiên bản lúc nộp.
version-coming = Phiên bản chờ phê duyệt hoặc sắp có hiệu lực
version-none-coming = Không có phiên bản nào chờ phê duyệt hoặc sắp có hiệu lực.
version-one = Phiên bản
version-waiting = chờ phê duyệt
version-approved = đã phê duyệt
version-set-aside-tag = không dùng
version-comes = có hiệu lực từ { $day }
version-own = bạn đưa vào
version-made-by-who = Người đưa vào
version-made-by = Đưa vào: { $who }, { $at }
version-decided-by = Quyết định: { $who }, { $at }
version-days = có hiệu lực từ { $from } đến hết { $until }
version-days-open = có hiệu lực từ { $from }
version-never = được thay ngay trong ngày đầu
version-drafts = Bản nháp
version-dossiers = Hồ sơ đang giải quyết
version-public = Trang công khai
version-changes = Điều thay đổi
version-against = So với phiên bản { $n }
version-first = Đây là phiên bản đầu tiên.
version-no-change = Chỉ câu chữ thay đổi; phí, thời hạn, giấy tờ và biểu mẫu như cũ.
version-what = Nội dung
version-was = Trước
version-is = Sau
version-what-name = Tên
version-what-fee = Phí, lệ phí
version-what-time = Thời hạn
version-what-papers = Giấy tờ
version-what-form = Biểu mẫu
version-what-service = Nơi và cách nộp
version-what-basis = Căn cứ pháp lý
version-form-changed = Các câu hỏi thay đổi; câu trả lời cũ được giữ để xem lại.
version-online = nộp được trên mạng
version-not-online = không nộp được trên mạng
version-touches = Ai chịu ảnh hưởng
version-touches-drafts = { $n } bản nháp đang soạn: người soạn được báo điều thay đổi và nộp theo phiên bản có hiệu lực vào ngày nộp.
version-touches-dossiers = { $n } hồ sơ đang giải quyết: giữ phiên bản lúc nộp cho đến khi xong.
version-decide = Quyết định
version-valid-from = Có hiệu lực từ ngày
version-approve-other = Người đưa vào không tự phê duyệt; cần một người khác.
version-set-aside = Không dùng phiên bản này
version-bring-title = Đưa danh mục vào
version-bring-about = Mỗi thủ tục thay đổi được một phiên bản mới, chờ một người khác phê duyệt.
version-bring = Đưa vào, chờ phê duyệt
version-file = Tệp danh mục
version-file-hint = Mỗi dòng một thủ tục (JSON Lines), như lệnh tinhso catalogue import đọc.
version-source = Nguồn
version-source-hint = Ví dụ: Quyết định 163/QĐ-BTP; trang thủ tục ghi lại điều này.
version-copied-on = Ngày sao chép
version-next = Sắp thay đổi
version-next-words = Phiên bản mới có hiệu lực từ { $day }
version-now = Phiên bản đang có hiệu lực
error-version-not-found = Không có phiên bản này của thủ tục.
error-version-decided = Phiên bản này đã được quyết định.
error-version-same-person = Người đưa vào không tự phê duyệt. Hãy nhờ một người khác có quyền.
error-version-past-day = Ngày có hiệu lực phải là hôm nay hoặc sau đó.
error-version-unreadable = Tệp không có thủ tục nào đọc được.

# Bản nháp của thủ tục đã thay đổi

draft-moved = Thủ tục đã thay đổi từ khi bạn bắt đầu
draft-moved-words = Hồ sơ của bạn sẽ nộp theo quy định đang có hiệu lực (từ { $day }). Những gì bạn đã điền được giữ lại; phần nào cần xem lại thì trang sẽ hỏi.
draft-moved-read = Đọc thủ tục như đang có hiệu lực
error-dossier-procedure-ended = Thủ tục này đã hết hiệu lực hoặc không còn nộp trên mạng, nên không gửi được bản nháp. Bạn có thể xoá bản nháp, tìm thủ tục thay thế, hoặc hỏi quầy một cửa.

# Cases of the catalogue

procedure-case = Hồ sơ của bạn thuộc trường hợp nào?
procedure-case-hint = Chọn mọi trường hợp đúng với bạn. Giấy tờ của trường hợp đã chọn là bắt buộc.
procedure-case-none = Không thuộc trường hợp nào ở trên
draft-paper-either = cần một trong các giấy tờ này
intake-error-either = Cần ít nhất một trong các giấy tờ của trường hợp này.
