use std::fmt;

use super::endpoint::Endpoint;
use crate::error::{Error, Result};

/// The parts of a connection string; made by [`parse_connection_string`].
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionStringProperties {
    endpoint: String,
    host: String,
    port: Option<u16>,
    entity_path: Option<String>,
    shared_access: SharedAccess,
    development_emulator: bool,
}

#[derive(Clone, PartialEq, Eq)]
enum SharedAccess {
    Key { name: String, key: String },
    Signature(String),
}

impl ConnectionStringProperties {
    /// The endpoint as it was written, for example `sb://contoso.servicebus.windows.net/`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The host of the namespace, for example `contoso.servicebus.windows.net`.
    pub fn fully_qualified_namespace(&self) -> &str {
        &self.host
    }

    /// The port, if the endpoint names one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The queue or topic the string is limited to.
    pub fn entity_path(&self) -> Option<&str> {
        self.entity_path.as_deref()
    }

    /// The name of the shared access policy.
    pub fn shared_access_key_name(&self) -> Option<&str> {
        match &self.shared_access {
            SharedAccess::Key { name, .. } => Some(name),
            SharedAccess::Signature(_) => None,
        }
    }

    /// The secret of the shared access policy.
    pub fn shared_access_key(&self) -> Option<&str> {
        match &self.shared_access {
            SharedAccess::Key { key, .. } => Some(key),
            SharedAccess::Signature(_) => None,
        }
    }

    /// The ready-made token, when the string has one in place of a key.
    pub fn shared_access_signature(&self) -> Option<&str> {
        match &self.shared_access {
            SharedAccess::Signature(token) => Some(token),
            SharedAccess::Key { .. } => None,
        }
    }

    /// Whether the string is for a local emulator, which is reached without TLS.
    pub fn uses_development_emulator(&self) -> bool {
        self.development_emulator
    }
}

/// Shows everything but the secrets.
impl fmt::Debug for ConnectionStringProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionStringProperties")
            .field("endpoint", &self.endpoint)
            .field("entity_path", &self.entity_path)
            .field("shared_access_key_name", &self.shared_access_key_name())
            .field("development_emulator", &self.development_emulator)
            .finish_non_exhaustive()
    }
}

/// The connection string with its secret hidden, to show to people.
impl fmt::Display for ConnectionStringProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint={}", self.endpoint)?;
        match &self.shared_access {
            SharedAccess::Key { name, .. } => {
                write!(f, ";SharedAccessKeyName={name};SharedAccessKey=<hidden>")?;
            }
            SharedAccess::Signature(_) => f.write_str(";SharedAccessSignature=<hidden>")?,
        }
        if let Some(path) = &self.entity_path {
            write!(f, ";EntityPath={path}")?;
        }
        if self.development_emulator {
            f.write_str(";UseDevelopmentEmulator=true")?;
        }
        Ok(())
    }
}

/// Reads a connection string, as the Azure portal shows it.
///
/// `Endpoint` is required, with either `SharedAccessKeyName` and `SharedAccessKey` or
/// `SharedAccessSignature`; `EntityPath` and `UseDevelopmentEmulator` are optional. Keys may be in
/// any case and order, the last of equal ones counts, unknown ones are ignored.
///
/// # Errors
///
/// `InvalidArgument`, naming the key that is missing, or the one that is empty or malformed and its
/// part, counted from 1 between semicolons. Values are never in the text.
///
/// # Examples
///
/// ```
/// # fn main() -> servicebus::Result<()> {
/// let parts = servicebus::parse_connection_string(
///     "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=c2VjcmV0;EntityPath=orders",
/// )?;
/// assert_eq!(parts.fully_qualified_namespace(), "contoso.servicebus.windows.net");
/// assert_eq!(parts.entity_path(), Some("orders"));
/// # Ok(())
/// # }
/// ```
pub fn parse_connection_string(text: &str) -> Result<ConnectionStringProperties> {
    let pairs = Pairs::read(text)?;
    let (part, endpoint) = pairs
        .endpoint
        .ok_or_else(|| invalid("Endpoint is missing"))?;
    let Endpoint { host, port } = Endpoint::read_url(endpoint).map_err(|why| {
        invalid(&format!(
            "Endpoint {why}, expected sb://<namespace>.servicebus.windows.net/ (part {part})"
        ))
    })?;
    let shared_access = match (pairs.key_name, pairs.key, pairs.signature) {
        (Some(name), Some(key), None) => SharedAccess::Key {
            name: name.to_owned(),
            key: key.to_owned(),
        },
        (None, None, Some(token)) => SharedAccess::Signature(token.to_owned()),
        (None, None, None) => {
            return Err(invalid("neither SharedAccessKeyName and SharedAccessKey nor SharedAccessSignature is given"));
        }
        (_, None, None) => {
            return Err(invalid(
                "SharedAccessKeyName is given without SharedAccessKey",
            ))
        }
        (None, _, None) => {
            return Err(invalid(
                "SharedAccessKey is given without SharedAccessKeyName",
            ))
        }
        (_, _, Some(_)) => {
            return Err(invalid(
                "SharedAccessSignature excludes SharedAccessKeyName and SharedAccessKey",
            ));
        }
    };
    Ok(ConnectionStringProperties {
        endpoint: endpoint.to_owned(),
        host,
        port,
        entity_path: pairs.entity_path.map(str::to_owned),
        shared_access,
        development_emulator: pairs.development_emulator,
    })
}

#[derive(Default)]
struct Pairs<'a> {
    /// With the number of its part, as it is read in the end.
    endpoint: Option<(usize, &'a str)>,
    key_name: Option<&'a str>,
    key: Option<&'a str>,
    signature: Option<&'a str>,
    entity_path: Option<&'a str>,
    development_emulator: bool,
}

impl<'a> Pairs<'a> {
    fn read(text: &'a str) -> Result<Self> {
        let mut pairs = Self::default();
        for (index, segment) in text.split(';').map(str::trim).enumerate() {
            if segment.is_empty() {
                continue;
            }
            let part = index + 1;
            pairs
                .add(part, segment)
                .map_err(|why| invalid(&format!("{why} (part {part})")))?;
        }
        Ok(pairs)
    }

    /// # Errors
    /// What is wrong with the part, without its value.
    fn add(&mut self, part: usize, segment: &'a str) -> Result<(), String> {
        // Only the first '=' separates: keys are base64, which ends in more of them.
        let (key, value) = segment
            .split_once('=')
            .map(|(key, value)| (key.trim(), value.trim()))
            .ok_or("not of the form key=value")?;
        match key.to_ascii_lowercase().as_str() {
            "endpoint" | "hostname" => {
                self.endpoint = Some((part, not_empty("Endpoint", value)?));
            }
            "sharedaccesskeyname" => {
                self.key_name = Some(not_empty("SharedAccessKeyName", value)?);
            }
            "sharedaccesskey" => self.key = Some(not_empty("SharedAccessKey", value)?),
            "sharedaccesssignature" => {
                self.signature = Some(not_empty("SharedAccessSignature", value)?);
            }
            "entitypath" => self.entity_path = Some(not_empty("EntityPath", value)?),
            "usedevelopmentemulator" => {
                self.development_emulator = read_bool("UseDevelopmentEmulator", value)?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn not_empty<'a>(key: &str, value: &'a str) -> Result<&'a str, String> {
    if value.is_empty() {
        return Err(format!("{key} is empty"));
    }
    Ok(value)
}

fn read_bool(key: &str, value: &str) -> Result<bool, String> {
    if value.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if value.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(format!("{key} is neither true nor false"))
    }
}

fn invalid(why: &str) -> Error {
    Error::invalid_argument(format!("connection string: {why}"))
}
