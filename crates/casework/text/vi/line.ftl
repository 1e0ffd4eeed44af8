# Trang chờ đến lượt khi nhiều người cùng nộp.
line-wait-title = Đang chờ đến lượt
line-before = { $count ->
    [0] Bạn ở đầu hàng: lượt tiếp theo là của bạn.
   *[other] Có { $count } người trước bạn.
}
line-about = { $minutes ->
    [0] Dự kiến đến lượt bạn ngay bây giờ.
    [1] Dự kiến đến lượt bạn trong khoảng 1 phút.
   *[other] Dự kiến đến lượt bạn trong khoảng { $minutes } phút.
}
line-held = Chúng tôi đang giữ nội dung bạn vừa gửi và sẽ xử lý khi đến lượt. Bạn không cần gửi lại.
line-may-leave = Hồ sơ chỉ được coi là đã nộp khi bạn thấy mã hồ sơ. Nếu đóng trang này, bạn xem lại ở mục Hồ sơ của tôi hoặc Bản nháp của tôi.
line-look = Xem lại ngay
line-by-itself = Trang này tự xem lại sau { $seconds } giây.
line-full-title = Hàng chờ đã đầy
line-kept = Trang này giữ những gì bạn vừa điền. Nội dung này chưa được gửi: hãy gửi lại sau ít phút.
line-again = Gửi lại
line-over-title = Không còn lượt chờ này
line-over = Lượt chờ này đã xong hoặc không còn được giữ. Hãy xem hồ sơ của bạn đã được nộp chưa; nếu chưa, bản nháp vẫn còn như lần lưu cuối.
line-over-dossiers = Hồ sơ của tôi
line-over-drafts = Bản nháp của tôi
error-line-no-turn = Đang có nhiều người gửi cùng lúc. Số người trước bạn: { $before }. Nội dung này chưa được ghi nhận.
    .title = Chưa đến lượt
    .do = Quay lại trang trước và gửi lại; có thể phải chọn lại tệp.
