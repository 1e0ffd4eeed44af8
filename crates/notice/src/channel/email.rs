//! E-mail over SMTP: plain text, one connection a message, TLS unless the server is this machine. The Message-ID is that of
//! the delivery, so that a second copy is recognised.
//! Refuses to repeat what the server says: it quotes addresses. RFC 5321, RFC 5322, RFC 3834 (automatic messages).

use std::time::Duration;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::{Accepted, Outgoing, SendFault};
use crate::config::{EmailConfig, Encryption, secret};
use crate::error::NoticeError;
use crate::template::Rendered;

const TIMEOUT: Duration = Duration::from_secs(30);

/// The way to one mail server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    domain: String,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer")
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

impl Mailer {
    /// Prepares the way; connects when something is sent.
    /// # Errors
    /// `Config` when the sender, the certificate or the password file is faulty.
    pub fn new(config: &EmailConfig) -> Result<Self, NoticeError> {
        let faulty = |key: &str, why: String| NoticeError::Config(format!("notices.email.{key}: {why}"));
        let from: Mailbox = config
            .from
            .parse()
            .map_err(|error| faulty("from", format!("{:?}: {error}", config.from)))?;
        let domain = from.email.domain().to_owned();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .timeout(Some(TIMEOUT))
            .hello_name(ClientId::Domain(domain.clone()));
        builder = match config.encryption {
            Encryption::None => builder.tls(Tls::None),
            Encryption::Tls | Encryption::Starttls => {
                let mut parameters = TlsParameters::builder(config.host.clone());
                if let Some(path) = &config.ca_file {
                    let pem = std::fs::read(path)
                        .map_err(|error| faulty("ca_file", format!("{}: {error}", path.display())))?;
                    let authority =
                        Certificate::from_pem(&pem).map_err(|error| faulty("ca_file", error.to_string()))?;
                    parameters = parameters.add_root_certificate(authority);
                }
                let parameters = parameters
                    .build_rustls()
                    .map_err(|error| faulty("encryption", error.to_string()))?;
                builder.tls(match config.encryption {
                    Encryption::Tls => Tls::Wrapper(parameters),
                    _ => Tls::Required(parameters),
                })
            }
        };
        if let (Some(user), Some(file)) = (&config.user, &config.password_file) {
            let password = secret(file).map_err(|why| faulty("password_file", why))?;
            builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
        }
        Ok(Self {
            transport: builder.build(),
            from,
            domain,
        })
    }

    /// Hands one message to the server.
    /// # Errors
    /// `Down` when the server cannot be reached, `Later` and `Refused` as it says.
    pub async fn send(&self, out: &Outgoing) -> Result<Accepted, SendFault> {
        let Rendered::Email { subject, text } = &out.rendered else {
            return Err(SendFault::Refused("not an e-mail".to_owned()));
        };
        let address = out.to.email.as_ref().ok_or(SendFault::NoAddress)?;
        let to: lettre::Address = address
            .as_str()
            .parse()
            .map_err(|_| SendFault::Refused("the address cannot be written to".to_owned()))?;
        let id = format!("<{}@{}>", out.id, self.domain);
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject.as_str())
            .message_id(Some(id.clone()))
            .header(ContentType::TEXT_PLAIN)
            .body(text.clone())
            .map_err(|_| SendFault::Refused("the message cannot be written".to_owned()))?;
        message.headers_mut().insert_raw(automatic);
        match self.transport.send(message).await {
            Ok(_) => Ok(Accepted {
                provider_id: Some(id),
                gone: Vec::new(),
            }),
            Err(error) => Err(fault(&error)),
        }
    }
}

/// What a fault of SMTP means. Its text is left behind: servers quote the address in it.
fn fault(error: &lettre::transport::smtp::Error) -> SendFault {
    let code = error.status().map(|code| code.to_string());
    let with_code = |words: &str| {
        code.as_ref()
            .map_or_else(|| words.to_owned(), |code| format!("{words} ({code})"))
    };
    match code.as_deref() {
        // Service not available, and what concerns signing in, concerns every message.
        Some("421" | "454" | "530" | "534" | "535" | "538") => {
            SendFault::Down(with_code("the mail server takes nothing from us"))
        }
        Some(_) if error.is_permanent() => SendFault::Refused(with_code("the mail server refused it")),
        Some(_) => SendFault::Later(with_code("the mail server asked to try later")),
        None if error.is_timeout() => SendFault::Down("the mail server did not answer in time".to_owned()),
        None if error.is_tls() => SendFault::Down("no secure connection to the mail server".to_owned()),
        None if error.is_client() => SendFault::Down("the mail server offers no way to sign in".to_owned()),
        None => SendFault::Down("the mail server cannot be reached".to_owned()),
    }
}
