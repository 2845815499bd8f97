//! Which sessions there are.

use servicebus::{Client, ErrorKind, Message, Result};
use servicebus_emulator::{Emulator, QueueOptions, SubscriptionOptions};

use crate::desk::Desk;

#[test]
fn sessions_with_messages_or_a_state_are_listed() {
    let desk = Desk::new();
    desk.send(&[("b", "1"), ("b", "2")]);
    desk.session("a")
        .session()
        .expect("a session")
        .set_state("kept")
        .expect("it is stored");
    let ids = desk
        .client
        .list_queue_sessions("desk", None)
        .collect::<Result<Vec<_>>>()
        .expect("it works");
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(sorted, ["a", "b"], "{}", desk.seen());
}

#[test]
fn with_a_time_those_whose_state_changed_since() {
    let desk = Desk::new();
    desk.send(&[("b", "1")]);
    let receiver = desk.session("a");
    let session = receiver.session().expect("a session");
    session.set_state("old").expect("it is stored");
    let now = session.renew_lock().expect("it is renewed");
    let later = |desk: &Desk| {
        desk.client
            .list_queue_sessions("desk", now)
            .collect::<Result<Vec<_>>>()
            .expect("it works")
    };
    assert_eq!(later(&desk), Vec::<String>::new(), "{}", desk.seen());
    desk.emulator.advance(std::time::Duration::from_secs(30));
    session.renew_lock().expect("it is renewed");
    desk.emulator.advance(std::time::Duration::from_secs(40));
    session.set_state("new").expect("it is stored");
    assert_eq!(later(&desk), ["a"], "{}", desk.seen());
}

#[test]
fn more_than_a_page_is_listed_once_each() {
    let desk = Desk::new();
    let sender = desk.client.queue_sender("desk").open().expect("it opens");
    let names: Vec<String> = (0..250).map(|number| format!("{number:03}")).collect();
    for name in &names {
        sender
            .send_messages(Message::new("m").with_session_id(name))
            .expect("it is stored");
    }
    let mut ids = desk
        .client
        .list_queue_sessions("desk", None)
        .collect::<Result<Vec<_>>>()
        .expect("it works");
    ids.sort();
    assert_eq!(ids, names);
}

#[test]
fn an_entity_that_is_not_there_is_the_only_item() {
    let desk = Desk::new();
    for mut sessions in [
        desk.client.list_queue_sessions("nowhere", None),
        desk.client
            .list_subscription_sessions("nowhere", "either", None),
    ] {
        let error = sessions
            .next()
            .expect("an item")
            .expect_err("no such entity");
        assert_eq!(
            error.kind(),
            ErrorKind::MessagingEntityNotFound,
            "{error:?}"
        );
        assert!(sessions.next().is_none());
    }
}

#[test]
fn sessions_of_a_subscription() {
    let emulator = Emulator::builder()
        .topic("news")
        .subscription_with(
            "news",
            "desk",
            SubscriptionOptions::new().requires_session(true),
        )
        .queue_with("unused", QueueOptions::new())
        .start()
        .expect("the emulator starts");
    let client =
        Client::from_connection_string(&emulator.connection_string()).expect("the string is good");
    client
        .topic_sender("news")
        .open()
        .expect("it opens")
        .send_messages(Message::new("m").with_session_id("s"))
        .expect("it is stored");
    let ids = client
        .list_subscription_sessions("news", "desk", None)
        .collect::<Result<Vec<_>>>()
        .expect("it works");
    assert_eq!(ids, ["s"]);
    let receiver = client
        .subscription_receiver("news", "desk")
        .session_id("s")
        .open()
        .expect("it opens");
    let message = receiver
        .receive_messages(1, crate::desk::LONG)
        .expect("it works")
        .remove(0);
    receiver
        .complete_message(&message)
        .expect("it is completed");
}
