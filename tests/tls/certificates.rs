//! Servers whose certificate no client should take.

use std::time::{Duration, Instant};

use servicebus::ErrorKind;
use servicebus_emulator::Fault;

use crate::secured::{at, builder, client, emulator, refused, send, sender, soon};

#[test]
fn a_flaw_is_said_in_words_to_act_on_and_is_final() {
    let this_year = chrono::Utc::now()
        .format("by the clock of this machine it is %Y")
        .to_string();
    let cases = [
        (
            Fault::expired_certificate(),
            vec!["expired on 2001-01-01T00:00:00Z", &this_year],
        ),
        (
            Fault::not_yet_valid_certificate(),
            vec!["not valid before 3001-01-01T00:00:00Z", &this_year],
        ),
        (
            Fault::wrong_host_certificate(),
            vec![
                "is for elsewhere.invalid, not for localhost",
                "tls_server_name",
            ],
        ),
        (
            Fault::untrusted_certificate(),
            vec![
                "issuer of its certificate is not trusted",
                "root_certificate_file",
            ],
        ),
    ];
    let emulator = emulator();
    for (fault, words) in cases {
        let id = emulator.inject(fault.clone()).expect("the fault is valid");
        let start = Instant::now();
        let error = refused(soon(builder(&emulator)));
        let elapsed = start.elapsed();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Communication, "{text}");
        assert!(!error.is_retryable(), "{error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
        assert_eq!(error.entity(), Some("orders"));
        for word in words
            .into_iter()
            .chain([at(&emulator, "localhost").as_str()])
        {
            assert!(text.contains(word), "{word} is not in: {text}");
        }
        assert_eq!(emulator.hits(id), Some(1), "tried again: {fault:?}");
        assert!(elapsed < Duration::from_secs(5), "after {elapsed:?}");
        emulator.clear_faults();
    }
}

#[test]
fn a_client_gets_through_once_the_server_has_a_good_certificate() {
    let emulator = emulator();
    let fault = Fault::expired_certificate().times(1);
    emulator.inject(fault).expect("the fault is valid");
    let client = client(builder(&emulator));
    client
        .queue_sender("orders")
        .open()
        .expect_err("it has expired");
    send(&sender(&client), &emulator);
}

#[test]
fn a_certificate_that_goes_bad_ends_a_call_and_not_the_sender_or_receiver() {
    let emulator = emulator();
    let client = client(soon(builder(&emulator)));
    let sender = sender(&client);
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    let bad = emulator
        .inject(Fault::expired_certificate())
        .expect("the fault is valid");
    emulator
        .inject(Fault::cut_stream())
        .expect("the fault is valid");
    let error = receiver
        .peek_messages(1, None)
        .expect_err("nobody gets in any more");
    assert!(error.to_string().contains("expired"), "{error}");
    assert!(emulator.clear(bad), "it was set");
    send(&sender, &emulator);
    assert_eq!(
        receiver.peek_messages(1, None).expect("it is there").len(),
        1
    );
}
