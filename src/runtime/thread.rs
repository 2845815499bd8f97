use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{bounded, Receiver, RecvTimeoutError};
use log::warn;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::guard::{self, HomeProcess};
use super::watch::Watch;
use crate::error::{Error, ErrorKind, Result};

/// How long the end of the thread waits for the threads of its blocking jobs. Idle ones end at once,
/// and none is then left behind that a leak checker finds; a lookup in flight is not waited for.
const BLOCKING_JOBS_GRACE: Duration = Duration::from_millis(100);

/// One thread that runs one single-threaded tokio runtime until the last owner lets go.
///
/// The thread ends its runtime itself: ending one on a user's thread panics inside asynchronous
/// code and waits without end for blocking jobs, such as a name lookup that nobody answers.
pub(crate) struct Runtime {
    pub(super) handle: Handle,
    pub(super) home: HomeProcess,
    pub(super) watch: Watch,
    stop_timeout: Duration,
    thread: Option<Thread>,
}

struct Thread {
    stop: oneshot::Sender<()>,
    /// Disconnects when the thread has ended its runtime.
    done: Receiver<()>,
    join: JoinHandle<()>,
}

impl Runtime {
    /// Starts the thread. Dropping the last owner waits at most `stop_timeout` for it to end.
    pub(crate) fn start(name: &str, stop_timeout: Duration) -> Result<Arc<Self>> {
        let (stop, stopped) = oneshot::channel();
        let (started_tx, started) = bounded(1);
        let (done_tx, done) = bounded::<()>(0);
        let join = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let _done = done_tx;
                guard::mark_answering_thread();
                let runtime = match tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        // The starter waits for this answer; if it is gone there is nobody to tell.
                        started_tx.send(Err(error)).ok();
                        return;
                    }
                };
                if started_tx.send(Ok(runtime.handle().clone())).is_ok() {
                    // An error means the owner vanished without a word, which is a reason to stop
                    // as well.
                    runtime.block_on(stopped).ok();
                }
                runtime.shutdown_timeout(BLOCKING_JOBS_GRACE);
            })
            .map_err(|error| {
                Error::new(ErrorKind::Internal, "cannot start the I/O thread").with_source(error)
            })?;
        let handle = match started.recv() {
            Ok(Ok(handle)) => handle,
            Ok(Err(error)) => {
                return Err(
                    Error::new(ErrorKind::Internal, "cannot start the I/O runtime")
                        .with_source(error),
                );
            }
            Err(_disconnected) => {
                return Err(Error::new(
                    ErrorKind::Internal,
                    "the I/O thread died while starting",
                ))
            }
        };
        Ok(Arc::new(Self {
            handle,
            home: HomeProcess::current(),
            watch: Watch::default(),
            stop_timeout,
            thread: Some(Thread { stop, done, join }),
        }))
    }
}

impl Runtime {
    /// Refuses a wait that could not end: on the I/O thread, or in a forked child.
    pub(crate) fn check_may_wait(&self) -> Result<()> {
        guard::check_may_wait(self.home)
    }

    /// Whether the current thread may wait while it drops something: not where that could not end,
    /// nor while it panics.
    pub(crate) fn may_wait_in_drop(&self) -> bool {
        self.check_may_wait().is_ok() && !std::thread::panicking()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        if self.home.is_other() {
            // The thread exists in the parent only. Anything done to these handles would wait, or
            // wake the parent.
            std::mem::forget(thread);
            return;
        }
        // An error means that the thread has ended already.
        thread.stop.send(()).ok();
        if guard::on_answering_thread() || std::thread::panicking() {
            return;
        }
        match thread.done.recv_timeout(self.stop_timeout) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                if thread.join.join().is_err() {
                    warn!(target: "servicebus::client", "the I/O thread panicked");
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                warn!(
                    target: "servicebus::client",
                    "the I/O thread did not end within {:?}, leaving it behind", self.stop_timeout
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Instant;

    use super::*;
    use crate::model::deadline::Deadline;

    const LONG: Duration = Duration::from_secs(60);

    fn start() -> Arc<Runtime> {
        Runtime::start("servicebus-test", LONG).expect("the thread starts")
    }

    #[test]
    fn the_thread_carries_the_name() {
        let name = start().call(Deadline::after(LONG), || async {
            Ok(std::thread::current().name().map(str::to_owned))
        });
        assert_eq!(name.ok().flatten().as_deref(), Some("servicebus-test"));
    }

    #[test]
    fn dropping_the_last_owner_drops_the_tasks_and_ends_the_thread() {
        let runtime = start();
        let (held, released) = bounded::<()>(0);
        runtime
            .call(Deadline::after(LONG), move || async move {
                tokio::spawn(async move {
                    let _held = held;
                    std::future::pending::<()>().await;
                });
                Ok(())
            })
            .expect("the task is spawned");
        drop(runtime);
        assert_eq!(
            released.try_recv(),
            Err(crossbeam_channel::TryRecvError::Disconnected)
        );
    }

    #[test]
    fn the_thread_of_a_finished_blocking_job_has_ended_as_well() {
        thread_local! {
            static END: RefCell<Option<crossbeam_channel::Sender<()>>> = const { RefCell::new(None) };
        }
        let runtime = start();
        let (held, ended) = bounded::<()>(0);
        runtime
            .call(Deadline::after(LONG), move || async move {
                tokio::task::spawn_blocking(move || END.set(Some(held)))
                    .await
                    .expect("the job ends well");
                Ok(())
            })
            .expect("the job is done");
        drop(runtime);
        assert_eq!(
            ended.try_recv(),
            Err(crossbeam_channel::TryRecvError::Disconnected),
            "the values of the thread are still there"
        );
    }

    #[test]
    fn a_stuck_blocking_job_does_not_hold_up_the_end() {
        let runtime = start();
        let (release, released) = bounded::<()>(0);
        runtime
            .call(Deadline::after(LONG), move || async move {
                tokio::task::spawn_blocking(move || released.recv());
                Ok(())
            })
            .expect("the job is spawned");
        let start = Instant::now();
        drop(runtime);
        let elapsed = start.elapsed();
        drop(release);
        assert!(elapsed < LONG / 2, "the drop took {elapsed:?}");
    }

    #[test]
    fn the_last_owner_may_be_a_task_of_the_thread() {
        let runtime = start();
        let done = runtime
            .thread
            .as_ref()
            .map(|thread| thread.done.clone())
            .expect("it runs");
        let owner = Arc::clone(&runtime);
        let (go, gone) = oneshot::channel::<()>();
        runtime
            .call(Deadline::after(LONG), move || async move {
                tokio::spawn(async move {
                    gone.await.ok();
                    drop(owner);
                });
                Ok(())
            })
            .expect("the task is spawned");
        drop(runtime);
        go.send(()).expect("the task waits");
        assert_eq!(
            done.recv_timeout(LONG),
            Err(RecvTimeoutError::Disconnected),
            "the thread must end"
        );
    }

    #[test]
    fn dropping_while_panicking_does_not_wait() {
        let runtime = start();
        let (release, released) = bounded::<()>(0);
        // Keeps the I/O thread from ending, so that a wait would not return.
        runtime.handle.spawn(async move { released.recv().ok() });
        let start = Instant::now();
        let outcome = std::thread::spawn(move || {
            let _runtime = runtime;
            panic!("on purpose");
        })
        .join();
        let elapsed = start.elapsed();
        drop(release);
        assert!(outcome.is_err(), "the thread panics");
        assert!(elapsed < LONG / 2, "the drop took {elapsed:?}");
    }
}
