//! One client and one server endpoint, back to back: what every owner of an endpoint relies on.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod pair;
mod samples;

use bytes::{Bytes, BytesMut};
use pair::Pair;
use samples::{attach, delivery};
use servicebus_amqp::framing::take_frame;
use servicebus_amqp::types::definitions::{AmqpError, Error, Role};
use servicebus_amqp::types::messaging::{Accepted, DeliveryState};
use servicebus_amqp::{Cause, ConnectionOptions, Event, SendError, SessionOptions};

fn accepted() -> Option<DeliveryState> {
    Some(DeliveryState::Accepted(Accepted {}))
}

fn open() -> Pair {
    Pair::open(ConnectionOptions::default(), ConnectionOptions::default())
}

#[test]
fn a_delivery_is_sent_received_and_settled() {
    let mut pair = open();
    let session = pair.begin(&SessionOptions::default());
    let (sender, receiver) = pair.link(session, attach("link", Role::Sender));
    let early = pair.client.send(sender, delivery(0, "early"));
    assert_eq!(
        early,
        Err(SendError::NoCredit),
        "nothing leaves without credit"
    );

    pair.server.set_credit(receiver, 1);
    pair.exchange();
    let flow = pair.client.poll_event();
    assert!(
        matches!(flow, Some(Event::Flow { credit: 1, .. })),
        "{flow:?}"
    );
    let sent = pair
        .client
        .send(sender, delivery(7, "hello"))
        .expect("there is credit");
    pair.exchange();
    let Some(Event::Delivery { delivery, .. }) = pair.server.poll_event() else {
        panic!("nothing arrived");
    };
    assert_eq!(delivery.payload, Bytes::from("hello"));
    assert_eq!(delivery.tag[..], 7u32.to_be_bytes());

    assert!(pair.server.dispose(receiver, delivery.id, accepted(), true));
    pair.exchange();
    match pair.client.poll_event() {
        Some(Event::Disposition {
            id,
            state,
            settled: true,
            ..
        }) => {
            assert_eq!(id, sent);
            assert_eq!(state, accepted());
        }
        other => panic!("no settled outcome, but {other:?}"),
    }
}

#[test]
fn verdicts_in_a_row_share_a_frame_unless_told_apart() {
    let mut pair = open();
    let session = pair.begin(&SessionOptions::default());
    let (receiver, sender) = pair.link(session, attach("link", Role::Receiver));
    pair.client.set_credit(receiver, 6);
    pair.exchange();
    for tag in 0..6 {
        pair.server
            .send(sender, delivery(tag, "x"))
            .expect("there is credit");
    }
    pair.exchange();
    let events: Vec<_> = std::iter::from_fn(|| pair.client.poll_event()).collect();
    let mut ids = events.iter().filter_map(|event| match event {
        Event::Delivery { delivery, .. } => Some(delivery.id),
        _ => None,
    });
    for id in ids.by_ref().take(3) {
        assert!(pair.client.dispose(receiver, id, accepted(), true));
    }
    assert_eq!(count_frames(pair.client.output()), 1);
    for id in ids {
        assert!(pair.client.dispose(receiver, id, accepted(), true));
        pair.client.end_range(session);
    }
    assert_eq!(count_frames(pair.client.output()), 3);
}

/// Takes what was written.
fn count_frames(output: &mut BytesMut) -> usize {
    std::iter::from_fn(|| take_frame(output, u32::MAX).expect("frames were written")).count()
}

#[test]
fn a_large_delivery_crosses_small_frames() {
    let small = ConnectionOptions {
        max_frame_size: 512,
        ..ConnectionOptions::default()
    };
    let mut pair = Pair::open(small.clone(), small);
    let session = pair.begin(&SessionOptions::default());
    let (receiver, sender) = pair.link(session, attach("link", Role::Receiver));
    pair.client.set_credit(receiver, 2);
    pair.exchange();
    let payload: Bytes = (0..100_000u32).map(|n| n as u8).collect();
    pair.server
        .send(sender, delivery(1, payload.clone()))
        .expect("there is credit");
    pair.exchange();
    let Some(Event::Delivery { delivery, .. }) = pair.client.poll_event() else {
        panic!("nothing arrived");
    };
    assert_eq!(delivery.payload, payload);
}

#[test]
fn a_refused_link_is_reported_once_with_the_error() {
    let mut pair = open();
    let session = pair.begin(&SessionOptions::default());
    let ours = pair
        .client
        .attach(session, attach("refused", Role::Sender))
        .expect("the session takes links");
    pair.exchange();
    let Some(Event::AttachRequested { link, .. }) = pair.server.poll_event() else {
        panic!("the server was not asked");
    };
    let error = Error::new(AmqpError::NotFound, Some("no such queue".to_owned()), None);
    pair.server.refuse(link, error.clone());
    pair.exchange();
    match pair.client.poll_event() {
        Some(Event::Detached { link, cause, .. }) => {
            assert_eq!(link, ours);
            assert_eq!(cause, Cause::Detach(Some(error)));
        }
        other => panic!("the refusal was not reported, but {other:?}"),
    }
    assert!(pair.client.poll_event().is_none());
    let gone = pair.server.poll_event();
    assert!(matches!(gone, Some(Event::Detached { .. })), "{gone:?}");
    pair.link(session, attach("link", Role::Sender));
}

#[test]
fn a_drain_ends_with_no_credit_and_nothing_under_way() {
    let mut pair = open();
    let session = pair.begin(&SessionOptions::default());
    let (receiver, sender) = pair.link(session, attach("link", Role::Receiver));
    pair.client.set_credit(receiver, 10);
    pair.exchange();
    pair.server
        .send(sender, delivery(1, "one"))
        .expect("there is credit");
    pair.client.drain(receiver);
    pair.exchange();
    let drain = std::iter::from_fn(|| pair.server.poll_event())
        .find(|event| matches!(event, Event::Flow { drain: true, .. }));
    assert!(drain.is_some(), "the server was not asked to drain");
    pair.server.drained(sender);
    pair.exchange();
    let events: Vec<_> = std::iter::from_fn(|| pair.client.poll_event()).collect();
    assert!(
        matches!(events[..], [Event::Delivery { .. }, Event::Drained { .. }]),
        "{events:?}"
    );
    assert_eq!(pair.client.credit(receiver), 0);
    assert_eq!(pair.server.credit(sender), 0);
}

#[test]
fn the_end_of_the_transport_is_told_to_every_link() {
    let mut pair = open();
    let session = pair.begin(&SessionOptions::default());
    pair.link(session, attach("link", Role::Sender));
    pair.client.transport_closed("cut");
    let events: Vec<_> = std::iter::from_fn(|| pair.client.poll_event()).collect();
    let cut = Cause::Transport("cut".to_owned());
    match &events[..] {
        [Event::Detached { cause: link, .. }, Event::SessionEnded { cause: session, .. }, Event::Closed { cause }] =>
        {
            assert_eq!([link, session, cause], [&cut; 3]);
        }
        other => panic!("not link, session, connection in order: {other:?}"),
    }
    assert!(pair.client.is_finished());
}

#[test]
fn a_close_is_answered() {
    let mut pair = open();
    let session = pair.begin(&SessionOptions::default());
    pair.link(session, attach("link", Role::Sender));
    let now = pair.now;
    pair.client.close(now, None);
    pair.exchange();
    for (end, expected) in [
        (&mut pair.client, Cause::Local),
        (&mut pair.server, Cause::Close(None)),
    ] {
        let last = std::iter::from_fn(|| end.poll_event()).last();
        match last {
            Some(Event::Closed { cause }) => assert_eq!(cause, expected),
            other => panic!("not closed, but {other:?}"),
        }
        assert!(end.is_finished());
    }
}
