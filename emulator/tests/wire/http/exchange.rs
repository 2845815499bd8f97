//! One request and its answer over a connection of its own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use servicebus_emulator::Emulator;

use crate::peer::sas_token;

/// Longer than anything here takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The text of the first element of a name.
    pub(crate) fn element(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0)
    }
}

pub(crate) fn connect(emulator: &Emulator) -> TcpStream {
    let stream = TcpStream::connect(("localhost", emulator.http_port())).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Reads to the end of the connection and takes that for one answer.
pub(crate) fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("no status: {head:?}")),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// Sends a request with these headers besides the inevitable ones.
pub(crate) fn exchange(
    emulator: &Emulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut stream = connect(emulator);
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\nContent-Length: {}\r\n",
        emulator.http_port(),
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream
        .write_all(format!("{head}\r\n{body}").as_bytes())
        .unwrap();
    read_answer(&mut stream)
}

/// Where a client proves that it may send to where an entity forwards its messages and dead letters.
pub(crate) const FORWARDING: &str = "ServiceBusSupplementaryAuthorization";
pub(crate) const DEAD_LETTER_FORWARDING: &str = "ServiceBusDlqSupplementaryAuthorization";

/// What the namespace's key allows is allowed.
pub(crate) fn allowed(token: &str) -> [(&str, &str); 3] {
    [
        ("Authorization", token),
        (FORWARDING, token),
        (DEAD_LETTER_FORWARDING, token),
    ]
}

/// The same, allowed by the namespace's key.
pub(crate) fn request(emulator: &Emulator, method: &str, path: &str, body: &str) -> Answer {
    let token = sas_token("http://localhost/");
    exchange(emulator, method, path, &allowed(&token), body)
}

/// An update of whatever version there is.
pub(crate) fn update(emulator: &Emulator, path: &str, body: &str) -> Answer {
    update_if(emulator, path, "*", body)
}

/// An update with `If-Match`.
pub(crate) fn update_if(emulator: &Emulator, path: &str, tag: &str, body: &str) -> Answer {
    let token = sas_token("http://localhost/");
    let mut headers = allowed(&token).to_vec();
    headers.push(("If-Match", tag));
    exchange(emulator, "PUT", path, &headers, body)
}

/// The entry that holds a description with these elements.
pub(crate) fn entry(description: &str, elements: &str) -> String {
    format!(
        "<entry xmlns=\"http://www.w3.org/2005/Atom\"><content type=\"application/xml\">\
         <{description} xmlns=\"http://schemas.microsoft.com/netservices/2010/10/servicebus/connect\" \
         xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">{elements}</{description}>\
         </content></entry>"
    )
}
