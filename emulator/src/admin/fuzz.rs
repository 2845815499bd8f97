//! Any body for every resource, apart from HTTP.

use super::answer::Answer;
use super::request::Inquiry;
use super::{atom, xml};
use crate::auth::TokenChecker;
use crate::broker::Broker;
use crate::hub::Hub;
use crate::tier::Tier;

/// Resources and the descriptions that may stand for them.
const RESOURCES: [(&str, &[&str]); 3] = [
    ("/made", &["QueueDescription", "TopicDescription"]),
    ("/topic/subscriptions/made", &["SubscriptionDescription"]),
    (
        "/topic/subscriptions/other/rules/made",
        &["RuleDescription"],
    ),
];

/// Takes `data` for what a client puts. Each answer must be well-formed; what was created is there,
/// takes its own description as an update, and goes; what was refused is not there.
pub(crate) fn descriptions(data: &[u8]) {
    for (path, kinds) in RESOURCES {
        if atom::description(data, kinds).is_err() && path != "/made" {
            continue;
        }
        for tier in [Tier::Standard, Tier::Premium] {
            let mut hub = Hub::new(Broker::new(tier), TokenChecker::new(Vec::new(), false));
            prepare(&mut hub);
            let answer = ask(&mut hub, "PUT", path, false, data);
            if answer.status == 201 {
                assert_eq!(ask(&mut hub, "GET", path, false, &[]).status, 200);
                let again = ask(&mut hub, "PUT", path, true, data);
                assert_eq!(again.status, 200, "{again:?}");
                assert_eq!(ask(&mut hub, "DELETE", path, false, &[]).status, 200);
            } else {
                assert!((400..500).contains(&answer.status), "{answer:?}");
            }
            let gone = ask(&mut hub, "DELETE", path, false, &[]);
            assert_eq!(gone.status, 404, "{gone:?}");
        }
    }
}

fn prepare(hub: &mut Hub) {
    let body = |kind: &str| {
        let (atom, connect) = (xml::ATOM, xml::CONNECT);
        format!("<entry xmlns=\"{atom}\"><content><{kind} xmlns=\"{connect}\"/></content></entry>")
    };
    for (path, kind) in [
        ("/target", "QueueDescription"),
        ("/topic", "TopicDescription"),
        ("/topic/subscriptions/other", "SubscriptionDescription"),
    ] {
        let answer = ask(hub, "PUT", path, false, body(kind).as_bytes());
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
    }
}

fn ask(hub: &mut Hub, method: &str, path: &str, if_match: bool, body: &[u8]) -> Answer {
    let inquiry = Inquiry::plain(method, path, if_match);
    let answer = inquiry.run(body, hub);
    let is_xml = xml::read(&answer.body).is_ok();
    assert!(answer.body.is_empty() || is_xml, "{answer:?}");
    answer
}
