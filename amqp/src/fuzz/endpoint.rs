//! Both ends of an open connection, each given the fuzzer's bytes for the other's.

use std::time::Instant;

use bytes::{Bytes, BytesMut};

use crate::types::definitions::Role;
use crate::types::messaging::{Accepted, DeliveryState, Source, Target};
use crate::types::performatives::Attach;
use crate::{Connection, ConnectionOptions, Event, OutgoingDelivery};

/// Gives `data` to a client and to a server whose connection has a session with a link each way and a
/// delivery on both, then ends the transport. The end must be reported once, and last.
pub fn endpoint(data: &[u8]) {
    let now = Instant::now();
    for end in open_pair(now) {
        suffer(end, now, data);
    }
}

fn open_pair(now: Instant) -> [Connection; 2] {
    let options = ConnectionOptions {
        max_frame_size: 4_096,
        ..ConnectionOptions::default()
    };
    let mut ends = [
        Connection::client(options.clone(), now),
        Connection::server(options, &["ANONYMOUS"], now),
    ];
    let [client, server] = &mut ends;
    let (mut to_client, mut to_server) = (BytesMut::new(), BytesMut::new());
    let mut has_begun = false;
    loop {
        let quiet = client.output().is_empty() && server.output().is_empty();
        if quiet && has_begun {
            return ends;
        }
        to_server.extend_from_slice(&client.output().split());
        server.handle_input(now, &mut to_server);
        act(server);
        to_client.extend_from_slice(&server.output().split());
        client.handle_input(now, &mut to_client);
        has_begun |= act(client)
            .iter()
            .any(|event| matches!(event, Event::Opened(_)) && begin(client));
    }
}

fn begin(client: &mut Connection) -> bool {
    let Ok(session) = client.begin(&Default::default()) else {
        return false;
    };
    [("out", Role::Sender), ("in", Role::Receiver)]
        .into_iter()
        .all(|(name, role)| client.attach(session, attach(name, role)).is_some())
}

/// Does what an owner would: accepts, grants, sends, judges, confirms. What was reported.
fn act(end: &mut Connection) -> Vec<Event> {
    let accepted = Some(DeliveryState::Accepted(Accepted {}));
    let mut events = Vec::new();
    while let Some(event) = end.poll_event() {
        match &event {
            Event::SaslInit { .. } => end.sasl_outcome(true),
            Event::AttachRequested { link, attach } => {
                end.accept(*link, Attach::clone(attach));
                end.set_credit(*link, 2);
            }
            Event::Attached { link, .. } => end.set_credit(*link, 2),
            Event::Flow {
                link, drain: true, ..
            } => end.drained(*link),
            Event::Flow { link, .. } => {
                // Refused where the grant is zero; both go on alike.
                let _sent = end.send(*link, delivery());
            }
            Event::Delivery { link, delivery } => {
                end.dispose(*link, delivery.id, accepted.clone(), false);
                end.drain(*link);
            }
            Event::Disposition {
                link,
                id,
                settled: false,
                ..
            } => {
                end.dispose(*link, *id, accepted.clone(), true);
            }
            _ => {}
        }
        events.push(event);
    }
    events
}

fn suffer(mut end: Connection, now: Instant, data: &[u8]) {
    let mut input = BytesMut::from(data);
    end.handle_input(now, &mut input);
    let mut events = act(&mut end);
    loop {
        let left = input.len();
        end.resume_input(&mut input);
        events.extend(act(&mut end));
        end.output().clear();
        if input.len() == left {
            break;
        }
    }
    end.transport_closed("the fuzzer has said all");
    events.extend(act(&mut end));
    let is_end = |event: &&Event| matches!(event, Event::Closed { .. });
    assert_eq!(events.iter().filter(is_end).count(), 1, "{events:?}");
    assert!(events.last().as_ref().is_some_and(is_end), "{events:?}");
    assert!(end.is_finished() && end.poll_timeout().is_none());
}

fn attach(name: &str, role: Role) -> Attach {
    Attach {
        source: Some(Box::new(Source::from("node"))),
        target: Some(Box::new(Target::from("node").into())),
        max_message_size: Some(10_000),
        ..crate::attach(name, role)
    }
}

fn delivery() -> OutgoingDelivery {
    OutgoingDelivery {
        tag: Bytes::from_static(b"tag"),
        payload: Bytes::from_static(&[0, 0x53, 0x75, 0xa0, 2, 7, 7]),
        message_format: 0,
        settled: false,
        state: None,
    }
}
