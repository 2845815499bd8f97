//! A sender: its link, attached when needed, and one message or batch at a time through it.

use std::sync::Arc;

use parking_lot::Mutex;
use servicebus_amqp::LinkId;
use tokio::sync::Mutex as Turn;
use uuid::Uuid;

use super::claim::Claim;
use super::closing::{closed_error, Closing};
use super::connection::{Connection, LinkEnd};
use super::failure::error_of;
use super::limit::before;
use super::management::Management;
use super::namespace::Namespace;
use super::outbound::Outbound;
use super::retry::{Repeat, Retries};
use super::session::Session;
use super::tally::Tally;
use super::transaction::Transaction;
use super::transfer::transfer;
use super::window::{Reserved, Window};
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::attach::{self, Limits};
use crate::mapping::batch::Payload;
use crate::mapping::delivery_state::confirm_send;
use crate::mapping::transaction::provisional;
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
    tally: Arc<Tally>,
    retries: Retries,
    window: Window,
    link: Mutex<Option<Arc<SenderLink>>>,
    /// Held while attaching, so that all who send wait for the same link.
    attaching: Turn<()>,
}

/// An attached link.
pub(super) struct SenderLink {
    session: Arc<Session>,
    pub(super) link: LinkId,
    management: Management,
    _claim: Arc<Claim>,
    limits: Limits,
}

impl Sender {
    pub(crate) fn new(namespace: Arc<Namespace>, identifier: String, terms: Terms) -> Arc<Self> {
        let closing = namespace.closing().below();
        let tally = Tally::below(namespace.tally());
        let retries = Retries::new(namespace.retry_options().clone(), tally.clone());
        Arc::new(Sender {
            namespace,
            window: Window::new(terms.max_bytes_in_flight),
            terms,
            identifier,
            closing,
            tally,
            retries,
            link: Mutex::new(None),
            attaching: Turn::new(()),
        })
    }

    pub(crate) fn closing(&self) -> &Arc<Closing> {
        &self.closing
    }

    pub(crate) fn entity(&self) -> &Entity {
        &self.terms.entity
    }

    pub(super) fn tally(&self) -> &Arc<Tally> {
        &self.tally
    }

    pub(super) fn retries(&self) -> &Retries {
        &self.retries
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
        self.send_on(&link, payload, deadline).await
    }

    /// Sends as part of a transaction, once: a repetition could be in it twice.
    pub(super) async fn send_within(
        &self,
        transaction: &Transaction,
        payload: Payload,
        deadline: Deadline,
    ) -> Result<()> {
        let link = self.attached(deadline).await?;
        transaction.check_reaches(link.connection())?;
        let payload = payload.within(transaction.id().clone());
        self.send_on(&link, payload, deadline).await
    }

    async fn send_on(&self, link: &SenderLink, payload: Payload, deadline: Deadline) -> Result<()> {
        let size = payload.bytes.len() as u64;
        let limit = if payload.is_batch() {
            link.limits.batch
        } else {
            link.limits.message
        };
        if size > limit {
            return Err(too_large(size, limit));
        }
        let connection = link.connection();
        let decided = transfer(connection, link.link, payload, &self.closing, deadline).await?;
        confirm_send(provisional(decided).as_ref())
    }

    pub(super) async fn attached(&self, deadline: Deadline) -> Result<Arc<SenderLink>> {
        if self.closing.is_closed() {
            return Err(closed_error());
        }
        // Nearly always the link stands: no timer is set then.
        if let Some(link) = self.standing_link() {
            return Ok(link);
        }
        let work = before(
            deadline,
            "the link was not attached in time",
            self.attach_unless_attached(),
        );
        self.closing.unless_closed(work).await
    }

    /// The link, unless there is none or it is gone.
    pub(super) fn standing_link(&self) -> Option<Arc<SenderLink>> {
        let link = self.link.lock().clone();
        link.filter(|link| link.stands())
    }

    async fn attach_unless_attached(&self) -> Result<Arc<SenderLink>> {
        let _turn = self.attaching.lock().await;
        if let Some(link) = self.standing_link() {
            return Ok(link);
        }
        *self.link.lock() = None;
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
            .map_err(|cause| access.refused(error_of(&cause)))?;
        let management = Management::new(
            access.session.clone(),
            access.claim.clone(),
            self.entity().management_address(),
            Some(name),
        );
        let link = Arc::new(SenderLink {
            session: access.session,
            link,
            management,
            _claim: access.claim,
            limits: attach::limits(&answer),
        });
        *self.link.lock() = Some(link.clone());
        self.tally.attached();
        Ok(link)
    }

    /// Detaches and waits for the service's answer.
    pub(crate) async fn close(&self, deadline: Deadline) -> Result<()> {
        let answered = async {
            // After whoever attaches: a link that came meanwhile is detached too.
            let _turn = self.attaching.lock().await;
            let link = self.link.lock().take();
            if let Some(link) = link {
                link.connection().detach(link.link).await;
            }
            Ok(())
        };
        before(deadline, "the service did not answer in time", answered).await
    }
}

impl SenderLink {
    pub(super) fn connection(&self) -> &Connection {
        self.session.connection()
    }

    pub(super) fn management(&self) -> &Management {
        &self.management
    }

    fn stands(&self) -> bool {
        self.connection().read(|state| state.is_attached(self.link))
    }
}

pub(super) fn too_large(size: u64, limit: u64) -> Error {
    Error::new(
        ErrorKind::MessageSizeExceeded,
        format!("{size} bytes exceed the {limit} bytes that the entity takes"),
    )
}
