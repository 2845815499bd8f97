//! Byte streams that end, stall, or are slow.

use std::time::{Duration, Instant};

use servicebus_amqp::types::messaging::DeliveryState;
use servicebus_amqp::{Cause, ConnectionOptions, Event, LinkId};
use servicebus_emulator::{Direction, Emulator, Fault, FrameKind};

use super::{assert_hits, inject, setup};
use crate::messages::{text, Arrived};
use crate::peer::{sas_token, Peer};

const LATENCY: Duration = Duration::from_millis(60);

fn linked() -> (Emulator, Peer, LinkId) {
    let (emulator, mut peer) = setup();
    let link = peer.sender("orders").unwrap();
    peer.send(link, &text("first"));
    (emulator, peer, link)
}

fn active(emulator: &Emulator) -> usize {
    emulator.counts("orders").unwrap().active
}

fn verdict(event: &Event) -> Option<()> {
    matches!(event, Event::Disposition { .. }).then_some(())
}

#[track_caller]
fn assert_cut(peer: &mut Peer) {
    let cause = peer.closed();
    assert!(matches!(cause, Cause::Transport(_)), "{cause:?}");
}

#[test]
fn streams_are_cut_at_once() {
    let (emulator, mut peer) = setup();
    let mut other = Peer::connect(&emulator);
    let fault = inject(&emulator, Fault::cut_stream().connection(1));
    assert_cut(&mut peer);
    assert_hits(&emulator, fault, 1);
    other.keep_alive();
    // What is set stays, and acts on nothing that came later.
    Peer::connect(&emulator).keep_alive();
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_stream_is_cut_before_an_answer() {
    let (emulator, mut peer, link) = linked();
    let fault = Fault::cut_at_frame(Direction::Outbound).frame_kind(FrameKind::Disposition);
    let fault = inject(&emulator, fault);
    peer.transfer(link, 0, &text("second"));
    assert_cut(&mut peer);
    assert_eq!(active(&emulator), 2, "it was stored");
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_stream_is_cut_before_a_request() {
    let (emulator, mut peer, link) = linked();
    let fault = Fault::cut_at_frame(Direction::Inbound).frame_kind(FrameKind::Transfer);
    let fault = inject(&emulator, fault.skip(1));
    peer.send(link, &text("second"));
    peer.transfer(link, 0, &text("third"));
    assert_cut(&mut peer);
    assert_eq!(active(&emulator), 2, "the third never came");
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_stream_is_cut_at_a_frame_of_a_number() {
    let (emulator, _peer) = setup();
    // Mechanisms, outcome, open: no connection gets as far as that.
    let fault = Fault::cut_at_frame(Direction::Outbound).frame_number(3);
    let fault = inject(&emulator, fault);
    for hits in 1..3 {
        let mut peer = Peer::begun(&emulator, ConnectionOptions::default());
        assert_cut(&mut peer);
        assert_hits(&emulator, fault, hits);
    }
    emulator.clear(fault);
    let fault = Fault::cut_at_frame(Direction::Inbound).frame_number(2);
    let fault = inject(&emulator, fault);
    assert_cut(&mut Peer::begun(&emulator, ConnectionOptions::default()));
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_truncated_frame_is_the_last() {
    let (emulator, mut peer, link) = linked();
    let fault = Fault::truncate_frame(10).frame_kind(FrameKind::Disposition);
    let fault = inject(&emulator, fault);
    peer.transfer(link, 0, &text("second"));
    assert_cut(&mut peer);
    assert_eq!(peer.unread(), 10, "of the last frame");
    assert_hits(&emulator, fault, 1);
}

#[test]
fn a_corrupt_frame_is_no_amqp() {
    for offset in [0, 8, 10] {
        let (emulator, mut peer, link) = linked();
        let fault = Fault::corrupt_frame(offset).frame_kind(FrameKind::Disposition);
        let fault = inject(&emulator, fault.times(1));
        peer.transfer(link, 0, &text("second"));
        let cause = peer.closed();
        assert!(matches!(cause, Cause::Protocol(_)), "{offset}: {cause:?}");
        assert_hits(&emulator, fault, 1);
    }
}

#[test]
fn a_frame_may_be_left_out() {
    let (emulator, mut peer, link) = linked();
    let fault = Fault::drop_frame().frame_kind(FrameKind::Disposition);
    let fault = inject(&emulator, fault.times(1));
    peer.transfer(link, 0, &text("second"));
    assert!(peer.is_silent(verdict), "{:#?}", emulator.journal());
    assert_hits(&emulator, fault, 1);
    peer.send(link, &text("third"));
    assert_eq!(active(&emulator), 3);
}

#[test]
fn an_answer_may_come_twice() {
    let (emulator, mut peer, link) = linked();
    let fault = Fault::duplicate_frame().frame_kind(FrameKind::Disposition);
    let fault = inject(&emulator, fault);
    let number = peer.transfer(link, 0, &text("second"));
    let own = |event: &Event| match event {
        Event::Disposition {
            id, state, settled, ..
        } if *id == number => Some((state.clone(), *settled)),
        _ => None,
    };
    let (state, settled) = peer.wait("verdict", own);
    assert!(matches!(state, Some(DeliveryState::Accepted(_))) && settled);
    assert!(
        peer.is_silent(verdict),
        "the second is of a settled delivery"
    );
    assert_hits(&emulator, fault, 1);
    peer.send(link, &text("third"));
}

#[test]
fn nothing_is_read_while_reads_stall() {
    let (emulator, mut peer, link) = linked();
    let fault = inject(&emulator, Fault::stall_reads());
    peer.transfer(link, 0, &text("second"));
    assert!(peer.is_silent(verdict), "{:#?}", emulator.journal());
    assert_eq!(active(&emulator), 1, "it has not arrived");
    emulator.clear(fault);
    peer.wait("verdict", verdict);
    assert_eq!(active(&emulator), 2);
}

#[test]
fn nothing_is_written_while_writes_stall() {
    let (emulator, mut peer, link) = linked();
    let fault = inject(&emulator, Fault::stall_writes());
    peer.transfer(link, 0, &text("second"));
    assert!(peer.is_silent(verdict), "{:#?}", emulator.journal());
    assert_eq!(active(&emulator), 2, "it has arrived");
    emulator.clear(fault);
    peer.wait("verdict", verdict);
}

#[test]
fn latency_is_added_in_each_direction_and_not_for_each_frame() {
    let (emulator, mut peer, link) = linked();
    inject(&emulator, Fault::latency(LATENCY));
    let begun = Instant::now();
    peer.send(link, &text("there and back"));
    let took = begun.elapsed();
    assert!(took >= LATENCY * 2, "took {took:?}");
    let begun = Instant::now();
    let count = 500;
    let numbers: Vec<_> = (0..count)
        .map(|_| peer.transfer(link, 0, &text("x")))
        .collect();
    for number in numbers {
        peer.wait("verdict", |event| match event {
            Event::Disposition { id, .. } => (*id == number).then_some(()),
            _ => None,
        });
    }
    let took = begun.elapsed();
    assert!(took < LATENCY * count / 4, "took {took:?}");
}

#[test]
fn latency_may_be_of_one_direction() {
    let (emulator, mut peer, link) = linked();
    let fault = Fault::latency(LATENCY).direction(Direction::Outbound);
    inject(&emulator, fault);
    let begun = Instant::now();
    peer.transfer(link, 0, &text("second"));
    peer.flush();
    while active(&emulator) < 2 {
        std::thread::yield_now();
    }
    peer.wait("verdict", verdict);
    let took = begun.elapsed();
    assert!(took >= LATENCY, "took {took:?}");
}

#[test]
fn bytes_stay_in_order_whatever_the_jitter() {
    let (emulator, mut peer, link) = linked();
    let fault = Fault::latency_with_jitter(Duration::ZERO, Duration::from_millis(10));
    inject(&emulator, fault.seed(1));
    let receiver = peer.receiver("orders", 50);
    for _ in 0..49 {
        peer.transfer(link, 0, &text("x"));
        peer.flush();
    }
    for number in 1..=50 {
        let message = Arrived::new(&peer.receive(receiver));
        assert_eq!(message.sequence_number(), number);
    }
}

#[test]
fn a_throttled_stream_lets_so_many_bytes_through() {
    let (emulator, mut peer, link) = linked();
    let fault = Fault::throttle(200_000).direction(Direction::Inbound);
    let fault = inject(&emulator, fault);
    let begun = Instant::now();
    peer.send(link, &text(&"x".repeat(100_000)));
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(450), "took {took:?}");
    emulator.clear(fault);
    peer.send(link, &text("prompt"));
}

#[test]
fn heartbeats_may_stay_away() {
    let emulator = Emulator::builder().queue("orders").start().unwrap();
    let mut peer = Peer::begun(
        &emulator,
        ConnectionOptions {
            idle_timeout: Some(Duration::from_secs(60)),
            ..ConnectionOptions::default()
        },
    );
    peer.open();
    // Without a token and a link, the connection would not last so long.
    let audience = "sb://localhost/orders";
    assert_eq!(peer.put_token(audience, &sas_token(audience)).status, 202);
    assert!(peer.sender("orders").is_ok());
    peer.keep_alive();
    emulator.advance_transport(Duration::from_secs(50));
    assert!(peer.hears_something(), "a heartbeat is due");
    let fault = inject(&emulator, Fault::withhold_heartbeats());
    emulator.advance_transport(Duration::from_secs(50));
    assert!(!peer.hears_something(), "the heartbeat is withheld");
    assert_hits(&emulator, fault, 1);
}

#[test]
fn faults_of_a_connection_leave_the_others_alone() {
    let (emulator, mut peer, link) = linked();
    inject(&emulator, Fault::stall_reads().connection(99));
    peer.send(link, &text("second"));
}
