//! Whatever the order in which threads take their steps, the signal stands as the state does in the end.

#![expect(clippy::expect_used, reason = "what surprises a test ends it")]

use std::io::Read;
use std::os::unix::net::UnixStream;

use super::*;

/// A call of one thread.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    Put,
    Taken,
    LinkStands,
    LinkEnded,
    Close,
    Watch,
}

/// How many steps a call takes that others can come between: its change, its look whether somebody watches, and where
/// somebody does, its turn at the signal.
const STEPS: usize = 3;

/// A thread, with how far it has come.
struct Thread<'a> {
    calls: &'a [Call],
    step: usize,
    saw_watcher: bool,
}

impl Thread<'_> {
    fn call(&self) -> Option<Call> {
        self.calls.get(self.step / STEPS).copied()
    }

    /// Takes one step, as [`AtHand`]'s methods do. False where it cannot: there is nothing to take.
    fn advance(&mut self, at_hand: &AtHand) -> bool {
        let Some(call) = self.call() else {
            return false;
        };
        match self.step % STEPS {
            0 => {
                if call == Call::Taken && at_hand.messages.load(SeqCst) == 0 {
                    return false;
                }
                change(at_hand, call);
            }
            1 => self.saw_watcher = at_hand.watched.load(SeqCst),
            _ if self.saw_watcher => at_hand.tell(),
            _ => {}
        }
        self.step += 1;
        true
    }
}

fn change(at_hand: &AtHand, call: Call) {
    match call {
        Call::Put => {
            at_hand.messages.fetch_add(1, SeqCst);
        }
        Call::Taken => {
            at_hand.messages.fetch_sub(1, SeqCst);
        }
        Call::LinkStands => {
            at_hand.links.fetch_add(1, SeqCst);
        }
        Call::LinkEnded => {
            at_hand.links.fetch_sub(1, SeqCst);
        }
        Call::Close => at_hand.closed.store(true, SeqCst),
        Call::Watch => {
            at_hand
                .signal
                .get_or_init(|| Signal::new().expect("there are descriptors"));
            at_hand.watched.store(true, SeqCst);
        }
    }
}

fn state(messages: usize, links: usize) -> AtHand {
    let at_hand = AtHand::default();
    at_hand.messages.store(messages, SeqCst);
    at_hand.links.store(links, SeqCst);
    at_hand
}

/// Whether a byte is there for whoever watches.
fn is_readable(at_hand: &AtHand) -> bool {
    let fd = at_hand.watch().expect("it is watched already").fd();
    let mut stream = UnixStream::from(fd.try_clone_to_owned().expect("there are descriptors"));
    stream.read(&mut [0]).is_ok()
}

/// Runs the threads in this order; false where the order is impossible.
fn run(begin: (usize, usize), threads: &[&[Call]], order: &[usize]) -> bool {
    let at_hand = state(begin.0, begin.1);
    let mut threads: Vec<_> = threads
        .iter()
        .map(|calls| Thread {
            calls,
            step: 0,
            saw_watcher: false,
        })
        .collect();
    if !order.iter().all(|next| threads[*next].advance(&at_hand)) {
        return false;
    }
    let ready = at_hand.is_ready();
    assert_eq!(is_readable(&at_hand), ready, "in the order {order:?}");
    true
}

/// Every order in which threads with so many steps left can take them.
fn orders(left: &mut [usize], order: &mut Vec<usize>, visit: &mut impl FnMut(&[usize])) {
    if left.iter().all(|left| *left == 0) {
        visit(order);
        return;
    }
    for thread in 0..left.len() {
        if left[thread] > 0 {
            left[thread] -= 1;
            order.push(thread);
            orders(left, order, visit);
            order.pop();
            left[thread] += 1;
        }
    }
}

/// Runs the threads in every order, from a state of so many messages and links.
fn in_every_order(begin: (usize, usize), threads: &[&[Call]]) {
    let mut left: Vec<_> = threads.iter().map(|calls| calls.len() * STEPS).collect();
    let mut possible = 0;
    orders(&mut left, &mut Vec::new(), &mut |order| {
        possible += usize::from(run(begin, threads, order));
    });
    assert!(possible > 0, "no order of {threads:?} is possible");
}

#[test]
fn one_brings_and_one_takes_while_a_third_begins_to_watch() {
    in_every_order(
        (0, 1),
        &[&[Call::Put, Call::Put], &[Call::Taken], &[Call::Watch]],
    );
}

#[test]
fn two_take_the_last_messages_while_a_third_begins_to_watch() {
    in_every_order((2, 1), &[&[Call::Taken], &[Call::Taken], &[Call::Watch]]);
}

#[test]
fn one_brings_and_two_take_what_is_watched_already() {
    in_every_order(
        (1, 1),
        &[&[Call::Watch, Call::Put], &[Call::Taken], &[Call::Taken]],
    );
}

#[test]
fn links_come_and_go() {
    in_every_order(
        (0, 1),
        &[&[Call::LinkEnded], &[Call::LinkStands], &[Call::Watch]],
    );
    in_every_order(
        (0, 0),
        &[&[Call::LinkStands, Call::LinkEnded], &[Call::Watch]],
    );
}

#[test]
fn a_close_is_told_whatever_else_happens() {
    in_every_order((1, 1), &[&[Call::Close], &[Call::Taken], &[Call::Watch]]);
}
