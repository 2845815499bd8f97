//! The clock of the service is not that of the client: locks are kept all the same.

use std::time::{Duration, SystemTime};

use servicebus::AutoLockRenewer;

use crate::orders::{next, Orders};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn the_service_is_a_day_ahead() {
    let orders = Orders::holding(&["a"]);
    orders.emulator.advance(DAY);
    let receiver = orders.renewed_receiver(&AutoLockRenewer::new());
    let message = next(&receiver);
    let until = SystemTime::from(message.locked_until().expect("a lock"));
    assert!(until > SystemTime::now() + DAY - Duration::from_secs(60));
    orders.outlast(&message);
    let completed = receiver.complete_message(&message);
    assert!(completed.is_ok(), "{completed:?}\n{}", orders.seen());
}

#[test]
fn the_service_is_behind() {
    let orders = Orders::holding(&["a"]);
    let receiver = orders.renewed_receiver(&AutoLockRenewer::new());
    let message = next(&receiver);
    // Its clock stands still, or nearly so, until every new lock seems to be over.
    orders.until(|| {
        let until = message.locked_until().expect("a lock");
        SystemTime::from(until) < SystemTime::now()
    });
    orders.outlast(&message);
    let completed = receiver.complete_message(&message);
    assert!(completed.is_ok(), "{completed:?}\n{}", orders.seen());
}
