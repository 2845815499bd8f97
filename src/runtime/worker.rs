use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{bounded, Receiver, RecvTimeoutError};
use log::warn;

use super::guard;
use crate::error::{Error, ErrorKind, Result};

/// A thread with one job, which ends by itself once it is told to by means of its own.
pub(crate) struct Worker {
    /// Disconnects when the job has ended.
    done: Receiver<()>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    /// `Internal` where the system has no thread to give.
    pub(crate) fn start(name: &str, job: impl FnOnce() + Send + 'static) -> Result<Self> {
        let (done_tx, done) = bounded::<()>(0);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let _done = done_tx;
                job();
            })
            .map_err(|error| {
                Error::new(ErrorKind::Internal, "cannot start a thread").with_source(error)
            })?;
        Ok(Worker { done, thread })
    }

    /// Waits until the job has ended; not on a thread that it may wait for, its own or one that answers calls, nor while
    /// panicking.
    ///
    /// # Errors
    /// `OperationTimeout` where it has not ended in time; the thread is left behind then.
    pub(crate) fn join(self, within: Duration) -> Result<()> {
        let own = self.thread.thread().id() == std::thread::current().id();
        if own || guard::on_answering_thread() || std::thread::panicking() {
            return Ok(());
        }
        match self.done.recv_timeout(within) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                if self.thread.join().is_err() {
                    warn!(target: "servicebus::client", "a thread of the client panicked");
                }
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) => Err(Error::new(
                ErrorKind::OperationTimeout,
                "the thread did not end in time",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_goes_on_is_left_behind() {
        let (end, ended) = bounded::<()>(0);
        let worker = Worker::start("servicebus-test", move || {
            ended.recv().ok();
        })
        .expect("it starts");
        let error = worker
            .join(Duration::from_millis(20))
            .expect_err("it still waits");
        assert_eq!(error.kind(), ErrorKind::OperationTimeout);
        drop(end);
    }

    #[test]
    fn the_job_does_not_wait_for_itself() {
        let (give, given) = bounded::<Worker>(1);
        let (tell, told) = bounded(1);
        let worker = Worker::start("servicebus-test", move || {
            let own = given.recv().expect("it is given");
            tell.send(own.join(Duration::from_secs(60)).is_ok()).ok();
        })
        .expect("it starts");
        give.send(worker).expect("it takes itself");
        assert_eq!(told.recv_timeout(Duration::from_secs(20)), Ok(true));
    }
}
