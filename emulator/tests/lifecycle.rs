//! Emulators in this process: starting, stopping, several at once.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use servicebus_emulator::{Emulator, MessageCounts, QueueOptions, StartError};

#[test]
fn several_run_at_once_and_know_nothing_of_each_other() {
    let one = Emulator::builder().queue("only-here").start().unwrap();
    let other = Emulator::builder().queue("only-there").start().unwrap();
    assert_ne!(one.port(), other.port());
    assert_eq!(one.counts("only-here"), Some(MessageCounts::default()));
    assert_eq!(one.counts("only-there"), None);
    assert_eq!(other.counts("only-there"), Some(MessageCounts::default()));
}

#[test]
fn a_dropped_emulator_cuts_its_connections_and_frees_its_port() {
    let emulator = Emulator::builder().start().unwrap();
    let port = emulator.port();
    let mut stream = TcpStream::connect(("localhost", port)).unwrap();
    drop(emulator);
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let ended = stream.read(&mut [0; 8]);
    let cut = match &ended {
        Ok(count) => *count == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    };
    assert!(cut, "{ended:?}");
    assert!(TcpStream::connect(("localhost", port)).is_err());
}

/// All of 127.0.0.0/8 is this machine there.
#[cfg(target_os = "linux")]
#[test]
fn it_listens_where_it_is_told_to() {
    let here = Emulator::builder().start().unwrap();
    assert!(TcpStream::connect(("127.0.0.2", here.port())).is_err());
    let anywhere = [0, 0, 0, 0].into();
    let everywhere = Emulator::builder().host(anywhere).start().unwrap();
    for port in [everywhere.port(), everywhere.http_port()] {
        assert!(TcpStream::connect(("127.0.0.2", port)).is_ok());
    }
    let nowhere = Emulator::builder().host([192, 0, 2, 1].into()).start();
    assert!(
        matches!(nowhere, Err(StartError::Listen { .. })),
        "{nowhere:?}"
    );
}

#[test]
fn a_taken_port_is_named_in_the_error() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Emulator::builder().port(port).start().unwrap_err();
    assert!(
        matches!(error, StartError::Listen { port: named, .. } if named == port),
        "{error:?}"
    );
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[test]
fn entities_that_the_service_would_refuse_are_refused() {
    for (name, options) in [
        ("two words", QueueOptions::new()),
        ("q", QueueOptions::new().max_delivery_count(0)),
        (
            "q",
            QueueOptions::new().lock_duration(Duration::from_secs(1)),
        ),
    ] {
        let error = Emulator::builder()
            .queue_with(name, options.clone())
            .start()
            .unwrap_err();
        assert!(
            matches!(&error, StartError::Entity { name: named, .. } if named == name),
            "{options:?}: {error:?}"
        );
    }
    let emulator = Emulator::builder().queue("q").start().unwrap();
    let again = emulator.create_queue("Q", QueueOptions::new()).unwrap_err();
    assert!(again.to_string().contains("already exists"), "{again}");
    let missing = emulator.delete_entity("nowhere").unwrap_err();
    assert!(
        missing.to_string().contains("could not be found"),
        "{missing}"
    );
}

#[test]
fn a_handle_can_be_shared_by_threads() {
    let emulator = Emulator::builder().queue("q").start().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    emulator.advance(Duration::from_secs(1));
                    assert!(emulator.counts("q").is_some());
                }
            });
        }
    });
}

#[test]
fn the_key_of_the_connection_string_can_be_chosen_and_is_not_shown() {
    let emulator = Emulator::builder()
        .shared_access_key("mine", "a-secret")
        .start()
        .unwrap();
    let text = emulator.connection_string();
    assert!(
        text.contains(";SharedAccessKeyName=mine;SharedAccessKey=a-secret;"),
        "{text}"
    );
    let shown = format!("{emulator:?}");
    assert!(!shown.contains("a-secret"), "{shown}");
}
