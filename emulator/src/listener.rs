//! Where clients connect.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::admin::{self, Admission};
use crate::handshake;
use crate::hub::SharedHub;
use crate::tls::TestIdentity;
use crate::wire;

/// How often a free port is looked for that is free under both addresses of this machine.
const ATTEMPTS: usize = 16;

/// The wait after a failed accept: it fails for want of file descriptors, and those come back.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What is spoken on a port.
#[derive(Clone)]
pub(crate) enum Service {
    Amqp,
    AmqpOverTls(Arc<TestIdentity>),
    /// The management API over HTTP.
    Management(Admission),
}

/// The addresses of this machine that only it can reach. Both, because `localhost` is either, depending
/// on who asks.
const LOOPBACK: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];

/// One port of this machine.
#[derive(Debug)]
pub(crate) struct LocalPort {
    pub(crate) port: u16,
    listeners: Vec<TcpListener>,
}

impl LocalPort {
    /// Binds a port, of an address or else of `127.0.0.1` and, where there is one, `::1`; 0 means any that
    /// is free.
    pub(crate) fn bind(host: Option<IpAddr>, port: u16) -> io::Result<Self> {
        let addresses = host.as_ref().map_or(&LOOPBACK[..], std::slice::from_ref);
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match Self::try_bind(addresses, port) {
                Err(error) if port == 0 && error.kind() == io::ErrorKind::AddrInUse => {
                    last = Some(error);
                }
                outcome => return outcome,
            }
        }
        Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
    }

    /// Binds a port of the first address, and of those others that this machine has.
    fn try_bind(addresses: &[IpAddr], mut port: u16) -> io::Result<Self> {
        let mut listeners: Vec<TcpListener> = Vec::new();
        for address in addresses {
            match TcpListener::bind(SocketAddr::from((*address, port))) {
                Ok(listener) => {
                    port = listener.local_addr()?.port();
                    listeners.push(listener);
                }
                Err(error) if listeners.is_empty() => return Err(error),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
                Err(error) => log::debug!("no listener on {address}: {error}"),
            }
        }
        for listener in &listeners {
            listener.set_nonblocking(true)?;
        }
        Ok(Self { port, listeners })
    }

    /// Serves whoever connects, for as long as the local task set runs.
    pub(crate) fn accept(self, service: &Service, hub: &SharedHub) -> io::Result<()> {
        for listener in self.listeners {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let hub = SharedHub::clone(hub);
            tokio::task::spawn_local(accept_all(listener, service.clone(), hub));
        }
        Ok(())
    }
}

async fn accept_all(listener: tokio::net::TcpListener, service: Service, hub: SharedHub) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::task::spawn_local(greet(stream, service.clone(), SharedHub::clone(&hub)));
            }
            Err(error) => {
                log::warn!("accept failed: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn greet(stream: TcpStream, service: Service, hub: SharedHub) {
    if let Err(error) = stream.set_nodelay(true) {
        log::debug!("TCP_NODELAY was refused: {error}");
    }
    let identity = match service {
        Service::Amqp => None,
        Service::AmqpOverTls(identity) => Some(identity),
        Service::Management(admission) => return admin::serve(stream, admission, hub).await,
    };
    let (id, wake) = hub.borrow_mut().join();
    match identity {
        None => wire::serve(stream, id, &wake, &hub).await,
        Some(identity) => {
            if let Some(stream) = handshake::accept(stream, &identity, id, &wake, &hub).await {
                wire::serve(stream, id, &wake, &hub).await;
            }
        }
    }
    hub.borrow_mut().leave(id);
}
