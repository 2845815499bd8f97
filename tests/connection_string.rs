//! What connection strings are taken, and what is said about those that are not.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what surprises a test ends it"
)]

use proptest::prelude::*;
use servicebus::{parse_connection_string, ConnectionStringProperties, ErrorKind};

fn parse(text: &str) -> ConnectionStringProperties {
    parse_connection_string(text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = parse_connection_string(text).expect_err(text);
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text:?}");
    let shown = error.to_string();
    assert!(
        shown.contains(expected),
        "{text:?} is refused with {shown:?}, expected {expected:?}"
    );
    assert!(!shown.contains("SECRET"), "{shown:?} shows a secret");
}

#[test]
fn the_string_of_the_portal() {
    let parts = parse(
        "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=Root;\
         SharedAccessKey=c2VjcmV0==;EntityPath=sales/orders",
    );
    assert_eq!(parts.endpoint(), "sb://contoso.servicebus.windows.net/");
    assert_eq!(
        parts.fully_qualified_namespace(),
        "contoso.servicebus.windows.net"
    );
    assert_eq!(parts.port(), None);
    assert_eq!(parts.entity_path(), Some("sales/orders"));
    assert_eq!(parts.shared_access_key_name(), Some("Root"));
    assert_eq!(parts.shared_access_key(), Some("c2VjcmV0=="));
    assert_eq!(parts.shared_access_signature(), None);
    assert!(!parts.uses_development_emulator());
}

#[test]
fn the_string_of_the_emulator() {
    let parts = parse(
        "Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;\
         SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;",
    );
    assert_eq!(parts.fully_qualified_namespace(), "localhost");
    assert!(parts.uses_development_emulator());
}

#[test]
fn a_ready_made_signature() {
    let parts = parse(
        "Endpoint=sb://ns/;SharedAccessSignature=SharedAccessSignature sr=ns&sig=a%3D&se=1&skn=k",
    );
    assert_eq!(
        parts.shared_access_signature(),
        Some("SharedAccessSignature sr=ns&sig=a%3D&se=1&skn=k")
    );
    assert_eq!(parts.shared_access_key(), None);
}

#[test]
fn case_order_space_and_empty_parts_do_not_matter() {
    let parts = parse(
        "  ;sharedaccesskey = k ;; SHAREDACCESSKEYNAME=n;Other=x;endpoint= sb://NS:5671/ ;; ",
    );
    assert_eq!(parts.fully_qualified_namespace(), "ns");
    assert_eq!(parts.port(), Some(5671));
    assert_eq!(parts.shared_access_key(), Some("k"));
    assert_eq!(parts.shared_access_key_name(), Some("n"));
}

#[test]
fn the_last_of_equal_keys_counts() {
    let parts = parse("Endpoint=sb://a;Endpoint=sb://b;SharedAccessKeyName=n;SharedAccessKey=k");
    assert_eq!(parts.fully_qualified_namespace(), "b");
}

#[test]
fn endpoints_of_every_form() {
    let forms = [
        (
            "sb://ns.servicebus.windows.net",
            "ns.servicebus.windows.net",
            None,
        ),
        (
            "amqps://ns.servicebus.windows.net:443/",
            "ns.servicebus.windows.net",
            Some(443),
        ),
        ("sb://127.0.0.1:5672", "127.0.0.1", Some(5672)),
        ("sb://[::1]:5672/", "::1", Some(5672)),
        ("sb://[::1]", "::1", None),
        ("https://ns/ignored?path", "ns", None),
    ];
    for (endpoint, host, port) in forms {
        let parts = parse(&format!(
            "Endpoint={endpoint};SharedAccessKeyName=n;SharedAccessKey=k"
        ));
        assert_eq!(
            (parts.fully_qualified_namespace(), parts.port()),
            (host, port),
            "{endpoint}"
        );
    }
}

#[test]
fn errors_name_the_key() {
    let key = "SharedAccessKeyName=n;SharedAccessKey=SECRET";
    refused("", "Endpoint is missing");
    refused(key, "Endpoint is missing");
    refused(&format!("Endpoint=;{key}"), "Endpoint is empty");
    refused(
        &format!("Endpoint=ns.servicebus.windows.net;{key}"),
        "Endpoint has no scheme",
    );
    refused(
        &format!("Endpoint=ftp://ns;{key}"),
        "Endpoint has an unknown scheme",
    );
    refused(
        &format!("Endpoint=sb:///;{key}"),
        "Endpoint has no valid host",
    );
    refused(
        &format!("Endpoint=sb://ns:0/;{key}"),
        "Endpoint has an invalid port",
    );
    refused(
        &format!("Endpoint=sb://ns:65536/;{key}"),
        "Endpoint has an invalid port",
    );
    refused(
        &format!("Endpoint=sb://[::1;{key}"),
        "Endpoint has an unclosed bracket",
    );
    refused(
        &format!("Endpoint=sb://user:SECRET@ns;{key}"),
        "Endpoint contains a user name",
    );
    refused(
        "Endpoint=sb://ns",
        "neither SharedAccessKeyName and SharedAccessKey",
    );
    refused(
        "Endpoint=sb://ns;SharedAccessKeyName=n",
        "without SharedAccessKey",
    );
    refused(
        "Endpoint=sb://ns;SharedAccessKey=SECRET",
        "without SharedAccessKeyName",
    );
    refused(
        "Endpoint=sb://ns;SharedAccessKeyName=n;SharedAccessKey=",
        "SharedAccessKey is empty",
    );
    refused(
        &format!("Endpoint=sb://ns;{key};SharedAccessSignature=SECRET"),
        "SharedAccessSignature excludes",
    );
    refused(
        &format!("Endpoint=sb://ns;{key};EntityPath="),
        "EntityPath is empty",
    );
    refused(
        &format!("Endpoint=sb://ns;{key};UseDevelopmentEmulator=SECRET"),
        "UseDevelopmentEmulator is neither",
    );
    refused(
        &format!("Endpoint=sb://ns;SECRET;{key}"),
        "not of the form key=value (part 2)",
    );
    refused(&format!(";;Endpoint=ns;{key}"), "windows.net/ (part 3)");
    refused(&format!("Endpoint=sb://ns;{key};EntityPath="), "(part 4)");
}

#[test]
fn neither_form_of_the_parts_shows_a_secret() {
    for secret in [
        "SharedAccessKeyName=n;SharedAccessKey=SECRET",
        "SharedAccessSignature=SECRET",
    ] {
        let parts = parse(&format!("Endpoint=sb://ns;{secret}"));
        let shown = format!("{parts:?} {parts}");
        assert!(!shown.contains("SECRET"), "{shown}");
    }
    let all = "Endpoint=sb://ns/;SharedAccessKeyName=n;SharedAccessKey=SECRET;EntityPath=q;\
               UseDevelopmentEmulator=true";
    assert_eq!(parse(all).to_string(), all.replace("SECRET", "<hidden>"));
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("Endpoint=".to_owned()),
        Just("sb://".to_owned()),
        Just("SharedAccessKey=".to_owned()),
        Just("SharedAccessKeyName=".to_owned()),
        Just("SharedAccessSignature=".to_owned()),
        Just("UseDevelopmentEmulator=true".to_owned()),
        Just(";".to_owned()),
        "[\\[\\]:/=;@ ]{0,4}",
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_panics(text in pieces()) {
        if let Ok(parts) = parse_connection_string(&text) {
            prop_assert!(!parts.fully_qualified_namespace().is_empty());
        }
    }
}
