//! Messages that appear at a time to come: scheduling them, and taking that back.

use super::retry::Repeat;
use super::sender::{Sender, SenderLink};
use super::transaction::Transaction;
use crate::error::Result;
use crate::mapping::management::schedule::{self, Scheduled};
use crate::mapping::transaction::TransactionId;
use crate::model::deadline::Deadline;

impl Sender {
    /// Returns the messages' numbers, in their order.
    pub(crate) async fn schedule(
        &self,
        messages: Vec<Scheduled>,
        deadline: Deadline,
    ) -> Result<Vec<i64>> {
        let messages = &*messages;
        let attempt = |deadline| async move {
            let link = self.attached(deadline).await?;
            self.schedule_on(&link, None, messages, deadline).await
        };
        // A second request would schedule the messages once more.
        self.retries()
            .run(self.closing(), Repeat::Doubles, deadline, attempt)
            .await
    }

    /// Schedules as part of a transaction, once: a repetition could be in it twice.
    pub(super) async fn schedule_within(
        &self,
        transaction: &Transaction,
        messages: &[Scheduled],
        deadline: Deadline,
    ) -> Result<Vec<i64>> {
        let link = self.attached(deadline).await?;
        transaction.check_reaches(link.connection())?;
        let within = Some(transaction.id());
        self.schedule_on(&link, within, messages, deadline).await
    }

    async fn schedule_on(
        &self,
        link: &SenderLink,
        transaction: Option<&TransactionId>,
        messages: &[Scheduled],
        deadline: Deadline,
    ) -> Result<Vec<i64>> {
        let operation = schedule::SCHEDULE;
        let call = link
            .management()
            .call_within(transaction, operation, deadline, |writer| {
                schedule::write(writer, messages);
            });
        let answer = self.closing().unless_closed_underway(call).await?;
        schedule::read(&answer, messages.len())
    }

    pub(crate) async fn cancel_scheduled(
        &self,
        numbers: Vec<i64>,
        deadline: Deadline,
    ) -> Result<()> {
        let numbers = &*numbers;
        let attempt = |deadline| async move {
            let link = self.attached(deadline).await?;
            let call = link
                .management()
                .call(schedule::CANCEL, deadline, |writer| {
                    schedule::write_cancel(writer, numbers);
                });
            let answer = self.closing().unless_closed_underway(call).await?;
            schedule::read_cancel(&answer)
        };
        self.retries()
            .run(self.closing(), Repeat::Harmless, deadline, attempt)
            .await
    }
}
