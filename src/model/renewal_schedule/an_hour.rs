//! A thousand locks of five seconds for an hour, by a clock that is only counted: with requests that fail in passing, and
//! locks that get lost. The service is a table of locks with the rules of the broker: a request renews all its locks, or
//! none where one of them is lost.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::*;

const MESSAGES: usize = 1_000;
const LOCK: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3_600);
/// How long a request and its answer take.
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn within(&mut self, span: Duration) -> Duration {
        let millis = u64::try_from(span.as_millis()).expect("a span of a test");
        Duration::from_millis(self.below(millis))
    }
}

struct Service {
    /// When each lock runs out.
    locks: Vec<Instant>,
    /// When locks get lost whatever the client does.
    lost_at: BTreeMap<usize, Instant>,
    random: Random,
    requests: usize,
    renewals: usize,
}

impl Service {
    fn is_lost(&self, message: usize, now: Instant) -> bool {
        let lost = self.lost_at.get(&message).is_some_and(|at| *at <= now);
        assert!(lost || self.locks[message] > now, "{message} ran out");
        lost
    }

    fn renew(&mut self, messages: &[usize], now: Instant) -> Result<Vec<Instant>, Error> {
        self.requests += 1;
        let luck = self.random.below(40);
        let busy = || Error::new(ErrorKind::ServerBusy, "busy");
        if luck == 0 {
            return Err(busy());
        }
        let lost: Vec<bool> = messages.iter().map(|m| self.is_lost(*m, now)).collect();
        if lost.contains(&true) {
            return Err(Error::new(ErrorKind::MessageLockLost, "lost"));
        }
        for message in messages {
            self.locks[*message] = now + LOCK;
        }
        if luck == 1 {
            // Carried out, and nobody learns of it.
            return Err(Error::new(ErrorKind::OperationTimeout, "no answer"));
        }
        self.renewals += messages.len();
        Ok(vec![now + LOCK; messages.len()])
    }
}

/// What happens next: the number keeps apart what happens at the same time.
type Answer = (Instant, usize);

#[test]
fn every_lost_lock_is_told_of_once_and_requests_are_few() {
    let start = Instant::now();
    let mut random = Random(1);
    let lost_at: BTreeMap<usize, Instant> = (0..MESSAGES / 20)
        .map(|message| (message * 20, start + LOCK * 2 + random.within(HOUR / 2)))
        .collect();
    let mut service = Service {
        locks: Vec::new(),
        lost_at,
        random,
        requests: 0,
        renewals: 0,
    };
    let held = |_: RenewalId, _: &usize| Standing::Held;
    let mut schedule = RenewalSchedule::new();
    for message in 0..MESSAGES {
        // They arrive one after another, and the clock of the schedule is that of their arrival.
        let arrival = start + Duration::from_millis(2) * u32::try_from(message).expect("few");
        service.locks.push(arrival + LOCK);
        let renewal = Renewal {
            subject: message,
            together: 0,
            expires_at: arrival + LOCK,
            until: None,
        };
        schedule.add(RenewalId::next(), renewal, arrival, held);
    }
    let mut answers: BinaryHeap<Reverse<Answer>> = BinaryHeap::new();
    let mut pending = BTreeMap::new();
    let mut reported = Vec::new();
    loop {
        let answer = answers.peek().map(|Reverse((at, _))| *at);
        let now = answer.into_iter().chain(schedule.next_due()).min();
        let now = now.expect("there is always a lock to renew");
        if now > start + HOUR {
            break;
        }
        let work = if answer == Some(now) {
            let Reverse((_, number)) = answers.pop().expect("it was seen");
            let (request, result): (Request<usize>, _) =
                pending.remove(&number).expect("it was asked");
            match result {
                Ok(expiries) => {
                    let expiries: Vec<Instant> = expiries;
                    schedule.renewed(request, &expiries, now);
                    continue;
                }
                Err(error) => schedule.failed(request, &error, now, held),
            }
        } else {
            schedule.due(now, held)
        };
        for ended in work.ended {
            assert_eq!(
                ended.failure.map(|error| error.kind()),
                Some(ErrorKind::MessageLockLost)
            );
            reported.push(ended.subject);
        }
        for request in work.requests {
            let messages: Vec<usize> = request.locks.iter().map(|(_, m)| *m).collect();
            let result = service.renew(&messages, now);
            answers.push(Reverse((now + ROUND_TRIP, service.requests)));
            pending.insert(service.requests, (request, result));
        }
    }
    reported.sort_unstable();
    let lost: Vec<usize> = service.lost_at.keys().copied().collect();
    assert_eq!(reported, lost, "each lost lock, once");
    let (requests, renewals) = (service.requests, service.renewals);
    assert!(renewals > MESSAGES * 720, "{renewals} renewals");
    assert!(
        requests * 10 <= renewals,
        "{requests} requests for {renewals} renewals"
    );
}
