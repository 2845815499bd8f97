//! What an application keeps with a session, and how it keeps the session.

use std::time::Duration;

use crate::desk::{Desk, LONG};

#[test]
fn the_state_outlives_receiver_and_messages_until_it_is_cleared() {
    let desk = Desk::new();
    let first = desk.session("a");
    let session = first.session().expect("a session");
    assert_eq!(session.state().expect("it works"), None);
    session.set_state("half done").expect("it is stored");
    session
        .set_state(vec![0, 159, 255])
        .expect("it is replaced");
    drop((first, session));

    let second = desk.session("a");
    let session = second.session().expect("a session");
    let state = session.state().expect("it works");
    assert_eq!(state.as_deref(), Some(&[0, 159, 255][..]));
    session.clear_state().expect("it is cleared");
    assert_eq!(session.state().expect("it works"), None, "{}", desk.seen());
}

#[test]
fn an_empty_state_is_none() {
    let desk = Desk::new();
    let receiver = desk.session("a");
    let session = receiver.session().expect("a session");
    session.set_state("kept").expect("it is stored");
    session.set_state("").expect("it is cleared");
    assert_eq!(session.state().expect("it works"), None, "{}", desk.seen());
}

#[test]
fn a_renewed_session_is_kept_beyond_its_first_lock() {
    let desk = Desk::new();
    desk.emulator.freeze();
    desk.send(&[("a", "1")]);
    let receiver = desk.session("a");
    let session = receiver.session().expect("a session");
    let first = session.locked_until().expect("the service says");
    for _ in 0..4 {
        desk.emulator.advance(Duration::from_secs(45));
        let until = session.renew_lock().expect("it is renewed");
        assert_eq!(session.locked_until(), Some(until));
    }
    assert!(session.locked_until() > Some(first));
    let messages = receiver.receive_messages(1, LONG).expect("it works");
    receiver
        .complete_message(&messages[0])
        .expect("the session is still held");
}
