//! What was recorded of the real service's management API, asked of the emulator.
//!
//! The recordings are not part of this repository: their folder is named by the environment variable
//! `SERVICEBUS_RECORDINGS`. Each file begins with a fresh emulator that has what the file takes for
//! granted. Compared are the status, the media type, whether there is an entity tag, and the meaning of
//! the body.

mod differences;
mod exchanges;
mod meaning;
mod priming;

use std::collections::BTreeSet;
use std::path::Path;

use servicebus_emulator::{Emulator, Tier};

use self::differences::Differences;
use self::exchanges::{Exchange, Recording};
use super::exchange::{allowed, exchange, request, Answer};
use crate::peer::{sas_token, sas_token_by, KEY_NAME};

const FOLDER: &str = "SERVICEBUS_RECORDINGS";

#[test]
fn the_emulator_answers_as_the_service_did() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        println!("skipped: {FOLDER} names no folder of recordings");
        return;
    };
    let recordings = exchanges::read_all(Path::new(&folder));
    assert!(recordings.len() > 40, "only {} files", recordings.len());
    let mut allowed = Differences::new();
    let found: Vec<String> = recordings
        .iter()
        .flat_map(|recording| replay(recording, &mut allowed))
        .collect();
    assert!(
        found.is_empty(),
        "{} differences\n{}",
        found.len(),
        found.join("\n")
    );
    let unused = allowed.unused();
    assert!(unused.is_empty(), "no longer different: {unused:?}");
}

fn replay(recording: &Recording, allowed: &mut Differences) -> Vec<String> {
    let premium = recording.name.contains("premium");
    let tier = if premium {
        Tier::Premium
    } else {
        Tier::Standard
    };
    let emulator = Emulator::builder().tier(tier).start().unwrap();
    for (path, body) in priming::requests(recording) {
        let answer = request(
            &emulator,
            "PUT",
            &format!("{path}?api-version=2021-05"),
            &body,
        );
        assert_eq!(
            answer.status, 201,
            "{}: {path} {body}: {answer:?}",
            recording.name
        );
    }
    let mut found = Vec::new();
    for (number, expected) in recording.exchanges.iter().enumerate() {
        let answer = ask(&emulator, expected);
        let (theirs, ours) = (recorded(expected), answered(&answer));
        let missing = theirs.difference(&ours).map(|line| format!("- {line}"));
        let surplus = ours.difference(&theirs).map(|line| format!("+ {line}"));
        for line in missing.chain(surplus) {
            if !allowed.allow(&recording.name, expected, &line) {
                let Exchange { method, target, .. } = expected;
                found.push(format!(
                    "{} {number} {method} {target}\n    {line}",
                    recording.name
                ));
            }
        }
    }
    found
}

fn ask(emulator: &Emulator, exchanged: &Exchange) -> Answer {
    // Who was refused is not recorded, but that the service did not know the key.
    let unauthorized = exchanged.status == 401 && exchanged.method == "GET";
    let token = if unauthorized {
        sas_token_by("http://localhost/", KEY_NAME, "another", 60)
    } else {
        sas_token("http://localhost/")
    };
    let mut headers = allowed(&token).to_vec();
    headers.extend(exchanged.if_match.then_some(("If-Match", "*")));
    let Exchange {
        method,
        target,
        body,
        ..
    } = exchanged;
    exchange(emulator, method, target, &headers, body)
}

fn recorded(exchange: &Exchange) -> BTreeSet<String> {
    let mut lines = meaning::lines(&exchange.answer);
    lines.insert(format!("status {}", exchange.status));
    lines.insert(format!(
        "media type {}",
        exchange.media_type.replace(' ', "")
    ));
    lines.insert(format!("entity tag {}", exchange.tagged));
    lines
}

fn answered(answer: &Answer) -> BTreeSet<String> {
    let mut lines = meaning::lines(&answer.body);
    let media_type = answer.header("content-type").unwrap_or_default();
    lines.insert(format!("status {}", answer.status));
    lines.insert(format!("media type {}", media_type.replace(' ', "")));
    lines.insert(format!("entity tag {}", answer.header("etag").is_some()));
    lines
}
