//! The emulator as a program.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in what it calls as well"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running program, ended when the test is over however it went.
struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_servicebus-emulator"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success(), "kill {name}: {status}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail if it has ended, as it should have.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// The port in a connection string.
fn port(connection_string: &str) -> u16 {
    let rest = connection_string.strip_prefix("Endpoint=sb://localhost:");
    let rest = rest.unwrap_or_else(|| panic!("no endpoint in {connection_string:?}"));
    rest.split(';').next().unwrap().parse().unwrap()
}

fn speaks_amqp(port: u16) -> bool {
    let mut stream = TcpStream::connect(("localhost", port)).unwrap();
    let sasl = b"AMQP\x03\x01\x00\x00";
    stream.write_all(sasl).unwrap();
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).unwrap();
    answer == *sasl
}

fn is_healthy(url: &str) -> bool {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.1 200 ")
}

#[test]
fn it_prints_its_connection_string_serves_and_stops_on_a_signal() {
    for signal in ["-INT", "-TERM"] {
        let mut program = Program::start(&[
            "--port",
            "0",
            "--http-port",
            "0",
            "--queue",
            "a",
            "--queue",
            "b/c",
        ]);
        let line = program.line();
        assert!(
            line.ends_with(
                ";SharedAccessKeyName=RootManageSharedAccessKey;\
                 SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;"
            ),
            "{line}"
        );
        assert!(speaks_amqp(port(&line)));
        assert!(is_healthy(&program.line()));
        program.signal(signal);
        let status = program.child.wait().unwrap();
        assert!(status.success(), "after {signal}: {status}");
    }
}

#[test]
fn with_a_tls_port_it_prints_the_root_to_trust() {
    let mut program = Program::start(&["--port", "0", "--http-port", "0", "--tls-port", "0"]);
    let plain = program.line();
    let http = program.line();
    assert!(http.starts_with("http://localhost:"), "{http}");
    let tls = program.line();
    assert_ne!(port(&plain), port(&tls));
    assert_eq!(program.line(), "-----BEGIN CERTIFICATE-----");
}

#[test]
fn what_cannot_be_started_is_said_and_fails() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, text) in [
        (&["--port", &port][..], "listen on port"),
        (
            &["--port", "0", "--http-port", "0", "--queue", "bad name"],
            "no valid entity name",
        ),
        (&["--port", "0", "--tier", "gold"], "unknown tier"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_servicebus-emulator"))
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said.contains(text), "{arguments:?}: {said}");
    }
}
