//! Marks of unfinished or silenced work, and paths of one machine.

use crate::rust_tokens::{tokens, At};
use crate::tree::{Finding, SourceFile};

/// Code that may not be written, token by token.
const FORBIDDEN_CODE: [(&[&str], &str); 9] = [
    (&["todo", "!"], "unfinished work"),
    (&["unimplemented", "!"], "unfinished work"),
    (&["dbg", "!"], "a debugging aid"),
    (&["#", "[", "ignore"], "a test that does not run"),
    (&["dead_code"], "code that nothing uses"),
    (&["allow", "(", "unused"], "a blanket allowance"),
    (&["allow", "(", "warnings"], "a blanket allowance"),
    (&["clippy", ":", ":", "all"], "a blanket allowance"),
    (&["#", "!", "[", "allow"], "a blanket allowance"),
];

/// Text that may not stand in any file. Taken apart, so that this file does not hold it itself.
const FORBIDDEN_TEXT: [(&str, &str); 4] = [
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/ho", "me/"), "a path of one machine"),
    (concat!("/t", "mp/"), "a path of one machine"),
];

const OPEN_MARKS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];

pub(crate) fn check(files: &[SourceFile]) -> Vec<Finding> {
    files
        .iter()
        .flat_map(|file| in_code(file).into_iter().chain(in_text(file)))
        .collect()
}

fn in_code(file: &SourceFile) -> Vec<Finding> {
    if !file.is_rust() {
        return Vec::new();
    }
    let tokens = tokens(&file.text);
    let mut findings = Vec::new();
    for at in 0..tokens.len() {
        for (code, what) in FORBIDDEN_CODE {
            let rest = &tokens[at..];
            if rest.len() >= code.len() && code.iter().zip(rest).all(|(text, at)| same(text, at)) {
                findings.push(file.finding(tokens[at].line, format!("{what}: {}", code.concat())));
            }
        }
    }
    findings
}

fn same(text: &str, at: &At<'_>) -> bool {
    match at.ident() {
        Some(name) => name == text,
        None => text.len() == 1 && text.starts_with(|c| at.is(c)),
    }
}

fn in_text(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for (text, what) in FORBIDDEN_TEXT {
            if line.contains(text) {
                findings.push(file.finding(number + 1, format!("{what}: {text}")));
            }
        }
        for mark in OPEN_MARKS {
            let numbered = format!("{mark}(#");
            if line.contains(mark) && !line.contains(&numbered) {
                findings
                    .push(file.finding(number + 1, format!("{mark} without an issue's number")));
            }
        }
    }
    findings
}

#[test]
fn marks_are_found() {
    let open = concat!("// TO", "DO later\n");
    let wrong = [
        "fn f() { todo!() }",
        "#[ignore]\nfn f() {}",
        "#![allow(x)]",
        "#[allow(dead_code)]",
        open,
    ];
    for text in wrong {
        let file = SourceFile::new("src/a.rs", text);
        let found = check(&[file]).len();
        assert_eq!(found, 1, "{text}");
    }
    let numbered = concat!("// TO", "DO(#7) later\nlet ignore = \"todo!()\";");
    assert_eq!(check(&[SourceFile::new("src/a.rs", numbered)]).len(), 0);
}
