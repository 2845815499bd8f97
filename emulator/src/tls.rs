//! A certificate authority for tests, made anew at each start, and the certificates that it signs or ought not to have.

use std::fmt;
use std::sync::Arc;

use rcgen::{
    date_time_ymd, BasicConstraints, Certificate, CertificateParams, DnType, IsCa, KeyPair,
};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::fault::Flaw;

/// The names that a good certificate is for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// Not a name of anything (RFC 2606).
const ELSEWHERE: &str = "elsewhere.invalid";

/// A server's side of TLS, the root that vouches for it, and a client that the root vouches for.
pub(crate) struct TestIdentity {
    authority: Authority,
    root_pem: String,
    good: Arc<ServerConfig>,
    client_certificate_pem: String,
    client_key_pem: String,
}

/// Without keys.
impl fmt::Debug for TestIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIdentity").finish_non_exhaustive()
    }
}

struct Authority {
    root: Certificate,
    key: KeyPair,
}

/// A certificate and its key.
struct Signed {
    certificate: Certificate,
    key: KeyPair,
}

/// Why no certificate could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    #[error(transparent)]
    Tls(#[from] tokio_rustls::rustls::Error),
    #[error(transparent)]
    Verifier(#[from] VerifierBuilderError),
}

impl TestIdentity {
    /// An identity for `localhost`, `127.0.0.1` and `::1`.
    pub(crate) fn generate() -> Result<Self, IdentityError> {
        let authority = Authority::generate("servicebus-emulator test root")?;
        let good = Arc::new(open_to_all(&authority.sign(names(&NAMES)?)?)?);
        let client = authority.sign(names(&["client"])?)?;
        Ok(Self {
            root_pem: authority.root.pem(),
            authority,
            good,
            client_certificate_pem: client.certificate.pem(),
            client_key_pem: client.key.serialize_pem(),
        })
    }

    pub(crate) fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// The certificate of a client that [`demanding`](Self::demanding) lets in.
    pub(crate) fn client_certificate_pem(&self) -> &str {
        &self.client_certificate_pem
    }

    pub(crate) fn client_key_pem(&self) -> &str {
        &self.client_key_pem
    }

    /// What clients should meet.
    pub(crate) fn good(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.good)
    }

    /// A server whose certificate no client should take.
    pub(crate) fn flawed(&self, flaw: Flaw) -> Result<Arc<ServerConfig>, IdentityError> {
        let mut params = match flaw {
            Flaw::WrongHost => names(&[ELSEWHERE])?,
            Flaw::Expired | Flaw::NotYetValid | Flaw::Untrusted => names(&NAMES)?,
        };
        match flaw {
            Flaw::Expired => params.not_after = date_time_ymd(2001, 1, 1),
            Flaw::NotYetValid => params.not_before = date_time_ymd(3001, 1, 1),
            Flaw::WrongHost | Flaw::Untrusted => {}
        }
        let signed = match flaw {
            Flaw::Untrusted => Authority::generate("nobody's root")?.sign(params)?,
            Flaw::Expired | Flaw::NotYetValid | Flaw::WrongHost => self.authority.sign(params)?,
        };
        Ok(Arc::new(open_to_all(&signed)?))
    }

    /// A server that takes only clients with a certificate of the root.
    pub(crate) fn demanding(&self) -> Result<Arc<ServerConfig>, IdentityError> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.root.der().clone())?;
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let signed = self.authority.sign(names(&NAMES)?)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier.build()?)
            .with_single_cert(vec![signed.certificate.der().clone()], signed.private())?;
        Ok(Arc::new(config))
    }
}

impl Authority {
    fn generate(name: &str) -> Result<Self, IdentityError> {
        let mut root = CertificateParams::new(Vec::new())?;
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate()?;
        let root = root.self_signed(&key)?;
        Ok(Self { root, key })
    }

    fn sign(&self, params: CertificateParams) -> Result<Signed, IdentityError> {
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.root, &self.key)?;
        Ok(Signed { certificate, key })
    }
}

impl Signed {
    fn private(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()))
    }
}

fn names(names: &[&str]) -> Result<CertificateParams, IdentityError> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    Ok(CertificateParams::new(names)?)
}

fn open_to_all(signed: &Signed) -> Result<ServerConfig, IdentityError> {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![signed.certificate.der().clone()], signed.private())?;
    Ok(config)
}
