//! C programs against the emulator, linked with the shared and with the static library.
//!
//! `CC` and `CXX` name other compilers than `cc` and `c++`. `SERVICEBUS_C_RUNNER` is put in front of
//! each program, for example `valgrind --quiet --error-exitcode=9 --leak-check=full`.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what does not happen as told ends the test"
)]

mod library;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use servicebus::Client;
use servicebus_emulator::Emulator;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");
const QUEUE: &str = "orders";
const C_FLAGS: [&str; 5] = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"];
const CXX_FLAGS: [&str; 7] = [
    "-x",
    "c++",
    "-std=c++17",
    "-pedantic",
    "-Wall",
    "-Wextra",
    "-Werror",
];

#[derive(Clone, Copy, Debug)]
enum Linkage {
    Shared,
    Static,
}

const BOTH: [Linkage; 2] = [Linkage::Shared, Linkage::Static];

#[test]
fn the_header_is_c99_and_cpp17_alone_and_twice() {
    let source = Path::new(CRATE).join("tests/c/header.c");
    for (compiler, flags) in [
        (compiler("CC", "cc"), C_FLAGS.as_slice()),
        (compiler("CXX", "c++"), CXX_FLAGS.as_slice()),
    ] {
        let mut compile = Command::new(&compiler);
        compile.args(flags).arg(include()).arg("-fsyntax-only");
        run_compiler(compile.arg(&source), &compiler);
    }
}

#[test]
fn the_version_is_a_number() {
    let (major, minor, patch) = (
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
    );
    let number = |text: &str| text.parse::<u32>().unwrap();
    let expected = number(major) * 10_000 + number(minor) * 100 + number(patch);
    let printed = run(&build("version.c", Linkage::Shared), &[]);
    assert_eq!(printed, format!("{expected}\n"));
}

#[test]
fn the_quickstart_sends_receives_and_completes() {
    let program = Path::new(CRATE).join("../examples/c/quickstart.c");
    for linkage in BOTH {
        let emulator = emulator();
        let program = compile(&program, linkage);
        let mut quickstart = runner(&program);
        quickstart
            .env("SERVICE_BUS_CONNECTION_STR", emulator.connection_string())
            .env("SERVICE_BUS_QUEUE_NAME", QUEUE);
        assert_eq!(
            printed_by(&mut quickstart),
            "sent 2 messages to orders\n1: first (order-1)\n2: second (order-2)\n",
            "{linkage:?}"
        );
        let counts = emulator.counts(QUEUE).expect("the queue");
        assert_eq!((counts.active, counts.locked), (0, 0), "{linkage:?}");
    }
}

#[test]
fn what_c_sends_is_what_others_receive() {
    let emulator = emulator();
    run(
        &build("send.c", Linkage::Shared),
        &[&emulator.connection_string()],
    );
    let client = Client::from_connection_string(&emulator.connection_string()).unwrap();
    let receiver = client.queue_receiver(QUEUE).open().unwrap();
    let messages = receiver
        .receive_messages(10, std::time::Duration::from_secs(5))
        .unwrap();
    let bodies: Vec<_> = messages.iter().map(|message| message.body()).collect();
    assert_eq!(bodies, [b"a\0b".as_slice(), b""], "{messages:?}");
    assert_eq!(messages[0].message_id(), Some("id-\u{e9}"));
    let colour = messages[0].application_properties().get("colour").cloned();
    assert_eq!(colour, Some("blue".into()), "{messages:?}");
}

#[test]
fn misuse_is_answered_and_never_crashes() {
    for linkage in BOTH {
        let emulator = emulator();
        let good = emulator.connection_string();
        let wrong_key = with_wrong_key(&good);
        let printed = run(&build("misuse.c", linkage), &[&good, &wrong_key]);
        assert_eq!(printed, "ok\n", "{linkage:?}");
    }
}

#[test]
fn another_thread_ends_a_wait_by_closing() {
    let emulator = emulator();
    let program = build("close_from_another_thread.c", Linkage::Shared);
    let printed = run(&program, &[&emulator.connection_string()]);
    assert_eq!(printed, "closed\n");
}

#[test]
fn a_forked_child_is_refused_at_once_and_frees_without_waiting() {
    let emulator = emulator();
    let program = build("fork.c", Linkage::Shared);
    let printed = run(&program, &[&emulator.connection_string()]);
    assert_eq!(printed, "parent goes on\n");
}

fn emulator() -> Emulator {
    Emulator::builder()
        .queue(QUEUE)
        .start()
        .expect("an emulator")
}

/// The same connection string with a key that is as long and not the right one.
fn with_wrong_key(connection_string: &str) -> String {
    let (before, key) = connection_string.split_once("SharedAccessKey=").unwrap();
    let (key, after) = key.split_once(';').unwrap_or((key, ""));
    let wrong: String = key
        .chars()
        .map(|c| if c == 'A' { 'B' } else { 'A' })
        .collect();
    format!("{before}SharedAccessKey={wrong};{after}")
}

fn build(program: &str, linkage: Linkage) -> PathBuf {
    compile(&Path::new(CRATE).join("tests/c").join(program), linkage)
}

fn compile(source: &Path, linkage: Linkage) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c-programs");
    std::fs::create_dir_all(&folder).unwrap();
    let name = source.file_stem().unwrap().to_str().unwrap();
    let program = folder.join(format!("{name}-{linkage:?}"));
    let compiler = compiler("CC", "cc");
    let mut compile = Command::new(&compiler);
    compile.args(C_FLAGS).arg("-g").arg(include());
    compile.arg(source).arg("-o").arg(&program);
    let library = library::built();
    match linkage {
        Linkage::Shared => {
            let shared = library.shared();
            let folder = shared.parent().unwrap();
            link_soname(&shared);
            compile.arg("-L").arg(folder).arg("-lservicebus_c");
            compile.arg(format!("-Wl,-rpath,{}", folder.display()));
        }
        Linkage::Static => {
            compile.arg(library.archive());
            compile.args(needs_of_the_archive());
        }
    }
    run_compiler(compile.arg("-lpthread"), &compiler);
    program
}

/// What the header says that a program with the static library is to be linked with.
fn needs_of_the_archive() -> impl Iterator<Item = &'static str> {
    let (_, needs) = include_str!("../../include/servicebus.h")
        .split_once("The static library also needs ")
        .expect("the header says what the static library needs");
    let (needs, _) = needs.split_once('.').expect("a sentence");
    needs.split(' ')
}

/// A linked program asks for the library by its soname, which an installation links to the file.
#[cfg(unix)]
fn link_soname(shared: &Path) {
    let link = shared.with_file_name("libservicebus_c.so.0");
    match std::os::unix::fs::symlink(shared.file_name().unwrap(), &link) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            panic!("{}: {error}", link.display())
        }
        _linked => {}
    }
}

fn include() -> String {
    format!("-I{CRATE}/../include")
}

fn compiler(variable: &str, default: &str) -> String {
    env::var(variable).unwrap_or_else(|_| default.to_owned())
}

fn run_compiler(command: &mut Command, compiler: &str) {
    let output = command.output().unwrap_or_else(|error| {
        panic!("these tests need a C and a C++ compiler; `{compiler}` does not start: {error}")
    });
    assert!(
        output.status.success(),
        "{command:?}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn runner(program: &Path) -> Command {
    let runner = env::var("SERVICEBUS_C_RUNNER").unwrap_or_default();
    let mut words = runner.split_whitespace();
    match words.next() {
        None => Command::new(program),
        Some(first) => {
            let mut command = Command::new(first);
            command.args(words).arg(program);
            command
        }
    }
}

fn run(program: &Path, arguments: &[&str]) -> String {
    printed_by(runner(program).args(arguments))
}

/// What a program printed, once it is sure that it ended well.
fn printed_by(program: &mut Command) -> String {
    let output = program.output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program:?}: {}, printed:\n{text}\nand to stderr:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    text
}
