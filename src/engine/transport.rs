//! The byte stream to the service: TCP, with TLS unless the connection string names a development emulator.

use std::sync::{Arc, OnceLock};

use log::debug;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::tls;
use crate::error::{Error, ErrorKind, Result};
use crate::model::tls::TlsSettings;

/// What AMQP needs of a stream.
pub(crate) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// A connected stream.
pub(crate) type Stream = Box<dyn ByteStream>;

/// Where a connection goes, and how it is secured.
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
    Tls(TlsSettings),
}

/// A connected stream, and where what the server refuses of TLS after the handshake is kept.
pub(crate) struct Transport {
    pub(crate) stream: Stream,
    pub(crate) refusal: Arc<OnceLock<Error>>,
}

/// Connects, and shakes hands over TLS.
pub(crate) async fn connect(address: &Address) -> Result<Transport> {
    let (host, port) = (address.host.as_str(), address.port);
    let unreachable = |error: std::io::Error| {
        Error::new(
            ErrorKind::Communication,
            format!("cannot connect to {host}:{port}: {error}"),
        )
        .with_source(error)
    };
    let stream = TcpStream::connect((host, port))
        .await
        .map_err(unreachable)?;
    // Frames are gathered into large writes already; waiting for more would only delay answers.
    stream.set_nodelay(true).map_err(unreachable)?;
    debug!(target: "servicebus::connection", "connected to {host}:{port}");
    let Security::Tls(settings) = &address.security else {
        return Ok(Transport {
            stream: Box::new(stream),
            refusal: Arc::default(),
        });
    };
    let encrypted = tls::encrypt(stream, host, port, settings).await?;
    Ok(Transport {
        stream: Box::new(encrypted.stream),
        refusal: encrypted.refusal,
    })
}
