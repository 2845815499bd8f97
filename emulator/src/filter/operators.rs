//! The operators of SQL expressions on values, by the rules of C# ("Subscription Rule SQL Filter
//! Syntax", "Operator binding semantics").

use std::borrow::Cow;
use std::cmp::Ordering;

use super::error::EvaluationError;
use super::value::{IntegerType, Number, Value, TICKS_PER_MILLI};

/// The longest text that an expression may put together, in bytes: as much as all properties of a
/// message may take.
const MAX_TEXT: usize = 65_536;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }

    fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Arithmetic {
    fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

/// Compares two values; `None` is *unknown*.
///
/// Texts compare by their UTF-16 code units, as .NET's ordinal comparison does.
pub(super) fn compare(
    left: &Value<'_>,
    comparison: Comparison,
    right: &Value<'_>,
) -> Result<Option<bool>, EvaluationError> {
    if left.is_null() || right.is_null() {
        return Ok(None);
    }
    let ordering = match (left, right) {
        (Value::Bool(left), Value::Bool(right)) if comparison.is_equality() => left.cmp(right),
        (Value::Guid(left), Value::Guid(right)) if comparison.is_equality() => left.cmp(right),
        (Value::TimeSpan(left), Value::TimeSpan(right)) => left.cmp(right),
        _ => {
            if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
                return Ok(Some(compare_numbers(left, comparison, right)));
            } else if let (Some(left), Some(right)) = (left.as_text(), right.as_text()) {
                left.encode_utf16().cmp(right.encode_utf16())
            } else if let (Some(left), Some(right)) = (left.as_instant(), right.as_instant()) {
                left.cmp(&right)
            } else {
                return Err(EvaluationError::operands(comparison.symbol(), left, right));
            }
        }
    };
    Ok(Some(comparison.admits(ordering)))
}

fn compare_numbers(left: Number, comparison: Comparison, right: Number) -> bool {
    let ordering = match (left, right) {
        (Number::Whole(left), Number::Whole(right)) => Some(left.cmp(&right)),
        _ => left.floating().partial_cmp(&right.floating()),
    };
    match ordering {
        Some(ordering) => comparison.admits(ordering),
        // One is no number, which is unequal to everything.
        None => comparison == Comparison::NotEqual,
    }
}

/// Calculates; *unknown* if either operand is.
pub(super) fn calculate(
    left: &Value<'_>,
    operator: Arithmetic,
    right: &Value<'_>,
) -> Result<Value<'static>, EvaluationError> {
    if left.is_null() || right.is_null() {
        return Ok(Value::Null);
    }
    if let (Some(left), Some(right)) = (left.as_number(), right.as_number()) {
        return calculate_numbers(left, operator, right);
    }
    let unfit = || EvaluationError::operands(operator.symbol(), left, right);
    let is_text = |value: &Value<'_>| matches!(value, Value::String(_));
    if operator == Arithmetic::Add && (is_text(left) || is_text(right)) {
        let left = left.to_text().ok_or_else(unfit)?;
        return concatenate(left, &right.to_text().ok_or_else(unfit)?);
    }
    calculate_times(left, operator, right)
        .ok_or_else(unfit)?
        .ok_or(EvaluationError::Overflow)
}

fn concatenate(left: Cow<'_, str>, right: &str) -> Result<Value<'static>, EvaluationError> {
    if left.len() + right.len() > MAX_TEXT {
        return Err(EvaluationError::TextTooLong);
    }
    Ok(Value::String(Cow::Owned(left.into_owned() + right)))
}

fn calculate_numbers(
    left: Number,
    operator: Arithmetic,
    right: Number,
) -> Result<Value<'static>, EvaluationError> {
    let (Number::Whole(a), Number::Whole(b)) = (left, right) else {
        let (a, b) = (left.floating(), right.floating());
        return Ok(Value::Double(match operator {
            Arithmetic::Add => a + b,
            Arithmetic::Subtract => a - b,
            Arithmetic::Multiply => a * b,
            Arithmetic::Divide => a / b,
            Arithmetic::Remainder => a % b,
        }));
    };
    let result = match operator {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Remainder if b == 0 => {
            return Err(EvaluationError::DivisionByZero);
        }
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => a.checked_rem(b),
    };
    whole(result)
}

/// A result in the type `long`, or `ulong` if only that holds it.
fn whole(result: Option<i128>) -> Result<Value<'static>, EvaluationError> {
    let result = result.ok_or(EvaluationError::Overflow)?;
    [IntegerType::Long, IntegerType::Ulong]
        .into_iter()
        .find(|of| of.holds(result))
        .map(|of| Value::Integer(of, result))
        .ok_or(EvaluationError::Overflow)
}

/// Instants and spans of time; the outer `None` is for operands that do not go together, the inner
/// one for a result that is out of range.
fn calculate_times(
    left: &Value<'_>,
    operator: Arithmetic,
    right: &Value<'_>,
) -> Option<Option<Value<'static>>> {
    let sign = match operator {
        Arithmetic::Add => 1,
        Arithmetic::Subtract => -1,
        _ => return None,
    };
    let ticks = |ticks: i128| i64::try_from(ticks).ok();
    let span = match right {
        Value::TimeSpan(span) => i128::from(*span) * sign,
        _ => {
            let span = left.as_instant()? - right.as_instant()?;
            return (sign < 0).then(|| ticks(span).map(Value::TimeSpan));
        }
    };
    match left {
        Value::TimeSpan(left) => Some(ticks(i128::from(*left) + span).map(Value::TimeSpan)),
        Value::DateTime(millis) => {
            let millis = i128::from(*millis) + span / i128::from(TICKS_PER_MILLI);
            Some(i64::try_from(millis).ok().map(Value::DateTime))
        }
        _ => Some(ticks(left.as_instant()? + span).map(Value::DateTimeOffset)),
    }
}

/// The negative of a number or a span of time.
pub(super) fn negate(value: &Value<'_>) -> Result<Value<'static>, EvaluationError> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::TimeSpan(span) => Ok(Value::TimeSpan(
            span.checked_neg().ok_or(EvaluationError::Overflow)?,
        )),
        _ => match value.as_number() {
            Some(Number::Whole(number)) => whole(number.checked_neg()),
            Some(Number::Floating(number)) => Ok(Value::Double(-number)),
            None => Err(EvaluationError::operand("-", value)),
        },
    }
}
