//! The rules of the schedule, one by one.

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const LOCK: Duration = Duration::from_secs(5);

type Schedule = RenewalSchedule<u32>;

fn held(_: RenewalId, _: &u32) -> Standing {
    Standing::Held
}

fn add(
    schedule: &mut Schedule,
    subject: u32,
    group: usize,
    now: Instant,
    max_duration: Option<Duration>,
) {
    let renewal = Renewal {
        subject,
        together: group,
        expires_at: now + LOCK,
        until: max_duration.map(|span| now + span),
    };
    schedule.add(RenewalId::next(), renewal, now, held);
}

fn asked(work: &Work<u32>) -> Vec<Vec<u32>> {
    let subjects = |request: &Request<u32>| {
        let mut subjects: Vec<u32> = request.locks.iter().map(|(_, subject)| *subject).collect();
        subjects.sort_unstable();
        subjects
    };
    work.requests.iter().map(subjects).collect()
}

fn ended(work: &Work<u32>) -> Vec<(u32, Option<ErrorKind>)> {
    let end = |ended: &Ended<u32>| (ended.subject, ended.failure.as_ref().map(Error::kind));
    work.ended.iter().map(end).collect()
}

fn busy() -> Error {
    Error::new(ErrorKind::ServerBusy, "busy")
}

fn lost() -> Error {
    Error::new(ErrorKind::MessageLockLost, "lost")
}

#[test]
fn a_lock_is_renewed_when_half_of_it_is_over() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    add(&mut schedule, 1, 0, start, None);
    assert_eq!(schedule.next_due(), Some(start + LOCK / 2));
    assert!(schedule.due(start + 2 * SECOND, held).requests.is_empty());
    let mut work = schedule.due(start + LOCK / 2, held);
    assert_eq!(asked(&work), [[1]]);
    assert_eq!(schedule.next_due(), None, "it is being renewed");
    let answered = start + 3 * SECOND;
    schedule.renewed(work.requests.remove(0), &[answered + LOCK], answered);
    assert_eq!(schedule.next_due(), Some(answered + LOCK / 2));
}

#[test]
fn those_of_one_receiver_that_are_due_soon_go_along() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    for (subject, group, at) in [(1, 0, 0), (2, 0, 1), (3, 0, 2), (4, 1, 1), (5, 1, 0)] {
        add(&mut schedule, subject, group, start + at * SECOND, None);
    }
    let work = schedule.due(start + LOCK / 2, held);
    assert_eq!(asked(&work), [[1, 2], [4, 5]]);
    assert_eq!(schedule.next_due(), Some(start + 2 * SECOND + LOCK / 2));
}

#[test]
fn a_request_has_a_limit() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    for subject in 0..600 {
        add(&mut schedule, subject, 0, start, None);
    }
    let work = schedule.due(start + LOCK, held);
    let counts: Vec<usize> = asked(&work).iter().map(Vec::len).collect();
    assert_eq!(counts, [MAX_LOCKS, MAX_LOCKS, 600 - 2 * MAX_LOCKS]);
}

#[test]
fn a_lock_that_lasts_long_enough_is_not_renewed() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    add(&mut schedule, 1, 0, start, Some(LOCK));
    add(&mut schedule, 2, 0, start, Some(LOCK + SECOND));
    let work = schedule.due(start + LOCK / 2, held);
    assert_eq!(asked(&work), [[2]]);
    let work = schedule.due(start + LOCK, held);
    assert_eq!((asked(&work), ended(&work)), (vec![], vec![(1, None)]));
}

#[test]
fn the_end_of_its_time_does_not_come_early() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    add(&mut schedule, 1, 0, start, Some(3 * SECOND));
    add(&mut schedule, 2, 0, start, None);
    let work = schedule.due(start + LOCK / 2, held);
    assert_eq!((asked(&work), ended(&work)), (vec![vec![2]], vec![]));
    assert_eq!(schedule.next_due(), Some(start + 3 * SECOND));
}

#[test]
fn what_may_pass_is_tried_again_until_the_lock_ran_out() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    add(&mut schedule, 1, 0, start, None);
    let mut attempts = 0;
    let failure = loop {
        let now = schedule.next_due().expect("it waits");
        let mut work = schedule.due(now, held);
        attempts += 1;
        let mut work = schedule.failed(work.requests.remove(0), &busy(), now, held);
        if let Some(ended) = work.ended.pop() {
            assert!(now >= start + LOCK, "after {:?}", now - start);
            break ended.failure;
        }
    };
    assert_eq!(
        failure.map(|error| error.kind()),
        Some(ErrorKind::ServerBusy)
    );
    assert!((5..30).contains(&attempts), "{attempts} attempts");
    assert_eq!(schedule.next_due(), None);
}

#[test]
fn what_does_not_pass_ends_all() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    add(&mut schedule, 1, 0, start, None);
    add(&mut schedule, 2, 0, start, None);
    let mut work = schedule.due(start + LOCK / 2, held);
    let error = Error::new(ErrorKind::MessagingEntityNotFound, "gone");
    let work = schedule.failed(work.requests.remove(0), &error, start + LOCK / 2, held);
    let kind = Some(ErrorKind::MessagingEntityNotFound);
    assert_eq!(ended(&work), [(1, kind), (2, kind)]);
    assert!(work.requests.is_empty());
}

#[test]
fn a_lost_lock_is_found_by_halves() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    for subject in 0..100 {
        add(&mut schedule, subject, 0, start, None);
    }
    let now = start + LOCK / 2;
    let mut requests = schedule.due(now, held).requests;
    let (mut asked, mut reported) = (0, Vec::new());
    while let Some(request) = requests.pop() {
        asked += 1;
        if request.locks.iter().any(|(_, subject)| *subject == 37) {
            let work = schedule.failed(request, &lost(), now, held);
            reported.extend(ended(&work));
            requests.extend(work.requests);
        } else {
            let expiries = vec![now + LOCK; request.locks.len()];
            schedule.renewed(request, &expiries, now);
        }
    }
    assert_eq!(reported, [(37, Some(ErrorKind::MessageLockLost))]);
    assert!(asked <= 15, "{asked} requests");
}

#[test]
fn a_message_that_is_being_settled_is_not_lost() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    add(&mut schedule, 1, 0, start, None);
    let now = start + LOCK / 2;
    let mut work = schedule.due(now, held);
    let settling = |_: RenewalId, _: &u32| Standing::Settling;
    let work = schedule.failed(work.requests.remove(0), &lost(), now, settling);
    assert!(work.ended.is_empty() && work.requests.is_empty());
    let again = schedule.next_due().expect("it is looked at again");
    let settled = |_: RenewalId, _: &u32| Standing::Over;
    let work = schedule.due(again, settled);
    assert!(work.ended.is_empty() && work.requests.is_empty());
    assert_eq!(schedule.next_due(), None);
}

#[test]
fn what_was_settled_meanwhile_spoils_no_request() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    add(&mut schedule, 1, 0, start, None);
    add(&mut schedule, 2, 0, start, None);
    let now = start + LOCK / 2;
    let mut work = schedule.due(now, held);
    let standing = |_: RenewalId, subject: &u32| match subject {
        1 => Standing::Over,
        _ => Standing::Held,
    };
    let work = schedule.failed(work.requests.remove(0), &lost(), now, standing);
    assert_eq!((asked(&work), ended(&work)), (vec![vec![2]], vec![]));
}

#[test]
fn what_nobody_wants_takes_no_room() {
    let (mut schedule, start) = (Schedule::new(), Instant::now());
    let mut most = 0;
    for subject in 0..10_000 {
        // The last ten are wanted.
        let standing = |_: RenewalId, other: &u32| match other + 10 > subject {
            true => Standing::Held,
            false => Standing::Over,
        };
        let renewal = Renewal {
            subject,
            together: 0,
            expires_at: start + LOCK,
            until: None,
        };
        schedule.add(RenewalId::next(), renewal, start, standing);
        most = most.max(schedule.renewals.len());
    }
    assert!(most <= 2 * 10 + SWEEP_MARGIN, "{most} kept");
    assert_eq!(
        schedule.waiting.values().map(BTreeSet::len).sum::<usize>(),
        schedule.renewals.len()
    );
}
