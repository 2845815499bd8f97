//! Who may do what: tokens, and the claims that a connection holds after it has presented them.

mod audience;
mod authorization_rule;
mod claims;
mod jwt;
mod rights;
mod sas;

pub(crate) use self::audience::Audience;
pub(crate) use self::authorization_rule::{AuthorizationRule, EntityRules};
pub(crate) use self::claims::{Claims, Grant};
pub(crate) use self::rights::{Right, Rights};
pub(crate) use self::sas::SharedAccessKey;

/// Why a token was refused. No variant carries any part of the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("MalformedToken: The token cannot be read: {0}.")]
    Malformed(&'static str),
    #[error("InvalidSignature: The token has an invalid signature.")]
    InvalidSignature,
    #[error("ExpiredToken: The token is expired.")]
    Expired,
    #[error("InvalidAudience: The token was not issued for '{audience}'.")]
    InvalidAudience { audience: String },
    #[error("UnsupportedToken: Tokens of type '{0}' are not accepted.")]
    Unsupported(String),
}

/// Checks tokens against the keys of one namespace.
#[derive(Clone, Debug)]
pub(crate) struct TokenChecker {
    keys: Vec<SharedAccessKey>,
    accept_jwt: bool,
}

impl TokenChecker {
    pub(crate) fn new(keys: Vec<SharedAccessKey>, accept_jwt: bool) -> Self {
        Self { keys, accept_jwt }
    }

    /// Checks a token that is presented for `audience`, which lies in the entity with these rules, at
    /// the Unix time `now`.
    ///
    /// The kind of a token is seen in the token: the Python SDK calls its SAS tokens `jwt`.
    pub(crate) fn check(
        &self,
        token: &str,
        audience: &Audience,
        entity: Option<EntityRules<'_>>,
        now: u64,
    ) -> Result<Grant, TokenError> {
        let (expires_at, rights) = if sas::is_sas(token) {
            sas::check(token, &self.keys, entity, audience, now)?
        } else if !self.accept_jwt {
            return Err(TokenError::Unsupported("jwt".to_owned()));
        } else {
            (jwt::check(token, now)?, Rights::all())
        };
        Ok(Grant {
            audience: audience.clone(),
            rights,
            expires_at,
        })
    }

    /// Whether SASL PLAIN credentials name a key of the namespace.
    pub(crate) fn knows_key(&self, name: &str, key: &str) -> bool {
        self.keys.iter().any(|known| known.matches(name, key))
    }
}
