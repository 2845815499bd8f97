//! What a token is for: a namespace, an entity or something beneath one.

use percent_encoding::percent_decode_str;

/// The resource that a token or a request names, in one form for all the spellings of clients.
///
/// Scheme, port, query, letter case and a slash at the end make no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Audience {
    host: String,
    path: String,
}

impl Audience {
    /// Reads `sb://host:port/path?query` or the same without a scheme.
    pub(crate) fn parse(text: &str) -> Self {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = authority.split(':').next().unwrap_or_default();
        let path = percent_decode_str(path).decode_utf8_lossy();
        Self {
            host: host.to_lowercase(),
            path: path.trim_matches('/').to_lowercase(),
        }
    }

    /// The path below the host, in lower case and without slashes at its ends; empty for a namespace.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Whether `other` is this resource or lies beneath it.
    pub(crate) fn covers(&self, other: &Audience) -> bool {
        self.host == other.host && self.covers_path(&other.path)
    }

    /// Whether this is the entity of a path, or lies beneath it.
    pub(crate) fn is_within(&self, entity: &str) -> bool {
        is_beneath(&self.path, &entity.to_lowercase())
    }

    /// Whether the path, in lower case, is this one's or lies beneath it.
    pub(crate) fn covers_path(&self, path: &str) -> bool {
        if self.path.is_empty() {
            return true;
        }
        is_beneath(path, &self.path)
    }
}

/// Whether a path is that of `outer` or leads to something in it.
fn is_beneath(path: &str, outer: &str) -> bool {
    match path.strip_prefix(outer) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(outer: &str, inner: &str) -> bool {
        Audience::parse(outer).covers(&Audience::parse(inner))
    }

    #[test]
    fn spellings_of_one_resource_are_equal() {
        for text in [
            "sb://ns.example/orders",
            "amqps://NS.example/Orders/",
            "https://ns.example:443/orders?api-version=2021-05",
            "ns.example/orders",
            "sb://ns.example/%6frders",
        ] {
            assert_eq!(
                Audience::parse(text),
                Audience::parse("sb://ns.example/orders"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_namespace_covers_its_entities_and_an_entity_what_is_beneath_it() {
        assert!(covers("amqps://ns", "sb://ns/orders"));
        assert!(covers("sb://ns/orders", "sb://ns/orders/$management"));
        assert!(covers("sb://ns/a/b", "sb://ns/A/b/$DeadLetterQueue"));
    }

    #[test]
    fn a_name_that_merely_begins_alike_is_not_covered() {
        assert!(!covers("sb://ns/orders", "sb://ns/orders2"));
        assert!(!covers("sb://ns/orders", "sb://ns"));
        assert!(!covers("sb://ns1", "sb://ns2/orders"));
    }
}
