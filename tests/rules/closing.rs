//! How the object ends.

use servicebus::{ErrorKind, RuleFilter};
use servicebus_emulator::Fault;

use crate::news::News;

#[test]
fn a_closed_object_says_so_and_so_do_its_clones() {
    let news = News::new();
    let clone = news.rules.clone();
    news.rules.remove_rule("$Default").expect("it is removed");
    news.rules.close().expect("it closes");
    news.rules.close().expect("a second close does nothing");
    for rules in [&news.rules, &clone] {
        let error = rules
            .add_rule("a", RuleFilter::True)
            .expect_err("it is closed");
        assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
        assert!(!error.is_outcome_unknown(), "{error:?}");
        let error = rules
            .list_rules()
            .next()
            .expect("an item")
            .expect_err("it is closed");
        assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    }
    let others = news
        .client
        .subscription_rules("news", "north")
        .expect("the names are good");
    others
        .add_rule("a", RuleFilter::True)
        .expect("another object is open");
}

#[test]
fn a_close_detaches_the_links() {
    let news = News::new();
    assert_eq!(news.names(), ["$Default"]);
    news.emulator.record_frames(true);
    news.rules.close().expect("it closes");
    let detaches = news
        .emulator
        .frames()
        .iter()
        .filter(|frame| frame.performative == "detach")
        .count();
    assert_eq!(
        detaches,
        4,
        "of two links, and their answers: {}",
        news.seen()
    );
}

#[test]
fn the_close_of_the_client_ends_it() {
    let news = News::new();
    assert_eq!(news.names(), ["$Default"]);
    news.client.close().expect("it closes");
    let error = news
        .rules
        .remove_rule("$Default")
        .expect_err("it is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
}

#[test]
fn a_close_ends_the_wait_and_leaves_the_outcome_open() {
    let news = News::new();
    let lost = news.inject(Fault::drop_request());
    let waiting = {
        let rules = news.rules.clone();
        std::thread::spawn(move || rules.add_rule("a", RuleFilter::True))
    };
    while news.emulator.hits(lost) == Some(0) {
        std::thread::yield_now();
    }
    news.rules.close().expect("it closes");
    let error = waiting
        .join()
        .expect("the thread ends")
        .expect_err("it is closed");
    assert_eq!(error.kind(), ErrorKind::Closed, "{error:?}");
    assert!(error.is_outcome_unknown(), "{error:?}");
}
