//! The items inside the messages, each with the way to JSON and back. Owns which field carries what.
//! Refuses personal data where none is needed: only the first message of a dossier names its applicant.

use kernel::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::carried::Carried;
use super::dialect::{Dialect, local_time, portal_time};

/// Reads and writes one object under a dialect.
pub(super) struct Fields<'a> {
    pub(super) dialect: &'a Dialect,
    pub(super) map: Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(dialect: &'a Dialect) -> Self {
        Self {
            dialect,
            map: Map::new(),
        }
    }

    fn of(dialect: &'a Dialect, value: &Value) -> Option<Self> {
        value.as_object().map(|map| Self {
            dialect,
            map: map.clone(),
        })
    }

    pub(super) fn put(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.map.insert(self.dialect.name(name).to_owned(), Value::String(text));
        }
    }

    fn put_time(&mut self, name: &str, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.put(name, portal_time(at));
        }
    }

    /// A list of objects; an empty one is left out.
    pub(super) fn put_list<T>(&mut self, name: &str, list: &[T], put: impl Fn(&T, &mut Fields<'_>)) {
        if list.is_empty() {
            return;
        }
        let entry = |one: &T| {
            let mut inner = Fields::new(self.dialect);
            put(one, &mut inner);
            Value::Object(inner.map)
        };
        let list = list.iter().map(entry).collect();
        self.map.insert(self.dialect.name(name).to_owned(), Value::Array(list));
    }

    /// The objects of a list, `most` of them.
    pub(super) fn list(&self, name: &str, most: usize) -> Vec<Fields<'a>> {
        match self.map.get(self.dialect.name(name)) {
            Some(Value::Array(list)) => list
                .iter()
                .take(most)
                .filter_map(|one| Fields::of(self.dialect, one))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A yes or no, however it is written.
    pub(super) fn flag(&self, name: &str) -> bool {
        match self.map.get(self.dialect.name(name)) {
            Some(Value::Bool(is)) => *is,
            _ => matches!(self.text(name).as_str(), "1" | "true"),
        }
    }

    pub(super) fn text(&self, name: &str) -> String {
        match self.map.get(self.dialect.name(name)) {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    fn time(&self, name: &str) -> Option<Timestamp> {
        local_time(&self.text(name))
    }

    fn key(&self) -> Option<Uuid> {
        self.text("MaGiaoDich").parse().ok()
    }
}

/// Who applies, as the first message of a dossier names her.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applicant {
    /// Full name.
    pub name: String,
    /// 12-digit number.
    pub number: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Address.
    pub address: String,
}

/// One dossier of `DongBoHoSoMC`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sync {
    /// Idempotency key.
    pub key: Option<Uuid>,
    /// Code of the dossier, as the portal knows it.
    pub code: String,
    /// National code of the procedure.
    pub procedure: String,
    /// Its name.
    pub procedure_name: String,
    /// Its sector.
    pub sector: String,
    /// 1 in person, 2 online, 3 by post.
    pub channel: u8,
    /// Who applies; none in a change.
    pub applicant: Option<Applicant>,
    /// State 1-10; none for a code that nobody knows.
    pub state: Option<u8>,
    /// Was filed.
    pub filed_at: Option<Timestamp>,
    /// Was received.
    pub received_at: Option<Timestamp>,
    /// Is due.
    pub due_at: Option<Timestamp>,
    /// Processing ended.
    pub ended_at: Option<Timestamp>,
    /// The result was handed over.
    pub returned_at: Option<Timestamp>,
    /// Code of the competent agency.
    pub agency: String,
    /// Its name.
    pub agency_name: String,
    /// It was filed at the national portal.
    pub from_portal: bool,
    /// When the change was.
    pub changed_at: Option<Timestamp>,
    /// What else there is to say: why a withdrawal was not carried out.
    pub note: String,
    /// Papers, fees and results.
    pub carried: Carried,
}

impl Sync {
    /// As JSON.
    #[must_use]
    pub fn write(&self, dialect: &Dialect) -> Value {
        let mut out = Fields::new(dialect);
        out.put("MaHoSo", &self.code);
        out.put("MaGiaoDich", self.key.map(|key| key.to_string()).unwrap_or_default());
        out.put("MaTTHC", &self.procedure);
        out.put("TenTTHC", &self.procedure_name);
        out.put("TenLinhVuc", &self.sector);
        if self.channel > 0 {
            out.put("KenhThucHien", self.channel.to_string());
        }
        if let Some(applicant) = &self.applicant {
            out.put("ChuHoSo", &applicant.name);
            out.put("LoaiDoiTuong", "1");
            out.put("SoDienThoai", &applicant.phone);
            out.put("Email", &applicant.email);
            out.put("DiaChi", &applicant.address);
            let mut number = Fields::new(dialect);
            number.put("LoaiDinhDanh", "1");
            number.put("SoDinhDanh", &applicant.number);
            out.map
                .insert(dialect.name("DinhDanhCHS").to_owned(), Value::Object(number.map));
        }
        out.put(
            "TrangThaiHoSo",
            self.state.map(|state| dialect.state(state)).unwrap_or_default(),
        );
        out.put_time("NgayNopHoSo", self.filed_at);
        out.put_time("NgayTiepNhan", self.received_at);
        out.put_time("NgayHenTra", self.due_at);
        out.put_time("NgayKetThucXuLy", self.ended_at);
        out.put_time("NgayTra", self.returned_at);
        if self.state == Some(3) {
            out.put_time("NgayTuChoi", self.ended_at);
        }
        out.put("MaDonViXuLy", &self.agency);
        out.put("DonViXuLy", &self.agency_name);
        out.put("NoiNopHoSo", if self.from_portal { "1" } else { "2" });
        out.put_time("NgayCapNhat", self.changed_at);
        out.put("GhiChu", &self.note);
        self.carried.put(&mut out);
        Value::Object(out.map)
    }

    /// From JSON; none when it is no dossier.
    #[must_use]
    pub fn read(dialect: &Dialect, value: &Value) -> Option<Self> {
        let from = Fields::of(dialect, value)?;
        let code = from.text("MaHoSo");
        if code.is_empty() {
            return None;
        }
        let name = from.text("ChuHoSo");
        let number = from
            .map
            .get(dialect.name("DinhDanhCHS"))
            .and_then(|inner| Fields::of(dialect, inner));
        let applicant = (!name.is_empty()).then(|| Applicant {
            name,
            number: number.map(|inner| inner.text("SoDinhDanh")).unwrap_or_default(),
            phone: from.text("SoDienThoai"),
            email: from.text("Email"),
            address: from.text("DiaChi"),
        });
        Some(Self {
            key: from.key(),
            code,
            procedure: from.text("MaTTHC"),
            procedure_name: from.text("TenTTHC"),
            sector: from.text("TenLinhVuc"),
            channel: from.text("KenhThucHien").parse().unwrap_or(0),
            applicant,
            state: dialect.state_of(&from.text("TrangThaiHoSo")),
            filed_at: from.time("NgayNopHoSo"),
            received_at: from.time("NgayTiepNhan"),
            due_at: from.time("NgayHenTra"),
            ended_at: from.time("NgayKetThucXuLy"),
            returned_at: from.time("NgayTra"),
            agency: from.text("MaDonViXuLy"),
            agency_name: from.text("DonViXuLy"),
            from_portal: from.text("NoiNopHoSo") == "1",
            changed_at: from.time("NgayCapNhat"),
            note: from.text("GhiChu"),
            carried: Carried::of(&from),
        })
    }
}

/// One step of `CapNhatTienDoHoSoMC`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// Idempotency key.
    pub key: Option<Uuid>,
    /// Code of the dossier, as the portal knows it.
    pub code: String,
    /// Who did it, as shown to the public.
    pub who: String,
    /// Her role.
    pub title: String,
    /// The unit.
    pub division: String,
    /// What was done.
    pub text: String,
    /// The state it led to; none for a code that nobody knows.
    pub state: Option<u8>,
    /// When.
    pub at: Option<Timestamp>,
    /// Is due.
    pub due_at: Option<Timestamp>,
}

impl Progress {
    /// As JSON.
    #[must_use]
    pub fn write(&self, dialect: &Dialect) -> Value {
        let mut out = Fields::new(dialect);
        out.put("MaHoSo", &self.code);
        out.put("MaGiaoDich", self.key.map(|key| key.to_string()).unwrap_or_default());
        out.put("NguoiXuLy", &self.who);
        out.put("ChucDanh", &self.title);
        out.put("PhongBanXuLy", &self.division);
        out.put("NoiDungXuLy", &self.text);
        out.put(
            "TrangThai",
            self.state.map(|state| dialect.state(state)).unwrap_or_default(),
        );
        out.put_time("ThoiDiemXuLy", self.at);
        out.put_time("NgayKetThucTheoQuyDinh", self.due_at);
        Value::Object(out.map)
    }

    /// From JSON; none when it is no step.
    #[must_use]
    pub fn read(dialect: &Dialect, value: &Value) -> Option<Self> {
        let from = Fields::of(dialect, value)?;
        let code = from.text("MaHoSo");
        (!code.is_empty()).then(|| Self {
            key: from.key(),
            code,
            who: from.text("NguoiXuLy"),
            title: from.text("ChucDanh"),
            division: from.text("PhongBanXuLy"),
            text: from.text("NoiDungXuLy"),
            state: dialect.state_of(&from.text("TrangThai")),
            at: from.time("ThoiDiemXuLy"),
            due_at: from.time("NgayKetThucTheoQuyDinh"),
        })
    }
}

/// What `TraCuuHoSo` asks for: one dossier, or those filed at the other side since a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    /// How one dossier stands.
    One(String),
    /// What was filed there, from a time of the other side's own clock.
    FiledSince(Timestamp),
}

impl LookUp {
    /// As JSON.
    #[must_use]
    pub fn write(&self, dialect: &Dialect) -> Value {
        let mut out = Fields::new(dialect);
        match self {
            Self::One(code) => out.put("MaHoSo", code),
            Self::FiledSince(from) => {
                out.put("TuNgay", portal_time(*from));
                out.put("NoiNopHoSo", "1");
            }
        }
        Value::Object(out.map)
    }

    /// From JSON; none when it asks for nothing.
    #[must_use]
    pub fn read(dialect: &Dialect, value: &Value) -> Option<Self> {
        let from = Fields::of(dialect, value)?;
        let code = from.text("MaHoSo");
        if !code.is_empty() {
            return Some(Self::One(code));
        }
        from.time("TuNgay").map(Self::FiledSince)
    }
}

/// How one dossier stands at the other side, as a look-up answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighted {
    /// Its code there.
    pub code: String,
    /// Its state, or the code that nobody knows.
    pub state: Result<u8, String>,
    /// Last change, by the other side's clock.
    pub stamp: Option<Timestamp>,
    /// Since when the other side holds that it has ended, by its own clock.
    pub ended_at: Option<Timestamp>,
}

impl Sighted {
    /// As JSON.
    #[must_use]
    pub fn write(&self, dialect: &Dialect) -> Value {
        let mut out = Fields::new(dialect);
        out.put("MaHoSo", &self.code);
        match &self.state {
            Ok(state) => out.put("TrangThaiHoSo", dialect.state(*state)),
            Err(word) => out.put("TrangThaiHoSo", word),
        }
        out.put_time("NgayCapNhat", self.stamp);
        out.put_time("NgayGhiNhanKetThuc", self.ended_at);
        Value::Object(out.map)
    }

    /// From JSON; none when it names no dossier, or no state.
    #[must_use]
    pub fn read(dialect: &Dialect, value: &Value) -> Option<Self> {
        let from = Fields::of(dialect, value)?;
        let (code, word) = (from.text("MaHoSo"), from.text("TrangThaiHoSo"));
        (!code.is_empty() && !word.is_empty()).then(|| Self {
            code,
            state: dialect.state_of(&word).ok_or(word),
            stamp: from.time("NgayCapNhat"),
            ended_at: from.time("NgayGhiNhanKetThuc"),
        })
    }
}

/// One procedure of `LayDanhSachTTHC` and `LayThuTuc`.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Listed {
    /// National code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Sector.
    pub sector: String,
}

impl Listed {
    /// As JSON.
    #[must_use]
    pub fn write(&self, dialect: &Dialect) -> Value {
        let mut out = Fields::new(dialect);
        out.put("MaTTHC", &self.code);
        out.put("TenTTHC", &self.name);
        out.put("TenLinhVuc", &self.sector);
        Value::Object(out.map)
    }

    /// From JSON; none without a code.
    #[must_use]
    pub fn read(dialect: &Dialect, value: &Value) -> Option<Self> {
        let from = Fields::of(dialect, value)?;
        let code = from.text("MaTTHC");
        (!code.is_empty()).then(|| Self {
            code,
            name: from.text("TenTTHC"),
            sector: from.text("TenLinhVuc"),
        })
    }
}
