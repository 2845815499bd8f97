//! What one peer may make this side keep.

use servicebus_amqp::performative::Performative;
use servicebus_amqp::types::definitions::{AmqpError, Error, Role};
use servicebus_amqp::types::messaging::{DeliveryState, Rejected};
use servicebus_amqp::types::performatives::Disposition;
use servicebus_amqp::{ConnectionOptions, OutgoingDelivery};

use crate::raw_peer::{attach, begin, flow, grant, open, transfer, Victim};

fn server(options: ConnectionOptions) -> Victim {
    let mut victim = Victim::server_opened_with(options, open());
    victim.frame(0, begin(None));
    victim.events();
    victim.written();
    victim
}

#[test]
fn a_link_too_many_ends_its_session() {
    let options = ConnectionOptions {
        max_links: 3,
        ..ConnectionOptions::default()
    };
    let mut victim = server(options);
    for handle in 0..3 {
        let link = victim.requested(&format!("link {handle}"), handle, Role::Sender);
        // The peer never confirms the end of what it was refused.
        let error = Error::new(AmqpError::NotFound, None, None);
        victim.connection.refuse(link, error);
    }
    victim.written();
    victim.frame(0, attach("one more", 3, Role::Sender));
    victim.assert_ended_over(AmqpError::ResourceLimitExceeded);
}

#[test]
fn deliveries_that_are_never_whole_end_the_session() {
    let options = ConnectionOptions {
        max_unfinished: 1_000,
        ..ConnectionOptions::default()
    };
    let mut victim = server(options);
    for handle in 0..3 {
        let link = victim.attached(&format!("link {handle}"), handle, Role::Sender);
        victim.connection.set_credit(link, 10);
        victim.written();
    }
    for handle in 0..3 {
        let mut part = transfer(handle, handle);
        part.more = true;
        victim.transfer(0, part, &[7; 400]);
    }
    victim.assert_ended_over(AmqpError::ResourceLimitExceeded);
}

#[test]
fn a_long_performative_is_not_kept_for_a_delivery_to_be_continued() {
    let mut victim = server(ConnectionOptions::default());
    let link = victim.attached("link", 0, Role::Sender);
    victim.connection.set_credit(link, 10);
    victim.written();
    let mut part = transfer(0, 0);
    part.more = true;
    part.delivery_tag = Some(vec![1; 600].into());
    victim.transfer(0, part, b"body");
    victim.assert_ended_over(AmqpError::ResourceLimitExceeded);
}

#[test]
fn a_long_state_for_very_many_deliveries_ends_the_session() {
    let mut victim = server(ConnectionOptions::default());
    let link = victim.attached("link", 0, Role::Receiver);
    victim.frame(0, flow(grant(0, Some(0), 1_000)));
    for _ in 0..1_000 {
        let delivery = OutgoingDelivery {
            tag: b"1"[..].into(),
            payload: b"body"[..].into(),
            message_format: 0,
            settled: false,
            state: None,
        };
        victim.connection.send(link, delivery).expect("credit");
    }
    victim.events();
    victim.written();
    let text = "x".repeat(17_000);
    let error = Error::new(AmqpError::InternalError, Some(text), None);
    victim.frame(
        0,
        Performative::Disposition(Disposition {
            role: Role::Receiver,
            first: 0,
            last: Some(999),
            settled: true,
            state: Some(DeliveryState::Rejected(Rejected { error: Some(error) })),
            batchable: false,
        }),
    );
    victim.assert_ended_over(AmqpError::ResourceLimitExceeded);
}
