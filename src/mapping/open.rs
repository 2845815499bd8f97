//! What the client says of itself when it opens a connection.

use servicebus_amqp::types::definitions::Fields;
use servicebus_amqp::types::primitives::{Symbol, Value};

/// Product, version and platform, as the service logs them.
pub(crate) fn properties() -> Fields {
    let platform = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
    let version = env!("CARGO_PKG_VERSION");
    let facts = [
        ("product", "servicebus-rust".to_owned()),
        ("version", version.to_owned()),
        ("framework", "Rust".to_owned()),
        (
            "user-agent",
            format!("servicebus-rust/{version} ({platform})"),
        ),
        ("platform", platform),
    ];
    facts
        .into_iter()
        .map(|(key, value)| (Symbol::from(key), Value::from(value)))
        .collect()
}
