//! Sessions: channels, windows, ends.

use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::{AmqpError, ConnectionError, Error, Role, SessionError};
use servicebus_amqp::{Cause, ConnectionOptions, Event, NotOpen};

use crate::raw_peer::{attach, begin, detach, end, flow, grant, open, transfer, Victim};

#[test]
fn a_frame_on_a_channel_without_session_closes_the_connection() {
    let frames = [
        end(None),
        detach(0),
        attach("link", 0, Role::Sender),
        flow(grant(0, None, 1)),
        Performative::Transfer(transfer(0, 0)),
    ];
    for frame in frames {
        for mut victim in Victim::both() {
            victim.frame(3, frame.clone());
            victim.assert_closed_over(AmqpError::NotAllowed);
        }
    }
}

#[test]
fn a_second_begin_on_a_channel_closes_the_connection() {
    let mut victim = Victim::server_with_session();
    victim.frame(0, begin(None));
    victim.assert_closed_over(ConnectionError::FramingError);
}

#[test]
fn a_channel_above_channel_max_closes_the_connection() {
    let options = ConnectionOptions {
        channel_max: 9,
        ..ConnectionOptions::default()
    };
    let mut victim = Victim::server_opened_with(options, open());
    victim.frame(9, begin(None));
    assert_eq!(victim.events().len(), 1, "channel 9 is allowed");
    victim.frame(10, begin(None));
    victim.assert_closed_over(ConnectionError::FramingError);
}

#[test]
fn a_begin_that_answers_nothing_closes_the_connection() {
    for mut victim in Victim::both() {
        victim.frame(0, begin(Some(5)));
        victim.assert_closed_over(AmqpError::NotAllowed);
    }
    let mut client = Victim::client();
    client.frame(0, begin(None));
    client.assert_closed_over(AmqpError::NotAllowed);
}

#[test]
fn no_more_sessions_are_begun_than_the_peer_has_channels() {
    let mut peers_open = open();
    peers_open.channel_max = 1.into();
    let mut victim = Victim::client_opened_with(ConnectionOptions::default(), peers_open);
    for _ in 0..2 {
        let begun = victim.connection.begin(&Default::default());
        assert!(begun.is_ok(), "{begun:?}");
    }
    let third = victim.connection.begin(&Default::default());
    assert_eq!(third, Err(NotOpen));
}

#[test]
fn as_many_sessions_as_there_are_channels_cost_no_time() {
    let mut peers_open = open();
    peers_open.channel_max = 4_999.into();
    let mut victim = Victim::server_opened_with(ConnectionOptions::default(), peers_open);
    for channel in 0..5_000 {
        victim.frame(channel, begin(None));
        assert_eq!(victim.events().len(), 1, "channel {channel}");
    }
}

#[test]
fn a_session_ended_before_its_begin_was_answered_ends_quietly() {
    let mut victim = Victim::client();
    let session = victim
        .connection
        .begin(&Default::default())
        .expect("the connection is open");
    victim.connection.end(session, None);
    let events = victim.events();
    assert!(
        matches!(
            events[..],
            [Event::SessionEnded {
                cause: Cause::Local,
                ..
            }]
        ),
        "{events:?}"
    );
    victim.frame(0, begin(Some(0)));
    victim.frame(0, end(None));
    assert_eq!(victim.events().len(), 0, "it was reported already");
    victim.output();
    victim.assert_alive();
}

#[test]
fn a_transfer_outside_the_window_ends_the_session() {
    let mut victim = Victim::server_with_window(4);
    let link = victim.attached("link", 0, Role::Sender);
    victim.connection.set_credit(link, 100);
    victim.output();
    for id in 0..5 {
        victim.transfer(0, transfer(0, id), b"x");
    }
    victim.assert_ended_over(SessionError::WindowViolation);
}

#[test]
fn a_session_without_window_says_so_once() {
    let mut victim = Victim::server_with_window(0);
    assert!(
        victim.output().is_empty(),
        "the window was restated for nothing"
    );
}

#[test]
fn frames_after_our_end_are_dropped_until_the_peer_has_ended() {
    let mut victim = Victim::server_with_session();
    let link = victim.attached("link", 0, Role::Sender);
    victim.connection.set_credit(link, 1);
    victim.connection.end(link.session(), None);
    victim.output();
    victim.events();
    victim.transfer(0, transfer(0, 0), b"late");
    victim.frame(0, detach(7));
    victim.frame(0, attach("late", 1, Role::Sender));
    assert!(victim.events().is_empty());
    victim.frame(0, end(None));
    assert!(victim.events().is_empty());
    assert!(victim.output().is_empty());
    victim.frame(0, begin(None));
    let events = victim.events();
    assert!(
        matches!(events[..], [Event::SessionBegun { .. }]),
        "the channel is free again: {events:?}"
    );
}

#[test]
fn the_peers_end_takes_every_link_along() {
    let mut victim = Victim::server_with_session();
    let first = victim.attached("first", 0, Role::Sender);
    let second = victim.attached("second", 1, Role::Receiver);
    let error = Error::new(AmqpError::IllegalState, Some("enough".to_owned()), None);
    victim.frame(0, end(Some(error.clone())));
    let over = Cause::End(Some(error));
    match &victim.events()[..] {
        [Event::Detached {
            link: a, cause: x, ..
        }, Event::Detached {
            link: b, cause: y, ..
        }, Event::SessionEnded { cause: z, .. }] => {
            assert_eq!([*a, *b], [first, second]);
            assert_eq!([x, y, z], [&over; 3]);
        }
        other => panic!("{other:?}"),
    }
    let written = victim.written();
    assert!(
        matches!(written[..], [(0, Performative::End(_))]),
        "{written:?}"
    );
    assert_eq!(
        victim.connection.attach(
            first.session(),
            crate::samples::attach("late", Role::Sender)
        ),
        None
    );
}
