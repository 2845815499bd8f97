//! TLS on a connected socket: whom it trusts, the certificate it shows, and what it says where the handshake fails.

use std::borrow::Cow;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use log::debug;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::tls_failure::{failed, refusal};
use crate::error::{Error, ErrorKind, Result};
use crate::model::tls::{ClientCertificate, Pem, TlsSettings};

/// A stream over TLS, and where what the server refuses after the handshake is kept.
pub(crate) struct Encrypted {
    pub(crate) stream: RefusableStream,
    pub(crate) refusal: Arc<OnceLock<Error>>,
}

/// Notes what a server says that refuses the client's certificate: in TLS 1.3 it does so after the client has finished
/// its part of the handshake (RFC 8446, 4.4.2.4).
pub(crate) struct RefusableStream {
    stream: TlsStream<TcpStream>,
    place: String,
    refusal: Arc<OnceLock<Error>>,
}

/// Shakes hands with the server at `host` and `port`.
pub(crate) async fn encrypt(
    stream: TcpStream,
    host: &str,
    port: u16,
    settings: &TlsSettings,
) -> Result<Encrypted> {
    let name = server_name(settings.server_name.as_deref().unwrap_or(host))?;
    let place = format!("{host}:{port}");
    let connector = connector(settings.clone()).await?;
    let stream = connector
        .connect(name, stream)
        .await
        .map_err(|error| failed(&place, error))?;
    let refusal = Arc::new(OnceLock::new());
    let stream = RefusableStream {
        stream,
        place,
        refusal: refusal.clone(),
    };
    Ok(Encrypted { stream, refusal })
}

/// Whether a connection could be made with these settings, as far as that can be known without one. Reads files.
///
/// # Errors
/// `InvalidArgument` that names what is unusable, and why.
pub(crate) fn check(settings: &TlsSettings) -> Result<()> {
    if let Some(name) = &settings.server_name {
        server_name(name)?;
    }
    config(settings, RootCertStore::empty()).map(|_usable| ())
}

fn server_name(name: &str) -> Result<ServerName<'static>> {
    ServerName::try_from(name.to_owned()).map_err(|error| {
        Error::invalid_argument(format!("{name} is not a name for TLS")).with_source(error)
    })
}

/// Reads the platform's roots and the files of the settings, which blocks, away from the I/O thread.
async fn connector(settings: TlsSettings) -> Result<TlsConnector> {
    tokio::task::spawn_blocking(move || {
        let mut roots = RootCertStore::empty();
        let platform = rustls_native_certs::load_native_certs();
        for error in &platform.errors {
            debug!(target: "servicebus::connection", "platform roots: {error}");
        }
        roots.add_parsable_certificates(platform.certs);
        // They were usable when the client was built: a file may be half written at this very moment.
        let config = config(&settings, roots).map_err(|error| error.with_retryable(true))?;
        Ok(TlsConnector::from(Arc::new(config)))
    })
    .await
    .map_err(|error| {
        Error::new(ErrorKind::Internal, "reading certificates failed").with_source(error)
    })?
}

fn config(settings: &TlsSettings, mut roots: RootCertStore) -> Result<ClientConfig> {
    for source in &settings.roots {
        add_roots(source, &mut roots)?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(ErrorKind::Internal, format!("no TLS: {error}")))?
        .with_root_certificates(roots);
    let Some(ClientCertificate { chain, key }) = &settings.client_certificate else {
        return Ok(builder.with_no_client_auth());
    };
    let certificates = certificates("client certificate", chain)?;
    let private = private_key(key)?;
    builder
        .with_client_auth_cert(certificates, private)
        .map_err(|error| {
            unusable("client certificate", chain, "it and its key cannot be used")
                .with_source(error)
        })
}

fn add_roots(source: &Pem, roots: &mut RootCertStore) -> Result<()> {
    const WHAT: &str = "root certificate";
    for certificate in certificates(WHAT, source)? {
        roots
            .add(certificate)
            .map_err(|error| unusable(WHAT, source, &error.to_string()).with_source(error))?;
    }
    Ok(())
}

/// The certificates of a source, at least one.
fn certificates(what: &str, source: &Pem) -> Result<Vec<CertificateDer<'static>>> {
    let pem = read(what, source)?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|error| unusable(what, source, &error.to_string()).with_source(error))?;
    if certificates.is_empty() {
        return Err(unusable(what, source, "no certificate in PEM is in it"));
    }
    Ok(certificates)
}

/// The first key of a source. The parser's own words are not passed on: they may quote what it read.
fn private_key(source: &Pem) -> Result<PrivateKeyDer<'static>> {
    const WHAT: &str = "private key";
    let pem = read(WHAT, source)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|error| {
        let encrypted = pem
            .windows(b"ENCRYPTED".len())
            .any(|window| window == b"ENCRYPTED");
        let cause = match error {
            PemError::NoItemsFound if encrypted => "it is encrypted, decrypt it first",
            PemError::NoItemsFound => "no private key in PEM is in it",
            _ => "it is not well-formed PEM",
        };
        unusable(WHAT, source, cause)
    })
}

fn read<'a>(what: &str, source: &'a Pem) -> Result<Cow<'a, [u8]>> {
    match source {
        Pem::Bytes(pem) => Ok(Cow::Borrowed(pem)),
        Pem::File(path) => std::fs::read(path)
            .map(Cow::Owned)
            .map_err(|error| unusable(what, source, &error.to_string()).with_source(error)),
    }
}

fn unusable(what: &str, source: &Pem, cause: &str) -> Error {
    Error::invalid_argument(match source {
        Pem::Bytes(_) => format!("unusable {what}: {cause}"),
        Pem::File(path) => format!("unusable {what} in {}: {cause}", path.display()),
    })
}

impl AsyncRead for RefusableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Poll::Ready(Err(error)) = &result {
            if let Some(refusal) = refusal(&self.place, error) {
                // Only the first one says why.
                self.refusal.set(refusal).ok();
            }
        }
        result
    }
}

impl AsyncWrite for RefusableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
