//! The client role of the endpoint, for checks against another AMQP implementation's server.
//!
//! `proton_peer ADDRESS send NODE TEXT...`, `proton_peer ADDRESS receive NODE COUNT`,
//! `proton_peer ADDRESS drain NODE CREDIT`. Each line printed is one thing that happened.

use std::error::Error;
use std::future::poll_fn;
use std::io::Write as _;
use std::time::Instant;

use bytes::Bytes;
use servicebus_amqp::types::definitions::Role;
use servicebus_amqp::types::messaging::{Accepted, DeliveryState, Source, Target};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::{
    Connection, ConnectionOptions, Driver, Event, LinkId, OutgoingDelivery, SessionOptions,
};
use tokio::net::TcpStream;

type Failure = Box<dyn Error>;

struct Client {
    connection: Connection,
    driver: Driver<TcpStream>,
}

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    runtime.block_on(async {
        match arguments.as_slice() {
            [address, verb, node, texts @ ..] if verb == "send" => {
                Client::connect(address).await?.send(node, texts).await
            }
            [address, verb, node, count] if verb == "receive" => {
                let client = Client::connect(address).await?;
                client.receive(node, count.parse()?).await
            }
            [address, verb, node, credit] if verb == "drain" => {
                let client = Client::connect(address).await?;
                client.drain(node, credit.parse()?).await
            }
            _ => Err("send, receive or drain is wanted".into()),
        }
    })
}

impl Client {
    async fn connect(address: &str) -> Result<Client, Failure> {
        let options = ConnectionOptions {
            container_id: "proton-peer".to_owned(),
            hostname: Some("localhost".to_owned()),
            max_frame_size: 4096,
            ..ConnectionOptions::default()
        };
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut client = Client {
            connection: Connection::client(options, Instant::now()),
            driver: Driver::new(stream),
        };
        match client.event().await? {
            Event::Opened(open) => say(&format!("opened by {}", open.container_id))?,
            other => return Err(format!("{other:?} before open").into()),
        }
        Ok(client)
    }

    /// The next event; the end of the connection is a failure.
    async fn event(&mut self) -> Result<Event, Failure> {
        loop {
            match self.connection.poll_event() {
                Some(Event::Closed { cause }) => return Err(format!("closed: {cause:?}").into()),
                Some(event) => return Ok(event),
                None => poll_fn(|cx| self.driver.poll(cx, &mut self.connection)).await,
            }
        }
    }

    /// A link on a session of its own; `None` where the peer refuses it.
    async fn attach(&mut self, node: &str, role: Role) -> Result<Option<LinkId>, Failure> {
        let session = self.connection.begin(&SessionOptions {
            next_outgoing_id: u32::MAX,
            ..SessionOptions::default()
        })?;
        let attach = Attach {
            source: Some(Box::new(Source::builder().address(node).build())),
            target: Some(Box::new(Target::builder().address(node).build().into())),
            ..servicebus_amqp::attach(format!("link to {node}"), role)
        };
        let wanted = self.connection.attach(session, attach);
        loop {
            match self.event().await? {
                Event::Attached { link, .. } if Some(link) == wanted => {
                    say("attached")?;
                    return Ok(Some(link));
                }
                Event::Detached { cause, .. } => {
                    say(&format!("detached {}", condition(&cause)))?;
                    return Ok(None);
                }
                _ => {}
            }
        }
    }

    async fn send(mut self, node: &str, texts: &[String]) -> Result<(), Failure> {
        let Some(link) = self.attach(node, Role::Sender).await? else {
            return self.close().await;
        };
        let mut sent = Vec::new();
        let mut verdicts = 0;
        while verdicts < texts.len() {
            while let Some(text) = texts.get(sent.len()) {
                if self.connection.credit(link) == 0 {
                    break;
                }
                let delivery = OutgoingDelivery {
                    tag: Bytes::from(sent.len().to_string()),
                    payload: data_section(text),
                    message_format: 0,
                    settled: false,
                    state: None,
                };
                sent.push(self.connection.send(link, delivery)?);
            }
            match self.event().await? {
                Event::Disposition {
                    id, state, settled, ..
                } => {
                    let number = sent.iter().position(|known| *known == id);
                    let text = number.and_then(|number| texts.get(number));
                    let verdict = outcome(state.as_ref());
                    let text = text.ok_or("a verdict on what was not sent")?;
                    say(&format!("{:.12} was {verdict}, settled={settled}", text))?;
                    verdicts += 1;
                }
                Event::Detached { cause, .. } => {
                    say(&format!("detached {}", condition(&cause)))?;
                    break;
                }
                _ => {}
            }
        }
        self.close().await
    }

    async fn receive(mut self, node: &str, count: u32) -> Result<(), Failure> {
        let Some(link) = self.attach(node, Role::Receiver).await? else {
            return self.close().await;
        };
        self.connection.set_credit(link, count);
        let mut answers = 0;
        while answers < count {
            match self.event().await? {
                Event::Delivery { delivery, .. } => {
                    say(&format!("message {}", hex(&delivery.payload)))?;
                    let accepted = Some(DeliveryState::Accepted(Accepted {}));
                    self.connection
                        .dispose(link, delivery.id, accepted, delivery.settled);
                    answers += u32::from(delivery.settled);
                }
                Event::Disposition { state, settled, .. } => {
                    say(&format!("{} settled={settled}", outcome(state.as_ref())))?;
                    answers += 1;
                }
                Event::Detached { cause, .. } => {
                    say(&format!("detached {}", condition(&cause)))?;
                    break;
                }
                _ => {}
            }
        }
        self.close().await
    }

    async fn drain(mut self, node: &str, credit: u32) -> Result<(), Failure> {
        let Some(link) = self.attach(node, Role::Receiver).await? else {
            return self.close().await;
        };
        self.connection.set_credit(link, credit);
        self.connection.drain(link);
        loop {
            match self.event().await? {
                Event::Delivery { delivery, .. } => {
                    say(&format!("message {}", hex(&delivery.payload)))?;
                }
                Event::Drained { .. } => break,
                _ => {}
            }
        }
        say(&format!("drained, credit {}", self.connection.credit(link)))?;
        self.close().await
    }

    async fn close(mut self) -> Result<(), Failure> {
        self.connection.close(Instant::now(), None);
        while !self.connection.is_finished() {
            poll_fn(|cx| self.driver.poll(cx, &mut self.connection)).await;
            while let Some(event) = self.connection.poll_event() {
                if let Event::Closed { cause } = event {
                    say(&format!("closed {cause:?}"))?;
                }
            }
        }
        Ok(())
    }
}

fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn condition(cause: &servicebus_amqp::Cause) -> String {
    cause.error().map_or_else(
        || format!("without an error ({cause:?})"),
        |error| format!("{:?}", error.condition),
    )
}

fn outcome(state: Option<&DeliveryState>) -> &'static str {
    match state {
        Some(DeliveryState::Accepted(_)) => "accepted",
        Some(DeliveryState::Rejected(_)) => "rejected",
        Some(DeliveryState::Released(_)) => "released",
        Some(DeliveryState::Modified(_)) => "modified",
        Some(_) => "another state",
        None => "no state",
    }
}

/// A message of one data section (AMQP 1.0, 3.2.6), `vbin32` whatever its size.
fn data_section(text: &str) -> Bytes {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut encoded = vec![0x00, 0x53, 0x75, 0xb0];
    encoded.extend_from_slice(&length.to_be_bytes());
    encoded.extend_from_slice(text.as_bytes());
    encoded.into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
