//! What a request is about: the resource that its path names, and what its query asks.

use percent_encoding::percent_decode_str;

use super::fault::Fault;

/// A resource of the management API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `/`
    Root,
    /// `/$namespaceinfo`
    Namespace,
    /// `/$Resources/queues`
    Queues,
    /// `/$Resources/topics`
    Topics,
    /// `/<name>`: a queue or a topic.
    Entity { name: String },
    /// `/<topic>/subscriptions`
    Subscriptions { topic: String },
    /// `/<topic>/subscriptions/<subscription>`
    Subscription { topic: String, subscription: String },
    /// `/<topic>/subscriptions/<subscription>/rules`
    Rules { topic: String, subscription: String },
    /// `/<topic>/subscriptions/<subscription>/rules/<rule>`
    Rule {
        topic: String,
        subscription: String,
        rule: String,
    },
}

impl Target {
    /// The queue or topic that the resource is, or lies in.
    pub(super) fn root(&self) -> Option<&str> {
        match self {
            Target::Root | Target::Namespace | Target::Queues | Target::Topics => None,
            Target::Entity { name } => name.split("/$").next(),
            Target::Subscriptions { topic }
            | Target::Subscription { topic, .. }
            | Target::Rules { topic, .. }
            | Target::Rule { topic, .. } => Some(topic),
        }
    }

    /// Reads a path, in which a slash of a name may be escaped or not.
    pub(super) fn parse(path: &str) -> Self {
        let path = percent_decode_str(path).decode_utf8_lossy();
        let path = path.strip_prefix('/').unwrap_or(&path);
        let mut segments: Vec<&str> = path.split('/').collect();
        let is = |segment: &str, name: &str| segment.eq_ignore_ascii_case(name);
        // The Go and JavaScript SDKs ask for these lists with a slash behind their names.
        if let [.., list, ""] = segments.as_slice() {
            if is(list, "subscriptions") || is(list, "rules") {
                segments.pop();
            }
        }
        match segments.as_slice() {
            [""] => Target::Root,
            [info] if is(info, "$namespaceinfo") => Target::Namespace,
            [of, kind] if is(of, "$Resources") && is(kind, "queues") => Target::Queues,
            [of, kind] if is(of, "$Resources") && is(kind, "topics") => Target::Topics,
            [topic @ .., of, subscription, rules]
                if !topic.is_empty() && is(of, "subscriptions") && is(rules, "rules") =>
            {
                Target::Rules {
                    topic: topic.join("/"),
                    subscription: (*subscription).to_owned(),
                }
            }
            [topic @ .., of, subscription, rules, rule]
                if !topic.is_empty() && is(of, "subscriptions") && is(rules, "rules") =>
            {
                Target::Rule {
                    topic: topic.join("/"),
                    subscription: (*subscription).to_owned(),
                    rule: (*rule).to_owned(),
                }
            }
            [topic @ .., of, subscription] if !topic.is_empty() && is(of, "subscriptions") => {
                Target::Subscription {
                    topic: topic.join("/"),
                    subscription: (*subscription).to_owned(),
                }
            }
            [topic @ .., of] if !topic.is_empty() && is(of, "subscriptions") => {
                Target::Subscriptions {
                    topic: topic.join("/"),
                }
            }
            _ => Target::Entity {
                name: path.to_owned(),
            },
        }
    }
}

/// The revisions of the API that clients may ask for; each adds elements to the descriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ApiVersion {
    V2017_04,
    /// Adds the size limit of messages.
    V2021_05,
    /// Adds a topic's numbers of filters.
    V2024_05,
}

impl ApiVersion {
    pub(super) fn name(self) -> &'static str {
        match self {
            ApiVersion::V2017_04 => "2017-04",
            ApiVersion::V2021_05 => "2021-05",
            ApiVersion::V2024_05 => "2024-05",
        }
    }
}

/// How many entries a page has, unless fewer are asked for.
const PAGE: usize = 100;

/// What a query asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) version: ApiVersion,
    /// How many entries of a list to leave out.
    pub(super) skip: usize,
    /// How many entries of a list to give.
    pub(super) top: usize,
}

impl Query {
    pub(super) fn parse(query: &str) -> Result<Self, Fault> {
        let value = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        let version = match value("api-version").as_deref() {
            None | Some("2017-04") => ApiVersion::V2017_04,
            Some("2021-05") => ApiVersion::V2021_05,
            Some("2024-05") => ApiVersion::V2024_05,
            Some(_) => return Err(Fault::unknown_version()),
        };
        let number = |name: &'static str, otherwise| match value(&format!("${name}")) {
            None => Ok(otherwise),
            Some(text) => text.parse().map_err(|_| Fault::no_number(name)),
        };
        Ok(Self {
            version,
            skip: number("skip", 0)?,
            top: number("top", PAGE)?.min(PAGE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(name: &str) -> Target {
        let name = name.to_owned();
        Target::Entity { name }
    }

    #[test]
    fn a_name_may_have_slashes_in_either_spelling() {
        assert_eq!(Target::parse("/q"), entity("q"));
        assert_eq!(Target::parse("/a/b"), entity("a/b"));
        assert_eq!(Target::parse("/a%2Fb%2fc"), entity("a/b/c"));
        assert_eq!(
            Target::parse("/q/$DeadLetterQueue"),
            entity("q/$DeadLetterQueue")
        );
        assert_eq!(Target::parse("/subscriptions/s"), entity("subscriptions/s"));
    }

    #[test]
    fn segments_are_known_in_every_letter_case() {
        assert_eq!(Target::parse("/"), Target::Root);
        assert_eq!(Target::parse("/$NamespaceInfo"), Target::Namespace);
        assert_eq!(Target::parse("/$resources/Queues"), Target::Queues);
        assert_eq!(Target::parse("/%24Resources/topics"), Target::Topics);
        let (topic, subscription) = ("a/b".to_owned(), "s".to_owned());
        assert_eq!(
            Target::parse("/a%2Fb/Subscriptions/s"),
            Target::Subscription {
                topic: topic.clone(),
                subscription: subscription.clone()
            }
        );
        assert_eq!(
            Target::parse("/a/b/subscriptions/s/rules/r"),
            Target::Rule {
                topic: topic.clone(),
                subscription: subscription.clone(),
                rule: "r".to_owned()
            }
        );
        let rules = Target::Rules {
            topic: topic.clone(),
            subscription,
        };
        assert_eq!(Target::parse("/a/b/subscriptions/s/Rules"), rules);
        assert_eq!(Target::parse("/a/b/subscriptions/s/rules/"), rules);
        assert_eq!(
            Target::parse("/a/b/SUBSCRIPTIONS"),
            Target::Subscriptions { topic }
        );
    }

    #[test]
    fn a_list_may_have_a_slash_behind_its_name() {
        let topic = "a/b".to_owned();
        assert_eq!(
            Target::parse("/a/b/Subscriptions/"),
            Target::Subscriptions { topic }
        );
        assert_eq!(Target::parse("/a/b/"), entity("a/b/"));
    }

    #[test]
    fn a_query_is_read_in_any_order_and_escaping() {
        let query = Query::parse("%24skip=5&api-version=2021-05&enrich=False&$top=10").unwrap();
        assert_eq!((query.skip, query.top), (5, 10));
        assert_eq!(query.version, ApiVersion::V2021_05);
        let query = Query::parse("$top=1000").unwrap();
        assert_eq!((query.skip, query.top), (0, PAGE));
        for wrong in ["$skip=-1", "$top=x", "api-version=2016-07", "api-version="] {
            assert_eq!(Query::parse(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}
