//! Messages that appear at a time to come: scheduling them, and taking that back.

use servicebus_amqp::writer::Writer;

use super::retry::Repeat;
use super::sender::Sender;
use crate::error::Result;
use crate::mapping::management::schedule::{self, Scheduled};
use crate::mapping::management::Answer;
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
            let answer = self.ask(schedule::SCHEDULE, deadline, |writer| {
                schedule::write(writer, messages)
            });
            schedule::read(&answer.await?, messages.len())
        };
        // A second request would schedule the messages once more.
        self.retries()
            .run(self.closing(), Repeat::Doubles, deadline, attempt)
            .await
    }

    pub(crate) async fn cancel_scheduled(
        &self,
        numbers: Vec<i64>,
        deadline: Deadline,
    ) -> Result<()> {
        let numbers = &*numbers;
        let attempt = |deadline| async move {
            let answer = self.ask(schedule::CANCEL, deadline, |writer| {
                schedule::write_cancel(writer, numbers)
            });
            schedule::read_cancel(&answer.await?)
        };
        self.retries()
            .run(self.closing(), Repeat::Harmless, deadline, attempt)
            .await
    }

    /// Asks the entity's management node.
    async fn ask(
        &self,
        operation: &str,
        deadline: Deadline,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<Answer> {
        let link = self.attached(deadline).await?;
        let call = link.management().call(operation, deadline, body);
        self.closing().unless_closed_underway(call).await
    }
}
