//! A server that lets only clients in that show a certificate.

use servicebus::{ClientBuilder, ErrorKind};
use servicebus_emulator::{Emulator, Fault};

use crate::secured::{builder, client, emulator, file, refused, send, sender, soon};

fn demanding() -> Emulator {
    let emulator = emulator();
    emulator
        .inject(Fault::demand_client_certificate())
        .expect("the fault is valid");
    emulator
}

/// The certificate and the key that an emulator gives to clients.
fn given(emulator: &Emulator) -> (&str, &str) {
    let chain = emulator.tls_client_certificate_pem().expect("it has one");
    let key = emulator.tls_client_key_pem().expect("it has one");
    (chain, key)
}

#[track_caller]
fn assert_refused(builder: ClientBuilder, emulator: &Emulator, words: &str) {
    let error = refused(builder);
    let text = error.to_string();
    let seen = emulator.journal().join("\n");
    assert_eq!(error.kind(), ErrorKind::Authentication, "{text}\n{seen}");
    assert!(!error.is_retryable(), "{error:?}");
    assert!(text.contains(words), "{text}\n{seen}");
}

#[test]
fn a_certificate_lets_a_client_in() {
    let emulator = demanding();
    let (chain, key) = given(&emulator);
    let builders = [
        builder(&emulator).client_certificate(chain, key),
        builder(&emulator)
            .client_certificate_files(file("client_chain.pem", chain), file("client_key.pem", key)),
    ];
    for builder in builders {
        send(&sender(&client(builder)), &emulator);
    }
    let both = file("client_both.pem", format!("{key}{chain}"));
    let builder = builder(&emulator).client_certificate_files(&both, &both);
    send(&sender(&client(builder)), &emulator);
}

#[test]
fn without_a_certificate_a_client_is_told_to_have_one() {
    let emulator = demanding();
    assert_refused(
        soon(builder(&emulator)),
        &emulator,
        "demands a client certificate, see ClientBuilder::client_certificate",
    );
}

#[test]
fn a_certificate_of_somebody_else_is_refused() {
    let emulator = demanding();
    let stranger = crate::secured::emulator();
    let (chain, key) = given(&stranger);
    assert_refused(
        soon(builder(&emulator)).client_certificate(chain, key),
        &emulator,
        "it does not accept the client certificate",
    );
}

#[test]
fn a_certificate_that_nobody_asks_for_is_no_hindrance() {
    let emulator = emulator();
    let (chain, key) = given(&emulator);
    let client = client(builder(&emulator).client_certificate(chain, key));
    send(&sender(&client), &emulator);
}

#[test]
fn a_key_of_another_certificate_is_refused_when_the_client_is_built() {
    let (one, other) = (emulator(), emulator());
    let error = builder(&one)
        .client_certificate(given(&one).0, given(&other).1)
        .build()
        .expect_err("they do not belong together");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}

#[test]
fn a_certificate_is_renewed_while_a_client_lives() {
    let emulator = demanding();
    let stranger = crate::secured::emulator();
    let path = |name: &str| format!("renewed_{name}.pem");
    let put = |(chain, key): (&str, &str)| (file(&path("chain"), chain), file(&path("key"), key));
    let (chain, key) = put(given(&stranger));
    let client = client(builder(&emulator).client_certificate_files(chain, key));
    client
        .queue_sender("orders")
        .open()
        .expect_err("it is somebody else's");
    put(given(&emulator));
    send(&sender(&client), &emulator);
}
