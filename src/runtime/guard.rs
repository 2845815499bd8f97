use std::cell::Cell;

use crate::error::{Error, ErrorKind, Result};

thread_local! {
    static ANSWERS_CALLS: Cell<bool> = const { Cell::new(false) };
}

/// Marks the current thread as one that blocking calls depend on, so that they refuse to run on it.
pub(crate) fn mark_answering_thread() {
    ANSWERS_CALLS.set(true);
}

pub(crate) fn on_answering_thread() -> bool {
    // During a thread's destruction the flag is gone; such a thread answers nobody any more.
    ANSWERS_CALLS.try_with(Cell::get).unwrap_or(false)
}

/// The process in which a thread lives. `fork` copies memory but no threads, so in a child nothing
/// would ever answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HomeProcess(u32);

impl HomeProcess {
    pub(crate) fn current() -> Self {
        Self(std::process::id())
    }

    pub(crate) fn is_other(self) -> bool {
        self != Self::current()
    }
}

/// Refuses a wait that could not end.
pub(crate) fn check_may_wait(home: HomeProcess) -> Result<()> {
    if on_answering_thread() {
        return Err(Error::new(
            ErrorKind::WouldDeadlock,
            "blocking call on a thread of the client that has to answer it",
        ));
    }
    check_home(home)
}

/// Refuses to touch what belongs to the parent process.
pub(crate) fn check_home(home: HomeProcess) -> Result<()> {
    if home.is_other() {
        return Err(Error::new(
            ErrorKind::Forked,
            "the handle belongs to the parent process; open a client in this one",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_process_is_refused_without_waiting() {
        let parent = HomeProcess(std::process::id().wrapping_add(1));
        let error = check_may_wait(parent).expect_err("a forked handle must be refused");
        assert_eq!(error.kind(), ErrorKind::Forked);
    }

    #[test]
    fn a_marked_thread_is_refused() {
        let error = std::thread::spawn(|| {
            mark_answering_thread();
            check_may_wait(HomeProcess::current())
        })
        .join()
        .expect("the thread ends")
        .expect_err("waiting must be refused");
        assert_eq!(error.kind(), ErrorKind::WouldDeadlock);
        check_may_wait(HomeProcess::current()).expect("other threads are free to wait");
    }
}
