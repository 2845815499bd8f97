//! The words of an expression.

use std::ops::Range;

use winnow::ascii::{digit0, digit1, Caseless};
use winnow::combinator::{alt, delimited, opt, preceded, repeat, terminated};
use winnow::error::EmptyError;
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{none_of, one_of, take_while};

use super::SyntaxError;

/// One word, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A reserved word in capitals, or a sign.
    Fixed(&'static str),
    Name(String),
    /// `[name]` or `"name"`.
    Delimited(String),
    Text(String),
    Integer(i128),
    Real(f64),
    /// With its `@`.
    Parameter(String),
    End,
}

impl TokenKind {
    /// What the grammar calls it, for error messages.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Fixed(text) => text,
            Self::Name(_) => IDENTIFIER,
            Self::Delimited(_) => DELIMITED_IDENTIFIER,
            Self::Text(_) => STRING,
            Self::Integer(_) => INTEGER,
            Self::Real(_) => DECIMAL,
            Self::Parameter(_) => PARAMETER,
            Self::End => END,
        }
    }
}

pub(super) const IDENTIFIER: &str = "IDENTIFIER";
pub(super) const DELIMITED_IDENTIFIER: &str = "DELIMITED_IDENTIFIER";
pub(super) const STRING: &str = "STRING";
pub(super) const INTEGER: &str = "INTEGER";
pub(super) const DECIMAL: &str = "DECIMAL";
pub(super) const PARAMETER: &str = "PARAMETER";
pub(super) const END: &str = "EOF";

const RESERVED: [&str; 11] = [
    "AND", "OR", "NOT", "IS", "NULL", "IN", "LIKE", "ESCAPE", "EXISTS", "TRUE", "FALSE",
];

/// The longer ones first; `!=` is the same as `<>`.
const SIGNS: [(&str, &str); 17] = [
    ("<>", "<>"),
    ("!=", "<>"),
    ("<=", "<="),
    (">=", ">="),
    ("=", "="),
    ("<", "<"),
    (">", ">"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    ("(", "("),
    (")", ")"),
    (",", ","),
    (".", "."),
    (";", ";"),
];

/// The smallest `long` without its sign, which is the largest integer that can be written.
const MAX_INTEGER: i128 = 1 << 63;

type Source<'i> = LocatingSlice<&'i str>;
type Parsed<T> = Result<T, EmptyError>;

/// Takes a text apart; the last token is always [`TokenKind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut source = LocatingSlice::new(text);
    let mut words = preceded(blank, repeat(0.., terminated(token, blank)));
    let parsed: Parsed<Vec<Token>> = words.parse_next(&mut source);
    let mut tokens = parsed.unwrap_or_default();
    let end = source.current_token_start();
    if end < text.len() {
        return Err(SyntaxError::unrecognized(text, end));
    }
    tokens.push(Token {
        kind: TokenKind::End,
        span: end..end,
    });
    Ok(tokens)
}

fn blank(source: &mut Source<'_>) -> Parsed<()> {
    take_while(0.., char::is_whitespace)
        .void()
        .parse_next(source)
}

fn token(source: &mut Source<'_>) -> Parsed<Token> {
    alt((number, text, delimited_name, parameter, word, sign))
        .with_span()
        .map(|(kind, span)| Token { kind, span })
        .parse_next(source)
}

fn number(source: &mut Source<'_>) -> Parsed<TokenKind> {
    let exponent = || (Caseless("e"), opt(one_of(['+', '-'])), digit1);
    let real = alt((
        (digit0, '.', digit1, opt(exponent())).take(),
        (digit1, exponent()).take(),
    ));
    alt((
        real.parse_to().map(TokenKind::Real),
        digit1
            .parse_to()
            .verify(|value: &i128| *value <= MAX_INTEGER)
            .map(TokenKind::Integer),
    ))
    .parse_next(source)
}

/// What stands between two quotation marks, where two closing ones mean one of the text.
fn quoted<'i>(
    open: char,
    close: char,
    doubled: &'static str,
) -> impl Parser<Source<'i>, String, EmptyError> {
    let character = alt((none_of(close), doubled.value(close)));
    delimited(open, repeat(0.., character), close)
}

fn text(source: &mut Source<'_>) -> Parsed<TokenKind> {
    quoted('\'', '\'', "''")
        .map(TokenKind::Text)
        .parse_next(source)
}

fn delimited_name(source: &mut Source<'_>) -> Parsed<TokenKind> {
    alt((quoted('[', ']', "]]"), quoted('"', '"', "\"\"")))
        .verify(|name: &String| !name.is_empty())
        .map(TokenKind::Delimited)
        .parse_next(source)
}

fn name<'i>(source: &mut Source<'i>) -> Parsed<&'i str> {
    let follows = |c: char| c.is_alphanumeric() || c == '_';
    (one_of(char::is_alphabetic), take_while(0.., follows))
        .take()
        .parse_next(source)
}

fn parameter(source: &mut Source<'_>) -> Parsed<TokenKind> {
    ('@', name)
        .take()
        .map(|text: &str| TokenKind::Parameter(text.to_owned()))
        .parse_next(source)
}

fn word(source: &mut Source<'_>) -> Parsed<TokenKind> {
    let kind = |name: &str| {
        let mut reserved = RESERVED.into_iter();
        match reserved.find(|word| word.eq_ignore_ascii_case(name)) {
            Some(word) => TokenKind::Fixed(word),
            None => TokenKind::Name(name.to_owned()),
        }
    };
    name.map(kind).parse_next(source)
}

fn sign(source: &mut Source<'_>) -> Parsed<TokenKind> {
    for (sign, meaning) in SIGNS {
        let sign: Parsed<Option<&str>> = opt(sign).parse_next(source);
        if sign?.is_some() {
            return Ok(TokenKind::Fixed(meaning));
        }
    }
    Err(EmptyError)
}
