//! Work on the I/O thread within the deadline of the call that wants it.

use std::future::Future;

use crate::error::{Error, ErrorKind, Result};
use crate::model::deadline::Deadline;

/// The work, or a time-out that names what was not done in time. The work is dropped then.
pub(crate) async fn before<T>(
    deadline: Deadline,
    undone: &'static str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let Some(at) = deadline.instant() else {
        return work.await;
    };
    match tokio::time::timeout_at(at.into(), work).await {
        Ok(result) => result,
        Err(_elapsed) => Err(Error::new(ErrorKind::OperationTimeout, undone)),
    }
}
