//! Owns the configuration of an identity provider: data, not code, so that a change of the national portal's claims is an edit
//! of a file. Refuses unknown keys.

use serde::{Deserialize, Serialize};

/// One provider by which citizens and organisations sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Short name, part of addresses: a-z, 0-9, `-`. The redirect address to register is `{origin}/sign-in/oidc/{id}/callback`.
    pub id: String,
    /// Words on the button, Vietnamese.
    pub name: String,
    /// Words on the button, English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// The issuer, exactly as in its ID tokens.
    pub issuer: String,
    /// Our name at the provider.
    pub client_id: String,
    /// Our secret at the provider; none for a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// A file that holds the secret, better than the secret itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<std::path::PathBuf>,
    /// Scopes besides `openid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Level of assurance to ask for, such as `LoA1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr_values: Option<String>,
    /// Signature algorithms taken: `ES256`, `RS256`, `PS256`, `EdDSA`. Never `none`, never one with a shared secret.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<String>,
    /// Endpoints, for a provider without discovery. With `authorization_endpoint` set, `token_endpoint` and `jwks_uri` are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// See `authorization_endpoint`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// See `authorization_endpoint`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Where more claims are read; overrides discovery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// Where the provider's own sign-in is ended; overrides discovery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// A private authority's certificate (PEM) for the provider's TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<std::path::PathBuf>,
    /// Which claim says what.
    #[serde(default)]
    pub claims: ClaimMap,
}

fn default_algorithms() -> Vec<String> {
    vec!["ES256".to_owned(), "RS256".to_owned()]
}

/// Which claim of the ID token or of userinfo says what. The defaults are those of the national portal's single sign-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimMap {
    /// The 12-digit number of the person.
    pub number: String,
    /// Full name.
    pub name: String,
    /// Date of birth.
    pub birth: String,
    /// How dates of birth are written: `yyyyMMdd`, `dd/MM/yyyy`, `yyyy-MM-dd`. The first that fits is taken.
    pub birth_formats: Vec<String>,
    /// Kind of account.
    pub kind: String,
    /// Values of `kind` that mean an organisation.
    pub organisation_values: Vec<String>,
    /// Tax code of the organisation.
    pub tax_code: String,
    /// Name of the organisation.
    pub organisation_name: String,
}

impl Default for ClaimMap {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        Self {
            number: "SoDinhDanh".to_owned(),
            name: "HoVaTen".to_owned(),
            birth: "NgayThangNamSinh".to_owned(),
            birth_formats: words(&["yyyyMMdd", "dd/MM/yyyy", "yyyy-MM-dd"]),
            kind: "LoaiTaiKhoan".to_owned(),
            organisation_values: words(&["enterprise", "organisation", "organization", "2"]),
            tax_code: "MaSoThue".to_owned(),
            organisation_name: "TenToChuc".to_owned(),
        }
    }
}

impl ProviderConfig {
    /// The redirect address to register at the provider.
    #[must_use]
    pub fn redirect_uri(&self, origin: &str) -> String {
        format!("{origin}/sign-in/oidc/{}/callback", self.id)
    }
}
