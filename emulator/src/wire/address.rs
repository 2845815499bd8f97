//! What the address of a link means.

use percent_encoding::percent_decode_str;

const MANAGEMENT_SUFFIX: &str = "/$management";

/// A node that links can be attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// The transaction coordinator, which has no address.
    Coordinator,
    /// Where tokens are put.
    Cbs,
    /// The request-response node of an entity.
    Management { entity: String },
    /// An entity, or a queue beneath one.
    Entity { path: String },
}

impl Node {
    /// Reads an address in any of the forms SDKs use: with scheme and host, with a slash in front, or bare.
    pub(super) fn parse(address: &str) -> Self {
        let path = match address.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => address,
        };
        let path = percent_decode_str(path).decode_utf8_lossy();
        let path = path.trim_matches('/');
        if path.eq_ignore_ascii_case("$cbs") {
            return Node::Cbs;
        }
        let suffix = path.len().checked_sub(MANAGEMENT_SUFFIX.len());
        match suffix.and_then(|at| path.split_at_checked(at)) {
            Some((entity, suffix)) if suffix.eq_ignore_ascii_case(MANAGEMENT_SUFFIX) => {
                Node::Management {
                    entity: entity.to_owned(),
                }
            }
            _ => Node::Entity {
                path: path.to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(path: &str) -> Node {
        let path = path.to_owned();
        Node::Entity { path }
    }

    #[test]
    fn an_entity_is_found_in_every_spelling() {
        for address in [
            "a/b",
            "/a/b",
            "a/b/",
            "amqps://ns.example:5671/a/b",
            "sb://ns/a%2Fb",
            "/a%2fb",
        ] {
            assert_eq!(Node::parse(address), entity("a/b"), "{address}");
        }
    }

    #[test]
    fn requests_go_to_the_node_beneath_an_entity() {
        let management = |entity: &str| Node::Management {
            entity: entity.to_owned(),
        };
        assert_eq!(Node::parse("q/$management"), management("q"));
        assert_eq!(Node::parse("amqps://h/Q/$Management"), management("Q"));
        assert_eq!(
            Node::parse("q/$DeadLetterQueue/$management"),
            management("q/$DeadLetterQueue")
        );
        assert_eq!(Node::parse("$management"), entity("$management"));
    }

    #[test]
    fn tokens_go_to_one_node() {
        for address in ["$cbs", "$CBS", "/$cbs", "amqp://h/$cbs"] {
            assert_eq!(Node::parse(address), Node::Cbs, "{address}");
        }
        assert_eq!(Node::parse("q/$cbs"), entity("q/$cbs"));
    }

    #[test]
    fn addresses_of_nothing_are_entities_that_do_not_exist() {
        for address in [
            "",
            "/",
            "amqps://host",
            "amqps://host/",
            "é",
            "/$management",
        ] {
            assert!(matches!(
                Node::parse(address),
                Node::Entity { .. } | Node::Management { .. }
            ));
        }
    }
}
