use super::value::AmqpValue;

/// An AMQP map: pairs of a key and a value, in the order they were added or received.
///
/// Peers may send what no hash map holds (equal keys, keys that are NaN); it all survives here.
/// Also the form of the annotation and footer sections, whose keys are symbols: there a string key
/// is sent as the symbol of the same name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AmqpMap(Vec<(AmqpValue, AmqpValue)>);

impl AmqpMap {
    /// A map without pairs.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of the first key that is a string or symbol of this name.
    pub fn get(&self, name: &str) -> Option<&AmqpValue> {
        self.0
            .iter()
            .find(|(key, _)| key.as_str() == Some(name))
            .map(|(_, value)| value)
    }

    /// Sets the value of a key, in place when the key is there, else at the end. Returns the value
    /// it replaced.
    pub fn insert(
        &mut self,
        key: impl Into<AmqpValue>,
        value: impl Into<AmqpValue>,
    ) -> Option<AmqpValue> {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(own, _)| *own == key) {
            Some((_, own)) => Some(std::mem::replace(own, value)),
            None => {
                self.0.push((key, value));
                None
            }
        }
    }

    /// Removes every pair whose key is a string or symbol of this name, and returns the first
    /// value.
    pub fn remove(&mut self, name: &str) -> Option<AmqpValue> {
        let at = self
            .0
            .iter()
            .position(|(key, _)| key.as_str() == Some(name))?;
        let (_, value) = self.0.remove(at);
        self.0.retain(|(key, _)| key.as_str() != Some(name));
        Some(value)
    }

    /// Sets the annotation of this name, whether its key was a string or a symbol.
    pub(crate) fn set_annotation(&mut self, name: &str, value: impl Into<AmqpValue>) {
        match self
            .0
            .iter_mut()
            .find(|(key, _)| key.as_str() == Some(name))
        {
            Some((_, own)) => *own = value.into(),
            None => self.0.push((AmqpValue::symbol(name), value.into())),
        }
    }

    /// The pairs, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&AmqpValue, &AmqpValue)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Keeps every pair, also those with equal keys.
impl<K: Into<AmqpValue>, V: Into<AmqpValue>> FromIterator<(K, V)> for AmqpMap {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

impl IntoIterator for AmqpMap {
    type Item = (AmqpValue, AmqpValue);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insert_replaces_in_place_and_keeps_the_order() {
        let mut map = AmqpMap::from_iter([("a", 1), ("b", 2)]);
        assert_eq!(map.insert("a", 3), Some(AmqpValue::Int(1)));
        map.insert("c", 4);
        let keys: Vec<_> = map.iter().filter_map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["a", "b", "c"]);
        assert_eq!(map.get("a"), Some(&AmqpValue::Int(3)));
    }

    #[test]
    fn equal_keys_survive_collecting() {
        let map = AmqpMap::from_iter([("a", 1), ("a", 2)]);
        assert_eq!(map.len(), 2);
        assert_eq!(map.get("a"), Some(&AmqpValue::Int(1)));
    }

    #[test]
    fn names_match_strings_and_symbols() {
        let mut map = AmqpMap::from_iter([(AmqpValue::symbol("a"), 1)]);
        map.set_annotation("a", 2);
        assert_eq!(map.len(), 1);
        assert_eq!(map.remove("a"), Some(AmqpValue::Int(2)));
        assert!(map.is_empty(), "{map:?} is left");
    }
}
