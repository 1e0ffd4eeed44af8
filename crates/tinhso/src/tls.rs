//! TLS in the binary: TLS 1.2 and 1.3 by rustls, certificate and key from PEM files that are read again
//! when they change, so that a renewed certificate needs no restart and cuts no connection.

use crate::{Error, config::Tls};
use axum_server::tls_rustls::RustlsConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often the files are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Reads certificate and key.
/// # Errors
/// `Error::Config` that names the file and what is wrong with it.
pub fn load(tls: &Tls) -> Result<RustlsConfig, Error> {
    Ok(RustlsConfig::from_config(Arc::new(server_config(tls)?)))
}

fn server_config(tls: &Tls) -> Result<rustls::ServerConfig, Error> {
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| Error::Config(format!("tls.certificate {}: {e}", tls.certificate.display())))?;
    if chain.is_empty() {
        return Err(Error::Config(format!(
            "tls.certificate {} holds no certificate",
            tls.certificate.display()
        )));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key)
        .map_err(|e| Error::Config(format!("tls.key {}: {e}", tls.key.display())))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Config(format!("tls: {e}")))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|e| Error::Config(format!("tls: certificate and key do not fit: {e}")))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Reads the files again whenever one of them changes; a broken new pair keeps the old one and is logged.
pub async fn reload_when_changed(tls: Tls, live: RustlsConfig) {
    let mut seen = changed_at(&tls);
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        let now = changed_at(&tls);
        if now == seen {
            continue;
        }
        seen = now;
        match server_config(&tls) {
            Ok(config) => {
                live.reload_from_config(Arc::new(config));
                tracing::info!("certificate reloaded");
            }
            Err(error) => tracing::error!(%error, "new certificate not usable, the old one stays"),
        }
    }
}

fn changed_at(tls: &Tls) -> [Option<SystemTime>; 2] {
    [&tls.certificate, &tls.key].map(|path| std::fs::metadata(path).and_then(|m| m.modified()).ok())
}
