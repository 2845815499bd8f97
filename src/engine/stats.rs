//! Snapshots: what is under way on the link as it stands, and what was counted until now.

use super::connection::LinkEnd;
use super::namespace::Namespace;
use super::receiver::Receiver;
use super::sender::Sender;
use crate::model::stats::{ClientStats, ReceiverStats, SenderStats};

impl Namespace {
    pub(crate) fn stats(&self) -> ClientStats {
        let tally = self.tally();
        ClientStats {
            settled: tally.settled_messages(),
            expired_unseen: tally.expired_messages(),
            renewals: tally.renewals(),
            retries: tally.retries(),
            reconnects: tally.reconnects(),
        }
    }
}

impl Sender {
    pub(crate) fn stats(&self) -> SenderStats {
        let tally = self.tally();
        let mut stats = SenderStats {
            retries: tally.retries(),
            reconnects: tally.reconnects(),
            ..SenderStats::default()
        };
        if let Some(link) = self.standing_link() {
            link.connection().read(|state| {
                if let Some(LinkEnd::Outbound(outbound)) = state.link_end(link.link) {
                    stats.credit = state.endpoint.credit(link.link);
                    stats.waiting = outbound.waiting();
                    stats.in_flight = outbound.unanswered();
                }
            });
        }
        stats
    }
}

impl Receiver {
    pub(crate) fn stats(&self) -> ReceiverStats {
        let tally = self.tally();
        let mut stats = ReceiverStats {
            inbox_messages: self.at_hand().messages(),
            inbox_bytes: self.at_hand().bytes(),
            settled: tally.settled_messages(),
            expired_unseen: tally.expired_messages(),
            renewals: tally.renewals(),
            retries: tally.retries(),
            reconnects: tally.reconnects(),
            ..ReceiverStats::default()
        };
        if let Some(link) = self.last_link() {
            link.connection().read(|state| {
                if let Some(LinkEnd::Inbound(inbound)) = state.link_end(link.link) {
                    stats.credit = state.endpoint.credit(link.link);
                    stats.in_flight = inbound.unanswered();
                }
            });
        }
        stats
    }
}
