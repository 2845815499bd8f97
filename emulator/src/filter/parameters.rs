//! Values for the parameters of an expression.

use super::value::Value;

/// Parameters by their names, `@` included, in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parameters {
    entries: Vec<(String, Value<'static>)>,
}

impl Parameters {
    pub(crate) fn new(entries: Vec<(String, Value<'static>)>) -> Self {
        Self { entries }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value<'static>)> {
        let entries = self.entries.iter();
        entries.map(|(name, value)| (name.as_str(), value))
    }

    /// The value of a parameter, whatever the case of its letters.
    pub(super) fn get(&self, name: &str) -> Option<&Value<'static>> {
        let entry = self
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        entry.map(|(_, value)| value)
    }
}
