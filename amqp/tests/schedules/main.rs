//! Two endpoints back to back under random schedules: no order of bytes, windows, credit, drains and
//! verdicts loses, duplicates or reorders anything, across the wrap-around of every counter.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what does not happen as told ends the test"
)]

mod line;
#[path = "../pair/mod.rs"]
mod pair;
#[path = "../samples/mod.rs"]
mod samples;
mod world;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use world::{Setup, Step, World};

fn any_counter() -> impl Strategy<Value = u32> {
    prop::sample::select(vec![0, 7, u32::MAX >> 1, u32::MAX - 3, u32::MAX])
}

fn any_setup() -> impl Strategy<Value = Setup> {
    let frame_size = || prop::sample::select(vec![512, 700, 65_536]);
    let window = || prop::sample::select(vec![1, 2, 3, 10, 5_000]);
    (
        [frame_size(), frame_size()],
        [window(), window()],
        [any_counter(), any_counter()],
        any_counter(),
        1..3_usize,
        prop::collection::vec(any::<bool>(), 1..4),
    )
        .prop_map(
            |(frame_sizes, windows, first_ids, delivery_count, sessions, client_sends)| Setup {
                frame_sizes,
                windows,
                first_ids,
                delivery_count,
                sessions,
                client_sends,
            },
        )
}

fn any_step() -> impl Strategy<Value = Step> {
    let link = 0..6_usize;
    prop_oneof![
        4 => (any::<bool>(), 1..2_000_usize).prop_map(|(to_server, bytes)| Step::Carry { to_server, bytes }),
        2 => any::<bool>().prop_map(|to_server| Step::Carry { to_server, bytes: usize::MAX }),
        4 => (link.clone(), 0..3_000_usize, any::<bool>())
            .prop_map(|(link, size, settled)| Step::Send { link, size, settled }),
        2 => (link.clone(), 1..6_u32).prop_map(|(link, more)| Step::Grant { link, more }),
        1 => link.clone().prop_map(|link| Step::Drain { link }),
        1 => link.clone().prop_map(|link| Step::AnswerDrain { link }),
        3 => (link.clone(), any::<usize>(), any::<bool>())
            .prop_map(|(link, which, settled)| Step::Judge { link, which, settled }),
        2 => (link, any::<usize>())
            .prop_map(|(link, which)| Step::Confirm { link, which }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x5e55_1045),
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_is_lost_duplicated_or_reordered(
        setup in any_setup(),
        steps in prop::collection::vec(any_step(), 0..120),
    ) {
        let mut world = World::new(&setup);
        for step in &steps {
            world.take(step);
        }
        world.come_to_rest();
        world.assert_agreement();
    }
}
