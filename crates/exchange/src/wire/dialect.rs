//! How the other side names and writes what we mean: names of fields, codes of states, the form of a time. What the source
//! does not verify stands here as data with a default, to be set in the configuration and never in the program.
//! Refuses a renaming of a name that is not in the messages: it would be a typing error that nobody notices.

use std::collections::BTreeMap;

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// Every name that the messages use, as the source writes it.
pub(crate) const NAMES: &[&str] = &[
    "session",
    "madonvi",
    "service",
    "isUpdating",
    "data",
    "error_code",
    "message",
    "username",
    "password",
    "MaHoSo",
    "MaTTHC",
    "TenTTHC",
    "MaLinhVuc",
    "TenLinhVuc",
    "KenhThucHien",
    "ChuHoSo",
    "LoaiDoiTuong",
    "MaDoiTuong",
    "Email",
    "SoDienThoai",
    "DiaChi",
    "TrichYeuHoSo",
    "NgayNopHoSo",
    "NgayTiepNhan",
    "NgayHenTra",
    "TrangThaiHoSo",
    "NgayTra",
    "NgayTuChoi",
    "NgayKetThucXuLy",
    "DonViXuLy",
    "MaDonViXuLy",
    "NoiNopHoSo",
    "DinhDanhCHS",
    "LoaiDinhDanh",
    "SoDinhDanh",
    "NguoiXuLy",
    "ChucDanh",
    "ThoiDiemXuLy",
    "PhongBanXuLy",
    "NoiDungXuLy",
    "TrangThai",
    "NgayBatDau",
    "NgayKetThucTheoQuyDinh",
    "MaGiaoDich",
    "NgayCapNhat",
    "NgayGhiNhanKetThuc",
    "TuNgay",
    "DenNgay",
    "MaBienNhan",
    "GhiChu",
    "TaiLieuNop",
    "TepDinhKemId",
    "TenTepDinhKem",
    "IsDeleted",
    "MaThanhPhanHoSo",
    "DuongDanTaiTepTin",
    "HashTepTin",
    "DanhSachLePhi",
    "TenPhiLePhi",
    "MaPhiLePhi",
    "HinhThucThu",
    "Gia",
    "TrangThaiThanhToan",
    "DanhSachGiayToKetQua",
    "GiayToId",
    "TenGiayTo",
    "MaGiayToKetQua",
    "DuongDanTepTinKetQua",
];

/// Codes inside the lists that sources give for other messages than these, and what is sent unless they are set.
const VALUES: &[(&str, &str)] = &[
    ("paid", "1"),
    ("unpaid", "0"),
    ("at-reception", "1"),
    ("at-supplement", "2"),
    ("at-return", "4"),
];

/// How the other side names and writes things.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dialect {
    /// Other names of fields: the name of the source, and the one to send.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// Other codes of states: our code 1-10, and theirs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<String, String>,
    /// Other codes of what a fee says: `paid`, `unpaid`, `at-reception`, `at-supplement`, `at-return`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Codes of the components of procedures, as the other side has them: `PROCEDURE/NUMBER` (from 1), and its code. The number
    /// itself is sent for those that are not named.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub components: BTreeMap<String, String>,
    /// What an answer's code says when all is well; `0` when left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub good: Vec<String>,
    /// Codes that say that the session has ended; `-1` and `401` when left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub session_over: Vec<String>,
}

impl Dialect {
    /// The name to send for a name of the source.
    #[must_use]
    pub fn name<'a>(&'a self, name: &'a str) -> &'a str {
        self.names.get(name).map_or(name, String::as_str)
    }

    /// The code of something that a fee says.
    #[must_use]
    pub fn value<'a>(&'a self, word: &'a str) -> &'a str {
        let shipped = VALUES
            .iter()
            .find(|(known, _)| *known == word)
            .map_or(word, |(_, code)| code);
        self.values.get(word).map_or(shipped, String::as_str)
    }

    /// Their code of a component of a procedure, counted from 0.
    #[must_use]
    pub fn component(&self, procedure: &str, at: i64) -> String {
        let number = at + 1;
        let own = format!("{procedure}/{number}");
        self.components.get(&own).cloned().unwrap_or_else(|| number.to_string())
    }

    /// Our component of their code, counted from 0.
    #[must_use]
    pub fn component_of(&self, procedure: &str, theirs: &str) -> Option<i64> {
        let named = self.components.iter().find_map(|(own, code)| {
            let (of, number) = own.rsplit_once('/')?;
            (of == procedure && code == theirs).then(|| number.parse::<i64>().ok())?
        });
        let number = named.or_else(|| theirs.parse().ok())?;
        (1..=1_000).contains(&number).then(|| number - 1)
    }

    /// Their code of our state.
    #[must_use]
    pub fn state(&self, code: u8) -> String {
        let own = code.to_string();
        self.states.get(&own).cloned().unwrap_or(own)
    }

    /// Our state of their code; none for one that is unknown.
    #[must_use]
    pub fn state_of(&self, theirs: &str) -> Option<u8> {
        let theirs = theirs.trim();
        if let Some((own, _)) = self.states.iter().find(|(_, word)| *word == theirs) {
            return own.parse().ok();
        }
        let code: u8 = theirs.parse().ok().filter(|code| (1..=10).contains(code))?;
        (!self.states.contains_key(&code.to_string())).then_some(code)
    }

    /// Whether an answer's code says that all is well.
    #[must_use]
    pub fn is_good(&self, code: &str) -> bool {
        if self.good.is_empty() {
            code == "0"
        } else {
            self.good.iter().any(|good| good == code)
        }
    }

    /// Whether an answer's code says that the session has ended.
    #[must_use]
    pub fn is_session_over(&self, code: &str) -> bool {
        if self.session_over.is_empty() {
            matches!(code, "-1" | "401")
        } else {
            self.session_over.iter().any(|over| over == code)
        }
    }

    /// Checks the names.
    /// # Errors
    /// A sentence that names the key.
    pub fn check(&self) -> Result<(), String> {
        if let Some(name) = self.names.keys().find(|name| !NAMES.contains(&name.as_str())) {
            return Err(format!("exchange.portal.dialect.names: no message has a field {name}"));
        }
        if let Some(word) = self
            .values
            .keys()
            .find(|word| !VALUES.iter().any(|(known, _)| known == word))
        {
            return Err(format!("exchange.portal.dialect.values: nothing is called {word}"));
        }
        let is_component = |own: &String| {
            own.rsplit_once('/')
                .is_some_and(|(_, n)| n.parse::<u16>().is_ok_and(|n| n > 0))
        };
        if let Some(own) = self.components.keys().find(|own| !is_component(own)) {
            return Err(format!(
                "exchange.portal.dialect.components: {own} is no PROCEDURE/NUMBER"
            ));
        }
        let is_state = |code: &String| code.parse::<u8>().is_ok_and(|code| (1..=10).contains(&code));
        match self.states.keys().find(|code| !is_state(code)) {
            Some(code) => Err(format!(
                "exchange.portal.dialect.states: {code} is no state; they are 1 to 10"
            )),
            None => Ok(()),
        }
    }
}

/// `20261122143005`, in Vietnamese time.
#[must_use]
pub fn portal_time(at: Timestamp) -> String {
    at.local().strftime("%Y%m%d%H%M%S").to_string()
}

/// The instant of a time as the portal writes it: to the second or to the day.
#[must_use]
pub fn local_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if !text.is_ascii() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<i16>().ok());
    let small = |from: usize, to: usize| part(from, to).and_then(|number| i8::try_from(number).ok());
    let (hour, minute, second) = match text.len() {
        14 => (small(8, 10)?, small(10, 12)?, small(12, 14)?),
        8 => (0, 0, 0),
        _ => return None,
    };
    let at = jiff::civil::DateTime::new(part(0, 4)?, small(4, 6)?, small(6, 8)?, hour, minute, second, 0).ok()?;
    Some(Timestamp::from_local(at))
}
