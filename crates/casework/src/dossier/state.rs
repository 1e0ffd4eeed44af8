//! The words of the machine: states, actions, capacities. States carry the national codes 1-10 of the exchange with the
//! national portal; `Proposed` is our own finer step inside national code 4.
//! Refuses: money, delivery to the portal and notices have states of their own and never mix with these.
//! Source: QĐ 31/2021/QĐ-TTg and its successors, status codes of the national portal's `DongBoHoSoMC`.

use kernel::words;

words! {
    /// Where a dossier stands.
    State {
        /// 1 Mới đăng ký: sent, not yet looked at by the desk.
        Submitted = "submitted",
        /// 2 Được tiếp nhận: the clock runs.
        Received = "received",
        /// 3 Không được tiếp nhận.
        Refused = "refused",
        /// 4 Đang xử lý: an officer works on it.
        Processing = "processing",
        /// 4 Đang xử lý: laid before the leader.
        Proposed = "proposed",
        /// 5 Yêu cầu bổ sung giấy tờ: the clock stands still.
        AwaitingSupplement = "awaiting-supplement",
        /// 6 Yêu cầu thực hiện nghĩa vụ tài chính: the clock stands still.
        AwaitingFee = "awaiting-fee",
        /// 7 Công dân yêu cầu rút hồ sơ.
        Withdrawn = "withdrawn",
        /// 8 Dừng xử lý.
        Stopped = "stopped",
        /// 9 Đã xử lý xong: decided, not yet handed over.
        Approved = "approved",
        /// 10 Đã trả kết quả.
        Returned = "returned",
    }
}

impl State {
    /// Code 1-10 of the national portal.
    #[must_use]
    pub const fn national_code(self) -> u8 {
        match self {
            State::Submitted => 1,
            State::Received => 2,
            State::Refused => 3,
            State::Processing | State::Proposed => 4,
            State::AwaitingSupplement => 5,
            State::AwaitingFee => 6,
            State::Withdrawn => 7,
            State::Stopped => 8,
            State::Approved => 9,
            State::Returned => 10,
        }
    }

    /// Nothing can happen any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            State::Refused | State::Withdrawn | State::Stopped | State::Returned
        )
    }

    /// The applicant owes something, so the authority's clock stands still.
    #[must_use]
    pub const fn waits_for_applicant(self) -> bool {
        matches!(self, State::AwaitingSupplement | State::AwaitingFee)
    }

    /// The deadline of the authority runs.
    #[must_use]
    pub const fn clock_runs(self) -> bool {
        matches!(self, State::Received | State::Processing | State::Proposed)
    }
}

words! {
    /// What can be done with a dossier once it was sent.
    Action {
        /// Tiếp nhận.
        Receive = "receive",
        /// Từ chối tiếp nhận (form 03).
        Refuse = "refuse",
        /// Yêu cầu bổ sung (form 02).
        AskSupplement = "ask-supplement",
        /// The applicant's answer to it.
        AnswerSupplement = "answer-supplement",
        /// Yêu cầu nộp phí, lệ phí.
        AskFee = "ask-fee",
        /// The fee came in.
        ConfirmFee = "confirm-fee",
        /// Phân công.
        Assign = "assign",
        /// Nhận việc: an officer takes it herself.
        Claim = "claim",
        /// Chuyển bước: this step is done, the next one begins.
        Forward = "forward",
        /// Trình ký.
        Propose = "propose",
        /// Phê duyệt.
        Approve = "approve",
        /// Trả lại để xử lý lại.
        SendBack = "send-back",
        /// Đính kèm kết quả.
        AttachResult = "attach-result",
        /// Trả kết quả.
        Return = "return",
        /// Gia hạn: a new date with an apology, before the old one passes (form 04).
        Extend = "extend",
        /// Dừng giải quyết (form 05).
        Stop = "stop",
        /// Rút hồ sơ.
        Withdraw = "withdraw",
    }
}

words! {
    /// In which capacity somebody acts on a dossier.
    Capacity {
        /// The person who filed it, or whom it was filed for.
        Applicant = "applicant",
        /// Cán bộ một cửa.
        Desk = "desk",
        /// Chuyên viên.
        Specialist = "specialist",
        /// Lãnh đạo.
        Leader = "leader",
    }
}

words! {
    /// Who typed the dossier: counted apart in every figure.
    Entered {
        /// The applicant alone.
        SelfFiled = "self",
        /// The applicant with help.
        Assisted = "assisted",
        /// An officer from paper.
        Officer = "officer",
    }
}

words! {
    /// How the result reaches the applicant.
    Delivery {
        /// On the dossier's page.
        Electronic = "electronic",
        /// At the desk.
        PickUp = "pick-up",
        /// By public post to the address given.
        Post = "post",
    }
}

words! {
    /// What is proposed and then decided.
    Outcome {
        /// The request is granted.
        Granted = "granted",
        /// The request is refused on its merits, in writing.
        Denied = "denied",
    }
}

words! {
    /// Who files, as seen from the person the dossier is about.
    Representation {
        /// For herself.
        Own = "own",
        /// As parent or guardian.
        Guardian = "guardian",
        /// By written authority.
        Proxy = "proxy",
        /// As heir of somebody who died (Bộ luật Dân sự 2015 Điều 614).
        Heir = "heir",
    }
}
