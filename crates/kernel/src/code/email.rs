//! E-mail addresses, to the extent that a notice can be sent to them.
//!
//! The rule is that of the HTML standard's `type=email`, and the domain must have a dot. Whether
//! anybody reads it only a message can tell. It is personal data: `Debug` shows none of it.

use super::serde_as_text;
use std::fmt;
use std::str::FromStr;

/// An e-mail address. The domain is kept in small letters; two addresses are compared as kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What may stand on a screen others see: `n…@gmail.com`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or_default();
        format!("{}…@{domain}", &local[..1])
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Not `name@domain`.
    #[error("an e-mail address has the form name@example.vn")]
    Shape,
    /// Longer than 254 characters (RFC 5321).
    #[error("the e-mail address is too long")]
    TooLong,
}

crate::error::invalid_fault!(EmailError, "email-invalid");

impl FromStr for Email {
    type Err = EmailError;
    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Shape)?;
        let local_fits = (1..=64).contains(&local.len()) && local.bytes().all(is_local);
        let domain_fits = domain.contains('.') && domain.split('.').all(is_label);
        if local_fits && domain_fits {
            Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(EmailError::Shape)
        }
    }
}

serde_as_text!(Email);

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_read() {
        let email: Email = " Nguyen.Lan+1@GMAIL.com ".parse().unwrap();
        assert_eq!(email.as_str(), "Nguyen.Lan+1@gmail.com");
        assert_eq!(email.masked(), "N…@gmail.com");
        assert_eq!(format!("{email:?}"), "Email(…)");
        for text in [
            "",
            "a",
            "a@b",
            "@b.vn",
            "a@",
            "a b@c.vn",
            "a@b..vn",
            "a@-b.vn",
            "a\r\nBcc: x@b.vn",
            "lần@b.vn",
        ] {
            assert_eq!(text.parse::<Email>(), Err(EmailError::Shape), "{text}");
        }
        let long = format!("{}@{}.vn", "a".repeat(64), "b".repeat(250));
        assert_eq!(long.parse::<Email>(), Err(EmailError::TooLong));
    }

    proptest! {
        #[test]
        fn goes_through_text(text in "[a-z0-9._+-]{1,20}@[a-z0-9]{1,10}\\.[a-z]{2,5}") {
            let email: Email = text.parse().unwrap();
            prop_assert_eq!(email.to_string(), text);
            prop_assert!(email.masked().contains('@'));
        }

        #[test]
        fn reading_never_panics(text in any::<String>()) {
            if let Ok(email) = text.parse::<Email>() {
                let _ = email.masked();
            }
        }
    }
}
