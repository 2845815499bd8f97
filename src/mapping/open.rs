//! What the client says of itself when it opens a connection.

use servicebus_amqp::types::definitions::Fields;
use servicebus_amqp::types::primitives::{Symbol, Value};

/// Product, version and platform, as the service logs them; what the application calls itself, which may be nothing,
/// comes before the client's own user agent.
pub(crate) fn properties(application: &str) -> Fields {
    let platform = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
    let version = env!("CARGO_PKG_VERSION");
    let user_agent = format!("{application} servicebus-rust/{version} ({platform})");
    let facts = [
        ("product", "servicebus-rust".to_owned()),
        ("version", version.to_owned()),
        ("framework", "Rust".to_owned()),
        ("user-agent", user_agent.trim_start().to_owned()),
        ("platform", platform),
    ];
    facts
        .into_iter()
        .map(|(key, value)| (Symbol::from(key), Value::from(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_agent(application: &str) -> String {
        let properties = properties(application);
        match properties.get(&Symbol::from("user-agent")) {
            Some(Value::String(text)) => text.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_application_comes_before_the_client() {
        let own = user_agent("");
        assert!(own.starts_with("servicebus-rust/"), "{own}");
        assert_eq!(user_agent("orders/1.2"), format!("orders/1.2 {own}"));
    }
}
