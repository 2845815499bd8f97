//! The repository's own rules, held by `cargo test`: which part may name which, how long a file may
//! be, what it may be called, which marks of unfinished work may not be left in it, and that the files
//! which documents name are there.
//!
//! Each finding is printed as `file:line: rule`.

#[path = "tidy/arrows.rs"]
mod arrows;
#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/manifests.rs"]
mod manifests;
#[path = "tidy/marks.rs"]
mod marks;
#[path = "tidy/named_paths.rs"]
mod named_paths;
#[path = "tidy/rust_paths.rs"]
mod rust_paths;
#[path = "tidy/rust_tokens.rs"]
mod rust_tokens;
#[path = "tidy/tree.rs"]
mod tree;

use tree::{Finding, SourceFile};

fn check(rule: fn(&[SourceFile]) -> Vec<Finding>) {
    let files = tree::read();
    assert!(
        files.len() > 10,
        "only {} files found: the walk is broken",
        files.len()
    );
    let findings = rule(&files);
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} findings\n{}",
        lines.len(),
        lines.join("\n")
    );
}

#[test]
fn parts_name_only_what_their_arrows_allow() {
    check(arrows::check);
}

#[test]
fn crates_depend_only_on_what_their_arrows_allow() {
    check(manifests::check);
}

#[test]
fn files_are_short_and_named_for_what_they_hold() {
    check(files::check);
}

#[test]
fn no_mark_of_unfinished_work_is_left() {
    check(marks::check);
}

#[test]
fn what_documents_name_is_there() {
    check(named_paths::check);
}
