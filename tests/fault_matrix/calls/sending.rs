//! Sending, in each way.

use servicebus::{Message, Result};

use crate::call::{several, single, Call, Prepared, AUTHORIZES, DIALS, ONCE, SENDS};
use crate::scene::{Scene, QUEUE};

pub(super) fn calls() -> Vec<Call> {
    let sends = DIALS | AUTHORIZES | SENDS | ONCE;
    vec![
        Call::new("send", sends, send).counts(QUEUE, 1, |totals| totals.enqueued),
        Call::new("send list", sends, send_list).counts(QUEUE, 3, |totals| totals.enqueued),
        Call::new("send batch", sends, send_batch).counts(QUEUE, 2, |totals| totals.enqueued),
        Call::new("send all", sends, send_all).counts(QUEUE, 1, |totals| totals.enqueued),
        Call::new("submit", sends, submit).counts(QUEUE, 1, |totals| totals.enqueued),
        Call::new("create batch", DIALS | AUTHORIZES, create_batch),
    ]
}

fn send(scene: &Scene) -> Result<Prepared> {
    let sender = scene.sender()?;
    single(move || sender.send_messages(Message::new("a")))
}

fn send_list(scene: &Scene) -> Result<Prepared> {
    let sender = scene.sender()?;
    single(move || sender.send_messages(vec![Message::new("a"); 3]))
}

fn send_batch(scene: &Scene) -> Result<Prepared> {
    let sender = scene.sender()?;
    let mut batch = sender.create_message_batch()?;
    for _ in 0..2 {
        batch.try_add(Message::new("a")).expect("there is room");
    }
    single(move || sender.send_messages(&batch))
}

/// Each with a key of its own, and so each in a batch of its own.
fn send_all(scene: &Scene) -> Result<Prepared> {
    let sender = scene.sender()?;
    several(move || {
        sender.send_all(["a", "b", "c"].map(|key| Message::new("a").with_partition_key(key)))
    })
}

fn submit(scene: &Scene) -> Result<Prepared> {
    let sender = scene.sender()?;
    single(move || sender.submit(Message::new("a"))?.wait())
}

fn create_batch(scene: &Scene) -> Result<Prepared> {
    let sender = scene.sender()?;
    single(move || sender.create_message_batch())
}
