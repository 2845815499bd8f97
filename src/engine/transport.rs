//! The byte stream to the service: TCP, with TLS unless the connection string names a development emulator.

use std::sync::Arc;

use log::debug;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::{pem::PemObject, CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use crate::error::{Error, ErrorKind, Result};

/// What AMQP needs of a stream.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// A connected stream.
pub(crate) type Stream = Box<dyn ByteStream>;

/// Where the service listens, and how it is reached.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
}

/// Whether the stream is encrypted.
#[derive(Clone, Debug)]
pub(crate) enum Security {
    /// Plain TCP, which only the emulator speaks.
    Plain,
    /// TLS with the platform's roots and, perhaps, more of them in PEM.
    Tls { extra_roots: Option<Arc<[u8]>> },
}

/// Connects, and shakes hands over TLS.
pub(crate) async fn connect(address: &Address) -> Result<Stream> {
    let (host, port) = (address.host.as_str(), address.port);
    let unreachable = |error: std::io::Error| {
        Error::new(
            ErrorKind::Communication,
            format!("cannot connect to {host}:{port}: {error}"),
        )
        .with_source(error)
    };
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port))
        .await
        .map_err(unreachable)?;
    // Frames are gathered into large writes already; waiting for more would only delay answers.
    stream.set_nodelay(true).map_err(unreachable)?;
    debug!(target: "servicebus::connection", "connected to {host}:{port}");
    let Security::Tls { extra_roots } = &address.security else {
        return Ok(Box::new(stream));
    };
    let connector = connector(extra_roots.clone()).await?;
    let name = ServerName::try_from(host.to_owned()).map_err(|error| {
        Error::invalid_argument(format!("{host} is not a name for TLS")).with_source(error)
    })?;
    let stream = connector.connect(name, stream).await.map_err(|error| {
        Error::new(
            ErrorKind::Communication,
            format!("no TLS with {host}:{port}: {error}"),
        )
        .with_source(error)
    })?;
    Ok(Box::new(stream))
}

/// Reads the platform's roots, which blocks, away from the I/O thread.
async fn connector(extra_roots: Option<Arc<[u8]>>) -> Result<TlsConnector> {
    tokio::task::spawn_blocking(move || {
        let mut roots = RootCertStore::empty();
        let platform = rustls_native_certs::load_native_certs();
        for error in &platform.errors {
            debug!(target: "servicebus::connection", "platform roots: {error}");
        }
        roots.add_parsable_certificates(platform.certs);
        for certificate in extra_roots
            .iter()
            .flat_map(|pem| CertificateDer::pem_slice_iter(pem))
        {
            let unusable = |error: &dyn std::fmt::Display| {
                Error::invalid_argument(format!("unusable root certificate: {error}"))
            };
            let certificate = certificate.map_err(|error| unusable(&error))?;
            roots.add(certificate).map_err(|error| unusable(&error))?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(
            tokio_rustls::rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(ErrorKind::Internal, format!("no TLS: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    })
    .await
    .map_err(|error| {
        Error::new(ErrorKind::Internal, "reading root certificates failed").with_source(error)
    })?
}
