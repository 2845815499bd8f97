//! Clients show tokens of every kind, good ones and refused ones, and renew them.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use servicebus::{AccessToken, Client, Credential, ErrorKind, Message, SasToken};
use servicebus_emulator::{Emulator, Fault};

use crate::captured::{note, records};
use crate::secrets::{jwt, soon, KEY, WRONG_KEY};

const NAME: &str = "RootManageSharedAccessKey";

fn client(emulator: &Emulator, credential: impl Into<Credential>) -> Client {
    let credential = credential.into();
    note(&format!("{credential:?}"));
    let builder = Client::builder(format!("localhost:{}", emulator.port()), credential);
    soon(builder.use_development_emulator(true).logging_enable(true))
        .build()
        .expect("the client starts")
}

pub(crate) fn work(emulator: &Emulator) {
    let life = Utc::now() + TimeDelta::hours(1);
    let signed = SasToken::generate("sb://localhost/", NAME, KEY, life);
    for credential in [Credential::shared_access_key(NAME, KEY), signed.into()] {
        client(emulator, credential)
            .queue_sender("orders")
            .open()
            .expect("the token is good");
    }
    renewed(emulator);

    let wrong = SasToken::generate("sb://localhost/", NAME, WRONG_KEY, life);
    for credential in [Credential::shared_access_key(NAME, WRONG_KEY), wrong.into()] {
        let error = client(emulator, credential)
            .queue_sender("orders")
            .open()
            .expect_err("the signature is wrong");
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
        note(&format!("{error} {error:?}"));
    }
}

/// A token that is said to live for two seconds is replaced, after a replacement was refused.
fn renewed(emulator: &Emulator) {
    let issuer = |_: &str| Ok(AccessToken::new(jwt(), Utc::now() + TimeDelta::seconds(2)));
    let client = client(emulator, Credential::token_credential(issuer));
    let sender = client.queue_sender("orders").open().expect("it is good");
    emulator
        .inject(Fault::refuse_token(500).times(1))
        .expect("the fault is valid");
    let end = Instant::now() + Duration::from_secs(20);
    let refused = |record: &String| record.contains("renewing the token");
    while !records().iter().any(refused) {
        assert!(Instant::now() < end, "no renewal failed: {:#?}", records());
        std::thread::sleep(Duration::from_millis(5));
    }
    sender
        .send_messages(Message::new("a"))
        .expect("it is stored");
}
