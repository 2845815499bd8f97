//! Clients that break the rules harm nobody but themselves.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::BytesMut;
use servicebus_amqp::descriptor::SASL_INIT;
use servicebus_amqp::writer::Writer;
use servicebus_emulator::Emulator;

use crate::messages::{text, Arrived};
use crate::peer::{Peer, KEY, KEY_NAME};

const SASL_HEADER: &[u8; 8] = b"AMQP\x03\x01\x00\x00";
const AMQP_HEADER: &[u8; 8] = b"AMQP\x00\x01\x00\x00";

fn connect(emulator: &Emulator) -> TcpStream {
    let stream = TcpStream::connect(("localhost", emulator.port())).unwrap();
    let patience = Some(Duration::from_secs(20));
    stream.set_read_timeout(patience).unwrap();
    stream
}

/// Sends these bytes; the emulator must answer by ending the connection, after whatever it says.
fn assert_ended(emulator: &Emulator, bytes: &[u8]) {
    let mut stream = connect(emulator);
    // It may have ended the connection before it has read all.
    let _cut = stream.write_all(bytes);
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        let cut = error.kind() == std::io::ErrorKind::ConnectionReset;
        assert!(cut, "{bytes:02x?}: {error}");
    }
}

fn sasl_init(mechanism: &str, response: &[u8]) -> Vec<u8> {
    let mut body = BytesMut::new();
    Writer::new(&mut body).put_composite(SASL_INIT, |writer| {
        writer.put_symbol(mechanism);
        writer.put_binary(response);
    });
    let length = u32::try_from(8 + body.len()).unwrap();
    [&length.to_be_bytes()[..], &[2, 1, 0, 0], &body].concat()
}

/// The code of the SASL outcome; 0 is success.
fn sasl_outcome(emulator: &Emulator, mechanism: &str, response: &[u8]) -> u8 {
    let mut stream = connect(emulator);
    stream.write_all(SASL_HEADER).unwrap();
    stream.write_all(&sasl_init(mechanism, response)).unwrap();
    stream.read_exact(&mut [0; 8]).unwrap();
    let frame = |stream: &mut TcpStream| {
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        let mut rest = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
        stream.read_exact(&mut rest).unwrap();
        rest
    };
    let mechanisms = frame(&mut stream);
    let names = String::from_utf8_lossy(&mechanisms).into_owned();
    for name in ["MSSBCBS", "PLAIN", "ANONYMOUS", "EXTERNAL"] {
        assert!(names.contains(name), "{names:?}");
    }
    *frame(&mut stream).last().unwrap()
}

#[test]
fn every_mechanism_of_the_service_is_offered_and_plain_is_checked() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    for mechanism in ["ANONYMOUS", "MSSBCBS", "EXTERNAL"] {
        assert_eq!(sasl_outcome(&emulator, mechanism, b""), 0, "{mechanism}");
    }
    let good = format!("\0{KEY_NAME}\0{KEY}");
    assert_eq!(sasl_outcome(&emulator, "PLAIN", good.as_bytes()), 0);
    let wrong_key = format!("\0{KEY_NAME}\0WRONG");
    for bad in [
        wrong_key.as_str(),
        "\0nobody\0SAS_KEY_VALUE",
        "",
        "no separators",
    ] {
        let outcome = sasl_outcome(&emulator, "PLAIN", bad.as_bytes());
        assert_ne!(outcome, 0, "{bad:?}");
    }
}

#[test]
fn bytes_that_are_no_amqp_end_their_connection_alone() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut witness = Peer::authorized(&emulator, &["orders"]);
    let sender = witness.sender("orders").unwrap();
    let anonymous = sasl_init("ANONYMOUS", b"");
    let open = [SASL_HEADER, anonymous.as_slice(), AMQP_HEADER].concat();
    for bytes in [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        [0; 64].to_vec(),
        [&SASL_HEADER[..], &[0xff; 64]].concat(),
        [&SASL_HEADER[..], b"\0\0\0\x0c\x02\x01\0\0\x00\x53\x41\x40"].concat(),
        [&open[..], b"\0\0\0\x04"].concat(),
        [&open[..], b"\0\0\0\x08\x01\0\0\0"].concat(),
        [&open[..], b"\0\0\0\x0f\x02\0\0\0\xb0\x40\0\0\0\x61\x00"].concat(),
        [&open[..], b"\x7f\xff\xff\xff\x02\0\0\0"].concat(),
        [&open[..], b"\0\0\0\x0c\x02\0\0\0\x00\x53\x14\x45"].concat(),
    ] {
        assert_ended(&emulator, &bytes);
    }
    witness.send(sender, &text("unharmed"));
}

#[test]
fn a_client_that_never_reads_or_settles_does_not_hold_up_others() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut sender = Peer::authorized(&emulator, &["orders"]);
    let link = sender.sender("orders").unwrap();
    let filler = "x".repeat(100_000);
    for _ in 0..300 {
        sender.send(link, &text(&filler));
    }
    let mut idler = Peer::authorized(&emulator, &["orders"]);
    idler.receiver("orders", 1_000_000);

    let mut worker = Peer::authorized(&emulator, &["orders"]);
    let link = worker.receiver("orders", 10);
    for _ in 0..10 {
        assert_eq!(
            Arrived::new(&worker.receive(link)).text().len(),
            filler.len()
        );
    }
    let counts = emulator.counts("orders").unwrap();
    assert!(counts.active > 0, "the idler has locked it all: {counts:?}");
}
