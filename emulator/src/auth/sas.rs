//! Shared access signatures.
//!
//! The signature is over `sr` exactly as it was sent, escapes and letter case included, and a
//! newline and the expiry: SDKs differ in how they escape, and only the raw text is what was signed
//! (Service Bus docs, "Service Bus access control with Shared Access Signatures").

use std::fmt;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use hmac::{Hmac, Mac};
use percent_encoding::percent_decode_str;
use sha2::Sha256;

use super::{Audience, EntityRules, Rights, TokenError};

const PREFIX: &str = "SharedAccessSignature ";

/// A named key, of the namespace or of one entity.
#[derive(Clone)]
pub(crate) struct SharedAccessKey {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) rights: Rights,
}

impl SharedAccessKey {
    /// Whether these are the name and the key, in a time that does not depend on how much is right.
    pub(super) fn matches(&self, name: &str, key: &str) -> bool {
        let tag = |text: &str| signature(&self.key, text.as_bytes()).finalize();
        self.name == name && tag(key) == tag(&self.key)
    }
}

impl fmt::Debug for SharedAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedAccessKey")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Whether a token is a shared access signature, valid or not.
pub(super) fn is_sas(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// Checks a signature for `audience` and returns the Unix second at which it expires, and the rights
/// of the key that it was made with.
///
/// The keys of an entity sign only for that entity and what lies beneath it.
pub(super) fn check(
    token: &str,
    namespace: &[SharedAccessKey],
    entity: Option<EntityRules<'_>>,
    audience: &Audience,
    now: u64,
) -> Result<(u64, Rights), TokenError> {
    let fields = Fields::parse(token)?;
    let expires_at = fields
        .expiry
        .parse::<u64>()
        .map_err(|_| TokenError::Malformed("se is no number of seconds"))?;
    let name = decode(fields.key_name);
    let resource = Audience::parse(&decode(fields.resource));
    let entity = entity.filter(|entity| entity.cover(&resource));
    let keys = entity
        .iter()
        .flat_map(EntityRules::keys)
        .chain(namespace.iter().cloned())
        .filter(|key| key.name == name);
    let claimed = STANDARD
        .decode(decode(fields.signature))
        .map_err(|_| TokenError::Malformed("sig is not base64"))?;
    let signed = format!("{}\n{}", fields.resource, fields.expiry);
    let rights = keys
        .into_iter()
        .find(|key| {
            signature(&key.key, signed.as_bytes())
                .verify_slice(&claimed)
                .is_ok()
        })
        .map(|key| key.rights)
        .ok_or(TokenError::InvalidSignature)?;
    if expires_at <= now {
        return Err(TokenError::Expired);
    }
    if !resource.covers(audience) {
        return Err(TokenError::InvalidAudience {
            audience: audience.path().to_owned(),
        });
    }
    Ok((expires_at, rights))
}

#[expect(clippy::expect_used, reason = "HMAC has no invalid key length")]
fn signature(key: &str, text: &[u8]) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text);
    mac
}

/// The four parts of a token, still escaped.
#[derive(Debug)]
struct Fields<'a> {
    resource: &'a str,
    signature: &'a str,
    expiry: &'a str,
    key_name: &'a str,
}

impl<'a> Fields<'a> {
    fn parse(token: &'a str) -> Result<Self, TokenError> {
        let text = token
            .strip_prefix(PREFIX)
            .ok_or(TokenError::Malformed("it is no SharedAccessSignature"))?;
        let field = |name: &'static str| {
            text.split('&')
                .filter_map(|field| field.split_once('='))
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value)
        };
        Ok(Self {
            resource: field("sr").ok_or(TokenError::Malformed("sr is missing"))?,
            signature: field("sig").ok_or(TokenError::Malformed("sig is missing"))?,
            expiry: field("se").ok_or(TokenError::Malformed("se is missing"))?,
            key_name: field("skn").ok_or(TokenError::Malformed("skn is missing"))?,
        })
    }
}

fn decode(escaped: &str) -> String {
    percent_decode_str(escaped).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{AuthorizationRule, Right};

    const NOW: u64 = 1_700_000_000;

    fn keys() -> Vec<SharedAccessKey> {
        vec![SharedAccessKey {
            name: "RootManageSharedAccessKey".to_owned(),
            key: "SAS_KEY_VALUE".to_owned(),
            rights: Rights::all(),
        }]
    }

    fn token(resource: &str, key: &str, name: &str, expiry: u64) -> String {
        let signed = signature(key, format!("{resource}\n{expiry}").as_bytes());
        let base64 = STANDARD.encode(signed.finalize().into_bytes());
        let escaped: String = form_urlencoded::byte_serialize(base64.as_bytes()).collect();
        format!("{PREFIX}sr={resource}&sig={escaped}&se={expiry}&skn={name}")
    }

    fn verdict(token: &str, audience: &str) -> Result<u64, TokenError> {
        check(token, &keys(), None, &Audience::parse(audience), NOW).map(|(expiry, _)| expiry)
    }

    fn good(resource: &str) -> String {
        token(
            resource,
            "SAS_KEY_VALUE",
            "RootManageSharedAccessKey",
            NOW + 60,
        )
    }

    #[test]
    fn the_signature_is_over_the_resource_as_it_was_sent() {
        for resource in [
            "sb%3A%2F%2Flocalhost%2Forders",
            "sb%3a%2f%2flocalhost%2forders",
            "localhost/orders",
            "https%3A%2F%2Flocalhost%2Forders%3Fapi-version%3D2021-05",
            "amqps://localhost",
        ] {
            let verdict = verdict(&good(resource), "sb://localhost/orders");
            assert_eq!(verdict, Ok(NOW + 60), "{resource}");
        }
    }

    /// Made with Python's `hmac`, `hashlib` and `urllib.parse.quote_plus`.
    #[test]
    fn a_token_signed_elsewhere_is_accepted() {
        let token = "SharedAccessSignature sr=sb%3A%2F%2Flocalhost%2Forders\
            &sig=U7VsQA9LJePvLdQqJpia1tQNPQaTjdQbMTvOrOZC%2FZo%3D&se=1700000060&skn=RootManageSharedAccessKey";
        assert_eq!(verdict(token, "sb://localhost/orders"), Ok(NOW + 60));
    }

    #[test]
    fn a_wrong_key_or_an_unknown_name_is_an_invalid_signature() {
        let wrong_key = token("sb://h/q", "OTHER", "RootManageSharedAccessKey", NOW + 60);
        let wrong_name = token("sb://h/q", "SAS_KEY_VALUE", "nobody", NOW + 60);
        for token in [wrong_key, wrong_name] {
            assert_eq!(
                verdict(&token, "sb://h/q"),
                Err(TokenError::InvalidSignature)
            );
        }
    }

    #[test]
    fn a_changed_expiry_breaks_the_signature() {
        let token = good("sb://h/q").replace("se=1700000060", "se=1900000060");
        assert_eq!(
            verdict(&token, "sb://h/q"),
            Err(TokenError::InvalidSignature)
        );
    }

    #[test]
    fn a_token_is_expired_from_its_expiry_on() {
        let token = token(
            "sb://h/q",
            "SAS_KEY_VALUE",
            "RootManageSharedAccessKey",
            NOW,
        );
        assert_eq!(verdict(&token, "sb://h/q"), Err(TokenError::Expired));
    }

    #[test]
    fn a_token_for_another_entity_has_the_wrong_audience() {
        let verdict = verdict(&good("sb://h/q"), "sb://h/other");
        assert!(
            matches!(verdict, Err(TokenError::InvalidAudience { .. })),
            "{verdict:?}"
        );
    }

    #[test]
    fn a_token_with_a_part_missing_is_malformed() {
        let whole = good("sb://h/q");
        for part in ["sr=", "sig=", "se=", "skn="] {
            let verdict = verdict(&whole.replace(part, "x="), "sb://h/q");
            assert!(
                matches!(verdict, Err(TokenError::Malformed(_))),
                "{part} {verdict:?}"
            );
        }
    }

    #[test]
    fn the_keys_of_an_entity_sign_for_it_alone_and_give_their_rights() {
        let rules = [AuthorizationRule {
            name: "sender".to_owned(),
            primary_key: "P".to_owned(),
            secondary_key: "S".to_owned(),
            rights: vec![Right::Send],
        }];
        let entity = Some(EntityRules {
            path: "Orders",
            rules: &rules,
        });
        let audience = Audience::parse("sb://h/orders/$management");
        let verdict = |resource: &str, key: &str| {
            let token = token(resource, key, "sender", NOW + 60);
            check(&token, &keys(), entity, &audience, NOW)
        };
        let rights: Rights = [Right::Send].into_iter().collect();
        for key in ["P", "S"] {
            assert_eq!(
                verdict("sb://h/orders", key),
                Ok((NOW + 60, rights)),
                "{key}"
            );
        }
        for (resource, key) in [
            ("sb://h/orders", "X"),
            ("sb://h", "P"),
            ("sb://h/orders2", "P"),
        ] {
            assert_eq!(
                verdict(resource, key),
                Err(TokenError::InvalidSignature),
                "{resource} {key}"
            );
        }
    }

    #[test]
    fn a_key_is_not_shown() {
        let shown = format!("{:?}", keys());
        assert!(!shown.contains("SAS_KEY_VALUE"), "{shown}");
    }
}
