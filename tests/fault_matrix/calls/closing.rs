//! Closing, which has the client's close time-out.

use servicebus::{ReceiveMode, Result};

use crate::call::{single, Call, Prepared, CLOSES};
use crate::scene::{Scene, LONG, QUEUE};

pub(super) fn calls() -> Vec<Call> {
    vec![
        Call::new("close sender", CLOSES, sender),
        Call::new("close receiver", CLOSES, receiver),
        Call::new("close client", CLOSES, client),
    ]
}

fn sender(scene: &Scene) -> Result<Prepared> {
    let sender = scene.sender()?;
    single(move || sender.close())
}

fn receiver(scene: &Scene) -> Result<Prepared> {
    let receiver = scene.supplied(ReceiveMode::PeekLock)?;
    single(move || receiver.close())
}

fn client(scene: &Scene) -> Result<Prepared> {
    let client = scene.another_client();
    client.queue_sender(QUEUE).operation_timeout(LONG).open()?;
    single(move || client.close())
}
