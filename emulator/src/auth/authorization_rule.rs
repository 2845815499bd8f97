//! Keys that belong to one entity.

use std::fmt;

use super::sas::SharedAccessKey;
use super::{Audience, Right, Rights};

/// A shared access authorization rule: two keys of one name, with the rights of their holders.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AuthorizationRule {
    pub(crate) name: String,
    pub(crate) primary_key: String,
    /// Lets one key be exchanged while the other is in use.
    pub(crate) secondary_key: String,
    /// In the order in which they were given, which the service keeps.
    pub(crate) rights: Vec<Right>,
}

impl AuthorizationRule {
    fn keys(&self) -> impl Iterator<Item = SharedAccessKey> + '_ {
        let rights: Rights = self.rights.iter().copied().collect();
        [&self.primary_key, &self.secondary_key]
            .map(|key| SharedAccessKey {
                name: self.name.clone(),
                key: key.clone(),
                rights,
            })
            .into_iter()
    }
}

impl fmt::Debug for AuthorizationRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationRule")
            .field("name", &self.name)
            .field("rights", &self.rights)
            .finish_non_exhaustive()
    }
}

/// The rules of the entity that a token is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntityRules<'a> {
    /// The path of the entity.
    pub(crate) path: &'a str,
    pub(crate) rules: &'a [AuthorizationRule],
}

impl EntityRules<'_> {
    pub(super) fn cover(&self, resource: &Audience) -> bool {
        resource.is_within(self.path)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = SharedAccessKey> + '_ {
        self.rules.iter().flat_map(AuthorizationRule::keys)
    }
}
