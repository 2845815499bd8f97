//! JSON web tokens, taken at their word.
//!
//! Nobody here could check an Entra ID signature, so they are accepted only where the user asked
//! for it. What can be checked without a key is: form, validity period, and the issued audience.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use serde_json::Value;

use super::TokenError;

/// What tokens for Service Bus are issued for.
const AUDIENCE: &str = "servicebus.azure.net";

/// Checks a token without its signature and returns the Unix second at which it expires.
pub(super) fn check(token: &str, now: u64) -> Result<u64, TokenError> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenError::Malformed("it has not three parts"));
    };
    let payload = URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .map_err(|_| TokenError::Malformed("its payload is not base64url"))?;
    let claims: Value = serde_json::from_slice(&payload)
        .map_err(|_| TokenError::Malformed("its payload is not JSON"))?;
    let seconds = |name: &str| claims.get(name).and_then(Value::as_u64);
    let expires_at = seconds("exp").ok_or(TokenError::Malformed("exp is missing"))?;
    if expires_at <= now {
        return Err(TokenError::Expired);
    }
    let audience = claims
        .get("aud")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !is_service_bus(audience) {
        return Err(TokenError::InvalidAudience {
            audience: AUDIENCE.to_owned(),
        });
    }
    Ok(expires_at)
}

fn is_service_bus(audience: &str) -> bool {
    let host = audience
        .split_once("://")
        .map_or(audience, |(_, rest)| rest);
    host.trim_end_matches('/').eq_ignore_ascii_case(AUDIENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn token(payload: &str) -> String {
        format!("e30.{}.", URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn a_token_for_service_bus_is_accepted_until_it_expires() {
        for audience in [
            "https://servicebus.azure.net",
            "https://servicebus.azure.net/",
        ] {
            let token = token(&format!(r#"{{"aud":"{audience}","exp":1700000060}}"#));
            assert_eq!(check(&token, NOW), Ok(NOW + 60), "{audience}");
            assert_eq!(
                check(&token, NOW + 60),
                Err(TokenError::Expired),
                "{audience}"
            );
        }
    }

    #[test]
    fn a_token_for_something_else_is_refused() {
        let verdict = check(
            &token(r#"{"aud":"https://vault.azure.net","exp":1700000060}"#),
            NOW,
        );
        assert!(
            matches!(verdict, Err(TokenError::InvalidAudience { .. })),
            "{verdict:?}"
        );
    }

    #[test]
    fn what_is_no_token_is_malformed() {
        for text in [
            "",
            "a.b",
            "a.b.c.d",
            "a.!.c",
            &token("[]"),
            &token("{}"),
            &token("{"),
        ] {
            let verdict = check(text, NOW);
            assert!(
                matches!(verdict, Err(TokenError::Malformed(_))),
                "{text:?} {verdict:?}"
            );
        }
    }
}
