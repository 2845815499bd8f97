//! What a callback may do.

use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use servicebus::AutoLockRenewer;

use crate::orders::{next, Orders, LONG};

const SHORT: Duration = Duration::from_millis(50);

#[test]
fn a_callback_runs_on_the_renewers_thread_and_may_call_the_client() {
    let orders = Orders::holding(&["a", "b"]);
    let (tell, told) = mpsc::channel();
    let receiver = orders.receiver();
    let own: Arc<OnceLock<AutoLockRenewer>> = Arc::default();
    let (inner, itself) = (receiver.clone(), own.clone());
    let renewer = AutoLockRenewer::builder()
        .on_failure(move |_| {
            let message = next(&inner);
            let renewer = itself.get().expect("it is there");
            let registered = renewer.register(&inner, &message, None);
            let settled = inner.complete_message(&message);
            let closed = renewer.close();
            let thread = std::thread::current().name().map(str::to_owned);
            tell.send((registered, settled, closed, thread)).ok();
        })
        .build();
    own.set(renewer.clone()).expect("it is the first");
    let message = next(&receiver);
    renewer
        .register(&receiver, &message, SHORT)
        .expect("it is locked");
    let (registered, settled, closed, thread) =
        told.recv_timeout(LONG).expect("the callback returns");
    registered.expect("it may register");
    settled.expect("it may settle");
    closed.expect("it may close the renewer");
    assert_eq!(thread.as_deref(), Some("servicebus-renewer"));
}

#[test]
fn a_callback_that_blocks_holds_nobody_up() {
    let orders = Orders::holding(&["a", "b"]);
    let (entered, entering) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let renewer = AutoLockRenewer::builder()
        .on_failure(move |_| {
            entered.send(()).ok();
            released.recv().ok();
        })
        .build();
    let receiver = orders.renewed_receiver(&renewer);
    let message = next(&receiver);
    renewer
        .register(&receiver, &message, SHORT)
        .expect("it is locked");
    entering.recv_timeout(LONG).expect("its time ends");
    receiver.complete_message(&message).expect("it is locked");
    let other = next(&receiver);
    receiver.complete_message(&other).expect("it is locked");
    drop(release);
}

#[test]
fn a_callback_that_panics_ends_nothing() {
    let orders = Orders::holding(&["a"]);
    let (tell, told) = mpsc::channel();
    let renewer = AutoLockRenewer::builder()
        .on_failure(move |_| {
            tell.send(()).ok();
            panic!("on purpose");
        })
        .build();
    let receiver = orders.receiver();
    let message = next(&receiver);
    for _ in 0..2 {
        renewer
            .register(&receiver, &message, SHORT)
            .expect("it is locked");
        told.recv_timeout(LONG).expect("its time ends");
    }
    renewer
        .register(&receiver, &message, None)
        .expect("it is locked");
    orders.await_renewal(&message);
}
