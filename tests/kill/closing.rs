//! Closing from another thread ends a call at once, whatever the broker does not say.

use std::thread;
use std::time::{Duration, Instant};

use servicebus::{ErrorKind, ReceiveMode, Result};

use crate::case::{Case, GRACE, LONG};
use crate::script::{Manner, Stage, Strike};

/// Runs a call until the broker has struck at it, then closes.
#[track_caller]
fn close_under<T: Send>(
    case: &Case,
    call: impl FnOnce() -> Result<T> + Send,
    close: impl FnOnce() -> Result<()>,
) -> Result<T> {
    thread::scope(|scope| {
        let waiting = scope.spawn(|| (call(), Instant::now()));
        while case.broker.is_armed() {
            thread::sleep(Duration::from_millis(1));
        }
        let start = Instant::now();
        // A silent broker does not answer this in time.
        close().ok();
        let (result, returned) = waiting.join().expect("no panic");
        case.broker.end_silence();
        let elapsed = returned.saturating_duration_since(start);
        case.hold(elapsed < GRACE, &format!("ended after {elapsed:?}"));
        result
    })
}

/// Where the call is ended by the close alone, it says so.
#[track_caller]
fn says_closed<T>(case: &Case, result: &Result<T>) {
    let kind = result.as_ref().err().map(servicebus::Error::kind);
    let error = result.as_ref().err();
    case.hold(
        case.strike.manner != Manner::Silence || kind == Some(ErrorKind::Closed),
        &format!("ended by {error:?}"),
    );
}

pub(crate) fn receive(strike: Strike) {
    let case = Case::new(strike, &[]);
    let receiver = case.receiver(ReceiveMode::PeekLock);
    case.broker.arm(strike);
    let result = close_under(&case, || receiver.next_message(LONG), || receiver.close());
    says_closed(&case, &result);
    case.is_refused(&result);
    let later = receiver.next_message(LONG);
    let kind = later.err().map(|error| error.kind());
    case.hold(kind == Some(ErrorKind::Closed), &format!("then {kind:?}"));
}

pub(crate) fn send(strike: Strike) {
    let case = Case::new(strike, &[]);
    case.broker.arm(strike);
    let sender = case.sender().with_timeout(LONG);
    let result = close_under(&case, || case.send(&sender, "a"), || sender.close());
    says_closed(&case, &result);
    if strike.stage == Stage::Credit {
        if result.is_err() {
            case.is_refused(&result);
        }
    } else {
        case.is_unknown(&result);
    }
}

pub(crate) fn settle(strike: Strike) {
    let case = Case::new(strike, &["a"]);
    let receiver = case.receiver(ReceiveMode::PeekLock).with_timeout(LONG);
    let message = receiver.next_message(LONG).expect("it comes");
    let message = message.expect("a message");
    case.broker.arm(strike);
    let result = close_under(
        &case,
        || receiver.complete_message(&message),
        || receiver.close(),
    );
    says_closed(&case, &result);
    case.is_unknown(&result);
    case.agree_on_settled(1, &result);
}
