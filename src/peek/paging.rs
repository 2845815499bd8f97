//! Whatever the pages of the service are, a walk shows each message once, and comes to an end.

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::*;

/// Numbers close to each other and to both ends of their range.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        -20..200_i64,
        (0..5_i64).prop_map(|below| i64::MAX - below),
        (0..5_i64).prop_map(|above| i64::MIN + above),
        any::<i64>(),
    ]
}

proptest! {
    #[test]
    fn each_message_is_shown_once(
        stored in btree_set(number(), 0..60),
        from in number(),
        sizes in vec(1..10_usize, 1..10),
    ) {
        let mut shown = Vec::new();
        let mut next = Some(from);
        let mut sizes = sizes.into_iter().cycle();
        while let Some(from) = next {
            let size = sizes.next().expect("a cycle");
            let page: Vec<i64> = stored.range(from..).take(size).copied().collect();
            next = next_page(from, page.iter().copied().map(Some)).expect("the pages are in order");
            shown.extend(page);
        }
        let wanted: Vec<i64> = stored.range(from..).copied().collect();
        prop_assert_eq!(shown, wanted);
    }

    #[test]
    fn messages_that_come_and_go_meanwhile_show_no_other_twice(
        stored in btree_set(0..100_i64, 0..60),
        changes in vec((0..100_i64, any::<bool>()), 0..40),
        size in 1..10_usize,
    ) {
        let touched: BTreeSet<i64> = changes.iter().map(|(number, _)| *number).collect();
        let mut now = stored.clone();
        let mut changes = changes.into_iter();
        let mut shown = Vec::new();
        let mut next = Some(i64::MIN);
        while let Some(from) = next {
            let page: Vec<i64> = now.range(from..).take(size).copied().collect();
            next = next_page(from, page.iter().copied().map(Some)).expect("the pages are in order");
            shown.extend(page);
            if let Some((number, comes)) = changes.next() {
                if comes { now.insert(number) } else { now.remove(&number) };
            }
        }
        let distinct: BTreeSet<i64> = shown.iter().copied().collect();
        prop_assert_eq!(distinct.len(), shown.len(), "shown twice: {:?}", shown);
        for number in stored.difference(&touched) {
            prop_assert!(distinct.contains(number), "{} is missing", number);
        }
    }

    #[test]
    fn no_page_leads_back(from in number(), page in vec(proptest::option::of(number()), 0..5)) {
        match next_page(from, page.iter().copied()) {
            Ok(Some(next)) => prop_assert!(next > from),
            Ok(None) => prop_assert!(page.is_empty() || page.contains(&Some(i64::MAX))),
            Err(_) => prop_assert!(page.iter().flatten().all(|number| *number < from)),
        }
    }
}
