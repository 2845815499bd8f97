//! What is on record of what happened.

use servicebus_emulator::{Direction, Emulator, Fault, FrameKind, FrameRecord};

use crate::messages::text;
use crate::peer::Peer;

fn setup() -> (Emulator, Peer) {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let peer = Peer::authorized(&emulator, &["orders"]);
    (emulator, peer)
}

/// Direction and performative of each frame.
fn outline(frames: &[FrameRecord]) -> Vec<(Direction, &'static str)> {
    let outline = frames.iter();
    outline
        .map(|frame| (frame.direction, frame.performative))
        .collect()
}

#[test]
fn frames_are_on_record_once_they_are_asked_for() {
    let (emulator, mut peer) = setup();
    assert_eq!(emulator.frames(), [], "nobody asked for them");
    emulator.record_frames(true);
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a secret"));
    let frames = emulator.frames();
    assert_eq!(
        outline(&frames),
        [
            (Direction::Inbound, "attach"),
            (Direction::Outbound, "attach"),
            (Direction::Outbound, "flow"),
            (Direction::Inbound, "transfer"),
            (Direction::Outbound, "disposition"),
        ],
        "{:#?}",
        emulator.journal()
    );
    let [attach, .., transfer, disposition] = frames.as_slice() else {
        panic!("{frames:?}");
    };
    assert_eq!(attach.connection, 1);
    assert_eq!(attach.link.as_deref(), Some("sender of orders"));
    assert_eq!(transfer.link.as_deref(), Some("sender of orders"));
    assert_eq!(transfer.delivery, disposition.delivery, "{transfer}");
    assert!(transfer.delivery.is_some(), "{transfer}");
    let payload = text("a secret").len();
    assert!(transfer.size > payload, "{transfer}");
    let shown = format!("payload {payload}");
    assert!(transfer.to_string().contains(&shown), "{transfer}");
    assert!(disposition.detail.contains("accepted"), "{disposition}");
    emulator.record_frames(false);
    peer.send(link, &text("b"));
    assert_eq!(emulator.frames(), frames, "nobody asks for them any more");
}

#[test]
fn a_connection_is_on_record_from_its_beginning_to_its_end() {
    let (emulator, _peer) = setup();
    emulator.record_frames(true);
    let mut peer = Peer::connect(&emulator);
    peer.connection.close(std::time::Instant::now(), None);
    peer.closed();
    let frames = emulator.frames();
    let names: Vec<_> = frames.iter().map(|frame| frame.performative).collect();
    assert_eq!(
        names,
        [
            "sasl-mechanisms",
            "sasl-init",
            "sasl-outcome",
            "open",
            "open",
            "begin",
            "begin",
            "close",
            "close"
        ]
    );
    assert!(
        frames.iter().all(|frame| frame.connection == 2),
        "{frames:?}"
    );
}

#[test]
fn the_journal_tells_frames_and_what_they_led_to_and_no_body() {
    let (emulator, mut peer) = setup();
    emulator.record_frames(true);
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a secret"));
    let journal = emulator.journal();
    let place = |part: &str| {
        let found = journal.iter().position(|line| line.contains(part));
        found.unwrap_or_else(|| panic!("no {part:?} in {journal:#?}"))
    };
    let arrived = place("-> transfer");
    let enqueued = place("enqueued");
    let answered = place("<- disposition");
    assert!(arrived < enqueued && enqueued < answered, "{journal:#?}");
    assert!(!journal.iter().any(|line| line.contains("secret")));
}

#[test]
fn what_a_fault_does_to_a_frame_is_on_record_as_it_was_sent() {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("a"));
    emulator.record_frames(true);
    for fault in [Fault::duplicate_frame(), Fault::drop_frame()] {
        let fault = fault.frame_kind(FrameKind::Disposition).times(1);
        emulator.inject(fault).unwrap();
    }
    peer.send(link, &text("b"));
    peer.transfer(link, 0, &text("c"));
    peer.keep_alive();
    let frames = emulator.frames();
    let count = |performative| {
        let frames = frames.iter();
        frames
            .filter(|frame| frame.performative == performative)
            .count()
    };
    assert_eq!(count("transfer"), 2, "{frames:#?}");
    assert_eq!(count("disposition"), 2, "one twice, one never: {frames:#?}");
}

#[test]
fn the_record_is_bounded() {
    let (emulator, mut peer) = setup();
    emulator.record_frames(true);
    for _ in 0..1_100 {
        peer.keep_alive();
    }
    assert_eq!(emulator.journal().len(), 4_096);
}
