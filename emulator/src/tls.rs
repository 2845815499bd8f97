//! A certificate authority for tests, made anew at each start.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;

/// A server's side of TLS, and the root that vouches for it.
pub(crate) struct TestIdentity {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) root_pem: String,
}

/// Why no certificate could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    #[error(transparent)]
    Tls(#[from] tokio_rustls::rustls::Error),
}

impl TestIdentity {
    /// An identity for `localhost`, `127.0.0.1` and `::1`.
    pub(crate) fn generate() -> Result<Self, IdentityError> {
        let mut root = CertificateParams::new(Vec::new())?;
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.distinguished_name
            .push(DnType::CommonName, "servicebus-emulator test root");
        let root_key = KeyPair::generate()?;
        let root = root.self_signed(&root_key)?;

        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(names)?.signed_by(&key, &root, &root_key)?;

        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            root_pem: root.pem(),
        })
    }
}
