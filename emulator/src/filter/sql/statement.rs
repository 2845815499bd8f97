//! The statements of an action.

use winnow::combinator::{alt, opt, preceded, repeat, terminated};
use winnow::prelude::*;

use super::grammar::{property, value};
use super::parser_state::{fixed, parse, refuse, word, Input, Parsed};
use super::{Expression, PropertyName};
use crate::filter::error::FilterError;
use crate::filter::Parameters;

/// How many statements an action may have (Service Bus docs, "Service Bus quotas": expressions per
/// rule action).
const MAX_STATEMENTS: usize = 32;

#[derive(Clone, Debug, PartialEq)]
pub(in crate::filter) enum Statement {
    Set(PropertyName, Expression),
    Remove(PropertyName),
}

/// The statements that an action is: at least one. The service's own samples separate them by
/// semicolons, its grammar by commas, and both may be left out.
pub(in crate::filter) fn parse_statements(
    text: &str,
    parameters: &Parameters,
) -> Result<Vec<Statement>, FilterError> {
    parse(text, parameters, |input| {
        let separator = opt(alt((fixed(";"), fixed(","))));
        let statements: Vec<_> = repeat(1.., terminated(statement, separator)).parse_next(input)?;
        if statements.len() > MAX_STATEMENTS {
            let limit = MAX_STATEMENTS;
            return refuse(input, FilterError::TooManyStatements { limit });
        }
        Ok(statements)
    })
}

fn statement(input: &mut Input<'_>) -> Parsed<Statement> {
    let set = (
        preceded(word("SET", "SET"), property),
        preceded(fixed("="), value),
    );
    let remove = preceded(word("REMOVE", "REMOVE"), property);
    alt((
        set.map(|(property, value)| Statement::Set(property, value)),
        remove.map(Statement::Remove),
    ))
    .parse_next(input)
}
