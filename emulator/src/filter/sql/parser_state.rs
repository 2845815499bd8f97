//! What a parser keeps beside its position: parameters, depth, and how far it has come.

use winnow::combinator::terminated;
use winnow::error::{EmptyError, ErrMode};
use winnow::prelude::*;
use winnow::stream::{Stateful, Stream, TokenSlice};

use super::token::{tokens, Token, TokenKind};
use super::SyntaxError;
use crate::filter::error::FilterError;
use crate::filter::Parameters;

/// The longest expression, in characters (Service Bus docs, "Service Bus quotas": size of SQL filter,
/// size of SQL rule action).
pub(super) const MAX_LENGTH: usize = 1_024;

/// How deeply parentheses, prefixes and arguments may be nested, so that the stack holds them.
pub(super) const MAX_DEPTH: usize = 32;

pub(super) type Input<'t> = Stateful<TokenSlice<'t, Token>, State<'t>>;
pub(super) type Parsed<T> = Result<T, ErrMode<EmptyError>>;

#[derive(Debug)]
pub(super) struct State<'t> {
    parameters: &'t Parameters,
    depth: usize,
    /// The fewest tokens that were left where something else was wanted.
    left: usize,
    /// What was wanted there.
    expected: Vec<&'static str>,
    refusal: Option<Refusal>,
}

/// Why what fits the grammar is refused nevertheless.
#[derive(Debug)]
enum Refusal {
    Expression(FilterError),
    /// The details, and how many tokens were left.
    Place(&'static str, usize),
}

/// Parses a whole text.
pub(super) fn parse<T>(
    text: &str,
    parameters: &Parameters,
    parser: impl for<'i> Fn(&mut Input<'i>) -> Parsed<T>,
) -> Result<T, FilterError> {
    if text.encode_utf16().count() > MAX_LENGTH {
        return Err(FilterError::TooLong { limit: MAX_LENGTH });
    }
    let tokens = tokens(text)?;
    let mut input = Stateful {
        input: TokenSlice::new(&tokens),
        state: State {
            parameters,
            depth: 0,
            left: usize::MAX,
            expected: Vec::new(),
            refusal: None,
        },
    };
    let parsed = terminated(parser, end).parse_next(&mut input);
    parsed.map_err(|_| input.state.into_error(text, &tokens))
}

impl State<'_> {
    fn into_error(self, text: &str, tokens: &[Token]) -> FilterError {
        let at = |left: usize| {
            let index = tokens.len().saturating_sub(left);
            let token = tokens.get(index).or(tokens.last());
            let span = token.map_or(0..0, |token| token.span.clone());
            let kind = token.map_or(TokenKind::End.name(), |token| token.kind.name());
            (span.start, text.get(span).unwrap_or_default(), kind)
        };
        match self.refusal {
            Some(Refusal::Expression(error)) => error,
            Some(Refusal::Place(details, left)) => {
                let (start, token, _) = at(left);
                SyntaxError::new(text, start, token, details.to_owned()).into()
            }
            None => {
                let (start, token, kind) = at(self.left);
                SyntaxError::unexpected(text, start, token, kind, &self.expected).into()
            }
        }
    }
}

/// Takes a token that `take` has a use for.
pub(super) fn leaf<'t, T>(
    name: &'static str,
    take: impl Fn(&'t TokenKind) -> Option<T>,
) -> impl Parser<Input<'t>, T, ErrMode<EmptyError>> {
    move |input: &mut Input<'t>| {
        let start = input.checkpoint();
        let token = input.next_token();
        if let Some(value) = token.and_then(|token| take(&token.kind)) {
            return Ok(value);
        }
        input.reset(&start);
        let left = input.eof_offset();
        let state = &mut input.state;
        if left < state.left {
            state.left = left;
            state.expected.clear();
        }
        if left == state.left && !state.expected.contains(&name) {
            state.expected.push(name);
        }
        Err(ErrMode::Backtrack(EmptyError))
    }
}

/// Takes a reserved word or a sign.
pub(super) fn fixed<'t>(text: &'static str) -> impl Parser<Input<'t>, (), ErrMode<EmptyError>> {
    leaf(text, move |kind| {
        (*kind == TokenKind::Fixed(text)).then_some(())
    })
}

/// Takes a word that is reserved in this place only; where it may not stand, `name` was wanted.
pub(super) fn word<'t>(
    text: &'static str,
    name: &'static str,
) -> impl Parser<Input<'t>, (), ErrMode<EmptyError>> {
    leaf(name, move |kind| match kind {
        TokenKind::Name(name) if name.eq_ignore_ascii_case(text) => Some(()),
        _ => None,
    })
}

fn end(input: &mut Input<'_>) -> Parsed<()> {
    leaf(TokenKind::End.name(), |kind| {
        (*kind == TokenKind::End).then_some(())
    })
    .parse_next(input)
}

impl<'t> State<'t> {
    pub(super) fn parameters(&self) -> &'t Parameters {
        self.parameters
    }
}

/// Gives up for a reason that the grammar does not know.
pub(super) fn refuse<T>(input: &mut Input<'_>, error: FilterError) -> Parsed<T> {
    input.state.refusal = Some(Refusal::Expression(error));
    Err(ErrMode::Cut(EmptyError))
}

/// Gives up because something of the wrong sort stands before this place.
pub(super) fn misplaced<T>(input: &mut Input<'_>, details: &'static str) -> Parsed<T> {
    input.state.refusal = Some(Refusal::Place(details, input.eof_offset()));
    Err(ErrMode::Cut(EmptyError))
}

/// Goes one level deeper; [`leave`] comes back.
pub(super) fn enter(input: &mut Input<'_>) -> Parsed<()> {
    input.state.depth += 1;
    if input.state.depth > MAX_DEPTH {
        return refuse(input, FilterError::TooDeep { limit: MAX_DEPTH });
    }
    Ok(())
}

pub(super) fn leave(input: &mut Input<'_>) {
    input.state.depth = input.state.depth.saturating_sub(1);
}

/// Runs a parser one level deeper.
pub(super) fn nested<'t, T>(
    mut parser: impl FnMut(&mut Input<'t>) -> Parsed<T>,
) -> impl FnMut(&mut Input<'t>) -> Parsed<T> {
    move |input| {
        enter(input)?;
        let result = parser(input);
        leave(input);
        result
    }
}
