//! Tokens are replaced before they expire, however often that fails, and where they were lost.

use chrono::TimeDelta;
use servicebus::{Credential, Message};
use servicebus_emulator::{Direction, Emulator, Fault, FaultId};

use crate::orders::{client, count_tokens, emulator, eventually, send, sender, short_lived, LONG};

fn key() -> Credential {
    Credential::shared_access_key("RootManageSharedAccessKey", "SAS_KEY_VALUE")
}

fn inject(emulator: &Emulator, fault: Fault) -> FaultId {
    emulator.inject(fault).expect("the fault is valid")
}

#[test]
fn a_renewal_that_fails_is_tried_again() {
    let emulator = emulator();
    let client = client(&emulator, short_lived(TimeDelta::seconds(2)));
    let sender = sender(&client, "orders");
    let before = count_tokens(&emulator);
    let refused = inject(&emulator, Fault::refuse_token(500).times(2));
    eventually("a token is accepted after two were refused", || {
        count_tokens(&emulator) >= before + 3
    });
    assert_eq!(emulator.hits(refused), Some(2));
    send(&sender, &emulator);
}

#[test]
fn tokens_are_renewed_as_long_as_one_link_needs_them() {
    let emulator = emulator();
    let client = client(&emulator, short_lived(TimeDelta::seconds(2)));
    let first = sender(&client, "orders");
    let second = sender(&client, "orders");
    second.close().expect("it closes");
    let before = count_tokens(&emulator);
    eventually("the token is renewed", || count_tokens(&emulator) > before);
    send(&first, &emulator);
}

#[test]
fn a_sender_whose_token_expired_sends_with_another() {
    let emulator = emulator();
    let client = client(&emulator, key());
    let sender = sender(&client, "orders");
    inject(&emulator, Fault::expire_tokens());
    // A message that met the detach on its way would have an unknown outcome.
    eventually("the client has answered the detach", || {
        let frames = emulator.frames();
        frames
            .iter()
            .any(|frame| frame.direction == Direction::Inbound && frame.performative == "detach")
    });
    send(&sender, &emulator);
}

#[test]
fn a_receiver_whose_token_expired_receives_with_another() {
    let emulator = emulator();
    let client = client(&emulator, key());
    let receiver = client
        .queue_receiver("orders")
        .max_wait_time(LONG)
        .open()
        .expect("the receiver opens");
    let waiting = std::thread::spawn(move || (&receiver).into_iter().next());
    inject(&emulator, Fault::expire_tokens());
    let sender = sender(&client, "orders");
    sender
        .send_messages(Message::new("hello"))
        .expect("it is stored");
    let message = waiting.join().expect("the thread ends");
    let seen = emulator.journal().join("\n");
    assert!(matches!(message, Some(Ok(_))), "{message:?}\n{seen}");
}
