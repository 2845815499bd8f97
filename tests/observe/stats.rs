//! The numbers that a client, its senders and its receivers tell: each moves when it should, and only then.

mod losses;
mod renewals;
mod settlements;
mod under_way;

use servicebus::{Client, ClientStats, Receiver, ReceiverStats, Sender, SenderStats};

#[track_caller]
fn of_client(client: &Client) -> ClientStats {
    client.stats().expect("any other thread may ask")
}

#[track_caller]
fn of_sender(sender: &Sender) -> SenderStats {
    sender.stats().expect("any other thread may ask")
}

#[track_caller]
fn of_receiver(receiver: &Receiver) -> ReceiverStats {
    receiver.stats().expect("any other thread may ask")
}
