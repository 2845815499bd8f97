//! Attaching and detaching.

use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::{
    AmqpError, ConnectionError, Error, ErrorCondition, Role, SessionError,
};
use servicebus_amqp::types::performatives::{Detach, Flow};
use servicebus_amqp::{Cause, Event, LinkId, SessionId};

use crate::raw_peer::{attach, begin, detach, flow, grant, transfer, Victim};

/// A client with a session that the peer answered.
fn client_with_session() -> (Victim, SessionId) {
    let mut victim = Victim::client();
    let session = victim
        .connection
        .begin(&Default::default())
        .expect("the connection is open");
    victim.frame(0, begin(Some(0)));
    assert_eq!(victim.events().len(), 1);
    victim.output();
    (victim, session)
}

fn ask(victim: &mut Victim, session: SessionId, name: &str, role: Role) -> LinkId {
    let link = victim
        .connection
        .attach(session, crate::samples::attach(name, role))
        .expect("the session takes links");
    let written = victim.written();
    assert!(
        matches!(written[..], [(0, Performative::Attach(_))]),
        "{written:?}"
    );
    link
}

fn refusing(name: &str, handle: u32, role: Role) -> Performative {
    match attach(name, handle, role) {
        Performative::Attach(mut attach) => {
            attach.source = None;
            attach.target = None;
            Performative::Attach(attach)
        }
        other => other,
    }
}

#[test]
fn a_frame_for_a_handle_never_attached_ends_only_the_session() {
    let frames = [
        detach(5),
        flow(grant(5, None, 1)),
        Performative::Transfer(transfer(5, 0)),
    ];
    for frame in frames {
        let mut victim = Victim::server_with_session();
        victim.attached("link", 0, Role::Sender);
        victim.frame(0, frame);
        victim.assert_ended_over(SessionError::UnattachedHandle);
    }
}

#[test]
fn a_handle_in_use_ends_the_session() {
    let mut victim = Victim::server_with_session();
    victim.attached("link", 0, Role::Sender);
    victim.frame(0, attach("other", 0, Role::Sender));
    victim.assert_ended_over(SessionError::HandleInUse);
}

#[test]
fn a_handle_above_handle_max_ends_the_session() {
    let mut victim = Victim::server_with_session();
    victim.attached("highest", 7, Role::Sender);
    victim.frame(0, attach("beyond", 8, Role::Sender));
    victim.assert_ended_over(ConnectionError::FramingError);
}

#[test]
fn no_link_is_asked_for_beyond_the_peers_handle_max() {
    let (mut victim, session) = client_with_session();
    for number in 0..=100 {
        ask(&mut victim, session, &number.to_string(), Role::Sender);
    }
    let beyond = victim
        .connection
        .attach(session, crate::samples::attach("beyond", Role::Sender));
    assert_eq!(beyond, None);
}

#[test]
fn a_link_detached_before_it_was_answered_is_answered_and_detached() {
    let mut victim = Victim::server_with_session();
    let link = victim.requested("link", 0, Role::Sender);
    victim.frame(0, detach(0));
    match &victim.events()[..] {
        [Event::Detached {
            link: gone,
            closed: true,
            cause: Cause::Detach(None),
        }] => assert_eq!(*gone, link),
        other => panic!("{other:?}"),
    }
    match &victim.written()[..] {
        [(0, Performative::Attach(attach)), (0, Performative::Detach(detach))] => {
            assert_eq!(attach.name, "link");
            assert_eq!(attach.handle, detach.handle);
            assert_eq!((&attach.target, &attach.source), (&None, &None));
            assert!(detach.closed);
        }
        other => panic!("the peer waits for an attach and a detach, and got {other:?}"),
    }
    let Performative::Attach(answer) = attach("link", 0, Role::Receiver) else {
        unreachable!("an attach is an attach");
    };
    victim.connection.accept(link, *answer);
    assert!(victim.output().is_empty(), "the link is gone");
    victim.attached("link", 0, Role::Sender);
}

#[test]
fn a_cancelled_attach_ends_once_the_peer_has_answered_and_detached() {
    for answer in [attach, refusing] {
        let (mut victim, session) = client_with_session();
        let link = ask(&mut victim, session, "link", Role::Sender);
        victim.connection.detach(link, true, None);
        let written = victim.written();
        assert!(
            matches!(written[..], [(0, Performative::Detach(_))]),
            "{written:?}"
        );
        victim.frame(0, answer("link", 9, Role::Receiver));
        victim.frame(0, flow(grant(9, Some(0), 5)));
        assert!(victim.events().is_empty());
        assert!(victim.output().is_empty());
        victim.frame(0, detach(9));
        match &victim.events()[..] {
            [Event::Detached {
                link: gone,
                cause: Cause::Local,
                ..
            }] => assert_eq!(*gone, link),
            other => panic!("{other:?}"),
        }
        assert!(victim.output().is_empty(), "both have detached");
    }
}

#[test]
fn a_name_can_be_attached_again_while_its_cancelled_attach_is_unanswered() {
    let (mut victim, session) = client_with_session();
    let first = ask(&mut victim, session, "link", Role::Sender);
    victim.connection.detach(first, true, None);
    victim.output();
    let second = ask(&mut victim, session, "link", Role::Sender);
    victim.frame(0, attach("link", 9, Role::Receiver));
    victim.frame(0, detach(9));
    victim.frame(0, attach("link", 9, Role::Receiver));
    match &victim.events()[..] {
        [Event::Detached { link: a, .. }, Event::Attached { link: b, .. }] => {
            assert_eq!([*a, *b], [first, second]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refused_name_can_be_attached_again() {
    let (mut victim, session) = client_with_session();
    for attempt in 0..3 {
        let link = ask(&mut victim, session, "link", Role::Receiver);
        victim.frame(0, refusing("link", 0, Role::Sender));
        assert!(victim.events().is_empty(), "attempt {attempt}");
        let error = Error::new(AmqpError::NotFound, None, None);
        victim.frame(
            0,
            Performative::Detach(Detach {
                handle: 0.into(),
                closed: true,
                error: Some(error.clone()),
            }),
        );
        match &victim.events()[..] {
            [Event::Detached {
                link: gone, cause, ..
            }] => {
                assert_eq!(*gone, link);
                assert_eq!(*cause, Cause::Detach(Some(error)));
            }
            other => panic!("attempt {attempt}: {other:?}"),
        }
        let written = victim.written();
        assert!(
            matches!(written[..], [(0, Performative::Detach(_))]),
            "{written:?}"
        );
    }
    ask(&mut victim, session, "link", Role::Receiver);
    victim.frame(0, attach("link", 0, Role::Sender));
    let events = victim.events();
    assert!(matches!(events[..], [Event::Attached { .. }]), "{events:?}");
}

#[test]
fn frames_for_a_draining_handle_are_counted_and_dropped() {
    let mut victim = Victim::server_with_window(4);
    let link = victim.attached("link", 0, Role::Sender);
    victim.connection.set_credit(link, 10);
    victim.connection.detach(link, true, None);
    victim.output();
    for id in 0..2 {
        victim.transfer(0, transfer(0, id), b"late");
    }
    assert!(victim.events().is_empty());
    match &victim.written()[..] {
        [(0, Performative::Flow(flow))] => {
            assert_eq!(flow.next_incoming_id, Some(2));
            assert_eq!(flow.incoming_window, 4);
            assert_eq!(flow.handle, None);
        }
        other => panic!("the window was not reopened, but {other:?}"),
    }
    victim.frame(0, detach(0));
    let events = victim.events();
    assert!(matches!(events[..], [Event::Detached { .. }]), "{events:?}");
}

#[test]
fn an_echo_is_answered_for_a_link_only_while_we_hold_it() {
    let asking = || {
        flow(Flow {
            echo: true,
            ..grant(0, Some(0), 3)
        })
    };
    let mut victim = Victim::server_with_session();
    let link = victim.requested("link", 0, Role::Receiver);
    let mut answers = Vec::new();
    victim.frame(0, asking());
    answers.push(victim.written());
    let Performative::Attach(answer) = attach("link", 0, Role::Sender) else {
        unreachable!("an attach is an attach");
    };
    victim.connection.accept(link, *answer);
    victim.output();
    victim.frame(0, asking());
    answers.push(victim.written());
    victim.connection.detach(link, true, None);
    victim.output();
    victim.frame(0, asking());
    answers.push(victim.written());
    let handles: Vec<_> = answers
        .iter()
        .map(|answer| match &answer[..] {
            [(0, Performative::Flow(flow))] => flow.handle.clone(),
            other => panic!("not one flow, but {other:?}"),
        })
        .collect();
    assert_eq!(
        handles,
        [None, Some(0.into()), None],
        "requested, attached, detached"
    );
}

#[test]
fn a_session_echo_is_answered() {
    let mut victim = Victim::server_with_session();
    victim.frame(
        0,
        flow(Flow {
            handle: None,
            delivery_count: None,
            link_credit: None,
            echo: true,
            ..grant(0, None, 0)
        }),
    );
    let written = victim.written();
    assert!(
        matches!(&written[..], [(0, Performative::Flow(flow))] if flow.handle.is_none() && !flow.echo),
        "{written:?}"
    );
}

#[test]
fn a_refusal_is_an_attach_without_terminus_and_a_detach_with_the_error() {
    for role in [Role::Sender, Role::Receiver] {
        let mut victim = Victim::server_with_session();
        let link = victim.requested("link", 0, role);
        victim
            .connection
            .refuse(link, Error::new(AmqpError::UnauthorizedAccess, None, None));
        match &victim.written()[..] {
            [(0, Performative::Attach(attach)), (0, Performative::Detach(detach))] => {
                assert_eq!((&attach.target, &attach.source), (&None, &None));
                let error = detach.error.as_ref().expect("the detach says why");
                assert_eq!(
                    error.condition,
                    ErrorCondition::AmqpError(AmqpError::UnauthorizedAccess)
                );
            }
            other => panic!("{other:?}"),
        }
        victim.frame(0, detach(0));
        assert!(victim.output().is_empty(), "both have detached");
        let events = victim.events();
        assert!(matches!(events[..], [Event::Detached { .. }]), "{events:?}");
        victim.attached("link", 0, Role::Sender);
    }
}
