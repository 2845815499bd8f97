//! Receiving messages that were set aside.

use super::receiver::Receiver;
use super::retry::Repeat;
use crate::error::Result;
use crate::mapping::management::deferred;
use crate::model::deadline::Deadline;
use crate::model::options::ReceiveMode;
use crate::model::received::ReceivedMessage;

impl Receiver {
    pub(crate) async fn receive_deferred(
        &self,
        numbers: Vec<i64>,
        deadline: Deadline,
    ) -> Result<Vec<ReceivedMessage>> {
        let (numbers, mode) = (&*numbers, self.mode());
        let attempt = |deadline| async move {
            let link = self.attached(deadline).await?;
            let session = link.session().map(|session| session.id());
            let call = link
                .management()
                .call(deferred::OPERATION, deadline, |writer| {
                    deferred::write(writer, numbers, mode, session.map(|id| &**id));
                });
            let answer = self.closing().unless_closed_underway(call).await?;
            deferred::read(&answer, mode, self.entity(), session)
        };
        let repeat = match mode {
            // At worst the messages are locked by an attempt before.
            ReceiveMode::PeekLock => Repeat::Harmless,
            // They may be gone, and those who took them not have them.
            ReceiveMode::ReceiveAndDelete => Repeat::Doubles,
        };
        let messages = self
            .retries()
            .run(self.closing(), repeat, deadline, attempt)
            .await?;
        self.keep_arrived(&messages);
        Ok(messages)
    }
}
