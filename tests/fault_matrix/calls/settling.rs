//! Verdicts on messages.

use servicebus::{ReceivedMessage, Receiver, Result};

use crate::call::{several, single, Call, Prepared, AUTHORIZES, DIALS, SESSION, SETTLES, SPENDS};
use crate::scene::{take, Scene, QUEUE, SESSIONS};

pub(super) fn calls() -> Vec<Call> {
    let settles = DIALS | AUTHORIZES | SETTLES | SPENDS;
    vec![
        Call::new("complete", settles, |scene| {
            one(scene, Receiver::complete_message)
        })
        .counts(QUEUE, 1, |totals| totals.completed),
        Call::new("abandon", settles, |scene| {
            one(scene, Receiver::abandon_message)
        })
        .counts(QUEUE, 1, |totals| totals.abandoned),
        Call::new("dead-letter", settles, |scene| {
            one(scene, Receiver::dead_letter_message)
        })
        .counts(QUEUE, 1, |totals| totals.dead_lettered),
        Call::new("defer", settles, |scene| {
            one(scene, Receiver::defer_message)
        })
        .counts(QUEUE, 1, |totals| totals.deferred),
        Call::new("complete all", settles, |scene| {
            three(scene, Receiver::complete_messages)
        })
        .counts(QUEUE, 1, |totals| totals.completed),
        Call::new("abandon all", settles, |scene| {
            three(scene, Receiver::abandon_messages)
        })
        .counts(QUEUE, 1, |totals| totals.abandoned),
        Call::new("dead-letter all", settles, |scene| {
            three(scene, Receiver::dead_letter_messages)
        })
        .counts(QUEUE, 1, |totals| totals.dead_lettered),
        Call::new("defer all", settles, |scene| {
            three(scene, Receiver::defer_messages)
        })
        .counts(QUEUE, 1, |totals| totals.deferred),
        Call::new(
            "complete in session",
            SETTLES | SESSION,
            complete_in_session,
        )
        .counts(SESSIONS, 1, |totals| totals.completed),
    ]
}

fn one(scene: &Scene, settle: fn(&Receiver, &ReceivedMessage) -> Result<()>) -> Result<Prepared> {
    let (receiver, messages) = scene.received(1)?;
    single(move || settle(&receiver, &messages[0]))
}

fn three(
    scene: &Scene,
    settle: fn(&Receiver, &[ReceivedMessage]) -> Vec<Result<()>>,
) -> Result<Prepared> {
    let (receiver, messages) = scene.received(3)?;
    several(move || settle(&receiver, &messages))
}

fn complete_in_session(scene: &Scene) -> Result<Prepared> {
    let receiver = scene.session()?;
    let messages = take(&receiver, 1)?;
    single(move || receiver.complete_message(&messages[0]))
}
