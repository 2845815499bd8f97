//! Random faults, one after the other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use servicebus_emulator::{Direction, Fault, FrameKind};

use crate::desk::{Desk, LOCK};

const FORCED: &str = "amqp:link:detach-forced";
const BUSY: &str = "com.microsoft:server-busy";
const INTERNAL: &str = "amqp:internal-error";
/// Longer than a call waits.
const LATE: Duration = Duration::from_secs(2);

const FAULTS: [fn() -> Fault; 21] = [
    || Fault::refuse_sasl().times(2),
    || Fault::refuse_open(BUSY).times(2),
    || Fault::refuse_attach(FORCED).times(2),
    || Fault::drop_attach().times(1),
    || Fault::detach_link(FORCED),
    || Fault::end_session(FORCED),
    || Fault::close_connection("amqp:connection:forced"),
    || Fault::reject_message(BUSY).times(5),
    || Fault::delay_outcome(LATE).times(2),
    || Fault::drop_outcome().times(2),
    || Fault::refuse_settlement(INTERNAL).times(5),
    || Fault::delay_settlement(LATE).times(2),
    || Fault::drop_settlement().times(3),
    || Fault::refuse_token(500).times(1),
    || Fault::drop_token().times(1),
    || Fault::expire_tokens(),
    || Fault::drop_request().times(2),
    || Fault::refuse_request(BUSY).times(3),
    || Fault::cut_stream(),
    || {
        Fault::cut_at_frame(Direction::Inbound)
            .frame_kind(FrameKind::Transfer)
            .times(1)
    },
    || Fault::truncate_frame(9).times(1),
];

/// Numbers from a seed (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// Until all is sent; says how many faults there were.
pub(crate) fn reign(desk: &Desk, seed: u64, sent: &AtomicBool) -> u64 {
    let mut dice = Dice(seed);
    let mut faults = 0;
    while !sent.load(Ordering::Relaxed) {
        let fault = FAULTS[dice.below(FAULTS.len() as u64) as usize]();
        let id = desk.emulator.inject(fault).expect("the fault is valid");
        faults += 1;
        thread::sleep(Duration::from_millis(10 + dice.below(90)));
        desk.emulator.clear(id);
        if dice.below(5) == 0 {
            // Every lock runs out.
            desk.emulator.advance(LOCK);
        }
        // Some time to get somewhere.
        thread::sleep(Duration::from_millis(dice.below(100)));
    }
    desk.emulator.clear_faults();
    faults
}
