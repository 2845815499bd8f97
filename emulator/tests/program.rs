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
        Self::start_with(arguments, &[])
    }

    fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_servicebus-emulator"))
            .args(arguments)
            .envs(variables.iter().copied())
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

fn get(url: &str, path: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn is_healthy(url: &str) -> bool {
    get(url, "/health").starts_with("HTTP/1.1 200 ")
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

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/Config.json");

/// The emulator has all of these: creating one again fails.
fn assert_has(variables: &[(&str, &str)], flags: &[&[&str]]) {
    let free = [
        ("SERVICEBUS_EMULATOR_PORT", "0"),
        ("EMULATOR_HTTP_PORT", "0"),
    ];
    let variables = [variables, &free].concat();
    let mut program = Program::start_with(&[], &variables);
    assert!(speaks_amqp(port(&program.line())));
    assert!(is_healthy(&program.line()));
    for flag in flags {
        let output = Command::new(env!("CARGO_BIN_EXE_servicebus-emulator"))
            .args(*flag)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("already exists"), "{flag:?}: {said}");
    }
}

#[test]
fn variables_stand_for_flags() {
    let variables = [
        ("SERVICEBUS_EMULATOR_CONFIG", CONFIG),
        ("SERVICEBUS_EMULATOR_QUEUE", "a,b/c"),
        ("SERVICEBUS_EMULATOR_ACCEPT_JWT", "1"),
        ("SERVICEBUS_EMULATOR_LOG", "off"),
        ("SERVICEBUS_EMULATOR_HOST", "127.0.0.1"),
    ];
    assert_has(
        &variables,
        &[
            &["--topic", "a"],
            &["--topic", "b/c"],
            &["--topic", "orders"],
            &["--queue", "events"],
            &["--subscription", "events/large"],
        ],
    );
}

#[test]
fn a_flag_comes_before_its_variable_and_ours_before_that_of_microsoft() {
    let variables = [
        ("SERVICEBUS_EMULATOR_PORT", "no port"),
        ("SERVICEBUS_EMULATOR_HTTP_PORT", "0"),
        ("EMULATOR_HTTP_PORT", "no port"),
    ];
    let mut program = Program::start_with(&["--port", "0"], &variables);
    assert!(speaks_amqp(port(&program.line())));
    assert!(is_healthy(&program.line()));
}

#[test]
fn a_port_that_is_none_is_refused() {
    for name in ["SERVICEBUS_EMULATOR_HTTP_PORT", "EMULATOR_HTTP_PORT"] {
        let output = Command::new(env!("CARGO_BIN_EXE_servicebus-emulator"))
            .args(["--port", "0"])
            .env(name, "70000")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{name}");
        assert!(said.contains("70000"), "{name}: {said}");
    }
}

#[test]
fn what_has_no_effect_is_said() {
    let output = Command::new(env!("CARGO_BIN_EXE_servicebus-emulator"))
        .args(["--port", "0", "--http-port", "0", "--config", CONFIG])
        // It fails to start, and so ends, for this alone.
        .args(["--queue", "bad name"])
        .env("SERVICEBUS_EMULATOR_PROT", "5672")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    for part in [
        "SERVICEBUS_EMULATOR_PROT",
        "Config.json:103:15: nothing is logged to a file",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
}

#[test]
fn help_names_every_variable() {
    let output = Command::new(env!("CARGO_BIN_EXE_servicebus-emulator"))
        .arg("--help")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    for part in [
        "--config <FILE>",
        "[env: SERVICEBUS_EMULATOR_CONFIG]",
        "[env: SERVICEBUS_EMULATOR_ACCEPT_JWT]",
        "EMULATOR_HTTP_PORT",
        "SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;",
    ] {
        assert!(said.contains(part), "no {part} in {said}");
    }
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
        (&["--config", "no/such/Config.json"], "no/such/Config.json"),
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
