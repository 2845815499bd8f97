//! Receiving, in each way.

use std::time::Duration;

use servicebus::{ReceiveMode, Receiver, Result};

use crate::call::{search, Call, Prepared, AUTHORIZES, DIALS, RECEIVES, SESSION};
use crate::scene::{Scene, LONG};

pub(super) fn calls() -> Vec<Call> {
    let receives = DIALS | AUTHORIZES | RECEIVES;
    vec![
        Call::new("receive", receives, receive),
        Call::new("receive, patient otherwise", receives, receive_patiently),
        Call::new("receive and delete", receives, receive_and_delete),
        Call::new("next message", receives, next_message),
        Call::new("iterate", receives, iterate),
        Call::new("receive in session", RECEIVES | SESSION, receive_in_session),
    ]
}

fn receive_one(receiver: Receiver, wait: Duration) -> Result<Prepared> {
    search(move || Ok(receiver.receive_messages(1, wait)?.pop()))
}

fn receive(scene: &Scene) -> Result<Prepared> {
    receive_one(scene.supplied(ReceiveMode::PeekLock)?, scene.deadline)
}

/// The time-out of other calls is the usual one, and does not make the wait longer.
fn receive_patiently(scene: &Scene) -> Result<Prepared> {
    let receiver = scene.supplied(ReceiveMode::PeekLock)?;
    receive_one(receiver.with_timeout(LONG), scene.deadline)
}

fn receive_and_delete(scene: &Scene) -> Result<Prepared> {
    receive_one(
        scene.supplied(ReceiveMode::ReceiveAndDelete)?,
        scene.deadline,
    )
}

fn next_message(scene: &Scene) -> Result<Prepared> {
    let receiver = scene.supplied(ReceiveMode::PeekLock)?;
    let wait = scene.deadline;
    search(move || receiver.next_message(wait))
}

fn iterate(scene: &Scene) -> Result<Prepared> {
    let receiver = scene.supplied(ReceiveMode::PeekLock)?;
    search(move || receiver.messages().next().transpose())
}

fn receive_in_session(scene: &Scene) -> Result<Prepared> {
    receive_one(scene.session()?, scene.deadline)
}
