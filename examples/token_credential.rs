//! Proves its rights with tokens of Microsoft Entra ID in place of a key: those that the Azure CLI gets for whoever has
//! signed in by `az login`. A program that runs in Azure uses a managed identity; `examples/azure_identity/` shows that.
//!
//! `SERVICE_BUS_FULLY_QUALIFIED_NAMESPACE`, such as `contoso.servicebus.windows.net`, and `SERVICE_BUS_QUEUE_NAME` name
//! the service; without the first an emulator runs in this process, which takes any token.

#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use std::env;
use std::error::Error;
use std::process::Command;
use std::time::Duration;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use chrono::{DateTime, TimeDelta, Utc};
use servicebus::{AccessToken, Client, Credential, Message, TokenCredential};
use servicebus_emulator::Emulator;

/// Asks the Azure CLI. A credential may block: nothing else waits for the thread that it is called on.
struct AzureCli;

impl TokenCredential for AzureCli {
    fn get_token(&self, scope: &str) -> Result<AccessToken, Box<dyn Error + Send + Sync>> {
        let output = Command::new("az")
            .args([
                "account",
                "get-access-token",
                "--output",
                "json",
                "--scope",
                scope,
            ])
            .output()?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(format!("az says: {}", complaint.trim()).into());
        }
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let token = answer["accessToken"].as_str();
        let expires_at = answer["expires_on"]
            .as_i64()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        match (token, expires_at) {
            (Some(token), Some(expires_at)) => Ok(AccessToken::new(token, expires_at)),
            _ => Err("this az is older than 2.54: it does not say when its token expires".into()),
        }
    }
}

/// A token as Entra ID issues them, but for the signature, which the emulator does not look at.
fn unsigned_token(scope: &str) -> AccessToken {
    let expires_at = Utc::now() + TimeDelta::hours(1);
    let audience = scope.trim_end_matches("/.default");
    let claims = format!(r#"{{"aud":"{audience}","exp":{}}}"#, expires_at.timestamp());
    let token = format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims));
    AccessToken::new(token, expires_at)
}

fn main() -> Result<(), Box<dyn Error>> {
    let queue = env::var("SERVICE_BUS_QUEUE_NAME").unwrap_or_else(|_| "orders".to_owned());
    // Lives as long as the client uses it.
    let emulator;
    let client = match env::var("SERVICE_BUS_FULLY_QUALIFIED_NAMESPACE") {
        Ok(namespace) => {
            Client::builder(namespace, Credential::token_credential(AzureCli)).build()?
        }
        Err(_) => {
            emulator = Emulator::builder().queue(&queue).accept_jwt(true).start()?;
            let unsigned = |scope: &str| {
                println!("a token is needed for {scope}");
                Ok(unsigned_token(scope))
            };
            let namespace = format!("localhost:{}", emulator.port());
            Client::builder(namespace, Credential::token_credential(unsigned))
                .use_development_emulator(true)
                .build()?
        }
    };

    client
        .queue_sender(&queue)
        .open()?
        .send_messages(Message::new("sent without a key"))?;
    let receiver = client.queue_receiver(&queue).open()?;
    if let Some(message) = receiver.next_message(Duration::from_secs(10))? {
        println!("received: {message}");
        receiver.complete_message(&message)?;
    }
    Ok(())
}
