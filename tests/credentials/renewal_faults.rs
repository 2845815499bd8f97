//! Whatever becomes of a renewal, the next one follows, and an open sender notices nothing.

use std::thread;
use std::time::Duration;

use chrono::TimeDelta;
use servicebus_emulator::Fault;

use crate::orders::{client, count_tokens, emulator, eventually, send, sender, short_lived};

/// How many renewals go wrong in turn.
const TIMES: u64 = 2;

fn assert_overcome(fault: Fault) {
    let emulator = emulator();
    let client = client(&emulator, short_lived(TimeDelta::seconds(2)));
    let sender = sender(&client, "orders");
    let before = count_tokens(&emulator);
    let id = emulator
        .inject(fault.clone().times(TIMES))
        .expect("the fault is valid");
    eventually(&format!("{fault:?} is overcome"), || {
        count_tokens(&emulator) > before + 2
    });
    assert_eq!(emulator.hits(id), Some(TIMES), "{fault:?}");
    send(&sender, &emulator);
    let seen = emulator.journal().join("\n");
    assert!(!seen.contains("link detached"), "{fault:?}\n{seen}");
}

#[test]
fn a_renewal_is_tried_again_whatever_became_of_it() {
    let refusals = [400, 401, 403, 404, 408, 500, 503].map(Fault::refuse_token);
    let silences = [
        Fault::delay_token(Duration::from_millis(200)),
        Fault::delay_token(Duration::from_secs(60)),
        Fault::drop_token(),
    ];
    thread::scope(|scope| {
        let cases: Vec<_> = refusals
            .into_iter()
            .chain(silences)
            .map(|fault| scope.spawn(|| assert_overcome(fault)))
            .collect();
        for case in cases {
            case.join().expect("the case passes");
        }
    });
}
