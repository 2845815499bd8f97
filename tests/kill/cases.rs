//! Each kind of call, and what it must come to when the broker strikes.

use servicebus::{ErrorKind, ReceiveMode, ReceivedMessage, Receiver};

use crate::case::{Case, ATTEMPTS, LONG};
use crate::script::{Stage, Strike};

pub(crate) fn open_sender(strike: Strike) {
    let case = Case::new(strike, &[]);
    let open = || {
        case.client
            .queue_sender("orders")
            .operation_timeout(strike.deadline)
            .open()
    };
    let opened = case.struck(open);
    case.is_refused(&opened);
    let sender = case.recovered(open);
    case.send_again(&sender);
}

pub(crate) fn open_receiver(strike: Strike) {
    let case = Case::new(strike, &["a"]);
    let open = || {
        case.client
            .queue_receiver("orders")
            .operation_timeout(strike.deadline)
            .open()
    };
    let opened = case.struck(open);
    case.is_refused(&opened);
    let receiver = case.recovered(open);
    let received = case.recovered(|| receiver.receive_messages(1, strike.deadline));
    case.hold(received.len() == 1, "the message does not come");
}

pub(crate) fn send(strike: Strike) {
    let case = Case::new(strike, &[]);
    if strike.stage == Stage::Credit {
        case.broker.arm(strike);
    }
    let sender = case.sender();
    let sent = case.struck(|| case.send(&sender, "a"));
    if strike.stage == Stage::Credit {
        // Where the strike came before the message, it was sent on a new link.
        if sent.is_err() {
            case.is_refused(&sent);
        }
    } else {
        case.is_unknown(&sent);
    }
    case.send_again(&sender);
}

pub(crate) fn send_anew(strike: Strike) {
    let case = Case::new(strike, &[]);
    let sender = case.sender();
    let patient = sender.with_timeout(LONG);
    case.lose_connection(Stage::Transfer, || case.send(&patient, "lost"));
    let sent = case.struck(|| case.send(&sender, "a"));
    case.is_refused(&sent);
    case.send_again(&sender);
}

/// Receives until all messages that the broker holds have come.
#[track_caller]
fn receive_all(case: &Case, receiver: &Receiver, mut received: Vec<ReceivedMessage>) {
    for _ in 0..ATTEMPTS {
        if received.len() == 3 {
            break;
        }
        received.extend(case.recovered(|| receiver.receive_messages(3, case.strike.deadline)));
    }
    let bodies: Vec<String> = received.iter().map(ToString::to_string).collect();
    case.hold(bodies == ["a", "b", "c"], &format!("{bodies:?} came"));
}

pub(crate) fn receive(strike: Strike) {
    let case = Case::new(strike, &["a", "b", "c"]);
    let receiver = case.receiver(ReceiveMode::PeekLock);
    let received = case.struck(|| receiver.receive_messages(3, case.strike.deadline));
    if strike.stage == Stage::Waiting {
        case.is_refused(&received);
    }
    receive_all(&case, &receiver, received.unwrap_or_default());
}

pub(crate) fn receive_and_delete(strike: Strike) {
    let case = Case::new(strike, &["a", "b", "c"]);
    let receiver = case.receiver(ReceiveMode::ReceiveAndDelete);
    let received = case.struck(|| receiver.receive_messages(3, case.strike.deadline));
    receive_all(&case, &receiver, received.unwrap_or_default());
}

pub(crate) fn receive_anew(strike: Strike) {
    let case = Case::new(strike, &["a", "b", "c"]);
    let receiver = case.receiver(ReceiveMode::PeekLock);
    case.lose_connection(Stage::Request, || {
        receiver.with_timeout(LONG).peek_messages(1, None).map(drop)
    });
    let received = case.struck(|| receiver.receive_messages(3, case.strike.deadline));
    case.is_refused(&received);
    receive_all(&case, &receiver, Vec::new());
}

fn settle_again(case: &Case, receiver: &Receiver, message: &ReceivedMessage) {
    for _ in 0..ATTEMPTS {
        let verdict = case.timed(|| receiver.complete_message(message));
        case.agree_on_settled(1, &verdict);
        match verdict {
            Ok(()) => return,
            // The first attempt was applied; that nobody can know.
            Err(error) if error.kind() == ErrorKind::MessageLockLost => {
                case.hold(
                    case.strike.stage == Stage::Settled && error.is_outcome_unknown(),
                    &format!("the lock stands: {error:?}"),
                );
                return;
            }
            Err(_) => {}
        }
    }
    case.hold(false, "it does not recover");
}

pub(crate) fn settle(strike: Strike) {
    let case = Case::new(strike, &["a"]);
    let receiver = case.receiver(ReceiveMode::PeekLock);
    let message = receiver.next_message(LONG).expect("it comes");
    let message = message.expect("a message");
    let settled = case.struck(|| receiver.complete_message(&message));
    case.is_unknown(&settled);
    case.agree_on_settled(1, &settled);
    if settled.is_err() {
        settle_again(&case, &receiver, &message);
    }
}

pub(crate) fn settle_anew(strike: Strike) {
    let case = Case::new(strike, &["a"]);
    let receiver = case.receiver(ReceiveMode::PeekLock);
    let message = receiver.next_message(LONG).expect("it comes");
    let message = message.expect("a message");
    case.lose_connection(Stage::Request, || {
        receiver.with_timeout(LONG).peek_messages(1, None).map(drop)
    });
    let settled = case.struck(|| receiver.complete_message(&message));
    if strike.stage == Stage::Request {
        case.is_unknown(&settled);
    } else {
        case.is_refused(&settled);
    }
    case.agree_on_settled(1, &settled);
    if settled.is_err() {
        settle_again(&case, &receiver, &message);
    }
}
