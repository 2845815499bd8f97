use super::value::AmqpValue;

/// The application's own named values on a message, in order.
///
/// Subscription rules can filter on them. Values are scalars; lists, maps and arrays are refused
/// when the message is sent. All names and values together may take 64 KB (Service Bus quotas).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApplicationProperties(Vec<(String, AmqpValue)>);

impl ApplicationProperties {
    /// No properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the first property of this name.
    pub fn get(&self, name: &str) -> Option<&AmqpValue> {
        self.0
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value)
    }

    /// Sets a property, in place when the name is there, else at the end. Returns the value it
    /// replaced.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        value: impl Into<AmqpValue>,
    ) -> Option<AmqpValue> {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => Some(std::mem::replace(own, value)),
            None => {
                self.0.push((name, value));
                None
            }
        }
    }

    /// Removes a property and returns its value.
    pub fn remove(&mut self, name: &str) -> Option<AmqpValue> {
        let at = self.0.iter().position(|(own, _)| own == name)?;
        let (_, value) = self.0.remove(at);
        self.0.retain(|(own, _)| own != name);
        Some(value)
    }

    /// The properties, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &AmqpValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many properties there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no properties.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Keeps every pair, also those with equal names.
impl<N: Into<String>, V: Into<AmqpValue>> FromIterator<(N, V)> for ApplicationProperties {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl IntoIterator for ApplicationProperties {
    type Item = (String, AmqpValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_insert_of_a_name_counts() {
        let mut properties = ApplicationProperties::new();
        assert_eq!(properties.insert("colour", "red"), None);
        assert_eq!(properties.insert("colour", "blue"), Some("red".into()));
        assert_eq!(properties.len(), 1);
        assert_eq!(properties.remove("colour"), Some("blue".into()));
        assert!(properties.is_empty());
    }
}
