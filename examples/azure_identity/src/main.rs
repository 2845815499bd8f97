//! Sends a message with the credentials of Microsoft's `azure_identity`: a managed identity in Azure, what developers have
//! signed in with (`az login`, `azd auth login`) elsewhere.
//!
//! `SERVICE_BUS_FULLY_QUALIFIED_NAMESPACE`, such as `contoso.servicebus.windows.net`, and `SERVICE_BUS_QUEUE_NAME` name the
//! service; with `SERVICE_BUS_MANAGED_IDENTITY=1` the managed identity of the machine is used.

use std::env;
use std::error::Error;
use std::sync::Arc;

use azure_core::credentials::TokenCredential as AzureCredential;
use azure_identity::{DeveloperToolsCredential, ManagedIdentityCredential};
use chrono::DateTime;
use servicebus::{AccessToken, Client, Credential, Message, TokenCredential};
use tokio::runtime::{Builder, Handle};

/// Waits for an asynchronous credential. The client calls it on a thread where nothing else waits, and may drop it inside
/// asynchronous code, so it has a handle on a runtime and not the runtime itself, which must not be dropped there.
struct Blocking {
    credential: Arc<dyn AzureCredential>,
    runtime: Handle,
}

impl TokenCredential for Blocking {
    fn get_token(&self, scope: &str) -> Result<AccessToken, Box<dyn Error + Send + Sync>> {
        let token = self
            .runtime
            .block_on(self.credential.get_token(&[scope], None))?;
        let expires_at = DateTime::from_timestamp(token.expires_on.unix_timestamp(), 0)
            .ok_or("the token expires at no time that can be told")?;
        Ok(AccessToken::new(token.token.secret(), expires_at))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let namespace = env::var("SERVICE_BUS_FULLY_QUALIFIED_NAMESPACE")?;
    let queue = env::var("SERVICE_BUS_QUEUE_NAME")?;
    let credential: Arc<dyn AzureCredential> =
        if env::var_os("SERVICE_BUS_MANAGED_IDENTITY").is_some() {
            ManagedIdentityCredential::new(None)?
        } else {
            DeveloperToolsCredential::new(None)?
        };
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let credential = Credential::token_credential(Blocking {
        credential,
        runtime: runtime.handle().clone(),
    });
    let client = Client::builder(namespace, credential).build()?;
    client
        .queue_sender(&queue)
        .open()?
        .send_messages(Message::new("sent without a key"))?;
    println!("sent a message to {queue}");
    Ok(())
}
