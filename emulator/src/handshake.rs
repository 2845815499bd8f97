//! TLS handshakes: their time limit, and what faults make of them.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;
use tokio_rustls::LazyConfigAcceptor;

use crate::fault::{HandshakeEffect, Place};
use crate::hub::{PeerId, SharedHub};
use crate::tls::TestIdentity;

/// How long a handshake may take, in transport time. The service states no number; it is what a client has for its
/// first token.
const GRACE: Duration = Duration::from_secs(20);

/// How long a client that was refused may take to end its side.
const LINGER: Duration = Duration::from_secs(1);

/// What is read at most of a client that was refused.
const LEFT_OVER: u64 = 64 * 1024;

/// Shakes hands with a client; `None`, with a note, where that fails.
pub(crate) async fn accept(
    stream: TcpStream,
    identity: &TestIdentity,
    id: PeerId,
    wake: &Notify,
    hub: &SharedHub,
) -> Option<TlsStream<TcpStream>> {
    let handshake = shake_hands(stream, identity, id, hub);
    let outcome = within_grace(handshake, wake, hub).await;
    outcome
        .inspect_err(|error| {
            let text = format!("TLS handshake failed: {error}");
            hub.borrow_mut().note(id, &text);
        })
        .ok()
}

async fn shake_hands(
    stream: TcpStream,
    identity: &TestIdentity,
    id: PeerId,
    hub: &SharedHub,
) -> io::Result<TlsStream<TcpStream>> {
    let mut greeting = pin!(LazyConfigAcceptor::new(Acceptor::default(), stream));
    let hello = match greeting.as_mut().await {
        Ok(hello) => hello,
        Err(error) => {
            if let Some(stream) = greeting.take_io() {
                part(stream).await;
            }
            return Err(error);
        }
    };
    let place = Place {
        connection: id.number(),
        ..Place::default()
    };
    let effect = hub.borrow_mut().faults.handshake(&place);
    let config = match effect {
        None => identity.good(),
        Some(HandshakeEffect::Show(flaw)) => identity.flawed(flaw).map_err(io::Error::other)?,
        Some(HandshakeEffect::DemandCertificate) => {
            identity.demanding().map_err(io::Error::other)?
        }
        Some(HandshakeEffect::Cut) => return Err(io::Error::other("cut by a fault")),
        Some(HandshakeEffect::Stall) => return std::future::pending().await,
    };
    match hello.into_stream(config).into_fallible().await {
        Ok(stream) => Ok(stream),
        Err((error, stream)) => {
            part(stream).await;
            Err(error)
        }
    }
}

/// The result of a handshake that takes no longer than [`GRACE`].
async fn within_grace<T>(
    handshake: impl Future<Output = io::Result<T>>,
    wake: &Notify,
    hub: &SharedHub,
) -> io::Result<T> {
    let mut handshake = pin!(handshake);
    let end = hub.borrow().transport_clock().now().saturating_add(GRACE);
    loop {
        let now = hub.borrow().transport_clock().now();
        let left = end.saturating_sub(now);
        if left.is_zero() {
            let text = format!("not done within {} seconds", GRACE.as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, text));
        }
        tokio::select! {
            outcome = &mut handshake => return outcome,
            () = tokio::time::sleep(left) => {}
            // Transport time may have moved.
            () = wake.notified() => {}
        }
    }
}

/// Ends a stream so that what was said last arrives: one that is closed with bytes unread is reset, and a reset
/// overtakes what it follows (RFC 1122, 4.2.2.13).
async fn part(mut stream: TcpStream) {
    let ending = async {
        stream.shutdown().await?;
        let mut rest = stream.take(LEFT_OVER);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    };
    match tokio::time::timeout(LINGER, ending).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => log::debug!("a refused client is gone: {error}"),
        Err(_elapsed) => log::debug!("a refused client stays"),
    }
}
