//! The templates there are, with the text and the sample that come with the program. A paper of a new kind is a line here.
//! It refuses words that name none.

use serde_json::Value;

/// Makes the names with their words and the files that the binary carries.
macro_rules! names {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// A template.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Name {
            /// What all papers share: head, signatures, the code for verification.
            Layout,
            $($(#[$doc])* $variant),+
        }

        impl Name {
            /// Every template, the layout first.
            pub const ALL: &'static [Name] = &[Name::Layout, $(Name::$variant),+];

            /// Those that are papers.
            pub const PAPERS: &'static [Name] = &[$(Name::$variant),+];

            /// The word that is stored and stands in addresses.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { Name::Layout => "layout", $(Name::$variant => $word),+ }
            }

            /// The text that comes with the program.
            #[must_use]
            pub const fn of_country(self) -> &'static str {
                match self {
                    Name::Layout => include_str!("../../../../provinces/_country/templates/layout.typ"),
                    $(Name::$variant => include_str!(concat!("../../../../provinces/_country/templates/", $word, ".typ"))),+
                }
            }

            const fn sample_text(self) -> &'static str {
                match self {
                    Name::Layout => "{}",
                    $(Name::$variant => include_str!(concat!("../../../../provinces/_country/templates/samples/", $word, ".json"))),+
                }
            }
        }
    };
}

names! {
    /// Mẫu 01: Giấy tiếp nhận hồ sơ và hẹn trả kết quả.
    Receipt = "receipt",
    /// Mẫu 02: Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ.
    Supplement = "supplement",
    /// Mẫu 03: Phiếu từ chối tiếp nhận giải quyết hồ sơ.
    Refusal = "refusal",
    /// Mẫu 04: Văn bản xin lỗi và đề nghị gia hạn.
    Apology = "apology",
    /// Mẫu 05: Thông báo dừng giải quyết hồ sơ.
    Stop = "stop",
    /// Mẫu 06: Phiếu kiểm soát quá trình giải quyết hồ sơ.
    ControlSlip = "control-slip",
    /// Mẫu 07: Sổ theo dõi hồ sơ.
    Register = "register",
    /// The result itself, in the layout of NĐ 30/2020/NĐ-CP.
    Result = "result",
}

impl Name {
    /// The file that other templates import it by.
    #[must_use]
    pub fn file(self) -> String {
        format!("{}.typ", self.word())
    }

    /// Values of an invented dossier, for previews.
    #[must_use]
    pub fn sample(self) -> Value {
        serde_json::from_str(self.sample_text()).unwrap_or_default()
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that names no template or no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such template")]
pub struct UnknownName;

impl std::str::FromStr for Name {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Name::ALL
            .iter()
            .copied()
            .find(|name| name.word() == text)
            .ok_or(UnknownName)
    }
}

/// Who wrote a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It came with the program.
    Country,
    /// It was written here.
    Province,
}

impl Origin {
    /// The word that is stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Province => "province",
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl std::str::FromStr for Origin {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "country" => Ok(Self::Country),
            "province" => Ok(Self::Province),
            _ => Err(UnknownName),
        }
    }
}
