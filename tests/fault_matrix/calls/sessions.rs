//! Calls on a session that a receiver holds.

use servicebus::{Result, Session};

use crate::call::{single, Call, Prepared, ASKS, SESSION};
use crate::scene::Scene;

pub(super) fn calls() -> Vec<Call> {
    let asks = ASKS | SESSION;
    vec![
        Call::new("renew session", asks, |scene| {
            on(scene, Session::renew_lock)
        }),
        Call::new("session state", asks, |scene| on(scene, Session::state)),
        Call::new("set session state", asks, |scene| {
            on(scene, |session| session.set_state("a"))
        }),
    ]
}

fn on<T: 'static>(scene: &Scene, call: fn(&Session) -> Result<T>) -> Result<Prepared> {
    let receiver = scene.session()?;
    let session = receiver.session().expect("it holds one");
    single(move || call(&session))
}
