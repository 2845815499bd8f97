//! What becomes of a message that somebody had locked.

use super::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Verdict {
    Complete,
    Release,
    Abandon,
    DeadLetter,
    Defer,
}

impl Verdict {
    pub(in super::super) fn settlement(self) -> Settlement {
        match self {
            Self::Complete => Settlement::Complete,
            Self::Release => Settlement::Release,
            Self::Abandon => abandon(),
            Self::DeadLetter => dead_letter(),
            Self::Defer => defer(),
        }
    }
}

impl Reference {
    pub(in super::super) fn settle(&mut self, place: usize, verdict: Verdict) {
        match verdict {
            Verdict::Complete => self.end(place),
            Verdict::Release => self.messages[place].lock = None,
            Verdict::Abandon => self.fail(place),
            Verdict::DeadLetter => {
                let message = self.messages.remove(place);
                self.set_aside(message, Part::DeadLetter, Some("tired"));
            }
            Verdict::Defer => {
                self.messages[place].state = MessageState::Deferred;
                self.fail(place);
            }
        }
        self.let_leave();
    }

    /// A delivery was in vain; only a queue proper counts that.
    pub(super) fn fail(&mut self, place: usize) {
        let message = &mut self.messages[place];
        message.lock = None;
        if message.place.part != Part::Main {
            return;
        }
        message.count += 1;
        let (at, count) = (message.place, message.count);
        if count >= self.options(at).max_delivery_count {
            let message = self.messages.remove(place);
            self.set_aside(message, Part::DeadLetter, Some("MaxDeliveryCountExceeded"));
        }
    }
}
