# Chữ của chính chương trình.
tinhso-footer-note = Mọi con số trên các trang này đều mở được danh sách hồ sơ phía sau và cách tính.
tinhso-footer-api = Giao diện lập trình
tinhso-footer-uses = Ai đã xem dữ liệu của tôi
tinhso-demo = Đây là bản trình diễn: người và hồ sơ đều do máy tạo ra, không có thật.
