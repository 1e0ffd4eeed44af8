# Thông báo về hạn: cho cán bộ trên trang của mình, cho người dân khi hồ sơ chờ bổ sung.

nav-desk-notices = Thông báo
notice-how = Chọn cách nhận tin
notice-none-desk = Chưa có thông báo nào. Hồ sơ sắp đến hạn hoặc quá hạn sẽ được báo ở đây.
notice-supplement-waits = Nhắc: hồ sơ còn chờ bạn bổ sung.
notice-receipt-near = Sắp hết giờ tiếp nhận.
notice-receipt-late = Tiếp nhận trễ: chưa ai xem hồ sơ này.
notice-due-near = Hồ sơ sắp đến hạn.
notice-due-over = Hồ sơ đã quá hạn.
notice-escalated = Hồ sơ ở đơn vị cấp dưới quá hạn hơn hai ngày làm việc.
