//! Before the first frame: headers, SASL, opens, each wrong or out of turn.

use std::time::{Duration, Instant};

use servicebus_amqp::protocol_header::ProtocolHeader;
use servicebus_amqp::sasl::{SaslCode, SaslFrame};
use servicebus_amqp::types::definitions::AmqpError;
use servicebus_amqp::{Cause, Connection, ConnectionOptions, Event};

use crate::raw_peer::{begin, close, encoded, open, Victim};
use servicebus_amqp::performative::Performative;

fn fresh() -> [Victim; 2] {
    [
        Victim::fresh_server(ConnectionOptions::default()),
        Victim::fresh_client(ConnectionOptions::default()),
    ]
}

fn init(mechanism: &str) -> SaslFrame {
    SaslFrame::Init {
        mechanism: mechanism.to_owned(),
        initial_response: Some(b"response".to_vec()),
        hostname: None,
    }
}

fn outcome(code: SaslCode) -> SaslFrame {
    SaslFrame::Outcome {
        code,
        additional_data: None,
    }
}

#[test]
fn a_server_answers_a_wrong_header_with_its_own_and_ends() {
    let wrong: [&[u8]; 4] = [
        b"GET / HTTP/1.1\r\n",
        b"AMQP\x00\x00\x09\x01",
        &ProtocolHeader::Amqp.octets(),
        &ProtocolHeader::Tls.octets(),
    ];
    for header in wrong {
        let options = ConnectionOptions::default();
        let mut victim = Victim::fresh_server(options.clone());
        victim.connection = Connection::server(options, &["PLAIN"], Instant::now());
        victim.bytes(header);
        assert_eq!(victim.output()[..], ProtocolHeader::Sasl.octets());
        let events = victim.events();
        assert!(
            matches!(
                events[..],
                [Event::Closed {
                    cause: Cause::Transport(_)
                }]
            ),
            "{events:?}"
        );
        assert!(victim.connection.is_finished());
    }
}

#[test]
fn a_client_may_do_without_sasl_where_it_would_be_anonymous() {
    let mut victim = Victim::fresh_server(ConnectionOptions::default());
    victim.bytes(&ProtocolHeader::Amqp.octets());
    assert_eq!(victim.output()[..], ProtocolHeader::Amqp.octets());
    victim.frame(0, Performative::Open(Box::new(open())));
    let events = victim.events();
    assert!(matches!(events[..], [Event::Opened(_)]), "{events:?}");
}

#[test]
fn a_client_ends_on_a_wrong_header() {
    let mut victim = Victim::fresh_client(ConnectionOptions::default());
    victim.bytes(&ProtocolHeader::Amqp.octets());
    assert_eq!(victim.output()[..], ProtocolHeader::Sasl.octets());
    let events = victim.events();
    assert!(
        matches!(
            events[..],
            [Event::Closed {
                cause: Cause::Transport(_)
            }]
        ),
        "{events:?}"
    );
}

#[test]
fn sasl_out_of_turn_ends_the_connection() {
    let frames = [
        SaslFrame::Mechanisms(vec!["ANONYMOUS".to_owned()]),
        init("ANONYMOUS"),
        outcome(SaslCode::Ok),
    ];
    for (role, fits) in [1, 0].into_iter().enumerate() {
        for (number, frame) in frames.iter().enumerate().filter(|(at, _)| *at != fits) {
            let [server, client] = fresh();
            let mut victim = if role == 0 { server } else { client };
            victim.bytes(&ProtocolHeader::Sasl.octets());
            victim.sasl(frame);
            let events = victim.events();
            assert!(
                matches!(
                    events[..],
                    [Event::Closed {
                        cause: Cause::Sasl(_)
                    }]
                ),
                "role {role}, frame {number}: {events:?}"
            );
        }
    }
}

#[test]
fn an_amqp_frame_during_sasl_ends_the_connection() {
    for mut victim in fresh() {
        victim.bytes(&ProtocolHeader::Sasl.octets());
        victim.bytes(&encoded(0, &Performative::Open(Box::new(open())), b""));
        let events = victim.events();
        assert!(
            matches!(
                events[..],
                [Event::Closed {
                    cause: Cause::Sasl(_)
                }]
            ),
            "{events:?}"
        );
    }
}

#[test]
fn a_mechanism_that_was_not_offered_is_refused() {
    let mut victim = Victim::fresh_server(ConnectionOptions::default());
    victim.bytes(&ProtocolHeader::Sasl.octets());
    victim.sasl(&init("PLAIN"));
    let events = victim.events();
    assert!(
        matches!(
            events[..],
            [Event::Closed {
                cause: Cause::Sasl(_)
            }]
        ),
        "{events:?}"
    );
    assert!(
        !victim.output().is_empty(),
        "the refusal is told to the client"
    );
}

#[test]
fn a_client_needs_a_mechanism_that_it_speaks_and_a_good_outcome() {
    for code in [SaslCode::Auth, SaslCode::Sys] {
        let mut victim = Victim::fresh_client(ConnectionOptions::default());
        victim.bytes(&ProtocolHeader::Sasl.octets());
        victim.sasl(&SaslFrame::Mechanisms(vec!["ANONYMOUS".to_owned()]));
        victim.sasl(&outcome(code));
        let events = victim.events();
        assert!(
            matches!(
                events[..],
                [Event::Closed {
                    cause: Cause::Sasl(_)
                }]
            ),
            "{events:?}"
        );
    }
    let mut victim = Victim::fresh_client(ConnectionOptions::default());
    victim.bytes(&ProtocolHeader::Sasl.octets());
    victim.sasl(&SaslFrame::Mechanisms(vec!["GSSAPI".to_owned()]));
    match &victim.events()[..] {
        [Event::Closed {
            cause: Cause::Sasl(text),
        }] => assert!(text.contains("GSSAPI"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_client_sent_along_with_its_choice_waits_for_the_verdict() {
    let mut victim = Victim::fresh_server(ConnectionOptions::default());
    victim.bytes(&ProtocolHeader::Sasl.octets());
    victim.sasl(&init("ANONYMOUS"));
    victim.bytes(&ProtocolHeader::Amqp.octets());
    victim.bytes(&encoded(0, &Performative::Open(Box::new(open())), b""));
    let events = victim.events();
    assert!(matches!(events[..], [Event::SaslInit { .. }]), "{events:?}");
    victim.connection.sasl_outcome(true);
    victim.bytes(b"");
    let events = victim.events();
    assert!(matches!(events[..], [Event::Opened(_)]), "{events:?}");
}

#[test]
fn a_frame_before_the_open_closes_the_connection() {
    for early in [begin(None), close(None)] {
        let [mut server, mut client] = fresh();
        server.handshake_of_client();
        client.handshake_of_server();
        for mut victim in [server, client] {
            victim.frame(0, early.clone());
            victim.assert_closed_over(AmqpError::NotAllowed);
        }
    }
}

#[test]
fn a_second_open_closes_the_connection() {
    for mut victim in Victim::both() {
        victim.frame(0, Performative::Open(Box::new(open())));
        victim.assert_closed_over(AmqpError::NotAllowed);
    }
}

#[test]
fn a_handshake_that_never_ends_is_given_up() {
    for mut victim in fresh() {
        victim.bytes(&ProtocolHeader::Sasl.octets()[..5]);
        victim.wait(Duration::from_secs(59));
        assert!(victim.events().is_empty());
        victim.wait(Duration::from_secs(2));
        let events = victim.events();
        assert!(
            matches!(
                events[..],
                [Event::Closed {
                    cause: Cause::IdleTimeout
                }]
            ),
            "{events:?}"
        );
    }
}
