//! What one connection has been granted so far.

use super::{Audience, Right, Rights};

/// What an accepted token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) audience: Audience,
    pub(crate) rights: Rights,
    /// The Unix second from which the grant is void.
    pub(crate) expires_at: u64,
}

/// The most audiences that one connection can hold grants for.
const MAX_GRANTS: usize = 10_000;

/// The grants of one connection. They vanish with it.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    grants: Vec<Grant>,
    whole_namespace: bool,
}

impl Claims {
    /// Adds a grant, in place of an earlier one for the same audience.
    ///
    /// Returns `false`, and adds nothing, when the connection holds too many.
    pub(crate) fn add(&mut self, grant: Grant) -> bool {
        let full = self.grants.len() >= MAX_GRANTS;
        let mut known = self.grants.iter_mut();
        match known.find(|known| known.audience == grant.audience) {
            Some(known) => *known = grant,
            None if full => return false,
            None => self.grants.push(grant),
        }
        true
    }

    /// Grants everything for as long as the connection lasts, as SASL PLAIN does.
    pub(crate) fn add_namespace(&mut self) {
        self.whole_namespace = true;
    }

    /// Makes every grant void at once.
    pub(crate) fn expire(&mut self) {
        self.grants.clear();
    }

    /// The Unix second at which the next grant becomes void.
    pub(crate) fn next_expiry(&self) -> Option<u64> {
        self.grants.iter().map(|grant| grant.expires_at).min()
    }

    /// Drops the grants that are void at the Unix time `now`; says whether there were any.
    pub(crate) fn drop_expired(&mut self, now: u64) -> bool {
        let before = self.grants.len();
        self.grants.retain(|grant| now < grant.expires_at);
        self.grants.len() < before
    }

    /// Whether a grant that is valid at the Unix time `now` covers the path of an entity with one of
    /// these rights.
    pub(crate) fn allow(&self, path: &str, rights: &[Right], now: u64) -> bool {
        let path = path.trim_matches('/').to_lowercase();
        let allows = |grant: &Grant| {
            now < grant.expires_at
                && rights.iter().any(|right| grant.rights.include(*right))
                && grant.audience.covers_path(&path)
        };
        self.whole_namespace || self.grants.iter().any(allows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTEN: &[Right] = &[Right::Listen];

    fn claims(audience: &str, expires_at: u64) -> Claims {
        let mut claims = Claims::default();
        let audience = Audience::parse(audience);
        assert!(claims.add(Grant {
            audience,
            rights: [Right::Listen].into_iter().collect(),
            expires_at
        }));
        claims
    }

    #[test]
    fn a_grant_covers_its_entity_until_it_expires() {
        let claims = claims("sb://ns/Orders", 100);
        assert!(claims.allow("orders", LISTEN, 99));
        assert!(claims.allow("/Orders/$DeadLetterQueue", LISTEN, 99));
        assert!(!claims.allow("orders", LISTEN, 100));
        assert!(!claims.allow("invoices", LISTEN, 99));
    }

    #[test]
    fn a_grant_covers_what_its_rights_include() {
        let claims = claims("sb://ns/orders", 100);
        assert!(!claims.allow("orders", &[Right::Send], 99));
        assert!(!claims.allow("orders", &[Right::Manage, Right::Send], 99));
        assert!(claims.allow("orders", &[Right::Send, Right::Listen], 99));
        assert!(!claims.allow("orders", &[], 99));
    }

    #[test]
    fn void_grants_are_dropped() {
        let mut claims = claims("sb://ns/orders", 100);
        let audience = Audience::parse("sb://ns/invoices");
        claims.add(Grant {
            audience,
            rights: Rights::all(),
            expires_at: 50,
        });
        assert_eq!(claims.next_expiry(), Some(50));
        assert!(!claims.drop_expired(49));
        assert!(claims.drop_expired(50));
        assert_eq!(claims.next_expiry(), Some(100));
        assert!(claims.allow("orders", LISTEN, 50));
    }

    #[test]
    fn a_later_token_for_an_audience_replaces_the_earlier_one() {
        let mut claims = claims("sb://ns/orders", 100);
        let audience = Audience::parse("amqps://ns/ORDERS/");
        claims.add(Grant {
            audience,
            rights: Rights::all(),
            expires_at: 200,
        });
        assert!(claims.allow("orders", LISTEN, 150));
        assert_eq!(claims.grants.len(), 1);
    }

    #[test]
    fn a_connection_without_grants_is_allowed_nothing() {
        let mut claims = Claims::default();
        assert!(!claims.allow("orders", LISTEN, 0));
        claims.add_namespace();
        assert!(claims.allow("orders", LISTEN, u64::MAX));
    }
}
