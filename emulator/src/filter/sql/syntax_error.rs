//! What is said of an expression that is none.

use std::fmt;

/// Where an expression breaks the grammar, told as the service tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    line: usize,
    column: usize,
    token: String,
    details: String,
}

impl SyntaxError {
    /// The service lists what could stand there only if that is short.
    const MAX_EXPECTED: usize = 6;

    /// `at` is the offset of the wrong token in bytes.
    pub(super) fn new(text: &str, at: usize, token: &str, details: String) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count(),
            token: token.to_owned(),
            details,
        }
    }

    pub(super) fn unrecognized(text: &str, at: usize) -> Self {
        let character = text.get(at..).and_then(|rest| rest.chars().next());
        let character = character.map(String::from).unwrap_or_default();
        let details = format!("Unrecognized character. '{character}'");
        Self::new(text, at, &character, details)
    }

    pub(super) fn unexpected(
        text: &str,
        at: usize,
        token: &str,
        kind: &str,
        expected: &[&str],
    ) -> Self {
        let mut details = format!("syntax error, unexpected {kind}");
        if (1..=Self::MAX_EXPECTED).contains(&expected.len()) {
            details.push_str(", expecting ");
            details.push_str(&expected.join(", or "));
        }
        Self::new(text, at, token, details)
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "There was an error parsing the SQL expression. [Token line={}, column={}, \
             Token in error= {}, Additional details= {}]",
            self.line, self.column, self.token, self.details
        )
    }
}

impl std::error::Error for SyntaxError {}
