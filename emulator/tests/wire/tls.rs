//! The TLS listener.

use std::net::TcpStream;
use std::sync::Arc;

use servicebus_emulator::Emulator;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::messages::{text, Arrived};
use crate::peer::{sas_token, Peer};

fn connect(emulator: &Emulator, name: &str) -> Peer {
    let root = emulator.tls_root_pem().unwrap();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(("localhost", emulator.tls_port().unwrap())).unwrap();
    let stream = StreamOwned::new(session, socket.try_clone().unwrap());
    Peer::over(Box::new(stream), socket)
}

#[test]
fn a_client_that_trusts_the_root_talks_to_the_same_queues() {
    let emulator = Emulator::builder()
        .queue("orders")
        .tls_port(0)
        .start()
        .unwrap();
    let audience = "sb://localhost/orders";
    for name in ["localhost", "127.0.0.1", "::1"] {
        let mut peer = connect(&emulator, name);
        assert_eq!(peer.put_token(audience, &sas_token(audience)).status, 202);
        let link = peer.sender("orders").unwrap();
        peer.send(link, &text(name));
    }
    let mut plain = Peer::authorized(&emulator, &["orders"]);
    let link = plain.receiver("orders", 1);
    assert_eq!(Arrived::new(&plain.receive(link)).text(), "localhost");
    let port = emulator.tls_port().unwrap();
    let text = emulator.tls_connection_string().unwrap();
    assert!(
        text.starts_with(&format!("Endpoint=sb://localhost:{port};")),
        "{text}"
    );
    assert!(!text.contains("UseDevelopmentEmulator"), "{text}");
}

#[test]
fn each_emulator_has_a_root_of_its_own() {
    let start = || Emulator::builder().tls_port(0).start().unwrap();
    let (one, other) = (start(), start());
    assert_ne!(one.tls_root_pem(), other.tls_root_pem());
    let plain = Emulator::builder().start().unwrap();
    assert_eq!((plain.tls_port(), plain.tls_root_pem()), (None, None));
}
