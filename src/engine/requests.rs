//! Requests and answers over a pair of links with one node, as `$cbs` and `$management` speak.

use std::sync::Arc;

use bytes::Bytes;
use fe2o3_amqp::types::definitions::Role;
use fe2o3_amqp::types::messaging::{Accepted, DeliveryState, MessageId};
use servicebus_amqp::sections::{read_properties, split_sections};
use servicebus_amqp::{Cause, Connection as Endpoint, Delivery, LinkId, Requests, SendError};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::connection::{Connection, LinkEnd};
use super::failure::{error_of, error_of_end};
use super::limit::before;
use super::outbound::{Outbound, Ticket, Verdict};
use super::sender::too_large;
use super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::batch::Payload;
use crate::mapping::transaction::provisional;
use crate::mapping::{attach, conditions};
use crate::model::deadline::Deadline;

/// Answers that the peer may send without asking again.
const ANSWER_CREDIT: u32 = 100;

/// The link that answers arrive on, and who waits for which.
#[derive(Default)]
pub(crate) struct Answers {
    requests: Requests<oneshot::Sender<Bytes>>,
}

impl Answers {
    pub(crate) fn arrived(&mut self, link: LinkId, delivery: Delivery, endpoint: &mut Endpoint) {
        if !delivery.settled {
            let accepted = DeliveryState::Accepted(Accepted {});
            endpoint.dispose(link, delivery.id, Some(accepted), true);
        }
        if endpoint.credit(link) <= ANSWER_CREDIT / 2 {
            endpoint.set_credit(link, ANSWER_CREDIT);
        }
        let waiting = correlation_id(&delivery.payload).and_then(|id| self.requests.take(&id));
        if let Some(reply) = waiting {
            // Whoever asked may have given up.
            reply.send(delivery.payload).ok();
        }
    }
}

fn correlation_id(payload: &Bytes) -> Option<MessageId> {
    let properties = split_sections(payload).ok()?.properties?;
    read_properties(&properties).ok()?.correlation_id
}

/// How to address the answer: what a request must carry besides its own contents.
pub(crate) struct Envelope<'a> {
    pub(crate) message_id: MessageId,
    pub(crate) reply_to: &'a str,
}

/// A pair of links with one node. Any number of requests may be under way.
pub(crate) struct RequestLinks {
    session: Arc<Session>,
    requests: LinkId,
    answers: LinkId,
    reply_to: String,
}

impl RequestLinks {
    pub(crate) async fn attach(session: Arc<Session>, node: &str) -> Result<Self> {
        let connection = session.connection();
        let reply_to = format!("{node}-{}", Uuid::new_v4());
        let gone = |cause: Cause| error_of(&cause);
        let (answers, _) = connection
            .attach(
                session.id(),
                attach::request_link(Role::Receiver, node, &reply_to),
                LinkEnd::Answers(Answers::default()),
            )
            .await
            .map_err(gone)?;
        connection.with(|state| state.endpoint.set_credit(answers, ANSWER_CREDIT));
        let (requests, _) = connection
            .attach(
                session.id(),
                attach::request_link(Role::Sender, node, &reply_to),
                LinkEnd::Outbound(Outbound::default()),
            )
            .await
            .map_err(|cause| {
                connection.release(answers);
                gone(cause)
            })?;
        Ok(RequestLinks {
            session,
            requests,
            answers,
            reply_to,
        })
    }

    /// Whether both links stand.
    pub(crate) fn are_attached(&self) -> bool {
        self.connection()
            .read(|state| state.is_attached(self.requests) && state.is_attached(self.answers))
    }

    /// Detaches both links and waits for the peer's answer.
    pub(crate) async fn detach(&self) {
        self.connection().detach(self.requests).await;
        self.connection().detach(self.answers).await;
    }

    fn connection(&self) -> &Connection {
        self.session.connection()
    }

    /// Sends the request that `encode` makes, and waits for its answer. Dropping the wait gives the request up.
    ///
    /// # Errors
    /// What the peer said at the link: it rejects an operation that it does not know there. No answer in time, or an
    /// end of the links, is marked as an unknown outcome where the request had left.
    pub(crate) async fn call(
        &self,
        deadline: Deadline,
        encode: impl FnOnce(Envelope<'_>) -> Result<Payload>,
    ) -> Result<Bytes> {
        let (reply, mut answer) = oneshot::channel();
        let message_id = self
            .connection()
            .with(|state| Some(state.answers(self.answers)?.requests.add(reply)))
            .ok_or_else(|| self.lost())?;
        let _cancel = Cancel {
            links: self,
            message_id: message_id.clone(),
        };
        let payload = encode(Envelope {
            message_id,
            reply_to: &self.reply_to,
        })?;
        let (ticket, mut verdict) = self
            .connection()
            .with(|state| {
                let (outbound, endpoint) = state.outbound(self.requests)?;
                Some(outbound.send(self.requests, payload, endpoint))
            })
            .ok_or_else(|| self.lost())?;
        let answered = self.answered(&mut answer, &mut verdict);
        match before(deadline, "the service did not answer in time", answered).await {
            Ok(result) => result,
            Err(gave_up) if self.had_left(ticket, &mut verdict) => {
                Err(gave_up.with_outcome_unknown())
            }
            Err(gave_up) => Err(gave_up),
        }
    }

    /// The answer, or the peer's word that there will be none. The outer error is an end of the link for answers, which
    /// says nothing about the request.
    async fn answered(
        &self,
        answer: &mut oneshot::Receiver<Bytes>,
        verdict: &mut oneshot::Receiver<Verdict>,
    ) -> Result<Result<Bytes>> {
        let refused = tokio::select! {
            biased;
            answer = &mut *answer => return answer.map(Ok).map_err(|_dropped| self.lost()),
            verdict = verdict => match verdict {
                Ok(verdict) => refusal(verdict),
                Err(_dropped) => Some(self.lost().with_outcome_unknown()),
            },
        };
        Ok(match refused {
            Some(error) => Err(error),
            None => answer
                .await
                .map_err(|_dropped| self.lost().with_outcome_unknown()),
        })
    }

    /// Whether the peer may have a request that was given up. One that still waits for credit is withdrawn.
    fn had_left(&self, ticket: Ticket, verdict: &mut oneshot::Receiver<Verdict>) -> bool {
        let withdrawn = self.connection().with(|state| {
            state
                .outbound(self.requests)
                .is_some_and(|(outbound, _)| outbound.withdraw(ticket))
        });
        let unsent = matches!(
            verdict.try_recv(),
            Ok(Verdict::Refused(_) | Verdict::Ended { sent: false, .. })
        );
        !withdrawn && !unsent
    }

    fn lost(&self) -> Error {
        let cause = self.connection().ended();
        cause.map_or_else(
            || {
                Error::new(
                    ErrorKind::Connection,
                    "the links to the service's node are gone",
                )
            },
            |cause| error_of(&cause),
        )
    }
}

impl Drop for RequestLinks {
    fn drop(&mut self) {
        // One of them may be left where the other was lost.
        self.connection().release(self.requests);
        self.connection().release(self.answers);
    }
}

/// Why no answer to a request will come; `None` where it will.
fn refusal(verdict: Verdict) -> Option<Error> {
    match verdict {
        Verdict::Decided(state) => match provisional(state) {
            Some(DeliveryState::Rejected(rejected)) => Some(match rejected.error {
                Some(error) => conditions::from_outcome(&error),
                None => Error::new(ErrorKind::Other, "the service rejected the request"),
            }),
            _ => None,
        },
        Verdict::Refused(SendError::TooLarge { size, limit }) => Some(too_large(size, limit)),
        Verdict::Refused(error) => {
            Some(Error::new(ErrorKind::Other, error.to_string()).with_source(error))
        }
        Verdict::Ended { cause, sent: true } => Some(error_of_end(&cause).with_outcome_unknown()),
        Verdict::Ended { cause, sent: false } => Some(error_of_end(&cause)),
    }
}

/// Forgets a request whose asker has left.
struct Cancel<'a> {
    links: &'a RequestLinks,
    message_id: MessageId,
}

impl Drop for Cancel<'_> {
    fn drop(&mut self) {
        self.links.connection().with(|state| {
            if let Some(answers) = state.answers(self.links.answers) {
                answers.requests.cancel(&self.message_id);
            }
        });
    }
}
