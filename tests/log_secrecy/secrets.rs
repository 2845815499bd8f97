//! What must not be logged, and where it comes from.

use std::time::Duration;

use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use base64::Engine;
use chrono::Utc;
use servicebus::{ClientBuilder, RetryMode, RetryOptions};
use servicebus_emulator::{Emulator, QueueOptions};

/// The emulator's key.
pub(crate) const KEY: &str = "SAS_KEY_VALUE";
/// A key that it refuses.
pub(crate) const WRONG_KEY: &str = "WRONG_KEY_1c9f";
/// In all that a message or session holds for the application alone.
pub(crate) const BODY: &str = "BODY_7e3a";
/// In what a token credential of the application's own says of itself.
const SUBJECT: &str = "SUBJECT_5d21";

/// The shortest there is, so that a renewal comes soon.
const LOCK: Duration = Duration::from_secs(5);

pub(crate) fn emulator() -> Emulator {
    Emulator::builder()
        .queue_with("orders", QueueOptions::new().lock_duration(LOCK))
        .queue_with("desk", QueueOptions::new().requires_session(true))
        .topic("events")
        .subscription("events", "audit")
        .tls_port(0)
        .accept_jwt(true)
        .start()
        .expect("the emulator starts")
}

/// A client that comes over TLS and tries again soon.
pub(crate) fn builder(emulator: &Emulator) -> ClientBuilder {
    let text = emulator.tls_connection_string().expect("it listens");
    let root = emulator.tls_root_pem().expect("it has a root");
    soon(
        ClientBuilder::from_connection_string(&text)
            .expect("the emulator's connection string is good")
            .root_certificates(root)
            .logging_enable(true),
    )
}

pub(crate) fn soon(builder: ClientBuilder) -> ClientBuilder {
    builder.retry_options(
        RetryOptions::new()
            .with_mode(RetryMode::Fixed)
            .with_backoff(Duration::from_millis(20))
            .with_busy_pause(Duration::from_millis(20)),
    )
}

/// A token as Entra ID issues them, but for the signature.
pub(crate) fn jwt() -> String {
    let claims = format!(
        r#"{{"sub":"{SUBJECT}","aud":"https://servicebus.azure.net","exp":{}}}"#,
        Utc::now().timestamp() + 3_600
    );
    format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims))
}

/// Each secret in the forms in which a log might show it.
pub(crate) fn secrets() -> Vec<(&'static str, String)> {
    let mut secrets = vec![
        (
            "a shared access signature",
            "SharedAccessSignature".to_owned(),
        ),
        ("a signature", "sig=".to_owned()),
        // What the claims of every token of this test begin with.
        (
            "a token",
            URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{SUBJECT}"#)),
        ),
    ];
    for (what, text) in [
        ("a key", KEY),
        ("a refused key", WRONG_KEY),
        ("a body", BODY),
    ] {
        let bytes = format!("{:?}", text.as_bytes());
        let hexadecimal: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        secrets.extend([
            (what, text.to_owned()),
            (what, bytes.trim_matches(['[', ']']).to_owned()),
            (what, hexadecimal),
            (what, STANDARD.encode(text).trim_end_matches('=').to_owned()),
        ]);
    }
    secrets
}
