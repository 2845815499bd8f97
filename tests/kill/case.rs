//! One client and one broker that strikes, and what must hold of every call.

use std::time::{Duration, Instant};

use servicebus::{Client, ErrorKind, Message, ReceiveMode, Receiver, Result, Sender};

use crate::broker::Broker;
use crate::script::{Manner, Stage, Strike};
use crate::table::too_slow;

/// So much later than its deadline may a call return.
pub(crate) const GRACE: Duration = Duration::from_millis(500);
/// Longer than a close of a silent connection may hold up what it ends.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// For what is not under test.
pub(crate) const LONG: Duration = Duration::from_secs(20);
/// So often a call is repeated before it counts as not recovering.
pub(crate) const ATTEMPTS: usize = 10;

pub(crate) struct Case {
    pub(crate) client: Client,
    pub(crate) broker: Broker,
    pub(crate) strike: Strike,
}

impl Case {
    pub(crate) fn new(strike: Strike, bodies: &[&str]) -> Self {
        let broker = Broker::holding(bodies);
        let client = servicebus::ClientBuilder::from_connection_string(&broker.connection_string())
            .expect("the string is good")
            .operation_timeout(LONG)
            .close_timeout(CLOSE_TIMEOUT)
            // What is under test is what a single attempt meets.
            .retry_options(servicebus::RetryOptions::new().with_total(0))
            .build()
            .expect("the client starts");
        Case {
            client,
            broker,
            strike,
        }
    }

    #[track_caller]
    pub(crate) fn hold(&self, holds: bool, what: &str) {
        assert!(holds, "{}: {what}\n{}", self.strike, self.broker.seen());
    }

    /// Runs a call within its deadline.
    #[track_caller]
    pub(crate) fn timed<T>(&self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let result = call();
        let elapsed = start.elapsed();
        self.hold(
            elapsed < self.strike.deadline + GRACE,
            &format!("it took {elapsed:?}"),
        );
        result
    }

    /// Runs the call that the broker strikes at, and checks the kind of its error.
    #[track_caller]
    pub(crate) fn struck<T>(&self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.strike.stage != Stage::Credit {
            self.broker.arm(self.strike);
        }
        let result = self.timed(call);
        let kind = result.as_ref().err().map(servicebus::Error::kind);
        let timed_out = kind == Some(ErrorKind::OperationTimeout);
        if self.broker.is_armed() || (timed_out && self.strike.manner != Manner::Silence) {
            too_slow();
        }
        if let Err(error) = &result {
            let fits = match (self.strike.manner, error.kind()) {
                (Manner::Silence, kind) => kind == ErrorKind::OperationTimeout,
                (_, kind) => matches!(kind, ErrorKind::Connection | ErrorKind::Communication),
            };
            self.hold(fits, &format!("not the kind of error: {error:?}"));
            self.hold(error.is_retryable(), &format!("not retryable: {error:?}"));
        }
        self.broker.end_silence();
        result
    }

    /// Repeats a call until it succeeds.
    #[track_caller]
    pub(crate) fn recovered<T>(&self, mut call: impl FnMut() -> Result<T>) -> T {
        let mut errors = Vec::new();
        for _ in 0..ATTEMPTS {
            match self.timed(&mut call) {
                Ok(value) => return value,
                Err(error) => errors.push(error.to_string()),
            }
        }
        self.hold(false, &format!("it does not recover: {errors:#?}"));
        unreachable!("the line above panics")
    }

    /// A verdict on a message that was sent, against the ledger.
    #[track_caller]
    pub(crate) fn agree_on_sent(&self, body: &str, verdict: &Result<()>) {
        let stored = self.broker.ledger().stored.get(body).copied();
        let agrees = match verdict {
            Ok(()) => stored == Some(true),
            Err(error) if error.is_outcome_unknown() => stored != Some(true),
            Err(_) => stored.is_none(),
        };
        self.hold(
            agrees,
            &format!("{body}: {verdict:?}, stored and answered: {stored:?}"),
        );
    }

    /// A verdict on the settlement of the message with this token, against the ledger.
    #[track_caller]
    pub(crate) fn agree_on_settled(&self, token: u8, verdict: &Result<()>) {
        let settled = self.broker.ledger().settled.get(&token).copied();
        let agrees = match verdict {
            Ok(()) => settled == Some(true),
            Err(error) if error.is_outcome_unknown() => settled != Some(true),
            Err(_) => settled.is_none(),
        };
        self.hold(
            agrees,
            &format!("{token}: {verdict:?}, settled and answered: {settled:?}"),
        );
    }

    #[track_caller]
    pub(crate) fn send(&self, sender: &Sender, body: &str) -> Result<()> {
        let verdict = sender.send_messages(Message::new(body));
        self.agree_on_sent(body, &verdict);
        verdict
    }

    /// Sends new messages until one is taken.
    #[track_caller]
    pub(crate) fn send_again(&self, sender: &Sender) {
        let mut number = 0;
        self.recovered(|| {
            number += 1;
            self.send(sender, &format!("again {number}"))
        });
    }

    /// Ends the connection, and returns when the client knows.
    #[track_caller]
    pub(crate) fn lose_connection(&self, stage: Stage, call: impl FnOnce() -> Result<()>) {
        self.broker.arm(Strike {
            stage,
            manner: Manner::Close { error: false },
            deadline: LONG,
        });
        let error = call().expect_err("the connection is closed");
        self.hold(
            error.kind() == ErrorKind::Connection,
            &format!("a closed connection: {error:?}"),
        );
    }

    pub(crate) fn sender(&self) -> Sender {
        let sender = self.client.queue_sender("orders").open();
        sender.expect("it opens").with_timeout(self.strike.deadline)
    }

    pub(crate) fn receiver(&self, mode: ReceiveMode) -> Receiver {
        let receiver = self
            .client
            .queue_receiver("orders")
            .receive_mode(mode)
            .open();
        receiver
            .expect("it opens")
            .with_timeout(self.strike.deadline)
    }

    #[track_caller]
    pub(crate) fn is_refused<T>(&self, verdict: &Result<T>) {
        let Strike { stage, manner, .. } = self.strike;
        let granted_first = stage == Stage::Attach && manner == Manner::Detach { error: false };
        if verdict.is_ok() && granted_first {
            return;
        }
        let known = verdict
            .as_ref()
            .is_err_and(|error| !error.is_outcome_unknown());
        let error = verdict.as_ref().err();
        self.hold(known, &format!("nothing had left: {error:?}"));
    }

    #[track_caller]
    pub(crate) fn is_unknown<T>(&self, verdict: &Result<T>) {
        let unknown = verdict
            .as_ref()
            .is_err_and(|error| error.is_outcome_unknown());
        let error = verdict.as_ref().err();
        self.hold(unknown, &format!("the answer was withheld: {error:?}"));
    }
}
