//! How long a file may be and what it may be called.

use crate::tree::{Finding, SourceFile};

const LONGEST: usize = 400;
const COUNTED: [&str; 11] = [
    ".rs", ".c", ".h", ".hpp", ".cpp", ".py", ".js", ".cjs", ".mjs", ".sh", ".ci/run",
];
/// Written by cbindgen from the sources of `ffi/`.
const GENERATED: [&str; 2] = ["include/servicebus.h", "include/servicebus_emulator.h"];

/// Names that say nothing about the one concept that a file should hold.
const EMPTY_NAMES: [&str; 16] = [
    "util", "utils", "helper", "helpers", "common", "manager", "handler", "misc", "types", "part",
    "impl", "stuff", "shared", "new", "enhanced", "old",
];

pub(crate) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let sources = files
        .iter()
        .filter(|file| COUNTED.iter().any(|end| file.path.ends_with(end)));
    sources
        .flat_map(|file| too_long(file).into_iter().chain(badly_named(file)))
        .collect()
}

fn too_long(file: &SourceFile) -> Option<Finding> {
    let lines = file.text.lines().count();
    let exempt = GENERATED.contains(&file.path.as_str());
    (lines > LONGEST && !exempt).then(|| {
        file.finding(
            lines,
            format!("{lines} lines, at most {LONGEST} hold one concept"),
        )
    })
}

fn badly_named(file: &SourceFile) -> Option<Finding> {
    let stem = file.name().split('.').next().unwrap_or("");
    let parent = file.path.rsplit('/').nth(1).unwrap_or("");
    let unnumbered = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = stem.len() - unnumbered.len();
    let words = || unnumbered.split('_');
    let first_or_last = [words().next(), words().next_back()];
    let empty = first_or_last
        .iter()
        .flatten()
        .any(|word| EMPTY_NAMES.contains(word));
    let rule = if empty {
        "a name that does not say what the file holds"
    } else if digits == 1 {
        "a numbered name: split by concept instead"
    } else if !parent.is_empty() && parent != "src" && stem.starts_with(&format!("{parent}_")) {
        "a name that repeats its folder's"
    } else {
        return None;
    };
    Some(file.finding(1, rule))
}

#[test]
fn names_that_say_nothing_are_found() {
    let wrong = [
        "src/utils.rs",
        "src/a/string_helpers.rs",
        "amqp/src/link2.rs",
        "src/part1.rs",
    ];
    let stutter = ["src/engine/engine_link.rs", "tests/c/new_queue.c"];
    for path in wrong.into_iter().chain(stutter) {
        assert!(
            badly_named(&SourceFile::new(path, "")).is_some(),
            "{path} passes"
        );
    }
    for path in [
        "src/sender.rs",
        "emulator/src/wire/sha256.rs",
        ".ci/run",
        "src/model/value.rs",
    ] {
        assert!(
            badly_named(&SourceFile::new(path, "")).is_none(),
            "{path} does not pass"
        );
    }
}
