# Trang chờ đến lượt khi nhiều người cùng nộp.
line-wait-title = Đang chờ đến lượt
line-before = { $count ->
    [0] Bạn ở đầu hàng: lượt tiếp theo là của bạn.
   *[other] Có { $count } người trước bạn.
}
line-kept = Những gì bạn đã điền được giữ nguyên, hồ sơ nháp của bạn đã được lưu. Hồ sơ chưa được nộp; nộp xong bạn sẽ thấy mã hồ sơ.
line-again = Gửi lại ngay
line-by-itself = Trang này tự gửi lại sau { $seconds } giây, nếu trình duyệt cho phép. Bạn không mất lượt khi bấm nút.
