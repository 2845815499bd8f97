//! An emulator with the queue `orders`, and clients that try once.

use servicebus::{Client, ClientBuilder, Error, Message, RetryOptions};
use servicebus_emulator::{Emulator, Fault, FaultId};

use crate::conditions::Row;

pub(crate) struct Desk {
    pub(crate) emulator: Emulator,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let emulator = Emulator::builder()
            .queue("orders")
            .start()
            .expect("the emulator starts");
        Desk { emulator }
    }

    pub(crate) fn client(&self) -> Client {
        ClientBuilder::from_connection_string(&self.emulator.connection_string())
            .expect("the emulator's connection string is good")
            .retry_options(RetryOptions::new().with_total(0))
            .build()
            .expect("the client starts")
    }

    pub(crate) fn inject(&self, fault: Fault) -> FaultId {
        self.emulator.inject(fault).expect("the fault is valid")
    }

    /// What a send is told when something ends while it waits for its answer.
    pub(crate) fn send_broken_by(&self, fault: Fault) -> Error {
        let sender = self
            .client()
            .queue_sender("orders")
            .open()
            .expect("the sender opens");
        let silence = self.inject(Fault::drop_outcome());
        let sending = std::thread::spawn(move || sender.send_messages(Message::new("a")));
        while self.emulator.hits(silence) == Some(0) {
            std::thread::yield_now();
        }
        self.inject(fault.entity("orders").times(1));
        let error = sending
            .join()
            .expect("the thread ends")
            .expect_err("it is broken");
        self.emulator.clear_faults();
        error
    }
}

/// The error says what the row says, about the queue, with the service's own number for it.
#[track_caller]
pub(crate) fn assert_told(error: &Error, (condition, kind, retryable): Row) {
    assert_eq!(
        (error.condition(), error.kind(), error.is_retryable()),
        (Some(condition), kind, retryable),
        "{error:?}"
    );
    assert_eq!(error.entity(), Some("orders"), "{error:?}");
    assert!(error.tracking_id().is_some(), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("\"orders\": "), "{text}");
    assert!(text.ends_with(&format!(" ({condition})")), "{text}");
    assert!(!text.contains("TrackingId"), "{text}");
}
