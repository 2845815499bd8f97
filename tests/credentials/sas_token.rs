//! Tokens that were signed elsewhere.

use chrono::{TimeDelta, Utc};
use servicebus::{ErrorKind, SasToken};

use crate::orders::{client, emulator, send, sender};

fn token(resource: &str, life: TimeDelta) -> SasToken {
    SasToken::generate(
        resource,
        "RootManageSharedAccessKey",
        "SAS_KEY_VALUE",
        Utc::now() + life,
    )
}

#[test]
fn a_token_for_the_namespace_opens_every_queue() {
    let emulator = emulator();
    let client = client(&emulator, token("sb://localhost/", TimeDelta::hours(1)));
    send(&sender(&client, "orders"), &emulator);
    send(&sender(&client, "invoices"), &emulator);
}

#[test]
fn a_token_for_one_queue_does_not_open_another() {
    let emulator = emulator();
    let client = client(
        &emulator,
        token("sb://localhost/orders", TimeDelta::hours(1)),
    );
    send(&sender(&client, "orders"), &emulator);
    let error = client
        .queue_sender("invoices")
        .open()
        .expect_err("the token is for another queue");
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
}

#[test]
fn an_expired_token_is_refused() {
    let emulator = emulator();
    let client = client(&emulator, token("sb://localhost/", TimeDelta::hours(-1)));
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("the token has expired");
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    assert!(!error.is_retryable(), "{error:?}");
}
