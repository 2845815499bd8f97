//! What a value is worth as a number, an instant or a text.

use std::borrow::Cow;

use uuid::Uuid;

use super::Value;

/// 1970-01-01 in ticks of 100 ns since the year 1.
const UNIX_EPOCH_TICKS: i128 = 621_355_968_000_000_000;
pub(in crate::filter) const TICKS_PER_MILLI: i64 = 10_000;

/// A number, as C# promotes the operands of an operator: both whole, or both floating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::filter) enum Number {
    Whole(i128),
    Floating(f64),
}

impl Number {
    pub(in crate::filter) fn floating(self) -> f64 {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "C# converts a long to a double so"
            )]
            Self::Whole(value) => value as f64,
            Self::Floating(value) => value,
        }
    }
}

impl Value<'_> {
    pub(in crate::filter) fn as_number(&self) -> Option<Number> {
        match self {
            Self::Integer(_, value) => Some(Number::Whole(*value)),
            Self::Single(value) => Some(Number::Floating((*value).into())),
            Self::Double(value) => Some(Number::Floating(*value)),
            Self::Decimal(value) => Some(Number::Floating(decimal128(*value))),
            _ => None,
        }
    }

    /// An instant, in ticks since the year 1.
    pub(in crate::filter) fn as_instant(&self) -> Option<i128> {
        match self {
            Self::DateTime(millis) => {
                Some(i128::from(*millis) * i128::from(TICKS_PER_MILLI) + UNIX_EPOCH_TICKS)
            }
            Self::DateTimeOffset(ticks) => Some((*ticks).into()),
            _ => None,
        }
    }

    /// A text, or what stands for one.
    pub(in crate::filter) fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::String(text) | Self::Uri(text) => Some(Cow::Borrowed(text)),
            Self::Char(value) => Some(Cow::Owned(value.to_string())),
            _ => None,
        }
    }

    /// The value written out, where that is the same everywhere.
    pub(in crate::filter) fn to_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Bool(value) => Some(Cow::Borrowed(if *value { "True" } else { "False" })),
            Self::Integer(_, value) => Some(Cow::Owned(value.to_string())),
            Self::Single(value) => Some(Cow::Owned(value.to_string())),
            Self::Double(value) => Some(Cow::Owned(value.to_string())),
            Self::Guid(value) => Some(Cow::Owned(Uuid::from_bytes(*value).to_string())),
            other => other.as_text(),
        }
    }

    /// The value in the type of the one that it replaces, if nothing is lost by that; else as it is.
    pub(in crate::filter) fn converted_like(self, replaced: &Value<'_>) -> Self {
        match (&self, replaced) {
            (Self::Integer(_, value), Value::Integer(of, _)) if of.holds(*value) => {
                Self::Integer(*of, *value)
            }
            (Self::Integer(_, value), Value::Double(_)) => {
                Self::Double(Number::Whole(*value).floating())
            }
            #[expect(
                clippy::cast_precision_loss,
                reason = "C# converts a long to a float so"
            )]
            (Self::Integer(_, value), Value::Single(_)) => Self::Single(*value as f32),
            (Self::Single(value), Value::Double(_)) => Self::Double((*value).into()),
            _ => self,
        }
    }
}

/// The number that a decimal128 stands for, in binary integer encoding (IEEE 754-2008, 3.5.2).
fn decimal128(bytes: [u8; 16]) -> f64 {
    let bits = u128::from_be_bytes(bytes);
    let sign = if bits >> 127 == 1 { -1.0 } else { 1.0 };
    let combination = (bits >> 122) & 0x1f;
    match combination {
        0x1f => return f64::NAN,
        0x1e => return sign * f64::INFINITY,
        // The larger coefficients are beyond 34 digits, which makes them zero.
        _ if combination >> 3 == 3 => return sign * 0.0,
        _ => {}
    }
    let exponent = (bits >> 113) & 0x3fff;
    let coefficient = bits & ((1 << 113) - 1);
    // Through the text, because that rounds once.
    let exponent = i32::try_from(exponent).unwrap_or_default() - 6176;
    let number: f64 = format!("{coefficient}e{exponent}")
        .parse()
        .unwrap_or(f64::NAN);
    sign * number
}
