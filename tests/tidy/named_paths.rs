//! What the documents name is there.

use crate::tree::{Finding, SourceFile};

/// A code span that begins with one of these is a path of the repository.
const FOLDERS: [&str; 10] = [
    ".ci/",
    "amqp/",
    "benches/",
    "docs/",
    "emulator/",
    "examples/",
    "ffi/",
    "fuzz/",
    "src/",
    "tests/",
];

pub(crate) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let documents = files.iter().filter(|file| file.path.ends_with(".md"));
    documents
        .flat_map(|document| missing(document, files))
        .collect()
}

fn missing(document: &SourceFile, files: &[SourceFile]) -> Vec<Finding> {
    let lines = document.text.lines().zip(1..);
    lines
        .flat_map(|(line, number)| {
            let spans = line.split('`').skip(1).step_by(2);
            spans
                .filter(|span| is_path(span) && !is_there(span, files))
                .map(move |span| document.finding(number, format!("{span} is not there")))
        })
        .collect()
}

fn is_path(span: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.');
    FOLDERS.iter().any(|folder| span.starts_with(folder)) && span.chars().all(is_plain)
}

fn is_there(path: &str, files: &[SourceFile]) -> bool {
    let folder = format!("{}/", path.trim_end_matches('/'));
    files
        .iter()
        .any(|file| file.path == path || file.path.starts_with(&folder))
}

#[test]
fn a_path_that_leads_nowhere_is_found() {
    let files = [
        SourceFile::new(
            "README.md",
            "see `src/a.rs`, `src/b/`, `src/c.rs` and `src/*.rs`",
        ),
        SourceFile::new("src/a.rs", ""),
        SourceFile::new("src/b/d.rs", ""),
    ];
    let findings: Vec<_> = check(&files).iter().map(ToString::to_string).collect();
    assert_eq!(findings, ["README.md:1: src/c.rs is not there"]);
}
