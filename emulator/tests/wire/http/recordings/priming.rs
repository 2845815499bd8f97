//! What must have existed before the first exchange of a recording, as its answers tell.

use std::collections::BTreeSet;

use super::exchanges::{Exchange, Recording};
use crate::http::exchange::entry;

/// Elements that the service adds to a description.
const ADDED: [&str; 12] = [
    "SizeInBytes",
    "MessageCount",
    "CreatedAt",
    "UpdatedAt",
    "AccessedAt",
    "CountDetails",
    "SubscriptionCount",
    "SqlFilterCount",
    "CorrelationFilterCount",
    "EntityAvailabilityStatus",
    "IsClientAffine",
    "SupportOrdering",
];

/// Requests (path and body) that create what the recording takes for granted.
pub(super) fn requests(recording: &Recording) -> Vec<(String, String)> {
    let mut known = BTreeSet::new();
    let mut made: Vec<String> = Vec::new();
    let mut needed = Vec::new();
    for exchange in &recording.exchanges {
        for (path, body) in implied(exchange) {
            let key = path.to_lowercase();
            // What a recorded request has made cannot have had anything in it before.
            let within = made.iter().any(|made| key.starts_with(made.as_str()));
            if known.insert(key) && !within {
                needed.push((path, body));
            }
        }
        let path = exchange.path().to_lowercase();
        if exchange.method == "PUT" && exchange.status == 201 {
            made.push(format!("{path}/"));
            known.insert(path);
        }
    }
    // Topics before their subscriptions, subscriptions before their rules, targets first of all.
    needed.sort_by_key(|(path, body)| (path.matches('/').count(), body.contains("<Forward")));
    needed
}

/// What an exchange shows to have existed.
fn implied(exchange: &Exchange) -> Vec<(String, String)> {
    let path = exchange.path();
    let path = path.as_str();
    let mut found = Vec::new();
    let parents = parents(path);
    let exists = matches!(
        (exchange.method.as_str(), exchange.status),
        ("GET" | "DELETE", 200) | ("PUT", 200 | 409)
    );
    let listed = exchange.answer.contains("Publicly Listed Services");
    let refused = exchange.status == 404 && !exchange.tagged || listed;
    if !refused && exchange.status < 401 || exchange.tagged {
        found.extend(
            parents
                .into_iter()
                .map(|(path, kind)| (path, entry(kind, ""))),
        );
    }
    if let Some(list) = path.strip_prefix("/$Resources/") {
        for number in 0..exchange.skip() {
            // Nobody knows the names of those left out, but that they come first.
            found.push((format!("/a{number}"), entry("QueueDescription", "")));
        }
        let kind = if list == "topics" {
            "TopicDescription"
        } else {
            "QueueDescription"
        };
        for part in exchange.answer.split("<entry ").skip(1) {
            found.push((format!("/{}", title(part)), created(part, kind)));
        }
    } else if path.starts_with("/$") || listed || !exists {
        // Nothing of its own.
    } else if exchange.answer.starts_with("<feed") {
        let kind = if path.to_lowercase().ends_with("rules") {
            "RuleDescription"
        } else {
            "SubscriptionDescription"
        };
        for part in exchange.answer.split("<entry ").skip(1) {
            // The first rule comes with its subscription.
            if title(part) != "$Default" {
                found.push((format!("{path}/{}", title(part)), created(part, kind)));
            }
        }
    } else {
        let source = if exchange.answer.contains("Description ") {
            &exchange.answer
        } else {
            &exchange.body
        };
        if let Some(kind) = kind_of(source) {
            found.push((path.to_owned(), created(source, kind)));
        }
    }
    for name in ["ForwardTo", "ForwardDeadLetteredMessagesTo"] {
        if let Some((_, rest)) = exchange.body.split_once(&format!("<{name}>")) {
            let url = rest.split('<').next().unwrap_or_default();
            if let Some(target) = url.splitn(4, '/').nth(3) {
                found.insert(0, (format!("/{target}"), entry("QueueDescription", "")));
            }
        }
    }
    found
}

/// The topic of a subscription, the topic and subscription of a rule.
fn parents(path: &str) -> Vec<(String, &'static str)> {
    let segments: Vec<&str> = path.split('/').collect();
    let mut found = Vec::new();
    if segments.len() >= 3 && segments[2].eq_ignore_ascii_case("subscriptions") {
        found.push((segments[..2].join("/"), "TopicDescription"));
    } else if segments.len() == 3 && segments[2].starts_with('$') {
        found.push((segments[..2].join("/"), "QueueDescription"));
    }
    if segments.len() >= 5 && segments[4].eq_ignore_ascii_case("rules") {
        found.push((segments[..4].join("/"), "SubscriptionDescription"));
    }
    found
}

fn title(entry: &str) -> &str {
    let (_, rest) = entry.split_once("<title type=\"text\">").unwrap();
    rest.split('<').next().unwrap()
}

fn kind_of(text: &str) -> Option<&'static str> {
    [
        "QueueDescription",
        "TopicDescription",
        "SubscriptionDescription",
        "RuleDescription",
    ]
    .into_iter()
    .find(|kind| text.contains(&format!("<{kind}")))
}

/// The body that creates what a description shows.
fn created(text: &str, kind: &str) -> String {
    let inside = text
        .split_once(&format!("<{kind}"))
        .and_then(|(_, rest)| rest.split_once('>'));
    let inside = inside.and_then(|(_, rest)| rest.split(&format!("</{kind}>")).next());
    let mut inside = inside.unwrap_or_default().to_owned();
    for name in ADDED {
        while let Some(start) = inside.find(&format!("<{name}")) {
            let end = format!("</{name}>");
            let Some(length) = inside[start..].find(&end) else {
                break;
            };
            inside.replace_range(start..start + length + end.len(), "");
        }
    }
    entry(kind, &inside)
}
