//! Calls from inside somebody else's asynchronous code block the thread they are on, and never
//! panic.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};

use super::Runtime;
use crate::model::deadline::Deadline;

const LONG: Duration = Duration::from_secs(60);

fn inside_foreign_runtimes<Fut: Future<Output = ()>>(body: impl Fn() -> Fut) {
    for builder in [
        &mut Builder::new_current_thread(),
        Builder::new_multi_thread().worker_threads(1),
    ] {
        builder
            .enable_all()
            .build()
            .expect("the foreign runtime starts")
            .block_on(body());
    }
}

#[test]
fn start_call_and_drop_work_in_a_task() {
    inside_foreign_runtimes(|| async {
        let task = tokio::spawn(async {
            let runtime = Runtime::start("servicebus-test", LONG).expect("the thread starts");
            let answer = runtime.call(Deadline::after(LONG), || async { Ok(7) });
            drop(runtime);
            answer.ok()
        });
        assert_eq!(task.await.expect("the task does not panic"), Some(7));
    });
}

#[test]
fn start_call_and_drop_work_in_block_on() {
    inside_foreign_runtimes(|| async {
        let runtime = Runtime::start("servicebus-test", LONG).expect("the thread starts");
        assert_eq!(
            runtime.call(Deadline::after(LONG), || async { Ok(7) }).ok(),
            Some(7)
        );
    });
}

#[test]
fn a_timed_out_call_does_not_panic_in_a_task() {
    inside_foreign_runtimes(|| async {
        let runtime = Runtime::start("servicebus-test", LONG).expect("the thread starts");
        let result = runtime.call(
            Deadline::after(Duration::ZERO),
            std::future::pending::<crate::Result<()>>,
        );
        assert!(result.is_err(), "nothing answers");
    });
}

#[test]
fn tasks_run_on_the_clients_own_runtime() {
    inside_foreign_runtimes(|| async {
        let runtime = Runtime::start("servicebus-test", LONG).expect("the thread starts");
        let ambient = Handle::current().id();
        let (used, spawned_on) = runtime
            .call(Deadline::after(LONG), || async {
                let spawned_on = tokio::spawn(async { Handle::current().id() }).await;
                Ok((
                    Handle::current().id(),
                    spawned_on.expect("the inner task ends"),
                ))
            })
            .expect("an answer");
        assert_ne!(used, ambient, "the call ran on the caller's runtime");
        assert_eq!(used, spawned_on);
        assert_eq!(Arc::strong_count(&runtime), 1);
    });
}
