# Phí, lệ phí của hồ sơ

fee-own-title = Phí, lệ phí
fee-name = Khoản thu
fee-name-hint = Như văn bản quy định gọi, ví dụ Lệ phí cấp giấy phép xây dựng.
fee-amount = Số tiền
fee-basis = Căn cứ
fee-basis-hint = Số văn bản, điều khoản quy định mức thu.
fee-note = Lời nhắn cho người nộp
fee-grounds = Căn cứ miễn, giảm đã kiểm tra
fee-quantity = Số lượng ({ $per })
fee-free = Không phải nộp phí, lệ phí
fee-free-words = Thủ tục này không thu phí, lệ phí khi nộp theo cách này. Không lập phiếu, không dừng đồng hồ; hồ sơ tiếp tục được giải quyết.
fee-by-tariff = Tính theo biểu: { $basis }.
fee-by-source = Mức thu lấy từ danh mục; sửa nếu hồ sơ này thuộc trường hợp khác.
fee-by-hand = Danh mục không nêu một mức thu cố định. Hãy ghi số tiền và căn cứ.
fee-take-title = Thu phí, lệ phí bằng tiền mặt
fee-take-words = Chỉ dùng khi người nộp đưa tiền mặt tại quầy. Khoản chuyển khoản được ghi nhận tự động từ ngân hàng.
fee-take-amount = Thu { $amount }
fee-take = Đã nhận đủ tiền mặt
fee-taken-note = Đã thu { $amount } tiền mặt tại quầy.
fee-program = Hệ thống thu phí
fee-came-note = Đã nhận đủ { $amount } (mã { $references }).
fee-dossier-ended = Hồ sơ đã kết thúc.
