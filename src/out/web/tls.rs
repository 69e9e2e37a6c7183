//! Whom to believe to be who they are.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Error;

/// The authorities whose certificates are believed.
#[derive(Clone)]
pub struct Roots(TlsConnector);

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// The file cannot be read as certificates.
    #[error("the file {0} holds no certificates (PEM)")]
    File(String),
    /// The library refuses.
    #[error("no secure connections can be made: {0}")]
    Tls(#[from] rustls::Error),
}

impl Roots {
    /// Those that browsers believe, and those in `more`, a file of certificates in PEM.
    ///
    /// # Errors
    /// When `more` cannot be read.
    pub fn new(more: Option<&Path>) -> Result<Self, RootsError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
        if let Some(path) = more {
            let unreadable = || RootsError::File(path.display().to_string());
            let found = CertificateDer::pem_file_iter(path).map_err(|_| unreadable())?;
            let found: Vec<_> = found.collect::<Result<_, _>>().map_err(|_| unreadable())?;
            if found.is_empty() || roots.add_parsable_certificates(found).0 == 0 {
                return Err(unreadable());
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// A secure connection over `stream` to who proves to be `host`.
    pub(super) async fn secured(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Error> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Error::Address)?;
        self.0.connect(name, stream).await.map_err(|_| Error::Tls)
    }
}
