//! Calls that ask the entity's management node.

use chrono::{TimeDelta, Utc};
use servicebus::{Message, ReceiveMode, Result};

use crate::call::{single, Call, Prepared, ASKS, AUTHORIZES, DIALS, ONCE, SPENDS};
use crate::scene::{Scene, LONG, QUEUE};

pub(super) fn calls() -> Vec<Call> {
    let asks = DIALS | AUTHORIZES | ASKS;
    vec![
        Call::new("peek", asks, peek),
        Call::new("peek all", asks, peek_all),
        Call::new("delete", asks | ONCE, delete),
        Call::new("purge", asks | ONCE, purge),
        Call::new("renew", asks, renew),
        Call::new("schedule", asks | ONCE, schedule).counts(QUEUE, 2, |totals| totals.scheduled),
        Call::new("cancel", asks | SPENDS, cancel).counts(QUEUE, 1, |totals| totals.cancelled),
        Call::new("receive deferred", asks | SPENDS, receive_deferred),
    ]
}

fn peek(scene: &Scene) -> Result<Prepared> {
    let receiver = scene.supplied(ReceiveMode::PeekLock)?;
    single(move || receiver.peek_messages(1, 1))
}

fn peek_all(scene: &Scene) -> Result<Prepared> {
    let receiver = scene.supplied(ReceiveMode::PeekLock)?;
    single(move || {
        let messages: Result<Vec<_>> = receiver.peek_all_messages(None).collect();
        messages
    })
}

fn delete(scene: &Scene) -> Result<Prepared> {
    let receiver = scene.supplied(ReceiveMode::PeekLock)?;
    single(move || receiver.delete_messages(2, None))
}

fn purge(scene: &Scene) -> Result<Prepared> {
    let receiver = scene.supplied(ReceiveMode::PeekLock)?;
    single(move || receiver.purge_messages(None))
}

fn renew(scene: &Scene) -> Result<Prepared> {
    let (receiver, messages) = scene.received(1)?;
    single(move || receiver.renew_message_lock(&messages[0]))
}

fn schedule(scene: &Scene) -> Result<Prepared> {
    let sender = scene.sender()?;
    single(move || {
        let later = Utc::now() + TimeDelta::hours(1);
        sender.schedule_messages(vec![Message::new("a"); 2], later)
    })
}

/// A repetition finds the message locked.
fn receive_deferred(scene: &Scene) -> Result<Prepared> {
    let (receiver, messages) = scene.received(1)?;
    receiver.with_timeout(LONG).defer_message(&messages[0])?;
    let number = messages[0]
        .sequence_number()
        .expect("the emulator numbers messages");
    single(move || receiver.receive_deferred_messages(&[number]))
}

fn cancel(scene: &Scene) -> Result<Prepared> {
    let sender = scene.sender()?;
    let later = Utc::now() + TimeDelta::hours(1);
    let patient = sender.with_timeout(LONG);
    let numbers = patient.schedule_messages(Message::new("a"), later)?;
    single(move || sender.cancel_scheduled_messages(&numbers))
}
