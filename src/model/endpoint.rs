/// Where a namespace is: its host in lower case, and its port where one is named. The error of reading one says what the
/// text "has" or "contains".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

const SCHEMES: [&str; 5] = ["sb", "amqps", "amqp", "https", "http"];

impl Endpoint {
    /// Reads `scheme://host[:port][/...]`.
    pub(crate) fn read_url(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text.split_once("://").ok_or("has no scheme")?;
        if !SCHEMES
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
        {
            return Err("has an unknown scheme");
        }
        Self::read_authority(rest)
    }

    /// Reads a URL, or what stands in one after its scheme.
    pub(crate) fn read(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.contains("://") {
            Self::read_url(text)
        } else {
            Self::read_authority(text)
        }
    }

    fn read_authority(text: &str) -> Result<Self, &'static str> {
        let authority = text.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err("contains a user name");
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']').ok_or("has an unclosed bracket")?;
                match after.strip_prefix(':') {
                    Some(port) => (host, Some(port)),
                    None if after.is_empty() => (host, None),
                    None => return Err("has text after its address"),
                }
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("has no valid host");
        }
        let port = match port.map(str::parse) {
            None => None,
            Some(Ok(0) | Err(_)) => return Err("has an invalid port"),
            Some(Ok(port)) => Some(port),
        };
        Ok(Endpoint {
            host: host.to_ascii_lowercase(),
            port,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_a_host_or_a_url_with_or_without_port() {
        let forms = [
            (
                "Contoso.servicebus.windows.net",
                "contoso.servicebus.windows.net",
                None,
            ),
            ("sb://ns/", "ns", None),
            ("https://ns:443/path", "ns", Some(443)),
            (" localhost:5672 ", "localhost", Some(5672)),
            ("[::1]:5672", "::1", Some(5672)),
        ];
        for (text, host, port) in forms {
            let expected = Endpoint {
                host: host.to_owned(),
                port,
            };
            assert_eq!(Endpoint::read(text).ok(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_names_no_host_is_refused() {
        for text in ["", "sb://", "ftp://ns", "user@ns", "a b", "ns:port", "[::1"] {
            Endpoint::read(text).expect_err(text);
        }
    }
}
