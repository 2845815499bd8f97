//! What a random schedule acts on, and what must have come of it.

use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::{ConnectionOptions, Event, SessionOptions};

use crate::line::Line;
use crate::pair::Pair;
use crate::samples::attach;

#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// Of client and server, as the next two.
    pub(crate) frame_sizes: [u32; 2],
    pub(crate) windows: [u32; 2],
    pub(crate) first_ids: [u32; 2],
    /// Where every link begins to count.
    pub(crate) delivery_count: u32,
    pub(crate) sessions: usize,
    /// One link each, on every session.
    pub(crate) client_sends: Vec<bool>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Carry {
        to_server: bool,
        bytes: usize,
    },
    Send {
        link: usize,
        size: usize,
        settled: bool,
    },
    Grant {
        link: usize,
        more: u32,
    },
    Drain {
        link: usize,
    },
    AnswerDrain {
        link: usize,
    },
    /// The receiver's verdict, settled at once or to be confirmed.
    Judge {
        link: usize,
        which: usize,
        settled: bool,
    },
    /// The sender settles what the receiver has judged.
    Confirm {
        link: usize,
        which: usize,
    },
}

pub(crate) struct World {
    pair: Pair,
    lines: Vec<Line>,
}

impl World {
    pub(crate) fn new(setup: &Setup) -> Self {
        let session = |end: usize| SessionOptions {
            incoming_window: setup.windows[end],
            next_outgoing_id: setup.first_ids[end],
            ..SessionOptions::default()
        };
        let options = |end: usize| ConnectionOptions {
            max_frame_size: setup.frame_sizes[end],
            session: session(end),
            ..ConnectionOptions::default()
        };
        let mut pair = Pair::open(options(0), options(1));
        let mut lines = Vec::new();
        for _ in 0..setup.sessions {
            let id = pair.begin(&session(0));
            for client_sends in &setup.client_sends {
                let role = match client_sends {
                    true => Role::Sender,
                    false => Role::Receiver,
                };
                let mut attach = attach(&lines.len().to_string(), role);
                attach.initial_delivery_count = Some(setup.delivery_count);
                let (client, server) = pair.link(id, attach);
                lines.push(Line::new(*client_sends, client, server));
            }
        }
        World { pair, lines }
    }

    pub(crate) fn take(&mut self, step: &Step) {
        let count = self.lines.len();
        match step {
            Step::Carry { to_server, bytes } => {
                match to_server {
                    true => self.pair.carry_to_server(*bytes),
                    false => self.pair.carry_to_client(*bytes),
                }
                self.take_events();
            }
            Step::Send {
                link,
                size,
                settled,
            } => self.lines[link % count].send(&mut self.pair, *size, *settled),
            Step::Grant { link, more } => self.lines[link % count].grant(&mut self.pair, *more),
            Step::Drain { link } => self.lines[link % count].drain(&mut self.pair),
            Step::AnswerDrain { link } => self.lines[link % count].answer_drain(&mut self.pair),
            Step::Judge {
                link,
                which,
                settled,
            } => self.lines[link % count].judge(&mut self.pair, *which, *settled),
            Step::Confirm { link, which } => {
                self.lines[link % count].confirm(&mut self.pair, *which);
            }
        }
        self.take_events();
    }

    fn take_events(&mut self) {
        for at_client in [true, false] {
            let end = match at_client {
                true => &mut self.pair.client,
                false => &mut self.pair.server,
            };
            let events: Vec<Event> = std::iter::from_fn(|| end.poll_event()).collect();
            for event in events {
                let link = match &event {
                    Event::Flow { link, .. }
                    | Event::Drained { link }
                    | Event::Delivery { link, .. }
                    | Event::Disposition { link, .. } => *link,
                    other => panic!("nothing should end or begin, but {other:?}"),
                };
                let line = self
                    .lines
                    .iter_mut()
                    .find(|line| line.end(at_client) == link)
                    .expect("the link is known");
                line.note(at_client, &event);
            }
        }
    }

    /// Carries, answers and judges until nothing is left to do.
    pub(crate) fn come_to_rest(&mut self) {
        for round in 0.. {
            assert!(round < 1_000, "it never comes to rest");
            self.pair.exchange();
            self.take_events();
            for line in &mut self.lines {
                line.answer_drain(&mut self.pair);
                while !line.unjudged.is_empty() {
                    line.judge(&mut self.pair, 0, true);
                }
                while !line.unconfirmed.is_empty() {
                    line.confirm(&mut self.pair, 0);
                }
            }
            let at_rest =
                self.pair.client.output().is_empty() && self.pair.server.output().is_empty();
            if at_rest {
                break;
            }
        }
    }

    pub(crate) fn assert_agreement(&mut self) {
        for (number, line) in self.lines.iter().enumerate() {
            line.assert_agreement(number, &mut self.pair);
        }
    }
}
