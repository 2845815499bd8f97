use std::future::Future;
use std::time::Duration;

use crossbeam_channel::{bounded, Receiver, RecvError, RecvTimeoutError};
use tokio::task::AbortHandle;

use super::guard;
use super::Runtime;
use crate::error::{Error, ErrorKind, Result};
use crate::model::deadline::Deadline;

/// How much longer than the deadline the caller waits. The called future knows the deadline and
/// normally answers first, with a better error; this is for one that does not.
const GRACE: Duration = Duration::from_millis(200);

/// How long an aborted task may take to let go. Only a stalled I/O thread needs longer.
const ABORT_GRACE: Duration = Duration::from_millis(100);

/// A future under way on the I/O thread, whose answer nobody waits for yet.
pub(crate) struct Started<T> {
    answer: Receiver<Result<T>>,
    task: AbortHandle,
}

impl<T> Started<T> {
    /// Whether the answer is there.
    pub(crate) fn is_answered(&self) -> bool {
        !self.answer.is_empty() || self.task.is_finished()
    }
}

impl Runtime {
    /// Runs the future that `f` makes on the I/O thread and waits for its answer.
    ///
    /// Taking a closure, not a future, lets timers and sockets be created where a runtime is
    /// entered. Once the deadline and a short grace have passed the task is aborted: its future is
    /// dropped, and the call reports a timeout whose outcome is unknown. An answer that was given
    /// before the abort took effect is returned, never lost.
    pub(crate) fn call<F, Fut, T>(&self, deadline: Deadline, f: F) -> Result<T>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        guard::check_may_wait(self.home)?;
        let started = self.begin(f);
        self.answer(&started, deadline)
    }

    /// Starts what [`call`](Runtime::call) runs, without waiting for its answer.
    pub(crate) fn begin<F, Fut, T>(&self, f: F) -> Started<T>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = bounded(1);
        let task = self.handle.spawn(async move {
            let result = f().await;
            // The caller has given up if nobody listens.
            reply.send(result).ok();
        });
        Started {
            answer,
            task: task.abort_handle(),
        }
    }

    /// Waits for the answer, as [`call`](Runtime::call) does. The thread must be one that
    /// [may wait](Runtime::check_may_wait).
    pub(crate) fn answer<T>(&self, started: &Started<T>, deadline: Deadline) -> Result<T> {
        let Started { answer, task } = started;
        if let Some(result) = self.watch.for_answer(answer) {
            return result;
        }
        match wait(answer, deadline.plus(GRACE)) {
            Ok(result) => result,
            Err(RecvTimeoutError::Disconnected) => Err(task_died()),
            Err(RecvTimeoutError::Timeout) => {
                task.abort();
                match wait(answer, deadline.plus(GRACE + ABORT_GRACE)) {
                    Ok(result) => result,
                    Err(_aborted_or_stalled) => Err(timed_out()),
                }
            }
        }
    }
}

fn wait<T>(answer: &Receiver<T>, deadline: Deadline) -> Result<T, RecvTimeoutError> {
    match deadline.instant() {
        Some(at) => answer.recv_deadline(at),
        None => answer
            .recv()
            .map_err(|RecvError| RecvTimeoutError::Disconnected),
    }
}

fn task_died() -> Error {
    Error::new(
        ErrorKind::Internal,
        "the task that served the call panicked",
    )
    .with_outcome_unknown()
}

fn timed_out() -> Error {
    Error::new(ErrorKind::OperationTimeout, "no answer before the deadline").with_outcome_unknown()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn runtime() -> std::sync::Arc<Runtime> {
        Runtime::start("servicebus-test", LONG).expect("the thread starts")
    }

    /// Sends when dropped.
    struct Tell(crossbeam_channel::Sender<()>);

    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.send(()).ok();
        }
    }

    #[test]
    fn the_answer_comes_back() {
        let answer = runtime().call(Deadline::FOREVER, || async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(7)
        });
        assert_eq!(answer.ok(), Some(7));
    }

    #[test]
    fn a_deadline_ends_the_call_and_drops_its_task() {
        let (tell, told) = bounded(1);
        let start = Instant::now();
        let result = runtime().call(
            Deadline::after(Duration::from_millis(50)),
            move || async move {
                let _tell = Tell(tell);
                std::future::pending::<Result<()>>().await
            },
        );
        let elapsed = start.elapsed();
        let error = result.expect_err("nothing answers");
        assert_eq!(error.kind(), ErrorKind::OperationTimeout);
        assert!(error.is_outcome_unknown());
        assert!(
            elapsed < Duration::from_millis(550),
            "returned after {elapsed:?}"
        );
        told.recv_timeout(LONG).expect("the task is dropped");
    }

    #[test]
    fn the_tasks_own_timeout_error_is_preferred() {
        let deadline = Deadline::after(Duration::from_millis(20));
        let result = runtime().call(deadline, move || async move {
            tokio::time::sleep(deadline.remaining().unwrap_or_default()).await;
            Err::<(), _>(Error::new(
                ErrorKind::OperationTimeout,
                "waiting for credit",
            ))
        });
        assert_eq!(
            result.expect_err("it times out").to_string(),
            "waiting for credit"
        );
    }

    #[test]
    fn a_panicking_task_is_an_internal_error_and_the_thread_lives_on() {
        let runtime = runtime();
        let result = runtime.call(Deadline::FOREVER, || async {
            panic!("on purpose") as Result<()>
        });
        assert_eq!(result.expect_err("it panicked").kind(), ErrorKind::Internal);
        assert_eq!(
            runtime.call(Deadline::FOREVER, || async { Ok(1) }).ok(),
            Some(1)
        );
    }

    #[test]
    fn a_call_from_the_io_thread_is_refused() {
        let runtime = runtime();
        let inner = std::sync::Arc::clone(&runtime);
        let result = runtime.call(Deadline::after(LONG), move || async move {
            inner.call(Deadline::FOREVER, || async { Ok(()) })
        });
        assert_eq!(
            result.expect_err("it would deadlock").kind(),
            ErrorKind::WouldDeadlock
        );
    }

    #[test]
    fn many_threads_share_one_runtime() {
        let runtime = runtime();
        std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|caller| {
                    let runtime = &runtime;
                    scope.spawn(move || {
                        (0..100).all(|n| {
                            runtime
                                .call(
                                    Deadline::after(LONG),
                                    move || async move { Ok((caller, n)) },
                                )
                                .ok()
                                == Some((caller, n))
                        })
                    })
                })
                .collect();
            for caller in callers {
                assert!(
                    caller.join().expect("no caller panics"),
                    "an answer went to the wrong caller"
                );
            }
        });
    }
}
