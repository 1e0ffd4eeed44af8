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
notice-child-arrived = Có hồ sơ con đơn vị khác chuyển đến.
notice-child-proposed = Hồ sơ con chờ bạn duyệt.
notice-child-sent-back = Hồ sơ con cần làm lại.
notice-child-asks = Đơn vị nhận hỏi về hồ sơ con.
notice-child-replied = Đơn vị chuyển đã trả lời về hồ sơ con.
notice-child-answered = Hồ sơ con đã có trả lời.
notice-child-given-back = Hồ sơ con bị trả lại.
notice-child-sent-on = Hồ sơ con được chuyển tiếp.
notice-child-ended = Hồ sơ con không còn cần nữa.
notice-child-accept-late = Hồ sơ con chưa được nhận đúng giờ.
notice-child-near = Hồ sơ con sắp đến hạn.
notice-child-over = Hồ sơ con quá hạn.
notice-child-escalated = Hồ sơ con quá hạn hơn hai ngày làm việc.
