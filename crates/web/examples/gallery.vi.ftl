gallery-caption = { $n } hồ sơ, gần hạn nhất trước
gallery-code = Mã hồ sơ
gallery-procedure = Thủ tục
gallery-applicant = Người nộp
gallery-due = Thời hạn
gallery-fee = Lệ phí
gallery-find = Tìm
gallery-step = Bước
