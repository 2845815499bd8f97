//! Both sides end the same thing at the same time.

use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::{AmqpError, Error, Role};
use servicebus_amqp::{Cause, Event};

use crate::pair::Pair;
use crate::raw_peer::{begin, close, detach, end, flow, grant, Victim};
use crate::samples::{attach, delivery};

#[test]
fn detaches_that_cross_answer_each_other() {
    let mut pair = Pair::open(Default::default(), Default::default());
    let session = pair.begin(&Default::default());
    let (client, server) = pair.link(session, attach("link", Role::Sender));
    let error = Error::new(AmqpError::InternalError, None, None);
    pair.client.detach(client, true, None);
    pair.server.detach(server, true, Some(error));
    pair.exchange();
    for end in [&mut pair.client, &mut pair.server] {
        let events: Vec<_> = std::iter::from_fn(|| end.poll_event()).collect();
        assert!(
            matches!(
                events[..],
                [Event::Detached {
                    cause: Cause::Local,
                    ..
                }]
            ),
            "{events:?}"
        );
    }
    pair.link(session, attach("link", Role::Sender));
}

#[test]
fn ends_that_cross_answer_each_other() {
    let mut pair = Pair::open(Default::default(), Default::default());
    let session = pair.begin(&Default::default());
    let (_, server) = pair.link(session, attach("link", Role::Sender));
    pair.client.end(session, None);
    pair.server.end(server.session(), None);
    pair.exchange();
    for end in [&mut pair.client, &mut pair.server] {
        let events: Vec<_> = std::iter::from_fn(|| end.poll_event()).collect();
        assert!(
            matches!(
                events[..],
                [Event::Detached { .. }, Event::SessionEnded { .. }]
            ),
            "{events:?}"
        );
    }
    pair.begin(&Default::default());
}

#[test]
fn closes_that_cross_answer_each_other() {
    let mut pair = Pair::open(Default::default(), Default::default());
    let now = pair.now;
    pair.client.close(now, None);
    pair.server.close(now, None);
    pair.exchange();
    for end in [&mut pair.client, &mut pair.server] {
        let events: Vec<_> = std::iter::from_fn(|| end.poll_event()).collect();
        assert!(
            matches!(
                events[..],
                [Event::Closed {
                    cause: Cause::Local
                }]
            ),
            "{events:?}"
        );
        assert!(end.is_finished());
    }
}

#[test]
fn nothing_is_written_after_a_close() {
    let mut victim = Victim::server_with_session();
    let sender = victim.attached("sender", 0, Role::Receiver);
    let receiver = victim.attached("receiver", 1, Role::Sender);
    victim.frame(0, flow(grant(0, Some(0), 10)));
    victim.connection.close(victim.now, None);
    let written = victim.written();
    assert!(
        matches!(written[..], [(0, Performative::Close(_))]),
        "{written:?}"
    );
    let session = sender.session();
    assert!(victim.connection.send(sender, delivery(0, "late")).is_err());
    victim.connection.set_credit(receiver, 10);
    victim.connection.drain(receiver);
    victim.connection.drained(sender);
    victim.connection.detach(sender, true, None);
    victim.connection.end(session, None);
    assert!(victim.connection.begin(&Default::default()).is_err());
    let late = attach("late", Role::Sender);
    assert_eq!(victim.connection.attach(session, late), None);
    let written = victim.written();
    assert!(written.is_empty(), "{written:?}");
}

#[test]
fn frames_after_our_close_are_dropped_until_the_peers_close() {
    let mut victim = Victim::server_with_session();
    victim.connection.close(victim.now, None);
    victim.output();
    victim.frame(1, begin(None));
    victim.frame(0, detach(5));
    victim.frame(0, end(None));
    assert!(victim.events().is_empty());
    assert!(victim.output().is_empty());
    victim.frame(0, close(None));
    let events = victim.events();
    assert!(
        matches!(
            events[..],
            [
                Event::SessionEnded { .. },
                Event::Closed {
                    cause: Cause::Local
                }
            ]
        ),
        "{events:?}"
    );
    assert!(victim.connection.is_finished());
}

#[test]
fn a_close_with_error_is_told_to_every_link_and_answered() {
    let mut victim = Victim::server_with_session();
    victim.attached("link", 0, Role::Sender);
    let error = Error::new(AmqpError::InternalError, Some("gone".to_owned()), None);
    victim.frame(0, close(Some(error.clone())));
    let over = Cause::Close(Some(error));
    match &victim.events()[..] {
        [Event::Detached { cause: link, .. }, Event::SessionEnded { cause: session, .. }, Event::Closed { cause }] =>
        {
            assert_eq!([link, session, cause], [&over; 3]);
        }
        other => panic!("{other:?}"),
    }
    let written = victim.written();
    assert!(
        matches!(written[..], [(0, Performative::Close(_))]),
        "{written:?}"
    );
}
