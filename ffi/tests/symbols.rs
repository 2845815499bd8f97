//! What the shared library exports, what the header declares and what `abi.symbols` lists are the
//! same functions.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what does not happen as told ends the test"
)]

mod library;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_shared_library_exports_the_functions_of_the_header_and_no_others() {
    let exported = symbols(&library::built().shared(), &["-D", "--defined-only"]);
    assert_same(&exported, &listed(), "the shared library", "abi.symbols");
}

#[test]
fn the_header_declares_what_is_listed() {
    assert_same(&declared(), &listed(), "the header", "abi.symbols");
}

#[test]
fn the_static_library_holds_every_function() {
    let held = symbols(&library::built().archive(), &["--defined-only"]);
    let missing: Vec<_> = listed().difference(&held).cloned().collect();
    assert!(missing.is_empty(), "the static library lacks {missing:?}");
}

fn symbols(file: &Path, options: &[&str]) -> BTreeSet<String> {
    let output = Command::new("nm")
        .args(options)
        .arg(file)
        .output()
        .unwrap_or_else(|error| panic!("nm of binutils is needed: {error}"));
    let text = String::from_utf8_lossy(&output.stdout);
    // "address type name"
    text.lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .map(str::to_owned)
        .collect()
}

/// Function names are the words before a parenthesis in lines that are not comments.
fn declared() -> BTreeSet<String> {
    let path = Path::new(CRATE).join("../include/servicebus.h");
    let header = fs::read_to_string(path).unwrap();
    let code = header.lines().map(|line| line.split("//").next().unwrap());
    code.filter_map(|line| line.split_once('('))
        .filter_map(|(before, _)| before.split([' ', '*']).next_back())
        .filter(|name| name.starts_with("sb_"))
        .map(str::to_owned)
        .collect()
}

fn listed() -> BTreeSet<String> {
    let list = fs::read_to_string(Path::new(CRATE).join("abi.symbols")).unwrap();
    list.lines().map(str::to_owned).collect()
}

fn assert_same(left: &BTreeSet<String>, right: &BTreeSet<String>, left_is: &str, right_is: &str) {
    let only = |these: &BTreeSet<String>, those| these.difference(those).cloned().collect();
    let (only_left, only_right): (Vec<_>, Vec<_>) = (only(left, right), only(right, left));
    assert!(
        only_left.is_empty() && only_right.is_empty(),
        "only in {left_is}: {only_left:?}, only in {right_is}: {only_right:?}"
    );
    assert!(!left.is_empty(), "{left_is} has no function at all");
}
