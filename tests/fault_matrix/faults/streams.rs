//! Bytes and frames that are lost, late, doubled or wrong.

use std::time::Duration;

use servicebus::ErrorKind::{Communication, Connection, OperationTimeout};
use servicebus_emulator::{Direction, Fault, FrameKind};

use crate::call::{Uses, ASKS, CLOSES, COORDINATES, FRESH, RECEIVES, SENDS, SETTLES};
use crate::fault_row::FaultRow;
use crate::fault_row::Outcome::{Fails, Heals, Unsure};

const ALL: Uses = Uses::MAX;
/// Everyone who waits for the peer whatever is attached.
const WAITS: Uses = FRESH | SENDS | RECEIVES | SETTLES | ASKS | COORDINATES | CLOSES;

pub(super) fn rows() -> Vec<FaultRow> {
    let lost = Heals(&[Connection, Communication]);
    let silent = Fails(&[OperationTimeout]);
    let broken = vec![
        FaultRow::new("cut-at-frame inbound", ALL, lost, || {
            vec![Fault::cut_at_frame(Direction::Inbound).times(1)]
        }),
        FaultRow::new("cut-at-frame outbound", ALL, lost, || {
            vec![Fault::cut_at_frame(Direction::Outbound).times(1)]
        }),
        FaultRow::new("cut-at-frame transfer", ALL, lost, || {
            vec![Fault::cut_at_frame(Direction::Inbound)
                .frame_kind(FrameKind::Transfer)
                .times(1)]
        }),
        FaultRow::new("cut-at-frame disposition", ALL, lost, || {
            vec![Fault::cut_at_frame(Direction::Outbound)
                .frame_kind(FrameKind::Disposition)
                .times(1)]
        }),
        FaultRow::new("truncate-frame", ALL, lost, || {
            vec![Fault::truncate_frame(5).times(1)]
        }),
        FaultRow::new("corrupt-frame size", ALL, lost, || {
            vec![Fault::corrupt_frame(0).times(1)]
        }),
        FaultRow::new("corrupt-frame header", ALL, lost, || {
            vec![Fault::corrupt_frame(4).times(1)]
        }),
        FaultRow::new("corrupt-frame performative", ALL, lost, || {
            vec![Fault::corrupt_frame(8).times(1)]
        }),
    ];
    let mut rows: Vec<FaultRow> = broken.into_iter().map(FaultRow::severing).collect();
    for (name, fault) in DROPPED {
        rows.push(
            FaultRow::new(name, ALL, Unsure(&[OperationTimeout, Connection]), fault).severing(),
        );
    }
    for (name, fault) in DOUBLED {
        rows.push(
            FaultRow::new(name, ALL, Unsure(&[OperationTimeout, Connection]), fault).severing(),
        );
    }
    rows.extend([
        FaultRow::new("withhold-heartbeats", ALL, Heals(&[]), || {
            vec![Fault::withhold_heartbeats()]
        })
        .without_an_occasion(),
        FaultRow::new("stall-reads", WAITS, silent, || vec![Fault::stall_reads()]),
        FaultRow::new(
            "stall-writes",
            WAITS,
            silent,
            || vec![Fault::stall_writes()],
        ),
        FaultRow::new("latency", ALL, Heals(&[]), || {
            vec![Fault::latency(Duration::from_millis(2))]
        }),
        FaultRow::new("latency-with-jitter", ALL, Heals(&[]), || {
            let millis = Duration::from_millis;
            vec![Fault::latency_with_jitter(millis(1), millis(3)).seed(7)]
        }),
        FaultRow::new("latency of a second", WAITS, silent, || {
            vec![Fault::latency(Duration::from_secs(1))]
        }),
        FaultRow::new("throttle", WAITS, silent, || vec![Fault::throttle(50)]),
        FaultRow::new("throttle a little", ALL, Heals(&[]), || {
            vec![Fault::throttle(1_000_000)]
        }),
    ]);
    rows
}

type Named = (&'static str, fn() -> Vec<Fault>);

const DROPPED: [Named; 6] = [
    ("drop-frame", || vec![Fault::drop_frame().times(1)]),
    ("drop-frame attach", || {
        vec![Fault::drop_frame().frame_kind(FrameKind::Attach).times(1)]
    }),
    ("drop-frame flow", || {
        vec![Fault::drop_frame().frame_kind(FrameKind::Flow).times(1)]
    }),
    ("drop-frame transfer", || {
        vec![Fault::drop_frame().frame_kind(FrameKind::Transfer).times(1)]
    }),
    ("drop-frame disposition", || {
        vec![Fault::drop_frame()
            .frame_kind(FrameKind::Disposition)
            .times(1)]
    }),
    ("drop-frame begin", || {
        vec![Fault::drop_frame().frame_kind(FrameKind::Begin).times(1)]
    }),
];

const DOUBLED: [Named; 6] = [
    (
        "duplicate-frame",
        || vec![Fault::duplicate_frame().times(1)],
    ),
    ("duplicate-frame attach", || {
        vec![Fault::duplicate_frame()
            .frame_kind(FrameKind::Attach)
            .times(1)]
    }),
    ("duplicate-frame flow", || {
        vec![Fault::duplicate_frame()
            .frame_kind(FrameKind::Flow)
            .times(1)]
    }),
    ("duplicate-frame transfer", || {
        vec![Fault::duplicate_frame()
            .frame_kind(FrameKind::Transfer)
            .times(1)]
    }),
    ("duplicate-frame disposition", || {
        vec![Fault::duplicate_frame()
            .frame_kind(FrameKind::Disposition)
            .times(1)]
    }),
    ("duplicate-frame begin", || {
        vec![Fault::duplicate_frame()
            .frame_kind(FrameKind::Begin)
            .times(1)]
    }),
];
