//! JSON with comments, and the places of what is wrong in it.

use std::borrow::Cow;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{parse_to_ast, ParseOptions};

use crate::broker::{EntitySettings, Expected};

/// The liberties that .NET takes with JSON in its configuration, and no other.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Something wrong in a text, at a byte of it.
#[derive(Debug)]
pub(super) struct Defect {
    pub(super) at: usize,
    pub(super) reason: String,
}

impl Defect {
    pub(super) fn new(at: usize, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { at, reason }
    }
}

/// A text, a number, or true or false, as it is written.
#[derive(Debug)]
pub(super) struct Scalar<'a> {
    pub(super) at: usize,
    pub(super) text: Cow<'a, str>,
}

pub(super) fn parse(text: &str) -> Result<Value<'_>, Defect> {
    let parsed = parse_to_ast(text, &Default::default(), &OPTIONS);
    let parsed = parsed.map_err(|error| {
        Defect::new(error.range().start, error.kind().to_string().to_lowercase())
    })?;
    parsed
        .value
        .ok_or_else(|| Defect::new(0, "the file is empty"))
}

/// The properties of an object that have not been read yet.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    /// What the object is, for those who wrote it.
    what: &'static str,
    pub(super) at: usize,
    left: Vec<ObjectProp<'a>>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(what: &'static str, value: Value<'a>) -> Result<Self, Defect> {
        let Value::Object(Object { range, properties }) = value else {
            return Err(Defect::new(value.start(), format!("{what} is an object")));
        };
        for (index, property) in properties.iter().enumerate() {
            let name = property.name.as_str();
            let mut earlier = properties.iter().take(index);
            if earlier.any(|other| other.name.as_str().eq_ignore_ascii_case(name)) {
                let reason = format!("{what} has {name} already");
                return Err(Defect::new(property.start(), reason));
            }
        }
        Ok(Self {
            what,
            at: range.start,
            left: properties,
        })
    }

    /// A property that is there and not null.
    pub(super) fn take(&mut self, name: &str) -> Option<Value<'a>> {
        let is_it = |property: &ObjectProp<'_>| property.name.as_str().eq_ignore_ascii_case(name);
        let index = self.left.iter().position(is_it)?;
        let value = self.left.swap_remove(index).value;
        (!matches!(value, Value::NullKeyword(_))).then_some(value)
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<Scalar<'a>>, Defect> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => scalar(name, value).map(Some),
        }
    }

    pub(super) fn needed_text(&mut self, name: &str) -> Result<Scalar<'a>, Defect> {
        let text = self.text(name)?.filter(|scalar| !scalar.text.is_empty());
        text.ok_or_else(|| self.missing(name))
    }

    pub(super) fn object(&mut self, name: &'static str) -> Result<Option<Self>, Defect> {
        let value = self.take(name);
        value.map(|value| Fields::of(name, value)).transpose()
    }

    pub(super) fn needed_object(&mut self, name: &'static str) -> Result<Self, Defect> {
        self.object(name)?.ok_or_else(|| self.missing(name))
    }

    /// The elements of a list, which is empty if it is not there.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Value<'a>>, Defect> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(array)) => Ok(array.elements),
            Some(other) => Err(Defect::new(other.start(), format!("{name} is a list"))),
        }
    }

    /// Reads all that is left as settings of these names.
    pub(super) fn settings(
        self,
        names: &[&str],
        settings: &mut EntitySettings,
    ) -> Result<(), Defect> {
        let what = self.what;
        for property in self.left {
            let name = property.name.as_str();
            let mut known = names
                .iter()
                .filter(|known| known.eq_ignore_ascii_case(name));
            let Some(name) = known.next() else {
                return Err(unknown(what, &property));
            };
            if matches!(property.value, Value::NullKeyword(_)) {
                continue;
            }
            let Scalar { at, text } = scalar(name, property.value)?;
            if text.is_empty() {
                continue;
            }
            settings.set(name, &text).map_err(|Expected(expected)| {
                Defect::new(at, format!("{name} is {expected}, not {text:?}"))
            })?;
        }
        Ok(())
    }

    /// All that is left, whatever its names.
    pub(super) fn rest(self) -> Vec<ObjectProp<'a>> {
        self.left
    }

    /// Refuses what was not asked for.
    pub(super) fn finish(self) -> Result<(), Defect> {
        let first = self.left.iter().min_by_key(|property| property.start());
        first.map_or(Ok(()), |property| Err(unknown(self.what, property)))
    }

    fn missing(&self, name: &str) -> Defect {
        Defect::new(self.at, format!("{} has no {name}", self.what))
    }
}

fn unknown(what: &str, property: &ObjectProp<'_>) -> Defect {
    let reason = format!("{what} cannot have {:?}", property.name.as_str());
    Defect::new(property.start(), reason)
}

fn scalar<'a>(name: &str, value: Value<'a>) -> Result<Scalar<'a>, Defect> {
    let at = value.start();
    let text = match value {
        Value::StringLit(literal) => literal.value,
        Value::NumberLit(literal) => Cow::Borrowed(literal.value),
        Value::BooleanLit(literal) => Cow::Borrowed(if literal.value { "true" } else { "false" }),
        Value::Object(_) | Value::Array(_) | Value::NullKeyword(_) => {
            return Err(Defect::new(at, format!("{name} is a single value")));
        }
    };
    Ok(Scalar { at, text })
}
