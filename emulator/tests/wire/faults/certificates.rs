//! TLS handshakes that fail, and their time limit.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use servicebus_emulator::{Emulator, Fault};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Error, RootCertStore,
    StreamOwned,
};

use super::{assert_hits, inject, MINUTE};

/// The header of AMQP with SASL, and so of the answer.
const HEADER: &[u8; 8] = b"AMQP\x03\x01\x00\x00";

fn emulator() -> Emulator {
    let emulator = Emulator::builder().queue("orders").tls_port(0);
    emulator.start().unwrap()
}

fn socket(emulator: &Emulator) -> TcpStream {
    let port = emulator.tls_port().expect("it listens");
    let socket = TcpStream::connect(("localhost", port)).unwrap();
    socket.set_read_timeout(Some(MINUTE)).unwrap();
    socket
}

/// Shakes hands and begins AMQP, with the emulator's certificate for clients or without one.
fn greet(emulator: &Emulator, with_certificate: bool) -> io::Result<()> {
    let certificate = |pem: Option<&str>| {
        let pem = pem.expect("it speaks TLS").as_bytes();
        CertificateDer::from_pem_slice(pem).unwrap()
    };
    let mut roots = RootCertStore::empty();
    roots.add(certificate(emulator.tls_root_pem())).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = if with_certificate {
        let key = emulator.tls_client_key_pem().expect("it speaks TLS");
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let chain = vec![certificate(emulator.tls_client_certificate_pem())];
        config.with_client_auth_cert(chain, key).unwrap()
    } else {
        config.with_no_client_auth()
    };
    let name = ServerName::try_from("localhost").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(session, socket(emulator));
    stream.write_all(HEADER)?;
    let mut answer = [0; 8];
    stream.read_exact(&mut answer)?;
    assert_eq!(&answer, HEADER);
    Ok(())
}

#[track_caller]
fn tls_error(outcome: io::Result<()>) -> Error {
    let error = outcome.expect_err("nobody gets in");
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    match cause {
        Some(cause) => Error::clone(cause),
        None => panic!("no error of TLS: {error:?}"),
    }
}

#[test]
fn a_certificate_is_flawed_as_the_fault_says() {
    let emulator = emulator();
    let met = |fault: Fault| {
        let fault = inject(&emulator, fault.times(1));
        let error = tls_error(greet(&emulator, false));
        assert_hits(&emulator, fault, 1);
        greet(&emulator, false).expect("the next one gets in");
        match error {
            Error::InvalidCertificate(flaw) => flaw,
            other => panic!("not about the certificate: {other:?}"),
        }
    };
    let flaw = met(Fault::expired_certificate());
    assert!(
        matches!(flaw, CertificateError::ExpiredContext { .. }),
        "{flaw:?}"
    );
    let flaw = met(Fault::not_yet_valid_certificate());
    assert!(
        matches!(flaw, CertificateError::NotValidYetContext { .. }),
        "{flaw:?}"
    );
    let flaw = met(Fault::wrong_host_certificate());
    assert!(
        matches!(flaw, CertificateError::NotValidForNameContext { .. }),
        "{flaw:?}"
    );
    let flaw = met(Fault::untrusted_certificate());
    assert_eq!(flaw, CertificateError::UnknownIssuer);
}

#[test]
fn a_client_without_a_certificate_is_told_to_have_one() {
    let emulator = emulator();
    let fault = inject(&emulator, Fault::demand_client_certificate());
    greet(&emulator, true).expect("it has one");
    let error = tls_error(greet(&emulator, false));
    let demanded = Error::AlertReceived(AlertDescription::CertificateRequired);
    assert_eq!(error, demanded);
    assert_hits(&emulator, fault, 2);
    let journal = emulator.journal().join("\n");
    assert!(journal.contains("TLS handshake failed"), "{journal}");
}

#[test]
fn a_handshake_is_cut() {
    let emulator = emulator();
    let fault = inject(&emulator, Fault::cut_handshake().connection(2));
    greet(&emulator, false).expect("the first one gets in");
    let error = greet(&emulator, false).expect_err("the stream ends");
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{error:?}");
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_stalled_handshake_is_given_up_after_20_seconds() {
    let emulator = emulator();
    let fault = inject(&emulator, Fault::stall_handshake());
    std::thread::scope(|scope| {
        let greeting = scope.spawn(|| greet(&emulator, false));
        while emulator.hits(fault) != Some(1) {
            std::thread::sleep(Duration::from_millis(5));
        }
        emulator.advance_transport(Duration::from_secs(10));
        assert!(!greeting.is_finished());
        emulator.advance_transport(Duration::from_secs(10));
        greeting
            .join()
            .expect("no panic")
            .expect_err("the stream ends");
    });
    let journal = emulator.journal().join("\n");
    assert!(journal.contains("not done within 20 seconds"), "{journal}");
}

#[test]
fn who_never_begins_a_handshake_is_not_waited_for() {
    let emulator = emulator();
    let mut socket = socket(&emulator);
    let pause = Some(Duration::from_millis(20));
    socket.set_read_timeout(pause).unwrap();
    // When the emulator has noticed the connection, nothing tells.
    let ended = (0..1_000).any(|_| {
        emulator.advance_transport(Duration::from_secs(20));
        matches!(socket.read(&mut [0]), Ok(0))
    });
    assert!(ended, "it is still waited for");
}

#[test]
fn a_handshake_belongs_to_no_entity() {
    let emulator = emulator();
    let fault = Fault::expired_certificate().entity("orders");
    let error = emulator.inject(fault).expect_err("it has no entity");
    assert!(error.to_string().contains("expired-certificate"), "{error}");
}
