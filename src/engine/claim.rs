//! The right to an entity, and how the token stands that gives it.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Pause after a failed renewal, where the token's life leaves time for it.
const RETRY_PAUSE: Duration = Duration::from_secs(10);
/// No pause is shorter.
const SHORTEST_RETRY_PAUSE: Duration = Duration::from_secs(1);
/// One renewal may not take longer, and may always take this long.
const LONGEST_RENEWAL: Duration = Duration::from_secs(60);
const SHORTEST_RENEWAL: Duration = Duration::from_secs(2);
/// So many pauses, or renewals without an answer, go into what is left of the life of a token.
const RETRIES_LEFT: u32 = 4;

/// The right to an entity: as long as it is held, its token is renewed.
pub(crate) struct Claim {
    audience: String,
    standing: Mutex<Standing>,
}

/// The token that is in force for an entity, as far as this side knows.
pub(crate) struct Standing {
    /// The version of the credential that it is from.
    version: u64,
    /// When it is to be replaced; `None`: it cannot be.
    renew_at: Option<Instant>,
    /// When it expires; `None`: it does not say.
    good_until: Option<Instant>,
    /// When a failed renewal is tried again, unless the credential is another than that version by then.
    retry: Option<(Instant, u64)>,
}

impl Standing {
    pub(crate) fn new(
        version: u64,
        renew_at: Option<Instant>,
        good_until: Option<Instant>,
    ) -> Self {
        Standing {
            version,
            renew_at,
            good_until,
            retry: None,
        }
    }

    /// The time that the token has left to live, where that is known.
    fn left(&self, now: Instant) -> Option<Duration> {
        Some(self.good_until?.saturating_duration_since(now))
    }
}

impl Claim {
    pub(crate) fn new(audience: String, standing: Standing) -> Self {
        Claim {
            audience,
            standing: Mutex::new(standing),
        }
    }

    pub(crate) fn audience(&self) -> &str {
        &self.audience
    }

    /// Whether links may be attached without another token.
    pub(crate) fn is_good(&self, version: u64) -> bool {
        let standing = self.standing.lock();
        standing.version == version && standing.good_until.is_none_or(|at| Instant::now() < at)
    }

    /// The service refused what the token should allow: it may have dropped the token. Says whether the token was
    /// believed until now.
    pub(crate) fn doubt(&self) -> bool {
        let now = Instant::now();
        let before = self.standing.lock().good_until.replace(now);
        before.is_none_or(|at| now < at)
    }

    /// A token was put.
    pub(crate) fn renewed(&self, standing: Standing) {
        *self.standing.lock() = standing;
    }

    /// A renewal with this version of the credential failed.
    pub(crate) fn failed(&self, version: u64) {
        let mut standing = self.standing.lock();
        let now = Instant::now();
        standing.retry = Some((now + retry_pause(standing.left(now)), version));
    }

    /// How long one renewal may take, so that others fit into the life that is left.
    pub(crate) fn patience(&self) -> Duration {
        patience(self.standing.lock().left(Instant::now()))
    }

    /// When the token is to be replaced, where the credential has this version now.
    pub(crate) fn due(&self, version: u64) -> Option<Instant> {
        let standing = self.standing.lock();
        match standing.retry {
            Some((at, tried)) if tried == version => Some(at),
            _ if standing.version != version => Some(Instant::now()),
            _ => standing.renew_at,
        }
    }
}

/// How long to wait after a failed renewal of a token with this time left to live.
fn retry_pause(left: Option<Duration>) -> Duration {
    left.map_or(RETRY_PAUSE, |left| left / RETRIES_LEFT)
        .clamp(SHORTEST_RETRY_PAUSE, RETRY_PAUSE)
}

/// How long a renewal of a token with this time left to live may take.
fn patience(left: Option<Duration>) -> Duration {
    left.map_or(LONGEST_RENEWAL, |left| left / RETRIES_LEFT)
        .clamp(SHORTEST_RENEWAL, LONGEST_RENEWAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn claim() -> (Claim, Instant) {
        let renew_at = Instant::now() + HOUR;
        let standing = Standing::new(1, Some(renew_at), Some(renew_at + HOUR));
        (Claim::new("sb://ns/q".to_owned(), standing), renew_at)
    }

    #[test]
    fn another_credential_makes_every_token_due() {
        let (claim, renew_at) = claim();
        assert!(claim.is_good(1) && !claim.is_good(2));
        assert_eq!(claim.due(1), Some(renew_at));
        assert!(claim.due(2).is_some_and(|at| at <= Instant::now()));
    }

    #[test]
    fn a_failed_renewal_is_tried_again_soon_and_with_another_credential_at_once() {
        let (claim, renew_at) = claim();
        claim.failed(2);
        let again = claim.due(2).expect("it is tried again");
        assert!(Instant::now() < again && again < renew_at);
        assert!(claim.due(3).is_some_and(|at| at <= Instant::now()));
        assert!(claim.is_good(1), "the token is in force still");
    }

    #[test]
    fn a_doubted_token_gives_no_right_to_new_links() {
        let (claim, _) = claim();
        claim.doubt();
        assert!(!claim.is_good(1));
    }

    #[test]
    fn renewals_fit_into_the_life_that_is_left() {
        let seconds = Duration::from_secs;
        assert_eq!(retry_pause(None), seconds(10));
        assert_eq!(retry_pause(Some(seconds(360))), seconds(10));
        assert_eq!(retry_pause(Some(seconds(20))), seconds(5));
        assert_eq!(retry_pause(Some(seconds(0))), seconds(1));
        assert_eq!(patience(None), seconds(60));
        assert_eq!(patience(Some(seconds(360))), seconds(60));
        assert_eq!(patience(Some(seconds(20))), seconds(5));
        assert_eq!(patience(Some(seconds(0))), seconds(2));
    }
}
