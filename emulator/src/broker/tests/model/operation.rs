//! What may be done to a namespace at random.

use proptest::prelude::*;
use proptest::sample::{select, Index};

use super::reference::{ModelRule, Verdict};
use super::{Part, CONSUMERS, IDS, SESSIONS, TRANSACTIONS};
use crate::broker::EntityStatus;

/// What a message is to be like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) red: bool,
    pub(super) id: Option<&'static str>,
    pub(super) session: Option<&'static str>,
    /// In seconds.
    pub(super) life: Option<u64>,
    /// In seconds.
    pub(super) delay: Option<u64>,
}

/// A choice among what there is: mostly among what suits the operation, now and then among all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick {
    pub(super) index: Index,
    pub(super) suits: bool,
}

/// The transaction of which an operation is part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Within {
    pub(super) slot: usize,
    /// It may reach beyond the entity that the transaction is about.
    pub(super) crosses: bool,
    /// The numbers of its messages are asked for at once.
    pub(super) schedules: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Send {
        entity: Index,
        wishes: Vec<Wish>,
        within: Option<Within>,
    },
    Cancel(Pick),
    Delete {
        entity: Index,
        part: Part,
        session: &'static str,
        count: usize,
        /// Only what is at least so old, in seconds.
        age: u64,
    },
    /// Puts a consumer in the place of another.
    Attach {
        consumer: usize,
        entity: Index,
        part: Part,
        session: &'static str,
        deletes: bool,
        credit: u32,
    },
    Detach(usize),
    SetCredit(usize, u32),
    Take {
        consumer: usize,
        count: usize,
    },
    Drain(usize),
    ReceiveDeferred {
        message: Pick,
        deletes: bool,
    },
    Settle {
        token: Pick,
        verdict: Verdict,
        within: Option<usize>,
    },
    Renew(Pick),
    RenewSession(usize),
    SetStatus(Index, EntityStatus),
    /// Begins or ends the forwarding of what is in an entity, or of its dead letters.
    Forward {
        entity: Index,
        dead: bool,
        on: bool,
    },
    SetRule {
        entity: Index,
        rule: ModelRule,
        there: bool,
    },
    Declare(usize),
    Discharge {
        slot: usize,
        fails: bool,
        /// Its id is used no more.
        forgets: bool,
    },
    Advance(u64),
    /// To the instant at which something is due, or to the one before it.
    AdvanceToNext {
        just_before: bool,
    },
}

pub(super) fn operation() -> impl Strategy<Value = Operation> {
    let consumer = || 0..CONSUMERS;
    let credit = || 0..6_u32;
    let entity = any::<Index>;
    prop_oneof![
        8 => (entity(), prop::collection::vec(wish(), 1..4), prop::option::weighted(0.3, within()))
            .prop_map(|(entity, wishes, within)| Operation::Send { entity, wishes, within }),
        1 => pick().prop_map(Operation::Cancel),
        1 => (entity(), part(), session(), 1..4_usize, 0..30_u64).prop_map(
            |(entity, part, session, count, age)| {
                Operation::Delete { entity, part, session, count, age }
            }
        ),
        4 => (consumer(), entity(), part(), session(), prop::bool::weighted(0.2), credit())
            .prop_map(|(consumer, entity, part, session, deletes, credit)| {
                Operation::Attach { consumer, entity, part, session, deletes, credit }
            }),
        1 => consumer().prop_map(Operation::Detach),
        3 => (consumer(), credit()).prop_map(|(at, credit)| Operation::SetCredit(at, credit)),
        9 => (consumer(), 1..4_usize)
            .prop_map(|(consumer, count)| Operation::Take { consumer, count }),
        1 => consumer().prop_map(Operation::Drain),
        3 => (pick(), prop::bool::weighted(0.3))
            .prop_map(|(message, deletes)| Operation::ReceiveDeferred { message, deletes }),
        9 => (pick(), verdict(), prop::option::weighted(0.4, 0..TRANSACTIONS))
            .prop_map(|(token, verdict, within)| Operation::Settle { token, verdict, within }),
        1 => pick().prop_map(Operation::Renew),
        1 => consumer().prop_map(Operation::RenewSession),
        1 => (entity(), status()).prop_map(|(entity, status)| Operation::SetStatus(entity, status)),
        1 => (entity(), any::<bool>(), any::<bool>())
            .prop_map(|(entity, dead, on)| Operation::Forward { entity, dead, on }),
        1 => (entity(), rule(), any::<bool>())
            .prop_map(|(entity, rule, there)| Operation::SetRule { entity, rule, there }),
        1 => (0..TRANSACTIONS).prop_map(Operation::Declare),
        3 => (0..TRANSACTIONS, prop::bool::weighted(0.3), prop::bool::weighted(0.7)).prop_map(
            |(slot, fails, forgets)| Operation::Discharge { slot, fails, forgets }
        ),
        3 => prop_oneof![8 => 1..45_u64, 1 => Just(60), 1 => 100..150_u64]
            .prop_map(Operation::Advance),
        1 => any::<bool>().prop_map(|just_before| Operation::AdvanceToNext { just_before }),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let id = prop::option::weighted(0.2, select(&IDS[..]));
    let named = prop::option::weighted(0.9, session());
    let life = prop_oneof![1 => Just(0), 8 => 1..90_u64];
    let life = prop::option::weighted(0.3, life);
    let delay = prop::option::weighted(0.15, 1..90_u64);
    (any::<bool>(), id, named, life, delay).prop_map(|(red, id, session, life, delay)| Wish {
        red,
        id,
        session,
        life,
        delay,
    })
}

fn pick() -> impl Strategy<Value = Pick> {
    let suits = prop::bool::weighted(0.9);
    (any::<Index>(), suits).prop_map(|(index, suits)| Pick { index, suits })
}

fn within() -> impl Strategy<Value = Within> {
    (0..TRANSACTIONS, any::<bool>(), prop::bool::weighted(0.3)).prop_map(
        |(slot, crosses, schedules)| Within {
            slot,
            crosses,
            schedules,
        },
    )
}

fn session() -> impl Strategy<Value = &'static str> {
    select(&SESSIONS[..])
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        6 => Just(Part::Main),
        3 => Just(Part::DeadLetter),
        1 => Just(Part::TransferDeadLetter),
    ]
}

fn verdict() -> impl Strategy<Value = Verdict> {
    select(vec![
        Verdict::Complete,
        Verdict::Release,
        Verdict::Abandon,
        Verdict::DeadLetter,
        Verdict::Defer,
    ])
}

fn status() -> impl Strategy<Value = EntityStatus> {
    prop_oneof![
        3 => Just(EntityStatus::Active),
        1 => Just(EntityStatus::Disabled),
        1 => Just(EntityStatus::SendDisabled),
        1 => Just(EntityStatus::ReceiveDisabled),
    ]
}

fn rule() -> impl Strategy<Value = ModelRule> {
    let rules = [ModelRule::Everything, ModelRule::Red, ModelRule::MarksRed];
    select(rules.to_vec())
}
