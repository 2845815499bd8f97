//! The `$cbs` node: where a connection presents its tokens.

use super::peer::Peer;
use super::refusal::{Refusal, GATEWAY};
use super::request::Request;
use super::response::Response;
use crate::auth::Audience;
use crate::hub::Hub;

impl Peer {
    /// Answers a request to `$cbs`.
    pub(super) fn put_token(&mut self, request: &Request, hub: &mut Hub) -> Response {
        match self.check_token(request, hub) {
            Ok(()) => Response::new(202, "Accepted"),
            Err(refusal) => {
                hub.note(self.id, &format!("token refused: {}", refusal.text()));
                let now = hub.now();
                Response::refused(&refusal, GATEWAY, now)
            }
        }
    }

    fn check_token(&mut self, request: &Request, hub: &mut Hub) -> Result<(), Refusal> {
        let text = |name: &str| request.property(name).and_then(|value| value.as_text());
        if text("operation") != Some("put-token") {
            return Err(Refusal::not_implemented("The operation is not put-token."));
        }
        let name = text("name").ok_or_else(|| Refusal::argument("The name is missing."))?;
        let token = request
            .body()
            .and_then(|body| body.as_text())
            .ok_or_else(|| Refusal::argument("The token is missing."))?;
        let audience = Audience::parse(name);
        let grant = hub.check_token(token, &audience)?;
        self.check_exists(&audience, hub)?;
        if !self.claims.add(grant) {
            let text = "The connection holds too many tokens.";
            return Err(Refusal::new("amqp:resource-limit-exceeded", 403, text));
        }
        self.idleness.token_came();
        hub.note(
            self.id,
            &format!("token accepted for {:?}", audience.path()),
        );
        Ok(())
    }

    /// SDKs tell a wrong entity name from other failures by the refusal of its token.
    fn check_exists(&self, audience: &Audience, hub: &Hub) -> Result<(), Refusal> {
        let path = audience.path();
        let entity = path.strip_suffix("/$management").unwrap_or(path);
        if entity.is_empty() || hub.broker.resolve(entity).is_ok() {
            return Ok(());
        }
        Err(Refusal::entity_not_found(&self.hostname, entity))
    }
}
