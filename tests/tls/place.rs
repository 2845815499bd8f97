//! Where a client connects, and whom it expects there.

use servicebus::{Client, ClientBuilder, Credential, ErrorKind};
use servicebus_emulator::{Direction, Emulator};

use crate::secured::{at, builder, client, emulator, refused, root, send, sender, LONG};

/// A client of a namespace that is reached by way of the emulator.
fn contoso(emulator: &Emulator) -> ClientBuilder {
    let credential = Credential::shared_access_key("RootManageSharedAccessKey", "SAS_KEY_VALUE");
    Client::builder("contoso.servicebus.windows.net", credential)
        .operation_timeout(LONG)
        .root_certificates(root(emulator))
}

#[test]
fn a_custom_endpoint_is_connected_to_in_place_of_the_namespace() {
    let emulator = emulator();
    emulator.record_frames(true);
    for host in ["localhost", "127.0.0.1"] {
        let address = format!("sb://{}/", at(&emulator, host));
        let builder = contoso(&emulator).custom_endpoint_address(address);
        send(&sender(&client(builder)), &emulator);
    }
    let frames = emulator.frames();
    let opens = frames
        .iter()
        .filter(|frame| frame.direction == Direction::Inbound && frame.performative == "open");
    let names: Vec<&str> = opens.map(|open| open.detail.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    for name in names {
        assert!(
            name.contains("host \"contoso.servicebus.windows.net\""),
            "{name}"
        );
    }
}

#[test]
fn the_certificate_must_be_for_the_host_or_for_the_name_that_is_expected() {
    let emulator = emulator();
    let there = || builder(&emulator).custom_endpoint_address(at(&emulator, "127.0.0.1"));
    send(
        &sender(&client(there().tls_server_name("localhost"))),
        &emulator,
    );
    let error = refused(there().tls_server_name("contoso.servicebus.windows.net"));
    assert_eq!(error.kind(), ErrorKind::Communication, "{error}");
    assert!(!error.is_retryable(), "{error:?}");
    let text = error.to_string();
    for words in [
        "is for localhost, 127.0.0.1, ",
        "not for contoso.servicebus.windows.net",
    ] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_custom_endpoint_may_be_an_emulator_without_tls() {
    let emulator = emulator();
    let credential = Credential::shared_access_key("RootManageSharedAccessKey", "SAS_KEY_VALUE");
    let builder = Client::builder("contoso.servicebus.windows.net", credential)
        .use_development_emulator(true)
        .custom_endpoint_address(format!("localhost:{}", emulator.port()));
    send(&sender(&client(builder)), &emulator);
}

#[test]
fn a_place_or_name_that_is_none_is_refused_when_the_client_is_built() {
    let emulator = emulator();
    for address in ["", "ftp://gateway", "gateway:port", "sb://user@gateway"] {
        let error = contoso(&emulator)
            .custom_endpoint_address(address)
            .build()
            .expect_err(address);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains("custom endpoint"), "{error}");
    }
    let error = contoso(&emulator)
        .tls_server_name("no name")
        .build()
        .expect_err("a name has no spaces");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}
