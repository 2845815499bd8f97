//! Calls that are a request to the management node. The broker has nothing for them, and says so.

use servicebus::{ErrorKind, ReceiveMode, Receiver, Result};

use crate::case::{Case, LONG};
use crate::script::{Stage, Strike};

/// A call on a connection that is yet to be made; it returns how many messages there were.
fn ask(strike: Strike, mode: ReceiveMode, call: fn(&Receiver) -> Result<usize>) {
    let case = Case::new(strike, &[]);
    let receiver = case.receiver(mode);
    case.lose_connection(Stage::Request, || {
        receiver.with_timeout(LONG).peek_messages(1, None).map(drop)
    });
    let asked = case.struck(|| call(&receiver));
    if strike.stage == Stage::Request {
        case.is_unknown(&asked);
    } else {
        case.is_refused(&asked);
    }
    let count = case.recovered(|| call(&receiver));
    case.hold(count == 0, &format!("{count} messages came of nothing"));
}

pub(crate) fn delete(strike: Strike) {
    ask(strike, ReceiveMode::PeekLock, |receiver| {
        receiver.delete_messages(10, None)
    });
}

pub(crate) fn receive_deferred(strike: Strike) {
    ask(
        strike,
        ReceiveMode::ReceiveAndDelete,
        |receiver| match receiver.receive_deferred_messages(&[1]) {
            Err(error) if error.kind() == ErrorKind::MessageNotFound => Ok(0),
            received => received.map(|messages| messages.len()),
        },
    );
}

pub(crate) fn peek_all(strike: Strike) {
    ask(strike, ReceiveMode::PeekLock, |receiver| {
        let mut peeked = receiver.peek_all_messages(None);
        let first = peeked.next().transpose();
        assert!(peeked.next().is_none(), "nothing follows an error");
        first.map(|message| usize::from(message.is_some()))
    });
}
