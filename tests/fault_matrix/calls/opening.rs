//! Calls that begin without a connection.

use servicebus::Result;

use crate::call::{single, Call, Prepared, ASKS, AUTHORIZES, COORDINATES, DIALS, FRESH};
use crate::scene::{Scene, QUEUE, SESSIONS, SUBSCRIPTION, TOPIC};

pub(super) fn calls() -> Vec<Call> {
    let opens = FRESH | DIALS | AUTHORIZES;
    vec![
        Call::new("open sender", opens, sender),
        Call::new("open topic sender", opens, topic_sender),
        Call::new("open receiver", opens, receiver),
        Call::new("open subscription receiver", opens, subscription_receiver),
        Call::new("open session", opens, session),
        Call::new("begin transaction", FRESH | DIALS | COORDINATES, begin),
        Call::new(
            "list sessions",
            FRESH | DIALS | AUTHORIZES | ASKS,
            list_sessions,
        ),
    ]
}

/// Calls on a client that has no connection.
fn opens<T: 'static>(
    scene: &Scene,
    open: fn(&servicebus::Client) -> Result<T>,
) -> Result<Prepared> {
    let client = scene.another_client();
    let mut opened = Vec::new();
    single(move || {
        // Closing it is not what is under test.
        opened.push(open(&client)?);
        Ok(())
    })
}

fn sender(scene: &Scene) -> Result<Prepared> {
    opens(scene, |client| client.queue_sender(QUEUE).open())
}

fn topic_sender(scene: &Scene) -> Result<Prepared> {
    opens(scene, |client| client.topic_sender(TOPIC).open())
}

fn receiver(scene: &Scene) -> Result<Prepared> {
    opens(scene, |client| client.queue_receiver(QUEUE).open())
}

fn subscription_receiver(scene: &Scene) -> Result<Prepared> {
    opens(scene, |client| {
        client.subscription_receiver(TOPIC, SUBSCRIPTION).open()
    })
}

fn session(scene: &Scene) -> Result<Prepared> {
    let client = scene.another_client();
    let id = scene.name();
    let mut opened = Vec::new();
    single(move || {
        opened.push(client.queue_receiver(SESSIONS).session_id(&*id).open()?);
        Ok(())
    })
}

fn begin(scene: &Scene) -> Result<Prepared> {
    opens(scene, |client| client.transaction())
}

fn list_sessions(scene: &Scene) -> Result<Prepared> {
    let client = scene.another_client();
    single(move || {
        client
            .list_queue_sessions(SESSIONS, None)
            .collect::<Result<Vec<_>>>()
    })
}
