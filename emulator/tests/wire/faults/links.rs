//! Links that are refused, kept waiting, or left without credit.

use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::Handle;
use servicebus_amqp::types::performatives::Flow;
use servicebus_amqp::Event;
use servicebus_emulator::Fault;

use super::{assert_condition, assert_hits, inject, setup, BUSY, MINUTE};
use crate::messages::text;
use crate::peer::{receiver, sender};

fn one_credit() -> Flow {
    Flow {
        next_incoming_id: Some(0),
        incoming_window: 100,
        next_outgoing_id: 0,
        outgoing_window: 100,
        handle: Some(Handle(0)),
        delivery_count: Some(0),
        link_credit: Some(1),
        available: None,
        drain: false,
        echo: false,
        properties: None,
    }
}

#[test]
fn a_refused_link_is_detached_with_the_condition() {
    let (emulator, mut peer) = setup();
    let fault = inject(
        &emulator,
        Fault::refuse_attach(BUSY).entity("ORDERS").times(1),
    );
    assert_condition(&peer.sender("orders").unwrap_err(), BUSY);
    assert!(peer.sender("orders").is_ok(), "it acts once");
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_link_is_told_by_its_name_and_by_its_direction() {
    let (emulator, mut peer) = setup();
    let named = Fault::refuse_attach(BUSY).link("receiver of bills");
    let named = inject(&emulator, named);
    let sending = inject(&emulator, Fault::refuse_attach("amqp:not-found").senders());
    assert_condition(&peer.attach(receiver("bills")).unwrap_err(), BUSY);
    assert_condition(&peer.attach(sender("bills")).unwrap_err(), "NotFound");
    assert!(peer.attach(receiver("orders")).is_ok(), "neither is meant");
    assert_hits(&emulator, named, 1);
    assert_hits(&emulator, sending, 1);
    emulator.clear_faults();
    let receiving = inject(&emulator, Fault::refuse_attach(BUSY).receivers());
    assert!(peer.attach(sender("bills")).is_ok(), "receivers are meant");
    assert_condition(&peer.attach(receiver("bills")).unwrap_err(), BUSY);
    assert_hits(&emulator, receiving, 1);
}

#[test]
fn the_link_for_requests_can_be_refused_by_its_address() {
    let (emulator, mut peer) = setup();
    let fault = Fault::refuse_attach(BUSY).entity("orders/$management");
    inject(&emulator, fault);
    assert!(peer.sender("orders").is_ok(), "the entity is not meant");
    assert_condition(&peer.sender("orders/$management").unwrap_err(), BUSY);
}

#[test]
fn a_delayed_link_is_granted_when_its_time_has_come() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a"));
    let fault = inject(&emulator, Fault::delay_attach(MINUTE).receivers());
    // Ids and handles of a session of its own can be told beforehand.
    let session = peer.begin();
    let link = peer.connection.attach(session, receiver("orders")).unwrap();
    peer.flush();
    // A client need not wait for the link before it grants credit.
    peer.write_frame(1, &Performative::Flow(Box::new(one_credit())), &[]);
    assert!(
        peer.is_silent(|event| matches!(event, Event::Attached { .. }).then_some(())),
        "{:#?}",
        emulator.journal()
    );
    assert_hits(&emulator, fault, 1);
    emulator.advance_transport(MINUTE);
    peer.wait("attach", |event| match event {
        Event::Attached { link: attached, .. } => (*attached == link).then_some(()),
        _ => None,
    });
    assert_eq!(
        emulator.counts("orders").unwrap().locked,
        1,
        "it is on its way"
    );
}

#[test]
fn a_delayed_link_that_the_client_gives_up_holds_nothing() {
    let (emulator, mut peer) = setup();
    inject(&emulator, Fault::delay_attach(MINUTE).receivers().times(1));
    let session = peer.session();
    let link = peer.connection.attach(session, receiver("orders")).unwrap();
    peer.connection.detach(link, true, None);
    peer.keep_alive();
    emulator.advance_transport(MINUTE);
    let sending = peer.sender("orders").unwrap();
    peer.send(sending, &text("a"));
    let counts = emulator.counts("orders").unwrap();
    assert_eq!((counts.active, counts.locked), (1, 0), "{counts:?}");
}

#[test]
fn a_link_that_is_never_answered_leaves_the_others_alone() {
    let (emulator, mut peer) = setup();
    let fault = inject(&emulator, Fault::drop_attach().entity("orders"));
    let session = peer.session();
    peer.connection.attach(session, sender("orders")).unwrap();
    assert!(peer.sender("bills").is_ok(), "it is not meant");
    assert!(peer.is_silent(|event| matches!(event, Event::Attached { .. }).then_some(())));
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_sender_without_credit_gets_it_once_the_fault_is_cleared() {
    let (emulator, mut peer) = setup();
    let fault = inject(&emulator, Fault::withhold_credit().entity("orders"));
    let link = peer.sender("orders").unwrap();
    let credited = |event: &Event| match event {
        Event::Flow {
            link: on, credit, ..
        } => (*on == link && *credit > 0).then_some(()),
        _ => None,
    };
    assert!(peer.is_silent(credited), "{:#?}", emulator.journal());
    emulator.clear(fault);
    peer.send(link, &text("a"));
}
