//! A sender: its link, attached when needed, and one message or batch at a time through it.

use std::sync::Arc;

use servicebus_amqp::{LinkId, SendError};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::cbs::Claim;
use super::closing::{closed_error, Closing};
use super::connection::{Connection, LinkEnd};
use super::failure::error_of;
use super::limit::before;
use super::namespace::Namespace;
use super::outbound::{Outbound, Ticket, Verdict};
use super::retry::{Repeat, Retries};
use super::session::Session;
use super::window::{Reserved, Window};
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::attach::{self, Limits};
use crate::mapping::batch::Payload;
use crate::mapping::delivery_state::confirm_send;
use crate::model::deadline::Deadline;
use crate::model::entity::Entity;

/// How a sender wants its link run.
pub(crate) struct Terms {
    pub(crate) entity: Entity,
    /// Whether a send whose outcome is unknown is repeated, where the service can tell a repetition.
    pub(crate) resend_unknown: bool,
    /// How many bytes may be on their way that no call waits for yet.
    pub(crate) max_bytes_in_flight: usize,
}

/// The engine of one sender.
pub(crate) struct Sender {
    namespace: Arc<Namespace>,
    terms: Terms,
    identifier: String,
    closing: Arc<Closing>,
    retries: Retries,
    window: Window,
    /// Held while attaching, so that all who send wait for the same link.
    link: Mutex<Option<Arc<SenderLink>>>,
}

/// An attached link.
struct SenderLink {
    session: Arc<Session>,
    link: LinkId,
    _claim: Arc<Claim>,
    limits: Limits,
}

impl Sender {
    pub(crate) fn new(namespace: Arc<Namespace>, identifier: String, terms: Terms) -> Arc<Self> {
        let closing = namespace.closing().below();
        let retries = Retries::new(namespace.retry_options().clone());
        Arc::new(Sender {
            namespace,
            window: Window::new(terms.max_bytes_in_flight),
            terms,
            identifier,
            closing,
            retries,
            link: Mutex::new(None),
        })
    }

    pub(crate) fn closing(&self) -> &Arc<Closing> {
        &self.closing
    }

    pub(crate) fn entity(&self) -> &Entity {
        &self.terms.entity
    }

    /// Attaches the link unless it stands, and says what the service takes on it.
    pub(crate) async fn open(&self, deadline: Deadline) -> Result<Limits> {
        let attempt = |deadline| async move { Ok(self.attached(deadline).await?.limits) };
        self.retries
            .run(&self.closing, Repeat::Harmless, deadline, attempt)
            .await
    }

    /// Sends an encoded message or batch, and waits for the service to accept it.
    pub(crate) async fn send(&self, payload: Payload, deadline: Deadline) -> Result<()> {
        let repeat = if self.terms.resend_unknown && payload.identified {
            Repeat::Harmless
        } else {
            Repeat::Doubles
        };
        let attempt = |deadline| self.send_once(payload.clone(), deadline);
        self.retries
            .run(&self.closing, repeat, deadline, attempt)
            .await
    }

    /// Room for a message of so many bytes, if it is free.
    pub(crate) fn try_reserve(&self, bytes: usize) -> Option<Reserved> {
        self.window.try_reserve(bytes)
    }

    /// Room for a message of so many bytes, as soon as it is free.
    pub(crate) async fn reserve(&self, bytes: usize, deadline: Deadline) -> Result<Reserved> {
        let undone = "too many bytes were on their way until the deadline; nothing was sent";
        let room = before(deadline, undone, self.window.reserve(bytes));
        self.closing.unless_closed(room).await
    }

    async fn send_once(&self, payload: Payload, deadline: Deadline) -> Result<()> {
        let link = self.attached(deadline).await?;
        let size = payload.bytes.len() as u64;
        let limit = if payload.is_batch() {
            link.limits.batch
        } else {
            link.limits.message
        };
        if size > limit {
            return Err(too_large(size, limit));
        }
        link.send(payload, &self.closing, deadline).await
    }

    async fn attached(&self, deadline: Deadline) -> Result<Arc<SenderLink>> {
        if self.closing.is_closed() {
            return Err(closed_error());
        }
        // Nearly always the link stands and nobody attaches: no timer is set then.
        if let Ok(slot) = self.link.try_lock() {
            if let Some(link) = slot.as_ref().filter(|link| link.stands()) {
                return Ok(link.clone());
            }
        }
        let work = before(
            deadline,
            "the link was not attached in time",
            self.attach_unless_attached(),
        );
        self.closing.unless_closed(work).await
    }

    async fn attach_unless_attached(&self) -> Result<Arc<SenderLink>> {
        let mut slot = self.link.lock().await;
        if let Some(link) = slot.as_ref().filter(|link| link.stands()) {
            return Ok(link.clone());
        }
        *slot = None;
        let access = self.namespace.access(self.entity()).await?;
        let name = format!("{}-{}", self.identifier, Uuid::new_v4());
        let attach = attach::sender(&self.identifier, &name, self.entity().path());
        let (link, answer) = access
            .session
            .connection()
            .attach(
                access.session.id(),
                attach,
                LinkEnd::Outbound(Outbound::default()),
            )
            .await
            .map_err(|cause| error_of(&cause))?;
        let link = Arc::new(SenderLink {
            session: access.session,
            link,
            _claim: access.claim,
            limits: attach::limits(&answer),
        });
        *slot = Some(link.clone());
        Ok(link)
    }

    /// Detaches and waits for the service's answer.
    pub(crate) async fn close(&self, deadline: Deadline) -> Result<()> {
        let answered = async {
            let link = self.link.lock().await.take();
            if let Some(link) = link {
                link.connection().detach(link.link).await;
            }
            Ok(())
        };
        before(deadline, "the service did not answer in time", answered).await
    }
}

impl SenderLink {
    fn connection(&self) -> &Connection {
        self.session.connection()
    }

    fn stands(&self) -> bool {
        self.connection().read(|state| state.is_attached(self.link))
    }

    async fn send(&self, payload: Payload, closing: &Closing, deadline: Deadline) -> Result<()> {
        let queued = self.connection().with(|state| {
            let (outbound, endpoint) = state.outbound(self.link)?;
            Some(outbound.send(self.link, payload, endpoint))
        });
        let Some((ticket, mut verdict)) = queued else {
            return Err(Error::new(ErrorKind::Connection, "the link is gone"));
        };
        let decided = async { Ok((&mut verdict).await) };
        let answer = before(deadline, "the service did not answer in time", decided);
        match closing.unless_closed(answer).await {
            Ok(Ok(verdict)) => outcome(verdict),
            Ok(Err(_dropped)) => {
                Err(Error::new(ErrorKind::Connection, "the link is gone").with_outcome_unknown())
            }
            Err(gave_up) if self.withdraw(ticket) => Err(match gave_up.kind() {
                ErrorKind::OperationTimeout => Error::new(
                    ErrorKind::OperationTimeout,
                    "the service granted no credit in time; nothing was sent",
                ),
                _ => gave_up,
            }),
            // It had left, or the verdict came at the same time.
            Err(gave_up) => match verdict.try_recv() {
                Ok(Verdict::Ended { sent: false, .. }) => Err(gave_up),
                Ok(Verdict::Ended { sent: true, .. }) | Err(_) => {
                    Err(gave_up.with_outcome_unknown())
                }
                Ok(decided) => outcome(decided),
            },
        }
    }

    /// Takes a message back; false where it is not waiting any more.
    fn withdraw(&self, ticket: Ticket) -> bool {
        self.connection().with(|state| {
            state
                .outbound(self.link)
                .is_some_and(|(outbound, _)| outbound.withdraw(ticket))
        })
    }
}

fn outcome(verdict: Verdict) -> Result<()> {
    match verdict {
        Verdict::Decided(state) => confirm_send(state.as_ref()),
        Verdict::Refused(SendError::TooLarge { size, limit }) => Err(too_large(size, limit)),
        Verdict::Refused(error) => {
            Err(Error::new(ErrorKind::Connection, error.to_string()).with_source(error))
        }
        Verdict::Ended { cause, sent: true } => Err(error_of(&cause).with_outcome_unknown()),
        Verdict::Ended { cause, sent: false } => Err(error_of(&cause)),
    }
}

fn too_large(size: u64, limit: u64) -> Error {
    Error::new(
        ErrorKind::MessageSizeExceeded,
        format!("{size} bytes exceed the {limit} bytes that the entity takes"),
    )
}
