//! Clients that try again soon.

use std::time::Duration;

use servicebus::{Client, ClientBuilder, RetryMode, RetryOptions};
use servicebus_emulator::Emulator;

use crate::orders::Orders;

/// How to try again soon.
pub(crate) fn pauses() -> RetryOptions {
    RetryOptions::new()
        .with_mode(RetryMode::Fixed)
        .with_backoff(Duration::from_millis(20))
        .with_busy_pause(Duration::from_millis(20))
}

pub(crate) fn client(emulator: &Emulator, retry: RetryOptions) -> Client {
    ClientBuilder::from_connection_string(&emulator.connection_string())
        .expect("the emulator's connection string is good")
        .retry_options(retry)
        .build()
        .expect("the client starts")
}

/// With a client that tries again soon.
pub(crate) fn soon(mut orders: Orders) -> Orders {
    orders.client = client(&orders.emulator, pauses());
    orders
}

/// With a client that gives an attempt up soon as well.
pub(crate) fn impatient(mut orders: Orders) -> Orders {
    let retry = pauses().with_try_timeout(Duration::from_millis(300));
    orders.client = client(&orders.emulator, retry);
    orders
}
