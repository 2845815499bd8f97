//! The fuzz bodies, over a corpus and over generated input: nothing that a client sends or a rule says
//! makes the emulator fail.

use std::fs;
use std::io;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use servicebus_emulator::fuzz::{descriptions, message_sections, sql_rules};

/// Words and signs of which now and then something comes.
const WORDS: [&str; 44] = [
    "AND",
    "OR",
    "NOT",
    "IS",
    "NULL",
    "IN",
    "LIKE",
    "ESCAPE",
    "EXISTS",
    "TRUE",
    "FALSE",
    "SET",
    "REMOVE",
    "newid",
    "p",
    "sys",
    "user",
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
    "Label",
    "TimeToLive",
    "[a]",
    "@p",
    "@q",
    "'a%'",
    "'!'",
    "0",
    "7",
    "1.5",
    "=",
    "<>",
    "<",
    "+",
    "-",
    "/",
    "(",
    ")",
    ",",
    ".",
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x0a3d_9b11),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes(data in vec(any::<u8>(), 0..300)) {
        message_sections(&data);
        sql_rules(&data);
        descriptions(&data);
    }

    #[test]
    fn any_words(words in vec(prop::sample::select(WORDS.to_vec()), 0..14)) {
        sql_rules(words.join(" ").as_bytes());
    }

    #[test]
    fn conditions(words in vec(prop::sample::select(WORDS.to_vec()), 1..5), joined in any::<bool>()) {
        let value = words.join(if joined { " " } else { "" });
        sql_rules(format!("a = {value}").as_bytes());
        sql_rules(format!("SET a = {value}").as_bytes());
        sql_rules(format!("{value} IN (1, c) OR d").as_bytes());
    }

    #[test]
    fn damaged_seeds(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for (name, body) in BODIES {
            let seeds = seeds(name).unwrap();
            let mut seed = which.get(&seeds).clone();
            let at = at.index(seed.len());
            seed[at] = byte;
            body(&seed);
            seed.truncate(at);
            body(&seed);
        }
    }
}

type Body = (&'static str, fn(&[u8]));

const BODIES: [Body; 3] = [
    ("rules", sql_rules),
    ("messages", message_sections),
    ("descriptions", descriptions),
];

fn seeds(name: &str) -> io::Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus");
    let paths: io::Result<Vec<_>> = fs::read_dir(folder.join(name))?
        .map(|seed| Ok(seed?.path()))
        .collect();
    let mut paths = paths?;
    paths.sort();
    assert!(!paths.is_empty(), "no seeds for {name}");
    paths.iter().map(fs::read).collect()
}

#[test]
fn the_corpus() {
    for (name, body) in BODIES {
        for seed in seeds(name).unwrap() {
            body(&seed);
        }
    }
}
