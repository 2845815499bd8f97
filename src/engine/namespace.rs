//! The client's one connection: made when first needed, made anew after it was lost, with its tokens.

use std::sync::Arc;
use std::time::Duration;

use log::debug;
use servicebus_amqp::ConnectionOptions;
use tokio::sync::Mutex;

use super::cbs::Cbs;
use super::claim::Claim;
use super::closing::{closed_error, Closing};
use super::connection::Connection;
use super::connection_events::ConnectionEvents;
use super::failure::error_of;
use super::frame_trace::FrameTrace;
use super::limit::before;
use super::session::Session;
use super::tally::Tally;
use super::tokens::Tokens;
use super::transaction::Coordinator;
use super::transport::{self, Address, Stream};
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::open;
use crate::model::credential::Credential;
use crate::model::deadline::Deadline;
use crate::model::entity::Entity;
use crate::model::retry::RetryOptions;

/// The largest frame this client takes.
const MAX_FRAME_SIZE: u32 = 1024 * 1024;
/// The service is asked to send something at least this often, and counts as gone after twice that.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// A namespace of the service as one client sees it.
pub(crate) struct Namespace {
    settings: Settings,
    tokens: Arc<Tokens>,
    closing: Arc<Closing>,
    tally: Arc<Tally>,
    events: Arc<ConnectionEvents>,
    /// Held while connecting, so that all who need a connection wait for the same one.
    live: Mutex<Option<Live>>,
}

/// Which namespace it is, and how the client was set up to speak with it.
pub(crate) struct Settings {
    /// The namespace's own name, wherever its connection goes.
    pub(crate) host: String,
    pub(crate) address: Address,
    /// The client's own name.
    pub(crate) identifier: String,
    /// What the application calls itself; may be empty.
    pub(crate) user_agent: String,
    pub(crate) retry_options: RetryOptions,
    /// Whether a transaction may work on several entities: then all links are in one session, after the coordinator's
    /// (Service Bus docs, "Transactions: cross-entity").
    pub(crate) cross_entity: bool,
    pub(crate) trace_frames: bool,
}

#[derive(Clone)]
struct Live {
    connection: Connection,
    cbs: Arc<Cbs>,
    /// Held while it is attached, so that all who need it wait for the same one.
    coordinator: Arc<Mutex<Option<Arc<Coordinator>>>>,
}

/// A session for the links of one entity, and the right to attach them.
pub(crate) struct Access {
    pub(crate) session: Arc<Session>,
    pub(crate) claim: Arc<Claim>,
    /// The claim rests on an earlier token, which may have been dropped by the service meanwhile.
    earlier: bool,
}

impl Access {
    /// A link was refused with this error: where the token may be the reason, the next attempt puts another.
    pub(crate) fn refused(&self, error: Error) -> Error {
        if self.earlier && error.kind() == ErrorKind::Authorization {
            self.claim.doubt();
            return error.with_retryable(true);
        }
        error
    }
}

impl Namespace {
    pub(crate) fn new(
        settings: Settings,
        credential: Credential,
        events: ConnectionEvents,
    ) -> Arc<Self> {
        Arc::new(Namespace {
            settings,
            tokens: Tokens::new(credential),
            closing: Closing::new(),
            tally: Arc::default(),
            events: Arc::new(events),
            live: Mutex::new(None),
        })
    }

    pub(crate) fn closing(&self) -> &Arc<Closing> {
        &self.closing
    }

    pub(super) fn tally(&self) -> &Arc<Tally> {
        &self.tally
    }

    pub(crate) fn retry_options(&self) -> &RetryOptions {
        &self.settings.retry_options
    }

    /// The client's own name, by which the connection goes.
    pub(crate) fn identifier(&self) -> &str {
        &self.settings.identifier
    }

    /// Gains the right to an entity and a session for its links, connecting first if need be.
    pub(crate) async fn access(&self, entity: &Entity) -> Result<Access> {
        let live = self.connect().await?;
        let audience = entity.audience(&self.settings.host);
        let (claim, put) = live.cbs.authorize(audience).await?;
        let session = if self.settings.cross_entity {
            self.coordinator_of(&live).await?.session().clone()
        } else {
            Session::begin(live.connection).await.map(Arc::new)?
        };
        Ok(Access {
            session,
            claim,
            earlier: !put,
        })
    }

    /// The link to the transaction coordinator, attached if need be.
    pub(crate) async fn coordinator(&self) -> Result<Arc<Coordinator>> {
        let live = self.connect().await?;
        self.coordinator_of(&live).await
    }

    async fn coordinator_of(&self, live: &Live) -> Result<Arc<Coordinator>> {
        let mut slot = live.coordinator.lock().await;
        if let Some(coordinator) = slot.as_ref().filter(|coordinator| coordinator.stands()) {
            return Ok(coordinator.clone());
        }
        let connection = live.connection.clone();
        let session = if self.settings.cross_entity {
            // Where the coordinator is not the first link of a session, the service ties its transactions to one
            // entity. So what is left of the session goes, and all its links are attached after the new coordinator.
            if let Some(lost) = slot.take() {
                lost.session().end();
            }
            Session::begin_shared(connection).await?
        } else {
            Session::begin(connection).await?
        };
        let coordinator = Coordinator::attach(Arc::new(session), &self.settings.identifier).await?;
        Ok(slot.insert(Arc::new(coordinator)).clone())
    }

    async fn connect(&self) -> Result<Live> {
        if self.closing.is_closed() {
            return Err(closed_error());
        }
        let mut live = self.live.lock().await;
        if let Some(live) = &*live {
            if live.connection.ended().is_none() {
                return Ok(live.clone());
            }
        }
        *live = None;
        let attempt = self.events.connecting();
        match self.make().await {
            Ok(connected) => {
                self.tally.attached();
                attempt.connected();
                *live = Some(connected.clone());
                Ok(connected)
            }
            Err(error) => {
                attempt.failed(&error);
                Err(error)
            }
        }
    }

    /// A connection that tokens can be put on.
    async fn make(&self) -> Result<Live> {
        let transport = transport::connect(&self.settings.address).await?;
        let stream = self.traced(transport.stream);
        let options = ConnectionOptions {
            container_id: self.settings.identifier.clone(),
            hostname: Some(self.settings.host.clone()),
            max_frame_size: MAX_FRAME_SIZE,
            idle_timeout: Some(IDLE_TIMEOUT),
            properties: Some(open::properties(&self.settings.user_agent)),
            ..ConnectionOptions::default()
        };
        let connection = Connection::open(stream, options, self.events.clone())
            .await
            .map_err(|cause| match transport.refusal.get() {
                Some(refusal) => refusal.clone(),
                None => error_of(&cause),
            })?;
        let cbs = Cbs::attach(connection.clone(), self.tokens.clone()).await?;
        debug!(target: "servicebus::connection", "{} is open", self.settings.identifier);
        // Until it is told as connected, nobody would hear that it is lost.
        match connection.ended() {
            Some(cause) => Err(error_of(&cause)),
            None => Ok(Live {
                connection,
                cbs: Arc::new(cbs),
                coordinator: Arc::default(),
            }),
        }
    }

    /// The stream, on which frames are logged if they are to be.
    fn traced(&self, stream: Stream) -> Stream {
        if !self.settings.trace_frames {
            return stream;
        }
        let client = self.settings.identifier.clone();
        Box::new(FrameTrace::new(stream, client, MAX_FRAME_SIZE))
    }

    /// Closes the connection, if there is one, and waits for the service's answer.
    pub(crate) async fn close(&self, deadline: Deadline) -> Result<()> {
        let answered = async {
            let live = self.live.lock().await.take();
            if let Some(live) = live {
                live.connection.close().await;
            }
            Ok(())
        };
        let closed = before(deadline, "the service did not answer in time", answered).await;
        self.events.closed();
        closed
    }
}
