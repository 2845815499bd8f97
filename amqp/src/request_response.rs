//! Requests that wait for their answers, matched by correlation-id.
//!
//! It knows ids only: what an answer says, and which links carry it, is the owner's business.

use std::collections::HashMap;

use crate::types::messaging::MessageId;

/// The requests under way on one pair of links, each with what its owner needs to be told.
#[derive(Debug)]
pub struct Requests<T> {
    next: u64,
    waiting: HashMap<u64, T>,
}

impl<T> Default for Requests<T> {
    fn default() -> Self {
        Requests {
            next: 1,
            waiting: HashMap::new(),
        }
    }
}

impl<T> Requests<T> {
    /// Books a request; its message-id, a string, is never used again.
    pub fn add(&mut self, token: T) -> MessageId {
        let id = self.next;
        self.next += 1;
        self.waiting.insert(id, token);
        MessageId::String(id.to_string())
    }

    /// The request that an answer with this correlation-id is for. `None` where nobody waits (any more).
    pub fn take(&mut self, correlation_id: &MessageId) -> Option<T> {
        self.waiting.remove(&number(correlation_id)?)
    }

    /// Gives a request up; a late answer to it finds nobody.
    pub fn cancel(&mut self, message_id: &MessageId) -> Option<T> {
        self.take(message_id)
    }

    /// Everyone still waiting, in the order of the requests; nobody is afterwards.
    pub fn drain(&mut self) -> Vec<T> {
        let mut waiting: Vec<_> = self.waiting.drain().collect();
        waiting.sort_unstable_by_key(|(id, _)| *id);
        waiting.into_iter().map(|(_, token)| token).collect()
    }

    /// How many requests wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

fn number(id: &MessageId) -> Option<u64> {
    match id {
        MessageId::String(text) => text.parse().ok(),
        MessageId::Ulong(number) => Some(*number),
        MessageId::Uuid(_) | MessageId::Binary(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_finds_its_request_once() {
        let mut requests = Requests::default();
        let first = requests.add("first");
        let second = requests.add("second");
        assert_eq!(requests.take(&second), Some("second"));
        assert_eq!(requests.take(&second), None, "an answer counts once");
        assert_eq!(requests.take(&MessageId::String("nonsense".into())), None);
        assert_eq!(requests.take(&first), Some("first"));
        assert!(requests.is_empty());
    }

    #[test]
    fn a_cancelled_request_is_not_answered() {
        let mut requests = Requests::default();
        let id = requests.add(1);
        requests.add(2);
        assert_eq!(requests.cancel(&id), Some(1));
        assert_eq!(requests.take(&id), None);
        assert_eq!(requests.drain(), vec![2]);
    }
}
