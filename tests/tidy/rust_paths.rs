//! The paths that a Rust file names, resolved from the root of its crate. Groups of `use` are taken
//! apart, `self` and `super` are followed, inline modules are counted.

use crate::rust_tokens::{tokens, At};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RustPath<'a> {
    pub(crate) line: usize,
    pub(crate) segments: Vec<&'a str>,
}

/// Every path that begins with `crate`, `self` or `super`. `module` is the file's own path.
pub(crate) fn own_paths<'a>(text: &'a str, module: &[&'a str]) -> Vec<RustPath<'a>> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut inline: Vec<(&str, usize)> = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if token.is('{') {
            depth += 1;
            if let Some(name) = opened_module(&tokens, at) {
                inline.push((name, depth));
            }
        } else if token.is('}') {
            if inline.last().is_some_and(|(_, opened)| *opened == depth) {
                inline.pop();
            }
            depth = depth.saturating_sub(1);
        }
        let first = matches!(token.ident(), Some("crate" | "self" | "super"));
        if first && !follows_separator(&tokens, at) {
            let mut here = module.to_vec();
            here.extend(inline.iter().map(|(name, _)| *name));
            for path in tree(&tokens, at).0 {
                if let Some(segments) = resolve(&here, &path.segments) {
                    found.push(RustPath {
                        line: path.line,
                        segments,
                    });
                }
            }
        }
    }
    found
}

/// Every path that a `use` of this file brings in, as written.
pub(crate) fn imports(text: &str) -> Vec<RustPath<'_>> {
    let tokens = tokens(text);
    let uses = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.ident() == Some("use"));
    uses.flat_map(|(at, _)| tree(&tokens, at + 1).0).collect()
}

fn opened_module<'a>(tokens: &[At<'a>], brace: usize) -> Option<&'a str> {
    let keyword = brace.checked_sub(2)?;
    (tokens[keyword].ident() == Some("mod"))
        .then(|| tokens[brace - 1].ident())
        .flatten()
}

fn follows_separator(tokens: &[At<'_>], at: usize) -> bool {
    at >= 2 && tokens[at - 1].is(':') && tokens[at - 2].is(':')
}

fn separator(tokens: &[At<'_>], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.is(':'))
        && tokens.get(at + 1).is_some_and(|token| token.is(':'))
}

/// The paths of the tree that begins at `at`, and where it ends.
fn tree<'a>(tokens: &[At<'a>], mut at: usize) -> (Vec<RustPath<'a>>, usize) {
    let mut segments = Vec::new();
    let mut line = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(name) = token.ident() {
            segments.push(name);
            line = token.line;
            at += 1;
        } else if token.is('{') {
            return group(tokens, at + 1, &segments);
        } else {
            break;
        }
        if !separator(tokens, at) {
            break;
        }
        at += 2;
    }
    (vec![RustPath { line, segments }], at)
}

fn group<'a>(tokens: &[At<'a>], mut at: usize, prefix: &[&'a str]) -> (Vec<RustPath<'a>>, usize) {
    let mut found = Vec::new();
    while let Some(token) = tokens.get(at) {
        if token.is('}') {
            return (found, at + 1);
        }
        let (inner, end) = tree(tokens, at);
        found.extend(inner.into_iter().map(|path| {
            let segments = prefix.iter().copied().chain(path.segments).collect();
            RustPath {
                line: path.line.max(token.line),
                segments,
            }
        }));
        at = end.max(at + 1);
        // `name as other` and the comma.
        while tokens
            .get(at)
            .is_some_and(|token| !token.is(',') && !token.is('}'))
        {
            at += 1;
        }
        if tokens.get(at).is_some_and(|token| token.is(',')) {
            at += 1;
        }
    }
    (found, at)
}

fn resolve<'a>(here: &[&'a str], segments: &[&'a str]) -> Option<Vec<&'a str>> {
    let mut resolved = here.to_vec();
    let mut rest = segments;
    if segments.first() == Some(&"crate") {
        resolved.clear();
        rest = &segments[1..];
    }
    while let Some(&first @ ("self" | "super")) = rest.first() {
        if first == "super" {
            resolved.pop()?;
        }
        rest = &rest[1..];
    }
    resolved.extend(rest);
    Some(resolved)
}

#[test]
fn groups_and_relative_paths_are_resolved() {
    let text = "use crate::{a::{b, c as d}, e};\nfn f() { super::g(); }\nmod t {\n use super::super::h::i;\n}\npub(crate) use self::j;";
    let found = own_paths(text, &["x", "y"]);
    let shown: Vec<String> = found
        .iter()
        .map(|p| format!("{} {}", p.line, p.segments.join("::")))
        .collect();
    let expected = [
        "1 a::b",
        "1 a::c",
        "1 e",
        "2 x::g",
        "4 x::h::i",
        "6 ",
        "6 x::y::j",
    ]
    .map(str::to_owned);
    assert_eq!(shown, expected);
}
