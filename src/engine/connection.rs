//! One AMQP connection: the endpoint, the task that drives it, and who waits for what on it.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use fe2o3_amqp::types::performatives::Attach;
use log::{debug, trace};
use parking_lot::Mutex;
use servicebus_amqp::{
    Cause, Connection as Endpoint, ConnectionOptions, Driver, Event, LinkId, SessionId,
    SessionOptions,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::connection_events::ConnectionEvents;
use super::inbound::Inbound;
use super::outbound::Outbound;
use super::requests::Answers;
use super::transport::Stream;

/// A handle on a connection. The last one dropped cuts the transport; [`close`](Connection::close) ends it in order.
#[derive(Clone)]
pub(crate) struct Connection {
    shared: Arc<Shared>,
    _driver: Arc<AbortOnDrop>,
}

struct Shared {
    state: Mutex<State>,
}

/// What the I/O thread and the callers share of a connection.
pub(crate) struct State {
    pub(crate) endpoint: Endpoint,
    links: BTreeMap<LinkId, Slot>,
    beginning: BTreeMap<SessionId, oneshot::Sender<Result<(), Cause>>>,
    opening: Option<oneshot::Sender<Result<(), Cause>>>,
    closing: Vec<oneshot::Sender<()>>,
    ended: Option<Cause>,
    events: Arc<ConnectionEvents>,
    driver: Option<Waker>,
}

/// A link of this side and who waits for it.
struct Slot {
    attaching: Option<oneshot::Sender<Result<Box<Attach>, Cause>>>,
    detaching: Vec<oneshot::Sender<()>>,
    end: LinkEnd,
}

/// What a link does.
pub(crate) enum LinkEnd {
    Outbound(Outbound),
    Inbound(Inbound),
    Answers(Answers),
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Connection {
    /// Speaks AMQP on a connected stream until both opens are exchanged.
    pub(crate) async fn open(
        stream: Stream,
        options: ConnectionOptions,
        events: Arc<ConnectionEvents>,
    ) -> Result<Self, Cause> {
        let mut driver = Driver::new(stream);
        let (opening, opened) = oneshot::channel();
        let state = State {
            endpoint: Endpoint::client(options, driver.now()),
            links: BTreeMap::new(),
            beginning: BTreeMap::new(),
            opening: Some(opening),
            closing: Vec::new(),
            ended: None,
            events,
            driver: None,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
        });
        let driven = shared.clone();
        let task = tokio::spawn(async move {
            poll_fn(|cx| driven.state.lock().drive(cx, &mut driver)).await;
        });
        let connection = Connection {
            shared,
            _driver: Arc::new(AbortOnDrop(task)),
        };
        match opened.await {
            Ok(Ok(())) => Ok(connection),
            Ok(Err(cause)) => Err(cause),
            Err(_dropped) => Err(Cause::Local),
        }
    }

    /// Whether both are handles on one connection.
    pub(crate) fn is(&self, other: &Connection) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Changes the state and lets the driver write what came of it.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (result, waker) = {
            let mut state = self.shared.state.lock();
            let result = change(&mut state);
            (result, state.driver.take())
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        result
    }

    /// Looks at the state; the driver is left alone.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.shared.state.lock())
    }

    /// Why the connection is over, if it is.
    pub(crate) fn ended(&self) -> Option<Cause> {
        self.read(|state| state.ended.clone())
    }

    /// Begins a session.
    pub(crate) async fn begin(&self) -> Result<SessionId, Cause> {
        let (reply, begun) = oneshot::channel();
        let session = self.with(|state| {
            let session = state
                .endpoint
                .begin(&SessionOptions::default())
                .map_err(|_not_open| state.end_cause())?;
            state.beginning.insert(session, reply);
            Ok(session)
        })?;
        match begun.await {
            Ok(result) => result.map(|()| session),
            Err(_dropped) => Err(self.ended().unwrap_or(Cause::Local)),
        }
    }

    /// Ends a session with all its links, without waiting for the peer.
    pub(crate) fn end(&self, session: SessionId) {
        self.with(|state| state.endpoint.end(session, None));
    }

    /// Attaches a link and waits for the peer's answer. An attach that nobody waits for any more when the answer
    /// comes is detached again.
    pub(crate) async fn attach(
        &self,
        session: SessionId,
        attach: Attach,
        end: LinkEnd,
    ) -> Result<(LinkId, Box<Attach>), Cause> {
        let (reply, attached) = oneshot::channel();
        let link = self.with(|state| {
            let link = state
                .endpoint
                .attach(session, attach)
                .ok_or_else(|| state.end_cause())?;
            let slot = Slot {
                attaching: Some(reply),
                detaching: Vec::new(),
                end,
            };
            state.links.insert(link, slot);
            Ok(link)
        })?;
        match attached.await {
            Ok(result) => result.map(|attach| (link, attach)),
            Err(_dropped) => Err(self.ended().unwrap_or(Cause::Local)),
        }
    }

    /// Closes a link and waits until the peer has answered.
    pub(crate) async fn detach(&self, link: LinkId) {
        let (reply, detached) = oneshot::channel();
        self.with(|state| {
            if let Some(slot) = state.links.get_mut(&link) {
                slot.detaching.push(reply);
                state.endpoint.detach(link, true, None);
            }
        });
        // Either way the link is gone: the reply was sent, or dropped with the slot.
        detached.await.ok();
    }

    /// Closes a link without waiting for the peer.
    pub(crate) fn release(&self, link: LinkId) {
        self.with(|state| state.endpoint.detach(link, true, None));
    }

    /// Closes the connection and waits until the peer has answered.
    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        self.with(|state| {
            if state.ended.is_none() {
                for (link, slot) in &mut state.links {
                    if let LinkEnd::Inbound(inbound) = &mut slot.end {
                        inbound.shut(*link, &mut state.endpoint);
                    }
                }
                state.closing.push(reply);
                state.endpoint.close(Instant::now(), None);
            }
        });
        // Either way the connection is over: the reply was sent, or dropped because there was nothing to wait for.
        closed.await.ok();
    }
}

impl State {
    /// The sending end of a link, with the endpoint it sends through. `None` once the link is gone.
    pub(crate) fn outbound(&mut self, link: LinkId) -> Option<(&mut Outbound, &mut Endpoint)> {
        match &mut self.links.get_mut(&link)?.end {
            LinkEnd::Outbound(outbound) => Some((outbound, &mut self.endpoint)),
            LinkEnd::Inbound(_) | LinkEnd::Answers(_) => None,
        }
    }

    /// The receiving end of a link. `None` once the link is gone.
    pub(crate) fn inbound(&mut self, link: LinkId) -> Option<(&mut Inbound, &mut Endpoint)> {
        match &mut self.links.get_mut(&link)?.end {
            LinkEnd::Inbound(inbound) => Some((inbound, &mut self.endpoint)),
            LinkEnd::Outbound(_) | LinkEnd::Answers(_) => None,
        }
    }

    /// The answers that arrive on a link. `None` once the link is gone.
    pub(crate) fn answers(&mut self, link: LinkId) -> Option<&mut Answers> {
        match &mut self.links.get_mut(&link)?.end {
            LinkEnd::Answers(answers) => Some(answers),
            LinkEnd::Outbound(_) | LinkEnd::Inbound(_) => None,
        }
    }

    /// What a link does. `None` once the link is gone.
    pub(crate) fn link_end(&self, link: LinkId) -> Option<&LinkEnd> {
        self.links.get(&link).map(|slot| &slot.end)
    }

    pub(crate) fn is_attached(&self, link: LinkId) -> bool {
        self.links.contains_key(&link)
    }

    fn end_cause(&self) -> Cause {
        self.ended.clone().unwrap_or(Cause::Local)
    }

    fn drive(&mut self, cx: &mut Context<'_>, driver: &mut Driver<Stream>) -> Poll<()> {
        loop {
            if driver.poll(cx, &mut self.endpoint).is_pending() {
                self.driver = Some(cx.waker().clone());
                return Poll::Pending;
            }
            while let Some(event) = self.endpoint.poll_event() {
                trace!(target: "servicebus::connection", "{event:?}");
                self.handle(event);
            }
            if self.endpoint.is_finished() {
                return Poll::Ready(());
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Opened(_) => {
                if let Some(opening) = self.opening.take() {
                    // Whoever opened may have given up; the handle it dropped ends the task.
                    opening.send(Ok(())).ok();
                }
            }
            Event::SessionBegun { session } => {
                let abandoned = self
                    .beginning
                    .remove(&session)
                    .is_some_and(|reply| reply.send(Ok(())).is_err());
                if abandoned {
                    self.endpoint.end(session, None);
                }
            }
            Event::SessionEnded { session, cause } => {
                if let Some(reply) = self.beginning.remove(&session) {
                    reply.send(Err(cause)).ok();
                }
            }
            Event::Attached { link, attach } => self.attached(link, attach),
            Event::AttachRequested { link, .. } => {
                let error = fe2o3_amqp::types::definitions::AmqpError::NotAllowed;
                self.endpoint.refuse(link, error.into());
            }
            Event::Flow { link, .. } => {
                if let Some((outbound, endpoint)) = self.outbound(link) {
                    outbound.pump(link, endpoint);
                }
            }
            Event::Drained { link } => {
                if let Some((inbound, endpoint)) = self.inbound(link) {
                    inbound.drained(link, endpoint);
                }
            }
            Event::Delivery { link, delivery } => {
                let Some(slot) = self.links.get_mut(&link) else {
                    return;
                };
                match &mut slot.end {
                    LinkEnd::Inbound(inbound) => {
                        inbound.arrived(link, delivery, &mut self.endpoint)
                    }
                    LinkEnd::Answers(answers) => {
                        answers.arrived(link, delivery, &mut self.endpoint)
                    }
                    LinkEnd::Outbound(_) => {}
                }
            }
            Event::Disposition {
                link,
                id,
                state,
                settled,
            } => {
                let Some(slot) = self.links.get_mut(&link) else {
                    return;
                };
                match &mut slot.end {
                    LinkEnd::Outbound(outbound) => {
                        outbound.decided(link, id, state, settled, &mut self.endpoint);
                    }
                    LinkEnd::Inbound(inbound) => inbound.answered(id, state, settled),
                    LinkEnd::Answers(_) => {}
                }
            }
            Event::Detached { link, cause, .. } => self.detached(link, &cause),
            Event::Closed { cause } => self.closed(cause),
            // Only a server is asked.
            Event::SaslInit { .. } => {}
        }
    }

    fn attached(&mut self, link: LinkId, attach: Box<Attach>) {
        let Some(slot) = self.links.get_mut(&link) else {
            return;
        };
        let abandoned = slot
            .attaching
            .take()
            .is_some_and(|reply| reply.send(Ok(attach)).is_err());
        if abandoned {
            self.endpoint.detach(link, true, None);
        }
    }

    fn detached(&mut self, link: LinkId, cause: &Cause) {
        let Some(slot) = self.links.remove(&link) else {
            return;
        };
        if let Some(attaching) = slot.attaching {
            attaching.send(Err(cause.clone())).ok();
        }
        match slot.end {
            LinkEnd::Outbound(outbound) => outbound.ended(cause),
            LinkEnd::Inbound(inbound) => inbound.ended(cause),
            // Those who wait for answers learn it from their dropped channels.
            LinkEnd::Answers(_) => {}
        }
        for reply in slot.detaching {
            reply.send(()).ok();
        }
    }

    fn closed(&mut self, cause: Cause) {
        debug!(target: "servicebus::connection", "connection over: {cause:?}");
        if let Some(opening) = self.opening.take() {
            opening.send(Err(cause.clone())).ok();
        }
        self.events.ended(&cause);
        self.ended = Some(cause);
        for reply in self.closing.drain(..) {
            reply.send(()).ok();
        }
    }
}
