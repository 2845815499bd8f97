//! Frames whose header or body is not what it should be.

use servicebus_amqp::types::definitions::{AmqpError, ConnectionError};
use servicebus_amqp::{ConnectionOptions, Event};

use crate::raw_peer::{begin, encoded, open, Victim};

#[test]
fn a_frame_shorter_than_its_header_closes_the_connection() {
    for size in 0..8 {
        for mut victim in Victim::both() {
            victim.bytes(&[0, 0, 0, size, 2, 0, 0, 0]);
            victim.assert_closed_over(ConnectionError::FramingError);
        }
    }
}

#[test]
fn a_data_offset_inside_the_header_closes_the_connection() {
    for doff in [0, 1] {
        for mut victim in Victim::both() {
            victim.bytes(&[0, 0, 0, 8, doff, 0, 0, 0]);
            victim.assert_closed_over(ConnectionError::FramingError);
        }
    }
}

#[test]
fn a_data_offset_behind_the_frame_closes_the_connection() {
    for mut victim in Victim::both() {
        victim.bytes(&[0, 0, 0, 8, 3, 0, 0, 0]);
        victim.assert_closed_over(ConnectionError::FramingError);
    }
}

#[test]
fn an_extended_header_is_skipped() {
    let mut victim = Victim::server();
    let plain = encoded(0, &begin(None), b"");
    let mut extended = vec![0, 0, 0, plain.len() as u8 + 8, 4, 0, 0, 0];
    extended.extend_from_slice(b"whatever");
    extended.extend_from_slice(&plain[8..]);
    victim.bytes(&extended);
    let events = victim.events();
    assert!(
        matches!(events[..], [Event::SessionBegun { .. }]),
        "{events:?}"
    );
}

#[test]
fn a_frame_beyond_the_agreed_size_closes_the_connection_before_it_is_whole() {
    let options = ConnectionOptions {
        max_frame_size: 600,
        ..ConnectionOptions::default()
    };
    for mut victim in [
        Victim::server_opened_with(options.clone(), open()),
        Victim::client_opened_with(options, open()),
    ] {
        victim.bytes(&[0, 0, 0x02, 0x59, 2, 0, 0, 0]);
        victim.assert_closed_over(ConnectionError::FramingError);
    }
}

#[test]
fn an_unknown_frame_type_closes_the_connection() {
    for mut victim in Victim::both() {
        victim.bytes(&[0, 0, 0, 8, 2, 7, 0, 0]);
        victim.assert_closed_over(ConnectionError::FramingError);
    }
}

#[test]
fn a_sasl_frame_after_the_handshake_closes_the_connection() {
    for mut victim in Victim::both() {
        victim.bytes(&[0, 0, 0, 8, 2, 1, 0, 0]);
        victim.assert_closed_over(ConnectionError::FramingError);
    }
}

#[test]
fn an_unknown_performative_closes_the_connection() {
    for mut victim in Victim::both() {
        victim.bytes(&[0, 0, 0, 12, 2, 0, 0, 0, 0x00, 0x53, 0x1f, 0x45]);
        victim.assert_closed_over(AmqpError::DecodeError);
    }
}

#[test]
fn a_body_that_lies_about_its_size_closes_the_connection() {
    let bodies: [&[u8]; 4] = [
        &[0x00, 0x53, 0x11, 0xd0, 0x40, 0, 0, 0, 0x40, 0, 0, 0],
        &[0x00, 0x53, 0x11, 0xc0, 0x01, 0xff],
        &[
            0x00, 0x53, 0x12, 0xc0, 0x07, 0x01, 0xb1, 0x40, 0, 0, 0, 0x61,
        ],
        &[0x00],
    ];
    for body in bodies {
        for mut victim in Victim::both() {
            let mut frame = vec![0, 0, 0, body.len() as u8 + 8, 2, 0, 0, 0];
            frame.extend_from_slice(body);
            victim.bytes(&frame);
            victim.assert_closed_over(AmqpError::DecodeError);
        }
    }
}

#[test]
fn an_empty_frame_on_any_channel_is_only_a_heartbeat() {
    for mut victim in Victim::both() {
        victim.bytes(&[0, 0, 0, 8, 2, 0, 0x12, 0x34]);
        assert!(victim.events().is_empty());
        assert!(victim.output().is_empty());
        victim.assert_alive();
    }
}

#[test]
fn nothing_is_read_after_the_frame_that_ended_the_connection() {
    let mut victim = Victim::server();
    let mut bytes = vec![0, 0, 0, 7, 2, 0, 0, 0];
    bytes.extend_from_slice(&encoded(0, &begin(None), b""));
    victim.bytes(&bytes);
    victim.bytes(&encoded(0, &begin(None), b""));
    victim.assert_closed_over(ConnectionError::FramingError);
}
