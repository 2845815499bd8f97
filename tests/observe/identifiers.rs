//! The names that clients, senders and receivers give themselves are what the service sees of them.

use servicebus_emulator::Direction;

use crate::orders::Orders;

#[test]
fn names_reach_the_service() {
    let orders = Orders::with_client(|builder| builder.client_identifier("shop"));
    orders.emulator.record_frames(true);
    let sender = orders
        .client
        .queue_sender("orders")
        .client_identifier("till")
        .open()
        .expect("the sender opens");
    let receiver = orders
        .client
        .queue_receiver("orders")
        .client_identifier("kitchen")
        .open()
        .expect("the receiver opens");
    let frames = orders.emulator.frames();
    let shows = |performative: &str, name: &str| {
        frames.iter().any(|frame| {
            frame.direction == Direction::Inbound
                && frame.performative == performative
                && frame.to_string().contains(name)
        })
    };
    assert!(shows("open", "\"shop\""), "{frames:#?}");
    assert!(shows("attach", "\"till-"), "{frames:#?}");
    assert!(shows("attach", "\"kitchen-"), "{frames:#?}");
    drop((sender, receiver));
}
