//! The grammar of expressions.

use winnow::combinator::{alt, delimited, expression as operators, opt, preceded, separated};
use winnow::combinator::{Infix, Postfix, Prefix};
use winnow::error::{EmptyError, ErrMode};
use winnow::prelude::*;

use super::parser_state::{enter, fixed, leaf, leave, misplaced, nested, parse, refuse, word};
use super::parser_state::{Input, Parsed};
use super::token::{
    TokenKind, DECIMAL, DELIMITED_IDENTIFIER, IDENTIFIER, INTEGER, PARAMETER, STRING,
};
use super::{Expression, PropertyName, Scope};
use crate::filter::error::FilterError;
use crate::filter::operators::{Arithmetic, Comparison};
use crate::filter::value::{IntegerType, Value};
use crate::filter::Parameters;

/// How tightly operators bind.
const OR: i64 = 1;
const AND: i64 = 3;
const NOT: i64 = 5;
const COMPARISON: i64 = 7;
const SUM: i64 = 9;
const PRODUCT: i64 = 11;
const SIGN: i64 = 13;

type Failed = ErrMode<EmptyError>;

/// The condition that a SQL filter is.
pub(in crate::filter) fn parse_condition(
    text: &str,
    parameters: &Parameters,
) -> Result<Expression, FilterError> {
    parse(text, parameters, |input| {
        let found = expression(input)?;
        condition(input, found)
    })
}

/// A value, not a condition.
pub(super) fn value(input: &mut Input<'_>) -> Parsed<Expression> {
    let found = expression(input)?;
    operand(input, found)
}

fn expression(input: &mut Input<'_>) -> Parsed<Expression> {
    operators(primary)
        .prefix(prefix)
        .postfix(postfix)
        .infix(infix)
        .parse_next(input)
}

fn prefix<'t>(input: &mut Input<'t>) -> Parsed<Prefix<Input<'t>, Expression, Failed>> {
    let operator = alt((
        fixed("NOT").value(Prefix(NOT, |input: &mut Input<'t>, found| {
            leave(input);
            Ok(Expression::Not(Box::new(condition(input, found)?)))
        })),
        fixed("-").value(Prefix(SIGN, |input: &mut Input<'t>, found| {
            leave(input);
            Ok(Expression::Negate(Box::new(operand(input, found)?)))
        })),
        fixed("+").value(Prefix(SIGN, |input: &mut Input<'t>, found| {
            leave(input);
            operand(input, found)
        })),
    ))
    .parse_next(input)?;
    enter(input)?;
    Ok(operator)
}

fn infix<'t>(input: &mut Input<'t>) -> Parsed<Infix<Input<'t>, Expression, Failed>> {
    macro_rules! compare {
        ($sign:literal, $comparison:ident) => {
            fixed($sign).value(Infix::Neither(
                COMPARISON,
                |input: &mut Input<'t>, left, right| {
                    let left = Box::new(operand(input, left)?);
                    let right = Box::new(operand(input, right)?);
                    Ok(Expression::Compare(left, Comparison::$comparison, right))
                },
            ))
        };
    }
    macro_rules! calculate {
        ($sign:literal, $power:ident, $operator:ident) => {
            fixed($sign).value(Infix::Left($power, |input: &mut Input<'t>, left, right| {
                let (left, right) = (operand(input, left)?, operand(input, right)?);
                Ok(left.calculated(Arithmetic::$operator, right))
            }))
        };
    }
    alt((
        fixed("AND").value(Infix::Left(AND, |input: &mut Input<'t>, left, right| {
            Ok(condition(input, left)?.and(condition(input, right)?))
        })),
        fixed("OR").value(Infix::Left(OR, |input: &mut Input<'t>, left, right| {
            Ok(condition(input, left)?.or(condition(input, right)?))
        })),
        compare!("=", Equal),
        compare!("<>", NotEqual),
        compare!("<", Less),
        compare!("<=", LessOrEqual),
        compare!(">", Greater),
        compare!(">=", GreaterOrEqual),
        alt((
            calculate!("+", SUM, Add),
            calculate!("-", SUM, Subtract),
            calculate!("*", PRODUCT, Multiply),
            calculate!("/", PRODUCT, Divide),
            calculate!("%", PRODUCT, Remainder),
        )),
    ))
    .parse_next(input)
}

fn postfix<'t>(input: &mut Input<'t>) -> Parsed<Postfix<Input<'t>, Expression, Failed>> {
    alt((
        fixed("IS").value(Postfix(COMPARISON, is_null)),
        fixed("IN").value(Postfix(COMPARISON, is_in)),
        fixed("LIKE").value(Postfix(COMPARISON, is_like)),
        (fixed("NOT"), fixed("IN")).value(Postfix(COMPARISON, |input, found| {
            is_in(input, found).map(|is_in| is_in.negated_if(true))
        })),
        (fixed("NOT"), fixed("LIKE")).value(Postfix(COMPARISON, |input, found| {
            is_like(input, found).map(|is_like| is_like.negated_if(true))
        })),
    ))
    .parse_next(input)
}

/// After `IS`.
fn is_null(input: &mut Input<'_>, found: Expression) -> Parsed<Expression> {
    if !matches!(
        found,
        Expression::Property(_) | Expression::NamedProperty(_)
    ) {
        return misplaced(input, "IS NULL asks for a property");
    }
    let negated = opt(fixed("NOT")).parse_next(input)?.is_some();
    fixed("NULL").parse_next(input)?;
    Ok(Expression::IsNull(Box::new(found)).negated_if(negated))
}

/// After `IN`.
fn is_in(input: &mut Input<'_>, found: Expression) -> Parsed<Expression> {
    let value = Box::new(operand(input, found)?);
    let values = separated(1.., nested(self::value), fixed(","));
    let list = delimited(fixed("("), values, fixed(")")).parse_next(input)?;
    Ok(Expression::In { value, list })
}

/// After `LIKE`.
fn is_like(input: &mut Input<'_>, found: Expression) -> Parsed<Expression> {
    let text = Box::new(operand(input, found)?);
    let pattern = Box::new(sum(input)?);
    let escape = opt(preceded(fixed("ESCAPE"), sum)).parse_next(input)?;
    Ok(Expression::Like {
        text,
        pattern,
        escape: escape.map(Box::new),
    })
}

/// A value without comparisons, so that what follows a pattern is not taken for a part of it.
fn sum(input: &mut Input<'_>) -> Parsed<Expression> {
    let found = operators(primary)
        .current_precedence_level(SUM)
        .prefix(prefix)
        .postfix(postfix)
        .infix(infix)
        .parse_next(input)?;
    operand(input, found)
}

fn primary(input: &mut Input<'_>) -> Parsed<Expression> {
    alt((
        constant,
        parameter,
        function,
        property.map(Expression::Property),
        exists,
        delimited(fixed("("), nested(expression), fixed(")")),
    ))
    .parse_next(input)
}

fn constant(input: &mut Input<'_>) -> Parsed<Expression> {
    alt((
        fixed("TRUE").value(Value::Bool(true)),
        fixed("FALSE").value(Value::Bool(false)),
        fixed("NULL").value(Value::Null),
        leaf(STRING, |kind| match kind {
            TokenKind::Text(text) => Some(Value::text(text)),
            _ => None,
        }),
        leaf(INTEGER, |kind| match kind {
            TokenKind::Integer(number) => Some(integer(*number)),
            _ => None,
        }),
        leaf(DECIMAL, |kind| match kind {
            TokenKind::Real(number) => Some(Value::Double(*number)),
            _ => None,
        }),
    ))
    .map(Expression::Constant)
    .parse_next(input)
}

fn integer(number: i128) -> Value<'static> {
    let of = if IntegerType::Long.holds(number) {
        IntegerType::Long
    } else {
        IntegerType::Ulong
    };
    Value::Integer(of, number)
}

fn parameter(input: &mut Input<'_>) -> Parsed<Expression> {
    let name = leaf(PARAMETER, |kind| match kind {
        TokenKind::Parameter(name) => Some(name),
        _ => None,
    })
    .parse_next(input)?;
    match input.state.parameters().get(name) {
        Some(value) => Ok(Expression::Constant(value.clone())),
        None => refuse(input, FilterError::MissingParameter { name: name.clone() }),
    }
}

fn function(input: &mut Input<'_>) -> Parsed<Expression> {
    let argument = delimited(fixed("("), nested(value), fixed(")"));
    alt((
        (word("newid", IDENTIFIER), fixed("("), fixed(")")).map(|_| Expression::NewId),
        preceded(
            alt((word("property", IDENTIFIER), word("p", IDENTIFIER))),
            argument,
        )
        .map(|name| Expression::NamedProperty(Box::new(name))),
    ))
    .parse_next(input)
}

fn exists(input: &mut Input<'_>) -> Parsed<Expression> {
    preceded(fixed("EXISTS"), delimited(fixed("("), property, fixed(")")))
        .map(Expression::Exists)
        .parse_next(input)
}

pub(super) fn property(input: &mut Input<'_>) -> Parsed<PropertyName> {
    let scope = alt((
        word("sys", IDENTIFIER).value(Scope::System),
        word("user", IDENTIFIER).value(Scope::User),
    ));
    let scope = opt((scope, fixed(".")).map(|(scope, ())| scope)).parse_next(input)?;
    let name = alt((
        leaf(IDENTIFIER, |kind| match kind {
            TokenKind::Name(name) => Some(name),
            _ => None,
        }),
        leaf(DELIMITED_IDENTIFIER, |kind| match kind {
            TokenKind::Delimited(name) => Some(name),
            _ => None,
        }),
    ))
    .parse_next(input)?;
    Ok(PropertyName {
        scope: scope.unwrap_or(Scope::User),
        name: name.clone(),
    })
}

fn condition(input: &mut Input<'_>, found: Expression) -> Parsed<Expression> {
    if found.may_be_condition() {
        Ok(found)
    } else {
        misplaced(input, "a condition must stand before this")
    }
}

fn operand(input: &mut Input<'_>, found: Expression) -> Parsed<Expression> {
    if found.is_condition() {
        misplaced(input, "a value must stand before this, not a condition")
    } else {
        Ok(found)
    }
}
