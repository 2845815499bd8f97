//! The links on which requests are answered, and which of them an answer belongs on.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use servicebus_amqp::{Connection, LinkId, OutgoingDelivery, SendError};

use super::peer::RequestNode;

/// With so many answers waiting for the credit of a link, no more are made for it.
const MAX_WAITING: usize = 1_000;

/// With so many bytes of answers and messages waiting for a client's credit or the windows of its
/// sessions, no more answers are made for it. Messages alone stay below.
pub(super) const MAX_WAITING_BYTES: usize = 32 * 1024 * 1024;

/// A link on which a client receives answers.
#[derive(Debug)]
pub(super) struct ReplyLink {
    pub(super) node: RequestNode,
    name: String,
    /// The client's end of the link.
    address: Option<String>,
    /// Each with the instant of transport time before which it is not to be sent.
    waiting: VecDeque<(Duration, Bytes)>,
    sent: u64,
}

impl ReplyLink {
    pub(super) fn new(node: RequestNode, name: String, address: Option<String>) -> Self {
        Self {
            node,
            name,
            address,
            waiting: VecDeque::new(),
            sent: 0,
        }
    }

    /// How well the link fits a request that came in the same session or not; lower is better.
    ///
    /// SDKs name the link's target, or the link itself, or nothing, or something that is not unique.
    fn rank(&self, reply_to: Option<&str>, same_session: bool) -> u8 {
        let named = |name: Option<&str>| reply_to.is_some() && name == reply_to;
        let match_rank = if named(self.address.as_deref()) {
            0
        } else if named(Some(&self.name)) {
            2
        } else {
            4
        };
        match_rank + u8::from(!same_session)
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_WAITING
    }

    /// The bytes of the answers that wait.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting.iter().map(|(_, answer)| answer.len()).sum()
    }

    /// Takes an answer that is to be sent at an instant of transport time.
    pub(super) fn push(&mut self, answer: Bytes, at: Duration) {
        self.waiting.push_back((at, answer));
    }

    /// Sends what is due and the link has credit for.
    pub(super) fn flush(&mut self, link: LinkId, connection: &mut Connection, now: Duration) {
        let due = |(at, _): &(Duration, Bytes)| *at <= now;
        while let Some(place) = self.waiting.iter().position(due) {
            let Some((at, payload)) = self.waiting.remove(place) else {
                return;
            };
            let answer = OutgoingDelivery {
                tag: Bytes::copy_from_slice(&self.sent.to_be_bytes()),
                payload: payload.clone(),
                message_format: 0,
                settled: true,
                state: None,
            };
            match connection.send(link, answer) {
                Ok(_) => self.sent += 1,
                Err(SendError::NoCredit) => {
                    self.waiting.insert(place, (at, payload));
                    return;
                }
                Err(refused @ (SendError::TooLarge { .. } | SendError::Detached)) => {
                    log::warn!("an answer was dropped: {refused}");
                }
            }
        }
    }
}

/// The link for the answer to a request that came for `node` in the session of `request_link`.
pub(super) fn route<'a>(
    links: impl Iterator<Item = (LinkId, &'a ReplyLink)>,
    request_link: LinkId,
    node: RequestNode,
    reply_to: Option<&str>,
) -> Option<LinkId> {
    links
        .filter(|(_, link)| link.node == node)
        .min_by_key(|(id, link)| {
            let same_session = id.session() == request_link.session();
            (link.rank(reply_to, same_session), *id)
        })
        .map(|(id, _)| id)
}
