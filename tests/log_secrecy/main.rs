//! At level `trace`, over all that a client does, no key, token, signature or body is logged.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

mod captured;
mod messages;
mod secrets;
mod tokens;
mod trouble;

use captured::records;
use secrets::secrets;

/// One test, because a process has one logger.
#[test]
fn nothing_secret_is_logged() {
    captured::install();
    let emulator = secrets::emulator();
    messages::work(&emulator);
    tokens::work(&emulator);
    trouble::work(&emulator);
    for target in ["connection", "cbs", "retry", "renewer", "frames"] {
        let target = format!("servicebus::{target}");
        assert!(
            records().iter().any(|record| record.starts_with(&target)),
            "{target} logged nothing, so that this test says nothing of it"
        );
    }
    for record in records() {
        for (what, secret) in secrets() {
            assert!(!record.contains(&secret), "{what} in {record}");
        }
    }
}
