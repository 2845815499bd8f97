//! `include/servicebus.h` is written from the sources of this crate, and says what they say.
//!
//! `UPDATE_HEADER=1 cargo test -p servicebus-ffi --test header` rewrites it.
#![expect(
    clippy::expect_used,
    reason = "what does not happen as told ends the test"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use cbindgen::{Builder, Config, DocumentationStyle, Language, Style};

/// The files that hold what the header shows, in its order.
const SOURCES: [&str; 10] = [
    "status.rs",
    "view.rs",
    "error.rs",
    "client_options.rs",
    "client.rs",
    "message.rs",
    "sender.rs",
    "receiver_options.rs",
    "receiver.rs",
    "received.rs",
];

const PREAMBLE: &str = include_str!("header_preamble.txt");

#[test]
fn the_committed_header_is_what_the_sources_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/servicebus.h");
    let generated = generate();
    if env::var_os("UPDATE_HEADER").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let different = generated
        .lines()
        .zip(committed.lines())
        .position(|(new, old)| new != old);
    assert!(
        generated == committed,
        "{} differs from the sources from line {} on; UPDATE_HEADER=1 rewrites it",
        path.display(),
        1 + different.unwrap_or_else(|| committed.lines().count())
    );
}

/// A header leaves nothing out that a C program could link.
#[test]
fn every_source_with_a_function_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let exports = fs::read_to_string(&path).unwrap().contains("#[no_mangle]");
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            !exports || SOURCES.contains(&name),
            "{name} exports functions and is not among the sources of the header"
        );
    }
}

fn generate() -> String {
    let config = Config {
        language: Language::C,
        style: Style::Type,
        cpp_compat: true,
        usize_is_size_t: true,
        include_guard: Some("SERVICEBUS_H".to_owned()),
        documentation_style: DocumentationStyle::C99,
        header: Some(PREAMBLE.trim_end().to_owned()),
        no_includes: true,
        sys_includes: ["stdbool.h", "stddef.h", "stdint.h"]
            .map(str::to_owned)
            .into(),
        after_includes: Some(version_macros()),
        line_length: 100,
        ..Config::default()
    };
    let sources = SOURCES.iter().map(|name| source(name));
    let builder = sources.fold(Builder::new().with_config(config), Builder::with_src);
    let mut header = Vec::new();
    builder
        .generate()
        .expect("cbindgen reads the sources")
        .write(&mut header);
    String::from_utf8(header).expect("cbindgen writes UTF-8")
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}

fn version_macros() -> String {
    format!(
        "
// The version that this header belongs to, as numbers; SB_VERSION_NUMBER grows with each.
#define SB_VERSION_MAJOR {}
#define SB_VERSION_MINOR {}
#define SB_VERSION_PATCH {}
#define SB_VERSION_NUMBER (SB_VERSION_MAJOR * 10000 + SB_VERSION_MINOR * 100 + SB_VERSION_PATCH)",
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH")
    )
}
