//! The bytes of a good peer, cut or bent at every offset.

use std::time::Instant;

use bytes::BytesMut;
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::types::messaging::{Accepted, DeliveryState};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::{Connection, ConnectionOptions, Event};

use crate::samples::{attach, delivery};

/// Tells a client, which begins the conversation, from a server.
const SERVER: &str = "server";

/// Acts on events as an owner would, so that a conversation goes on: attaches, grants, sends, settles.
fn serve(end: &mut Connection) -> Vec<Event> {
    let accepted = || Some(DeliveryState::Accepted(Accepted {}));
    let mut events = Vec::new();
    while let Some(event) = end.poll_event() {
        match &event {
            Event::SaslInit { .. } => end.sasl_outcome(true),
            Event::Opened(open) if open.container_id == SERVER => {
                // Refused where the same read brought the end.
                if let Ok(session) = end.begin(&Default::default()) {
                    for (name, role) in [("out", Role::Sender), ("in", Role::Receiver)] {
                        end.attach(session, attach(name, role));
                    }
                }
            }
            Event::AttachRequested { link, attach } => {
                let receives = attach.role == Role::Sender;
                end.accept(*link, Attach::clone(attach));
                if receives {
                    end.set_credit(*link, 5);
                }
            }
            Event::Attached { link, .. } => end.set_credit(*link, 3),
            Event::Flow {
                link,
                credit: 1..,
                drain: false,
            } => {
                for tag in 0..2 {
                    // Refused where a bent grant has been used up by the first.
                    let _sent = end.send(*link, delivery(tag, vec![7; 700]));
                }
            }
            Event::Flow {
                link, drain: true, ..
            } => end.drained(*link),
            Event::Delivery { link, delivery } => {
                end.dispose(*link, delivery.id, accepted(), false);
                end.drain(*link);
            }
            Event::Disposition {
                link,
                id,
                settled: false,
                ..
            } => {
                end.dispose(*link, *id, accepted(), true);
            }
            _ => {}
        }
        events.push(event);
    }
    events
}

fn client(now: Instant) -> Connection {
    let options = ConnectionOptions {
        max_frame_size: 512,
        ..ConnectionOptions::default()
    };
    Connection::client(options, now)
}

fn server(now: Instant) -> Connection {
    let options = ConnectionOptions {
        container_id: SERVER.to_owned(),
        max_frame_size: 512,
        ..ConnectionOptions::default()
    };
    Connection::server(options, &["ANONYMOUS"], now)
}

/// What one end writes in a whole conversation, and how much of it had been written by each turn.
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    turns: Vec<usize>,
}

/// A whole conversation of client and server, from header to close.
fn record(now: Instant) -> [Stream; 2] {
    let mut ends = [client(now), server(now)];
    let mut streams = [Stream::default(), Stream::default()];
    let mut inputs = [BytesMut::new(), BytesMut::new()];
    for round in 0.. {
        assert!(round < 100, "the conversation goes round in circles");
        let mut quiet = true;
        for from in [0, 1] {
            let bytes = ends[from].output().split();
            quiet &= bytes.is_empty();
            streams[from].bytes.extend_from_slice(&bytes);
            let written = streams[from].bytes.len();
            streams[from].turns.push(written);
            inputs[1 - from].extend_from_slice(&bytes);
            ends[1 - from].handle_input(now, &mut inputs[1 - from]);
            serve(&mut ends[1 - from]);
        }
        if quiet && ends[0].is_ended() {
            break;
        }
        if quiet {
            ends[0].close(now, None);
        }
    }
    streams
}

/// Gives `bytes` to one end, turn by turn, then ends the transport: the end of the connection must
/// have been reported exactly once, and last. The events until then.
fn suffer(mut end: Connection, now: Instant, bytes: &[u8], turns: &[usize]) -> Vec<Event> {
    let mut input = BytesMut::new();
    let mut events = Vec::new();
    let mut given = 0;
    for turn in turns {
        let turn = (*turn).min(bytes.len());
        input.extend_from_slice(&bytes[given..turn]);
        given = turn;
        end.handle_input(now, &mut input);
        events.extend(serve(&mut end));
        end.resume_input(&mut input);
        events.extend(serve(&mut end));
        end.output().clear();
    }
    let live = events.len();
    end.transport_closed("cut");
    events.extend(serve(&mut end));
    let ends = events
        .iter()
        .filter(|event| matches!(event, Event::Closed { .. }))
        .count();
    assert_eq!(ends, 1, "{events:?}");
    assert!(
        matches!(events.last(), Some(Event::Closed { .. })),
        "{events:?}"
    );
    assert!(end.is_finished());
    assert!(end.poll_timeout().is_none());
    events.truncate(live);
    events
}

type Start = fn(Instant) -> Connection;

/// Each role, with what the other one writes to it.
fn each_role(now: Instant) -> [(Start, Stream); 2] {
    let [from_client, from_server] = record(now);
    [(client, from_server), (server, from_client)]
}

#[test]
fn the_recorded_conversation_is_a_whole_one() {
    let now = Instant::now();
    for (role, stream) in each_role(now) {
        let events = suffer(role(now), now, &stream.bytes, &stream.turns);
        let seen = |wanted: fn(&Event) -> bool| events.iter().any(wanted);
        assert!(seen(|event| matches!(event, Event::Flow { .. })));
        assert!(seen(|event| matches!(event, Event::Delivery { .. })));
        assert!(seen(|event| matches!(event, Event::Drained { .. })));
        assert!(seen(|event| matches!(event, Event::Disposition { .. })));
    }
}

#[test]
fn a_stream_cut_anywhere_ends_with_one_report() {
    let now = Instant::now();
    for (role, stream) in each_role(now) {
        for at in 0..stream.bytes.len() {
            suffer(role(now), now, &stream.bytes[..at], &stream.turns);
        }
    }
}

#[test]
fn a_stream_bent_anywhere_ends_with_one_report() {
    let now = Instant::now();
    for (role, stream) in each_role(now) {
        for at in 0..stream.bytes.len() {
            let mut bent = stream.bytes.clone();
            bent[at] ^= [0x01, 0x40, 0xff][at % 3];
            suffer(role(now), now, &bent, &stream.turns);
        }
    }
}
