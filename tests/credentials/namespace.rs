//! How the namespace may be given to the builder.

use servicebus::{Client, Credential, ErrorKind};

use crate::orders::{emulator, send, sender};

#[test]
fn a_namespace_may_be_a_url() {
    let emulator = emulator();
    let namespace = format!("sb://LOCALHOST:{}/", emulator.port());
    let credential = Credential::shared_access_key("RootManageSharedAccessKey", "SAS_KEY_VALUE");
    let client = Client::builder(namespace, credential)
        .use_development_emulator(true)
        .build()
        .expect("the client starts");
    send(&sender(&client, "orders"), &emulator);
}

#[test]
fn a_malformed_namespace_is_refused_at_once() {
    for namespace in ["", "ftp://contoso", "contoso:port", "user@contoso"] {
        let credential = Credential::shared_access_key("name", "key");
        let error = Client::builder(namespace, credential)
            .build()
            .expect_err(namespace);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains("the namespace"), "{error}");
    }
}
