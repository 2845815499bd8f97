//! Whom a client trusts.

use servicebus::{ErrorKind, Message};

use crate::secured::{at, builder, client, emulator, refused, root, send, sender, stranger, LONG};

#[test]
fn messages_travel_over_tls() {
    let emulator = emulator();
    let client = client(builder(&emulator));
    let body = vec![7u8; 200_000];
    sender(&client)
        .send_messages(Message::new(body.clone()))
        .expect("it is stored");
    let receiver = client.queue_receiver("orders").open().expect("it opens");
    let message = receiver
        .next_message(LONG)
        .expect("receiving works")
        .expect("a message is there");
    assert!(
        message.body() == body,
        "{} bytes came",
        message.body().len()
    );
    receiver
        .complete_message(&message)
        .expect("it is completed");
}

#[test]
fn an_unknown_root_is_refused_for_good() {
    let emulator = emulator();
    let error = refused(stranger(&emulator));
    assert_eq!(error.kind(), ErrorKind::Communication, "{error}");
    assert!(!error.is_retryable(), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("root_certificate_file"), "{text}");
    assert!(text.contains(&at(&emulator, "localhost")), "{text}");
}

#[test]
fn a_root_of_the_same_name_with_another_key_is_refused_for_good() {
    let (emulator, other) = (emulator(), emulator());
    let error = refused(stranger(&emulator).root_certificates(root(&other)));
    assert_eq!(error.kind(), ErrorKind::Communication, "{error}");
    assert!(!error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("under that name"), "{error}");
}

#[test]
fn several_roots_may_be_trusted_and_one_twice() {
    let (one, other) = (emulator(), emulator());
    let both = format!("{}{}{}", root(&one), root(&other), root(&one));
    for emulator in [&one, &other] {
        let builder = stranger(emulator).root_certificates(both.as_str());
        send(&sender(&client(builder)), emulator);
        let builder = stranger(emulator)
            .root_certificates(root(&one))
            .root_certificates(root(&other));
        send(&sender(&client(builder)), emulator);
    }
}

#[test]
fn tls_is_spoken_without_the_development_switch_and_only_then() {
    let emulator = emulator();
    let plain = format!("sb://localhost:{}", emulator.port());
    let error = refused(builder(&emulator).custom_endpoint_address(plain));
    assert_eq!(error.kind(), ErrorKind::Communication, "{error}");
    assert!(!error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("is not TLS"), "{error}");
}
