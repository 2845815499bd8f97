//! Rust source as identifiers and punctuation, without comments, strings and character literals:
//! just enough of a lexer to find paths, whatever line or nesting they are on.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Ident(&'a str),
    Punct(char),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At<'a> {
    pub(crate) line: usize,
    pub(crate) token: Token<'a>,
}

impl<'a> At<'a> {
    pub(crate) fn ident(&self) -> Option<&'a str> {
        match self.token {
            Token::Ident(name) => Some(name),
            Token::Punct(_) => None,
        }
    }

    pub(crate) fn is(&self, punct: char) -> bool {
        self.token == Token::Punct(punct)
    }
}

pub(crate) fn tokens(text: &str) -> Vec<At<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = skipped(rest).unwrap_or_else(|| {
            let ident = rest.find(|c| !is_ident(c)).unwrap_or(rest.len());
            if ident > 0 {
                found.push(At {
                    line,
                    token: Token::Ident(&rest[..ident]),
                });
                return ident;
            }
            if !first.is_whitespace() {
                found.push(At {
                    line,
                    token: Token::Punct(first),
                });
            }
            first.len_utf8()
        });
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

fn is_ident(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of the comment or literal that `rest` begins with.
fn skipped(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    if rest.starts_with('\'') {
        return char_literal(rest);
    }
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let after = rest.strip_prefix(prefix);
        after.is_some_and(|after| after.trim_start_matches('#').starts_with('"'))
    })?;
    let after = &rest[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    let raw = prefix.ends_with('r');
    if hashes > 0 && !raw {
        return None;
    }
    let body = prefix.len() + hashes + 1;
    let end = if raw {
        let close = format!("\"{}", "#".repeat(hashes));
        rest[body..].find(&close).map(|at| at + close.len())
    } else {
        closing_quote(&rest[body..], '"')
    };
    Some(end.map_or(rest.len(), |end| body + end))
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// `'x'` and `'\n'`, but not the lifetime `'a`.
fn char_literal(rest: &str) -> Option<usize> {
    let mut chars = rest[1..].chars();
    match chars.next()? {
        '\\' => closing_quote(&rest[1..], '\'').map(|end| 1 + end),
        c => (chars.next() == Some('\'')).then(|| 2 + c.len_utf8()),
    }
}

/// The length up to and with the first `quote` that no backslash precedes.
fn closing_quote(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[test]
fn comments_and_literals_are_no_tokens() {
    let text = concat!(
        "use a::b; // c\n",
        "/* d /* e */ f */ let s: &'x str = \"g \\\" h\";\n",
        "let t = (r#\"i \" j\"#, b\"k\", 'l', '\\'', b'm');",
    );
    let found = tokens(text);
    let idents: Vec<&str> = found.iter().filter_map(At::ident).collect();
    assert_eq!(
        idents,
        ["use", "a", "b", "let", "s", "x", "str", "let", "t", "b"]
    );
    assert_eq!(found.last().map(|at| at.line), Some(3));
}
