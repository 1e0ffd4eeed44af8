//! What a dossier carries besides its state: papers, fees, results, each a list of its own inside the item. Papers and results
//! travel by reference: an address to fetch them from, and a hash to hold them to.
//! Refuses the name that an applicant gave a file: a paper is called by what the procedure calls it.

use kernel::Dong;
use serde_json::Value;

use super::dialect::Dialect;
use super::item::Fields;

/// Most entries of one list that are read.
const LIST_MAX: usize = 200;

/// A paper that was handed in (`TaiLieuNop`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attachment {
    /// Its id at whoever holds it.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Code of the component.
    pub component: String,
    /// Where to fetch it.
    pub url: String,
    /// SHA-256 in hex; empty when the other side names none.
    pub sha256: String,
    /// It was taken back.
    pub is_deleted: bool,
}

/// A fee (`DanhSachLePhi`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fee {
    /// What it is called.
    pub name: String,
    /// Its code: the payment reference of the bill.
    pub code: String,
    /// When it is collected: a word of [`When`].
    pub when: Option<When>,
    /// How much.
    pub amount: Dong,
    /// It was paid.
    pub is_paid: bool,
}

kernel::words! {
    /// When a fee is collected.
    When {
        /// With reception.
        Reception = "at-reception",
        /// While it is worked on.
        Supplement = "at-supplement",
        /// With the result.
        Return = "at-return",
    }
}

/// A result (`DanhSachGiayToKetQua`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResultPaper {
    /// Its id at whoever holds it.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Code of the component that it is a result of.
    pub component: String,
    /// Its own code.
    pub code: String,
    /// Where to fetch it.
    pub url: String,
    /// SHA-256 in hex; empty when the other side names none.
    pub sha256: String,
}

/// Everything that a dossier carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    /// Papers that were handed in.
    pub papers: Vec<Attachment>,
    /// Fees.
    pub fees: Vec<Fee>,
    /// Results.
    pub results: Vec<ResultPaper>,
}

impl Carried {
    /// Nothing is carried.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.papers.is_empty() && self.fees.is_empty() && self.results.is_empty()
    }

    /// Adds the lists to an item that is an object.
    pub fn add_to(&self, dialect: &Dialect, item: &mut Value) {
        if let Some(map) = item.as_object_mut() {
            let mut out = Fields::new(dialect);
            self.put(&mut out);
            map.extend(out.map);
        }
    }

    pub(super) fn put(&self, out: &mut Fields<'_>) {
        out.put_list("TaiLieuNop", &self.papers, |paper, one| {
            one.put("TepDinhKemId", &paper.id);
            one.put("TenTepDinhKem", &paper.name);
            one.put("IsDeleted", if paper.is_deleted { "1" } else { "0" });
            one.put("MaThanhPhanHoSo", &paper.component);
            one.put("DuongDanTaiTepTin", &paper.url);
            one.put("HashTepTin", &paper.sha256);
        });
        out.put_list("DanhSachLePhi", &self.fees, |fee, one| {
            one.put("TenPhiLePhi", &fee.name);
            one.put("MaPhiLePhi", &fee.code);
            if let Some(when) = fee.when {
                one.put("HinhThucThu", one.dialect.value(when.word()));
            }
            one.put("Gia", fee.amount.get().to_string());
            let paid = one.dialect.value(if fee.is_paid { "paid" } else { "unpaid" });
            one.put("TrangThaiThanhToan", paid);
        });
        out.put_list("DanhSachGiayToKetQua", &self.results, |result, one| {
            one.put("GiayToId", &result.id);
            one.put("TenGiayTo", &result.name);
            one.put("MaThanhPhanHoSo", &result.component);
            one.put("MaGiayToKetQua", &result.code);
            one.put("DuongDanTepTinKetQua", &result.url);
            one.put("HashTepTin", &result.sha256);
        });
    }

    pub(super) fn of(from: &Fields<'_>) -> Self {
        let papers = from.list("TaiLieuNop", LIST_MAX).into_iter().map(|one| Attachment {
            id: one.text("TepDinhKemId"),
            name: one.text("TenTepDinhKem"),
            component: one.text("MaThanhPhanHoSo"),
            url: one.text("DuongDanTaiTepTin"),
            sha256: one.text("HashTepTin").to_lowercase(),
            is_deleted: one.flag("IsDeleted"),
        });
        let fees = from.list("DanhSachLePhi", LIST_MAX).into_iter().map(|one| Fee {
            name: one.text("TenPhiLePhi"),
            code: one.text("MaPhiLePhi"),
            when: one.when(),
            amount: Dong::new(one.text("Gia").parse().unwrap_or(0)),
            is_paid: one.text("TrangThaiThanhToan") == one.dialect.value("paid"),
        });
        let results = from
            .list("DanhSachGiayToKetQua", LIST_MAX)
            .into_iter()
            .map(|one| ResultPaper {
                id: one.text("GiayToId"),
                name: one.text("TenGiayTo"),
                component: one.text("MaThanhPhanHoSo"),
                code: one.text("MaGiayToKetQua"),
                url: one.text("DuongDanTepTinKetQua"),
                sha256: one.text("HashTepTin").to_lowercase(),
            });
        Self {
            papers: papers.filter(|one| !one.id.is_empty()).collect(),
            fees: fees.collect(),
            results: results.filter(|one| !one.id.is_empty()).collect(),
        }
    }
}

impl Fields<'_> {
    fn when(&self) -> Option<When> {
        let said = self.text("HinhThucThu");
        let fits = |when: &&When| self.dialect.value(when.word()) == said;
        When::ALL.iter().find(fits).copied().filter(|_| !said.is_empty())
    }
}
