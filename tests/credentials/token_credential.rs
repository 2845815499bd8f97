//! Tokens that the caller's own code gets: when it is asked, and what becomes of its failures.

use std::error::Error as StdError;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use servicebus::{AccessToken, Credential, ErrorKind, TokenCredential};
use servicebus_emulator::Fault;

use crate::orders::{builder, client, emulator, eventually, jwt, send, sender, LONG};

type Answer = Result<AccessToken, Box<dyn StdError + Send + Sync>>;

/// Issues tokens that it says expire after `life`, and counts them.
struct Issuer {
    life: TimeDelta,
    issued: AtomicUsize,
}

impl Issuer {
    fn new(life: TimeDelta) -> Arc<Self> {
        let issued = AtomicUsize::new(0);
        Arc::new(Issuer { life, issued })
    }

    fn issued(&self) -> usize {
        self.issued.load(Ordering::SeqCst)
    }
}

impl TokenCredential for Issuer {
    fn get_token(&self, scope: &str) -> Answer {
        assert_eq!(scope, "https://servicebus.azure.net/.default");
        self.issued.fetch_add(1, Ordering::SeqCst);
        Ok(AccessToken::new(
            jwt(Utc::now() + TimeDelta::hours(1)),
            Utc::now() + self.life,
        ))
    }
}

#[test]
fn one_token_serves_all_entities() {
    let emulator = emulator();
    let issuer = Issuer::new(TimeDelta::hours(1));
    let client = client(&emulator, Credential::token_credential(issuer.clone()));
    assert_eq!(issuer.issued(), 0, "nothing needs a token yet");
    send(&sender(&client, "orders"), &emulator);
    send(&sender(&client, "invoices"), &emulator);
    assert_eq!(issuer.issued(), 1);
}

#[test]
fn a_token_outlives_the_connection_it_was_got_for() {
    let emulator = emulator();
    let issuer = Issuer::new(TimeDelta::hours(1));
    let client = client(&emulator, Credential::token_credential(issuer.clone()));
    sender(&client, "orders");
    emulator
        .inject(Fault::close_connection("amqp:connection:forced"))
        .expect("the fault is valid");
    // Opening is tried again, whenever the client sees that the connection is lost.
    send(&sender(&client, "orders"), &emulator);
    assert_eq!(issuer.issued(), 1);
}

#[test]
fn a_token_is_replaced_before_it_expires() {
    let emulator = emulator();
    let issuer = Issuer::new(TimeDelta::seconds(2));
    let client = client(&emulator, Credential::token_credential(issuer.clone()));
    let sender = sender(&client, "orders");
    eventually("another token is asked for", || issuer.issued() >= 2);
    send(&sender, &emulator);
}

#[test]
fn a_closure_is_a_credential() {
    let emulator = emulator();
    let credential = Credential::token_credential(|_: &str| {
        let expires_at = Utc::now() + TimeDelta::hours(1);
        Ok(AccessToken::new(jwt(expires_at), expires_at))
    });
    send(&sender(&client(&emulator, credential), "orders"), &emulator);
}

#[derive(Debug)]
struct NoNetwork;

impl fmt::Display for NoNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no network")
    }
}

impl StdError for NoNetwork {}

#[test]
fn the_error_of_the_credential_is_the_source() {
    let emulator = emulator();
    let credential = Credential::token_credential(|_: &str| Err(NoNetwork.into()));
    let error = client(&emulator, credential)
        .queue_sender("orders")
        .open()
        .expect_err("there is no token");
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    assert!(
        !error.is_retryable() && !error.is_outcome_unknown(),
        "{error:?}"
    );
    let source = error.source().expect("the credential said why");
    assert!(source.is::<NoNetwork>(), "{source:?}");
}

#[test]
fn a_panic_of_the_credential_fails_the_call_alone() {
    let emulator = emulator();
    let first = AtomicUsize::new(1);
    let credential = Credential::token_credential(move |_: &str| {
        assert_eq!(first.swap(0, Ordering::SeqCst), 0, "on purpose");
        let expires_at = Utc::now() + TimeDelta::hours(1);
        Ok(AccessToken::new(jwt(expires_at), expires_at))
    });
    let client = client(&emulator, credential);
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("the credential panics");
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    send(&sender(&client, "orders"), &emulator);
}

#[test]
fn a_refused_token_is_not_shown_again() {
    let emulator = emulator();
    let issuer = Issuer::new(TimeDelta::hours(1));
    let client = client(&emulator, Credential::token_credential(issuer.clone()));
    emulator
        .inject(Fault::refuse_token(401).times(1))
        .expect("the fault is valid");
    let error = client
        .queue_sender("orders")
        .open()
        .expect_err("the token is refused");
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    send(&sender(&client, "orders"), &emulator);
    assert_eq!(issuer.issued(), 2);
}

/// A credential that waits for a word before it answers, and how often it was asked.
fn stuck() -> (Credential, mpsc::Sender<()>, Arc<AtomicUsize>) {
    let (word, waiting) = mpsc::channel::<()>();
    let waiting = Mutex::new(waiting);
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let credential = Credential::token_credential(move |_: &str| {
        counted.fetch_add(1, Ordering::SeqCst);
        waiting.lock().map_err(|_| "poisoned")?.recv()?;
        let expires_at = Utc::now() + TimeDelta::hours(1);
        Ok(AccessToken::new(jwt(expires_at), expires_at))
    });
    (credential, word, asked)
}

#[test]
fn a_stuck_credential_is_waited_for_until_the_deadline_and_asked_once() {
    let emulator = emulator();
    let (credential, word, asked) = stuck();
    let client = builder(&emulator, credential)
        .operation_timeout(Duration::from_millis(100))
        .build()
        .expect("the client starts");
    for _ in 0..2 {
        let error = client
            .queue_sender("orders")
            .open()
            .expect_err("there is no token in time");
        assert_eq!(error.kind(), ErrorKind::OperationTimeout, "{error:?}");
    }
    word.send(()).expect("the credential waits");
    let sender = client
        .queue_sender("orders")
        .operation_timeout(LONG)
        .open()
        .expect("the answer counts, late as it is");
    send(&sender, &emulator);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_stuck_credential_holds_up_neither_close_nor_drop() {
    let emulator = emulator();
    let (credential, word, asked) = stuck();
    let client = client(&emulator, credential);
    let opening = {
        let client = client.clone();
        std::thread::spawn(move || client.queue_sender("orders").open().map(drop))
    };
    eventually("the credential is asked", || {
        asked.load(Ordering::SeqCst) == 1
    });
    let start = Instant::now();
    client.close().expect("the client closes");
    let error = opening
        .join()
        .expect("the thread ends")
        .expect_err("the client is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    drop(client);
    assert!(start.elapsed() < LONG / 4, "it took {:?}", start.elapsed());
    drop(word);
}
