//! What a message may be like.

use super::*;

impl Fixture {
    fn try_send(&mut self, draft: Draft<'_>) -> Result<Vec<i64>, BrokerError> {
        let outcome = self
            .broker
            .enqueue(self.orders, vec![draft.message()], self.now);
        self.check();
        outcome
    }
}

#[test]
fn ids_have_a_hundred_and_twenty_eight_characters_at_most() {
    let mut f = Fixture::new();
    let (fits, long) = ("é".repeat(128), "é".repeat(129));
    let draft = Draft::new("");
    for fits in [
        draft.with_id(&fits),
        draft.of_session(&fits),
        draft.of_partition(&fits),
    ] {
        assert!(f.try_send(fits).is_ok());
    }
    for (name, long) in [
        ("message id", draft.with_id(&long)),
        ("session id", draft.of_session(&long)),
        ("partition key", draft.of_partition(&long)),
    ] {
        let expected = BrokerError::ValueTooLong { name, limit: 128 };
        assert_eq!(f.try_send(long), Err(expected));
    }
}

#[test]
fn the_session_id_is_the_partition_key() {
    let mut f = Fixture::new();
    let draft = Draft::new("").of_session("a");
    let refused = f.try_send(draft.of_partition("b"));
    assert_eq!(refused, Err(BrokerError::PartitionKeyMismatch));
    assert_eq!(f.try_send(draft.of_partition("a")), Ok(vec![1]));
}

#[test]
fn properties_have_a_limit_of_their_own() {
    let mut f = Fixture::new();
    let with = |lengths: &[usize]| {
        let mut changes = PropertyChanges::default();
        for (number, length) in lengths.iter().enumerate() {
            changes.set_text(&format!("p{number}"), &"x".repeat(*length));
        }
        vec![message("").with_changes(&changes)]
    };
    let mut send = |messages| f.broker.enqueue(f.orders, messages, f.now);
    assert!(send(with(&[30_000, 30_000])).is_ok());
    for (lengths, expected) in [
        (&[33_000][..], "largest property"),
        (&[30_000, 30_000, 6_000], "properties"),
    ] {
        match send(with(lengths)) {
            Err(BrokerError::HeaderTooLarge { name, .. }) => assert_eq!(name, expected),
            other => panic!("{lengths:?} not refused: {other:?}"),
        }
    }
}
