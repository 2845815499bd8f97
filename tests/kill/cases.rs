//! Each kind of call, and what must hold of it when the broker strikes.

use std::thread;
use std::time::{Duration, Instant};

use servicebus::{
    Client, ErrorKind, Message, ReceiveMode, ReceivedMessage, Receiver, Result, Sender,
};

use crate::broker::Broker;
use crate::script::{Manner, Stage, Strike};

const DEADLINE: Duration = Duration::from_millis(300);
/// Deadline and 500 ms.
const LATEST: Duration = Duration::from_millis(800);
/// For what is not under test.
const LONG: Duration = Duration::from_secs(20);
/// So often a call is repeated before it counts as not recovering.
const ATTEMPTS: usize = 10;

struct Case {
    client: Client,
    broker: Broker,
    strike: Strike,
}

impl Case {
    fn new(strike: Strike, bodies: &[&str]) -> Self {
        let broker = Broker::holding(bodies);
        let client = servicebus::ClientBuilder::from_connection_string(&broker.connection_string())
            .expect("the string is good")
            .operation_timeout(LONG)
            .close_timeout(DEADLINE)
            .build()
            .expect("the client starts");
        Case {
            client,
            broker,
            strike,
        }
    }

    #[track_caller]
    fn hold(&self, holds: bool, what: &str) {
        assert!(holds, "{}: {what}\n{}", self.strike, self.broker.seen());
    }

    /// Runs a call within its deadline.
    #[track_caller]
    fn timed<T>(&self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let result = call();
        let elapsed = start.elapsed();
        self.hold(elapsed < LATEST, &format!("it took {elapsed:?}"));
        result
    }

    /// Runs the call that the broker strikes at, and checks the kind of its error.
    #[track_caller]
    fn struck<T>(&self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.strike.stage != Stage::Credit {
            self.broker.arm(self.strike);
        }
        let result = self.timed(call);
        self.hold(!self.broker.is_armed(), "the broker did not strike");
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
    fn recovered<T>(&self, mut call: impl FnMut() -> Result<T>) -> T {
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
    fn agree_on_sent(&self, body: &str, verdict: &Result<()>) {
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
    fn agree_on_settled(&self, token: u8, verdict: &Result<()>) {
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
    fn send(&self, sender: &Sender, body: &str) -> Result<()> {
        let verdict = sender.send_messages(Message::new(body));
        self.agree_on_sent(body, &verdict);
        verdict
    }

    /// Sends new messages until one is taken.
    #[track_caller]
    fn send_again(&self, sender: &Sender) {
        let mut number = 0;
        self.recovered(|| {
            number += 1;
            self.send(sender, &format!("again {number}"))
        });
    }

    /// Ends the connection, and returns when the client knows.
    #[track_caller]
    fn lose_connection(&self, stage: Stage, call: impl FnOnce() -> Result<()>) {
        self.broker.arm(Strike {
            stage,
            manner: Manner::Close { error: false },
        });
        let error = call().expect_err("the connection is closed");
        self.hold(
            error.kind() == ErrorKind::Connection,
            &format!("a closed connection: {error:?}"),
        );
    }

    fn sender(&self) -> Sender {
        let sender = self.client.queue_sender("orders").open();
        sender.expect("it opens").with_timeout(DEADLINE)
    }

    fn receiver(&self, mode: ReceiveMode) -> Receiver {
        let receiver = self
            .client
            .queue_receiver("orders")
            .receive_mode(mode)
            .open();
        receiver.expect("it opens").with_timeout(DEADLINE)
    }

    #[track_caller]
    fn is_refused<T>(&self, verdict: &Result<T>) {
        let granted_first = Strike {
            stage: Stage::Attach,
            manner: Manner::Detach { error: false },
        };
        if self.strike == granted_first && verdict.is_ok() {
            return;
        }
        let known = verdict
            .as_ref()
            .is_err_and(|error| !error.is_outcome_unknown());
        let error = verdict.as_ref().err();
        self.hold(known, &format!("nothing had left: {error:?}"));
    }

    #[track_caller]
    fn is_unknown<T>(&self, verdict: &Result<T>) {
        let unknown = verdict
            .as_ref()
            .is_err_and(|error| error.is_outcome_unknown());
        let error = verdict.as_ref().err();
        self.hold(unknown, &format!("the answer was withheld: {error:?}"));
    }
}

pub(crate) fn open_sender(strike: Strike) {
    let case = Case::new(strike, &[]);
    let open = || {
        case.client
            .queue_sender("orders")
            .operation_timeout(DEADLINE)
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
            .operation_timeout(DEADLINE)
            .open()
    };
    let opened = case.struck(open);
    case.is_refused(&opened);
    let receiver = case.recovered(open);
    let received = case.recovered(|| receiver.receive_messages(1, DEADLINE));
    case.hold(received.len() == 1, "the message does not come");
}

/// Closing ends a call that waits, whatever the broker does not say.
pub(crate) fn close(strike: Strike) {
    let case = Case::new(strike, &[]);
    let receiver = case.receiver(ReceiveMode::PeekLock);
    case.broker.arm(strike);
    let result = thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let result = receiver.next_message(LONG);
            (result, Instant::now())
        });
        while case.broker.is_armed() {
            thread::sleep(Duration::from_millis(1));
        }
        let start = Instant::now();
        // A silent broker does not answer the close in time.
        receiver.close().ok();
        let (result, returned) = waiting.join().expect("no panic");
        let elapsed = returned.saturating_duration_since(start);
        case.hold(elapsed < DEADLINE, &format!("ended after {elapsed:?}"));
        result
    });
    let error = result.expect_err("nothing can come");
    if strike.manner == Manner::Silence {
        case.hold(error.kind() == ErrorKind::Closed, &format!("{error:?}"));
    }
    let closed = receiver.next_message(LONG).expect_err("it is closed");
    case.hold(closed.kind() == ErrorKind::Closed, &format!("{closed:?}"));
}

pub(crate) fn send(strike: Strike) {
    let case = Case::new(strike, &[]);
    if strike.stage == Stage::Credit {
        case.broker.arm(strike);
    }
    let sender = case.sender();
    let sent = case.struck(|| case.send(&sender, "a"));
    if strike.stage == Stage::Credit {
        case.is_refused(&sent);
    } else {
        case.is_unknown(&sent);
    }
    case.send_again(&sender);
}

pub(crate) fn send_anew(strike: Strike) {
    let case = Case::new(strike, &[]);
    let sender = case.sender();
    case.lose_connection(Stage::Transfer, || case.send(&sender, "lost"));
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
        received.extend(case.recovered(|| receiver.receive_messages(3, DEADLINE)));
    }
    let bodies: Vec<String> = received.iter().map(ToString::to_string).collect();
    case.hold(bodies == ["a", "b", "c"], &format!("{bodies:?} came"));
}

pub(crate) fn receive(strike: Strike) {
    let case = Case::new(strike, &["a", "b", "c"]);
    let receiver = case.receiver(ReceiveMode::PeekLock);
    let received = case.struck(|| receiver.receive_messages(3, DEADLINE));
    if strike.stage == Stage::Waiting {
        case.is_refused(&received);
    }
    receive_all(&case, &receiver, received.unwrap_or_default());
}

pub(crate) fn receive_and_delete(strike: Strike) {
    let case = Case::new(strike, &["a", "b", "c"]);
    let receiver = case.receiver(ReceiveMode::ReceiveAndDelete);
    let received = case.struck(|| receiver.receive_messages(3, DEADLINE));
    receive_all(&case, &receiver, received.unwrap_or_default());
}

pub(crate) fn receive_anew(strike: Strike) {
    let case = Case::new(strike, &["a", "b", "c"]);
    let receiver = case.receiver(ReceiveMode::PeekLock);
    case.lose_connection(Stage::Request, || receiver.peek_messages(1, None).map(drop));
    let received = case.struck(|| receiver.receive_messages(3, DEADLINE));
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
    case.lose_connection(Stage::Request, || receiver.peek_messages(1, None).map(drop));
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
