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

    /// The value of a parameter, whatever the case of its letters.
    pub(super) fn get(&self, name: &str) -> Option<&Value<'static>> {
        let mut entries = self.entries.iter();
        let entry = entries.find(|(known, _)| known.eq_ignore_ascii_case(name));
        entry.map(|(_, value)| value)
    }
}
