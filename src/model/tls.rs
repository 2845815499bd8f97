//! What a client is told about TLS: whom to trust, who it is itself, and whom to expect.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// TLS beyond what the platform provides.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsSettings {
    /// Trusted besides the platform's.
    pub(crate) roots: Vec<Pem>,
    pub(crate) client_certificate: Option<ClientCertificate>,
    /// Who the server must be; the host that is connected to unless set.
    pub(crate) server_name: Option<String>,
}

impl TlsSettings {
    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.client_certificate.is_none() && self.server_name.is_none()
    }
}

/// How the client shows who it is.
#[derive(Clone, Debug)]
pub(crate) struct ClientCertificate {
    /// Its own certificate first, then those between that and the root.
    pub(crate) chain: Pem,
    pub(crate) key: Pem,
}

/// PEM, or the file that holds it, which is read for each connection: files are replaced while clients live.
#[derive(Clone)]
pub(crate) enum Pem {
    Bytes(Arc<[u8]>),
    File(PathBuf),
}

/// Without the content, which may be a key.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pem::Bytes(pem) => write!(f, "<{} bytes>", pem.len()),
            Pem::File(path) => path.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_shown() {
        let certificate = ClientCertificate {
            chain: Pem::File("client.pem".into()),
            key: Pem::Bytes(Arc::from(&b"-----BEGIN PRIVATE KEY-----"[..])),
        };
        let text = format!("{certificate:?}");
        assert!(text.contains("client.pem"), "{text}");
        assert!(!text.contains("BEGIN"), "{text}");
        assert!(!text.contains("45, 45"), "{text}");
    }
}
