//! The fuzz bodies, over generated input: no bytes a peer can send make the codec fail.

use std::fs;
use std::path::Path;

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use servicebus_amqp::framing::{write_frame, FrameKind};
use servicebus_amqp::fuzz::{endpoint, inbound_frames, message_sections};
use servicebus_amqp::performative::write_performative;
use servicebus_amqp::value::write_value;
use servicebus_amqp::writer::Writer;

mod arbitrary;

use arbitrary::{any_performative, any_value};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x0a3d_9b10),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes(data in vec(any::<u8>(), 0..300)) {
        endpoint(&data);
        inbound_frames(&data);
        message_sections(&data);
    }

    #[test]
    fn any_bytes_that_mean_something(data in vec(any_telling_byte(), 0..120)) {
        let mut frame = BytesMut::new();
        for kind in [FrameKind::Amqp, FrameKind::Sasl] {
            write_frame(&mut frame, kind, 0, |out| {
                out.extend_from_slice(&data);
                Ok(())
            })
            .unwrap();
        }
        inbound_frames(&frame);
        message_sections(&data);
    }

    #[test]
    fn damaged_frames(
        performatives in vec(any_performative(), 1..3),
        damage in vec(any_damage(), 0..4),
    ) {
        let mut stream = BytesMut::new();
        for performative in &performatives {
            write_frame(&mut stream, FrameKind::Amqp, 0, |out| write_performative(performative, out))
                .unwrap();
        }
        let mut stream = stream.to_vec();
        damage.iter().for_each(|damage| damage.apply(&mut stream));
        inbound_frames(&stream);
        endpoint(&stream);
    }

    #[test]
    fn damaged_messages(
        sections in vec((0x70..0x79_u64, any_value()), 0..5),
        damage in vec(any_damage(), 0..4),
    ) {
        let mut payload = BytesMut::new();
        let mut writer = Writer::new(&mut payload);
        for (code, value) in &sections {
            writer.put_described(*code, |writer| write_value(writer, value));
        }
        writer.finish().unwrap();
        let mut payload = payload.to_vec();
        damage.iter().for_each(|damage| damage.apply(&mut payload));
        message_sections(&payload);
    }
}

#[test]
fn the_corpus() {
    for (name, body) in [
        ("frames", inbound_frames as fn(&[u8])),
        ("sections", message_sections),
        ("endpoint", endpoint),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus");
        let seeds = fs::read_dir(folder.join(name)).unwrap();
        let seeds: Vec<_> = seeds.map(|seed| seed.unwrap().path()).collect();
        assert!(!seeds.is_empty(), "no seeds for {name}");
        for seed in seeds {
            body(&fs::read(seed).unwrap());
        }
    }
}

#[test]
fn captured_frames_cut_and_bent() {
    let captures = [
        include_str!("data/python-7.15.0.hex"),
        include_str!("data/javascript-7.9.5.hex"),
    ];
    for line in captures.iter().flat_map(|capture| capture.lines()) {
        let frame: Vec<u8> = (0..line.len().min(1_200) / 2)
            .map(|at| u8::from_str_radix(&line[at * 2..at * 2 + 2], 16).unwrap())
            .collect();
        for at in (0..frame.len()).step_by(11) {
            let mut bent = frame.clone();
            bent[at] ^= 0x41;
            inbound_frames(&bent);
            if at % 3 == 0 {
                endpoint(&bent);
            }
            // Cut, with a size field that agrees.
            let mut cut = frame[..at].to_vec();
            if let Some(size) = cut.get_mut(..4) {
                size.copy_from_slice(&u32::try_from(at).unwrap().to_be_bytes());
            }
            inbound_frames(&cut);
        }
    }
}

/// Octets that are constructors, descriptors or small numbers, so that something comes of them.
fn any_telling_byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        3 => prop::sample::select(vec![
            0x00, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x52, 0x53, 0x54, 0x55, 0x56, 0x70,
            0x80, 0xa0, 0xa1, 0xa3, 0xb0, 0xc0, 0xc1, 0xd0, 0xd1, 0xe0, 0xf0,
        ]),
        2 => 0x10..0x30_u8,
        2 => 0x70..0x79_u8,
        3 => 0..12_u8,
        1 => any::<u8>(),
    ]
}

#[derive(Debug, Clone)]
enum Damage {
    Change(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Cut(Index),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => any::<(Index, u8)>().prop_map(|(at, byte)| Damage::Change(at, byte)),
        2 => any::<(Index, u8)>().prop_map(|(at, byte)| Damage::Insert(at, byte)),
        2 => any::<Index>().prop_map(Damage::Remove),
        1 => any::<Index>().prop_map(Damage::Cut),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        match self {
            Self::Change(at, byte) => bytes[at.index(length)] = *byte,
            Self::Insert(at, byte) => bytes.insert(at.index(length), *byte),
            Self::Remove(at) => drop(bytes.remove(at.index(length))),
            Self::Cut(at) => bytes.truncate(at.index(length)),
        }
    }
}
