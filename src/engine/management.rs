//! Management of one entity, over links in the session of a sender or receiver.

use std::sync::Arc;
use std::time::Duration;

use servicebus_amqp::writer::Writer;
use tokio::sync::Mutex;

use super::claim::Claim;
use super::limit::before;
use super::requests::RequestLinks;
use super::session::Session;
use crate::error::{ErrorKind, Result};
use crate::mapping::batch::Payload;
use crate::mapping::management::{encode_request, Answer, Names, Request};
use crate::mapping::transaction::TransactionId;
use crate::model::deadline::Deadline;

/// The service is asked to answer this much before the caller stops waiting, or when half of the wait is over.
const SERVER_MARGIN: Duration = Duration::from_secs(1);

/// The management node of one entity, as one link's session reaches it.
pub(crate) struct Management {
    session: Arc<Session>,
    /// The right to ask.
    claim: Arc<Claim>,
    address: String,
    /// The link that the requests are about, if they are about one.
    link_name: Option<String>,
    /// Held while attaching, so that all who ask wait for the same links.
    links: Mutex<Option<Arc<RequestLinks>>>,
}

impl Management {
    pub(crate) fn new(
        session: Arc<Session>,
        claim: Arc<Claim>,
        address: String,
        link_name: Option<String>,
    ) -> Self {
        Management {
            session,
            claim,
            address,
            link_name,
            links: Mutex::new(None),
        }
    }

    /// Asks the service to do something, and returns its answer, whatever that says.
    ///
    /// # Errors
    /// Where no answer came. It is marked as an unknown outcome once the request left.
    pub(crate) async fn call(
        &self,
        operation: &str,
        deadline: Deadline,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<Answer> {
        self.call_within(None, operation, deadline, body).await
    }

    /// The same, as part of a transaction if there is one. The service knows few operations that can be.
    pub(crate) async fn call_within(
        &self,
        transaction: Option<&TransactionId>,
        operation: &str,
        deadline: Deadline,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<Answer> {
        let links = before(
            deadline,
            "the management links were not attached in time",
            self.attached(),
        )
        .await?;
        let server_timeout = deadline
            .remaining()
            .map(|left| left.saturating_sub(SERVER_MARGIN).max(left / 2));
        let request = links.call(deadline, |envelope| {
            let request = Request {
                message_id: envelope.message_id,
                reply_to: envelope.reply_to,
                server_timeout,
                associated_link_name: self.link_name.as_deref(),
            };
            let payload = Payload::message(encode_request(request, operation, body)?);
            Ok(match transaction {
                Some(id) => payload.within(id.clone()),
                None => payload,
            })
        });
        let payload = request.await?;
        Answer::read(&payload, Names::MANAGEMENT)
    }

    /// Detaches the links, if they are attached, and waits for the service's answer.
    pub(crate) async fn detach(&self) {
        let links = self.links.lock().await.take();
        if let Some(links) = links {
            links.detach().await;
        }
    }

    async fn attached(&self) -> Result<Arc<RequestLinks>> {
        let mut slot = self.links.lock().await;
        if let Some(links) = slot.as_ref().filter(|links| links.are_attached()) {
            return Ok(links.clone());
        }
        // Where links stood, the right to them was there, and what is gone may be the token alone.
        let stood = slot.take().is_some() || self.link_name.is_some();
        let attached = RequestLinks::attach(self.session.clone(), &self.address).await;
        let links = Arc::new(attached.map_err(|error| {
            let is_right_gone = error.kind() == ErrorKind::Authorization;
            if is_right_gone && stood && self.claim.doubt() {
                return error.with_retryable(true);
            }
            error
        })?);
        *slot = Some(links.clone());
        Ok(links)
    }
}
