//! Looking at messages without locking them.

use super::receiver::Receiver;
use crate::error::Result;
use crate::mapping::management::peek;
use crate::model::deadline::Deadline;
use crate::model::received::ReceivedMessage;

impl Receiver {
    pub(crate) async fn peek(
        &self,
        from_sequence_number: i64,
        count: i32,
        deadline: Deadline,
    ) -> Result<Vec<ReceivedMessage>> {
        let attempt = |deadline| async move {
            let link = self.attached(deadline).await?;
            let session = link.session().map(|session| &**session.id());
            let call = link.management().call(peek::OPERATION, deadline, |writer| {
                peek::write(writer, from_sequence_number, count, session);
            });
            let answer = self.closing().unless_closed(call).await?;
            peek::read(&answer)
        };
        self.retry(deadline, attempt).await
    }
}
