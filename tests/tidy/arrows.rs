//! Which part may name which. A part is a crate or a folder of one; any path that names it counts,
//! not only `use` lines.

use std::collections::HashMap;

use crate::rust_paths::{imports, own_paths};
use crate::rust_tokens::tokens;
use crate::tree::{Finding, SourceFile};

/// Folders of the client crate, and which other folders each may name. `facade` are the files
/// directly in `src/`; `error`, the one thing that all parts share, may be named by each.
const CLIENT_PARTS: [(&str, &[&str]); 6] = [
    (
        "facade",
        &["engine", "mapping", "model", "runtime", "administration"],
    ),
    ("administration", &["mapping", "model", "runtime"]),
    ("engine", &["mapping", "model"]),
    ("mapping", &["model"]),
    ("runtime", &["model"]),
    ("model", &[]),
];

/// Names that belong to certain places: a crate's or a keyword's.
const PLACES: [(&[&str], &[&str]); 6] = [
    (
        &["fe2o3_amqp", "fe2o3_amqp_types", "serde_amqp"],
        &[
            "amqp/",
            "src/engine/",
            "src/mapping/",
            "emulator/src/wire/",
            "emulator/tests/",
            "fuzz/",
        ],
    ),
    (
        &["servicebus_amqp"],
        &[
            "amqp/",
            "src/engine/",
            "src/mapping/",
            "emulator/",
            "benches/",
            "fuzz/",
            "tests/",
        ],
    ),
    (
        &["tokio", "tokio_rustls"],
        &[
            "src/engine/",
            "src/runtime/",
            "src/administration/",
            "tests/",
            "amqp/src/driver.rs",
            "amqp/tests/",
            "amqp/examples/",
            "amqp/benches/",
            "emulator/",
            "examples/azure_identity/",
        ],
    ),
    (
        &["servicebus_emulator"],
        &[
            "emulator/",
            "tests/",
            "examples/",
            "benches/",
            "ffi/",
            "fuzz/",
        ],
    ),
    (
        &["servicebus"],
        &["src/", "tests/", "examples/", "benches/", "ffi/", "fuzz/"],
    ),
    (&["unsafe"], &["ffi/"]),
];

/// The broker is a pure state machine: no clock, no I/O, no wire format.
const BROKER: &str = "emulator/src/broker/";
const BROKER_TESTS: &str = "emulator/src/broker/tests/";
const NOT_IN_BROKER: [&str; 4] = ["tokio", "servicebus_amqp", "Instant", "SystemTime"];

pub(crate) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let rust: Vec<&SourceFile> = files.iter().filter(|file| file.is_rust()).collect();
    let mut findings: Vec<Finding> = rust.iter().flat_map(|file| misplaced_names(file)).collect();
    let exported = exported_names(&rust);
    findings.extend(rust.iter().flat_map(|file| client_arrows(file, &exported)));
    findings
}

fn misplaced_names(file: &SourceFile) -> Vec<Finding> {
    if file.path.starts_with("tests/tidy") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for at in tokens(&file.text) {
        let Some(name) = at.ident() else { continue };
        let misplaced = PLACES.iter().any(|(names, places)| {
            names.contains(&name) && !places.iter().any(|place| file.path.starts_with(place))
        });
        let broker = file.path.starts_with(BROKER) && !file.path.starts_with(BROKER_TESTS);
        let impure = broker && NOT_IN_BROKER.contains(&name);
        if misplaced || impure {
            findings.push(file.finding(at.line, format!("`{name}` may not be named here")));
        }
    }
    findings
}

fn client_arrows(file: &SourceFile, exported: &HashMap<&str, &str>) -> Vec<Finding> {
    let Some(inside) = file.path.strip_prefix("src/") else {
        return Vec::new();
    };
    if inside == "lib.rs" {
        return Vec::new();
    }
    let module = module_path(inside);
    let from = part_of(&module);
    let allowed = CLIENT_PARTS
        .iter()
        .find(|(part, _)| *part == from)
        .map_or(&[][..], |p| p.1);
    let mut findings = Vec::new();
    for path in own_paths(&file.text, &module) {
        let Some(first) = path.segments.first() else {
            continue;
        };
        let to = match exported.get(first) {
            Some(part) => part,
            None if first.starts_with(char::is_uppercase) => continue,
            None => part_of(&path.segments),
        };
        if to != from && to != "error" && !allowed.contains(&to) {
            let named = path.segments.join("::");
            let rule = format!("{from} may not name {to} (crate::{named})");
            findings.push(file.finding(path.line, rule));
        }
    }
    findings
}

/// What `lib.rs` re-exports at the crate's root, with the part that each name comes from.
fn exported_names<'a>(rust: &[&'a SourceFile]) -> HashMap<&'a str, &'a str> {
    let Some(root) = rust.iter().find(|file| file.path == "src/lib.rs") else {
        return HashMap::new();
    };
    let mut names = HashMap::new();
    for path in imports(&root.text) {
        let own = path
            .segments
            .strip_prefix(&["crate"])
            .unwrap_or(&path.segments);
        if let (Some(last), true) = (own.last(), own.len() > 1) {
            names.insert(*last, part_of(own));
        }
    }
    names
}

fn module_path(inside: &str) -> Vec<&str> {
    let path = inside.strip_suffix(".rs").unwrap_or(inside);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').collect()
}

fn part_of<'a>(path: &[&'a str]) -> &'a str {
    match path.first() {
        Some(&"error") => "error",
        Some(first) if CLIENT_PARTS.iter().any(|(part, _)| part == first) => first,
        _ => "facade",
    }
}

fn findings_in(path: &str, text: &str) -> Vec<String> {
    let root = SourceFile::new(
        "src/lib.rs",
        "pub use model::message::Message; pub use client::Client;",
    );
    let files = [root, SourceFile::new(path, text)];
    check(&files).iter().map(Finding::to_string).collect()
}

#[test]
fn wrong_arrows_are_found() {
    let wrong = [
        ("src/model/a.rs", "fn f(_: &crate::engine::Link) {}"),
        ("src/model/a.rs", "use super::super::mapping::x;"),
        ("src/mapping/a.rs", "use crate::{model::Body, Client};"),
        (
            "src/engine/a.rs",
            "mod t { fn f() { crate::receiver::x() } }",
        ),
        ("src/runtime/thread.rs", "use crate::engine::Engine;"),
        ("src/sender.rs", "fn f() { tokio::spawn(g) }"),
        (
            "src/receiver.rs",
            "use fe2o3_amqp::types::messaging::Header;",
        ),
        ("amqp/src/link.rs", "use tokio::time::sleep;"),
        (
            "emulator/src/broker/queue.rs",
            "let now = std::time::Instant::now();",
        ),
        ("emulator/src/wire/a.rs", "use servicebus::Client;"),
        ("src/engine/a.rs", "unsafe { f() }"),
    ];
    for (path, text) in wrong {
        assert_eq!(
            findings_in(path, text).len(),
            1,
            "{path}: {text}: {:?}",
            findings_in(path, text)
        );
    }
}

#[test]
fn right_arrows_are_not() {
    let right = [
        (
            "src/model/a.rs",
            "// crate::engine\nuse crate::error::Error; use super::body::Body;",
        ),
        (
            "src/engine/a.rs",
            "use crate::{model::Body, mapping::x, Message}; use super::link;",
        ),
        (
            "src/engine/link/mod.rs",
            "mod tests { use super::super::credit; }",
        ),
        (
            "src/sender.rs",
            "use crate::{client::Client, engine::Engine, runtime::Runtime};",
        ),
        ("amqp/src/driver.rs", "use tokio::io::AsyncRead;"),
        ("ffi/src/handle.rs", "unsafe { f() }"),
    ];
    for (path, text) in right {
        assert_eq!(
            findings_in(path, text),
            Vec::<String>::new(),
            "{path}: {text}"
        );
    }
}
