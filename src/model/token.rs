use chrono::{DateTime, Utc};

use super::sas_token::SasToken;
use super::token_credential::AccessToken;

/// What is shown to the service.
pub(crate) enum Token {
    Sas(SasToken),
    Jwt(AccessToken),
}

impl Token {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Token::Sas(token) => token.as_str(),
            Token::Jwt(token) => token.as_str(),
        }
    }

    /// When it expires, `None` when it does not say.
    pub(crate) fn expires_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Token::Sas(token) => token.expires_at(),
            Token::Jwt(token) => Some(token.expires_at()),
        }
    }
}
