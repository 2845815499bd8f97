//! Requests to `$cbs` and `$management` nodes.

use bytes::{Bytes, BytesMut};
use serde_amqp::Value;
use servicebus_amqp::descriptor::{AMQP_VALUE, APPLICATION_PROPERTIES, PROPERTIES};
use servicebus_amqp::sections::{section_value, split_sections};
use servicebus_amqp::types::definitions::Error;
use servicebus_amqp::types::messaging::{DeliveryState, Rejected, Target, TargetArchetype};
use servicebus_amqp::types::performatives::Attach;
use servicebus_amqp::value::read_value;
use servicebus_amqp::walker::{Element, Kind};
use servicebus_amqp::writer::Writer;
use servicebus_amqp::{Event, LinkId};

use super::{receiver, sender, Peer};

/// What a request was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) condition: Option<String>,
    pub(crate) description: String,
    pub(crate) correlation_id: Value,
    pub(crate) body: Value,
}

impl Answer {
    /// An entry of the map that is the body.
    pub(crate) fn entry(&self, name: &str) -> Value {
        let Value::Map(map) = &self.body else {
            panic!("no map: {self:?}");
        };
        let found = map.iter().find_map(|(key, value)| match key {
            Value::String(key) if key == name => Some(value.clone()),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    pub(crate) fn read(payload: &Bytes) -> Self {
        let sections = split_sections(payload).unwrap();
        let property = |names: [&str; 2]| -> Option<Element<'_>> {
            let section = sections.application_properties.as_ref().unwrap();
            let Kind::Map(entries) = section_value(section).unwrap().kind().unwrap() else {
                panic!("no map: {section:?}");
            };
            let entries: Vec<_> = entries.map(Result::unwrap).collect();
            entries
                .chunks(2)
                .find(|pair| names.contains(&pair[0].as_text().unwrap()))
                .map(|pair| pair[1])
        };
        let Some(Kind::Int(status)) =
            property(["statusCode", "status-code"]).map(|status| status.kind().unwrap())
        else {
            panic!("no status of type int: {sections:?}");
        };
        let condition = property(["errorCondition", "error-condition"]).map(|condition| {
            match condition.kind().unwrap() {
                Kind::Symbol(condition) => condition.to_owned(),
                other => panic!("the condition is no symbol: {other:?}"),
            }
        });
        let description = property(["statusDescription", "status-description"])
            .and_then(|text| text.as_text())
            .expect("a description");
        let properties = section_value(sections.properties.as_ref().unwrap()).unwrap();
        let Kind::List(mut fields) = properties.kind().unwrap() else {
            panic!("no list: {properties:?}");
        };
        let correlation_id = fields.nth(5).unwrap().unwrap();
        Answer {
            status,
            condition,
            description: description.to_owned(),
            correlation_id: read_value(&correlation_id).unwrap(),
            body: read_value(&section_value(&sections.body[0]).unwrap()).unwrap(),
        }
    }
}

/// An encoded request.
pub(crate) fn request(
    message_id: impl FnOnce(&mut Writer<'_>),
    reply_to: Option<&str>,
    properties: &[(&str, &str)],
    body: impl FnOnce(&mut Writer<'_>),
) -> BytesMut {
    let mut out = BytesMut::new();
    let mut writer = Writer::new(&mut out);
    writer.put_composite(PROPERTIES, |writer| {
        message_id(writer);
        for _ in 0..3 {
            writer.put_null();
        }
        match reply_to {
            Some(reply_to) => writer.put_string(reply_to),
            None => writer.put_null(),
        }
    });
    writer.put_described(APPLICATION_PROPERTIES, |writer| {
        writer.put_map(|writer| {
            for (name, value) in properties {
                writer.put_string(name);
                writer.put_string(value);
            }
        });
    });
    writer.put_described(AMQP_VALUE, body);
    out
}

/// The two links to a node that answers requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestLinks {
    pub(crate) requests: LinkId,
    pub(crate) replies: LinkId,
}

impl Peer {
    /// Links to a node, the replies coming to `reply_to`.
    pub(crate) fn request_links(&mut self, node: &str, reply_to: &str) -> RequestLinks {
        let requests = self.attach(sender(node)).expect("granted");
        let target = Target {
            address: Some(reply_to.to_owned()),
            ..Target::default()
        };
        let replies = Attach {
            target: Some(Box::new(TargetArchetype::Target(target))),
            ..receiver(node)
        };
        let replies = self.attach(replies).expect("granted");
        self.connection.set_credit(replies, 100);
        RequestLinks { requests, replies }
    }

    /// Presents a token over fresh links, which are gone afterwards.
    pub(crate) fn put_token(&mut self, audience: &str, token: &str) -> Answer {
        let links = self.request_links("$cbs", "$cbs");
        let answer = self.put_token_on(links, audience, token);
        for link in [links.requests, links.replies] {
            self.connection.detach(link, true, None);
            self.wait("detach", |event| match event {
                Event::Detached { link: gone, .. } => (*gone == link).then_some(()),
                _ => None,
            });
        }
        answer
    }

    pub(crate) fn put_token_on(
        &mut self,
        links: RequestLinks,
        audience: &str,
        token: &str,
    ) -> Answer {
        self.ask_for_token(links, audience, token);
        self.answer(links)
    }

    /// Presents a token and does not wait for the answer.
    pub(crate) fn ask_for_token(&mut self, links: RequestLinks, audience: &str, token: &str) {
        let properties = [
            ("operation", "put-token"),
            ("type", "servicebus.windows.net:sastoken"),
            ("name", audience),
        ];
        let id = |writer: &mut Writer<'_>| writer.put_ulong(1);
        let payload = request(id, None, &properties, |writer| writer.put_string(token));
        self.send(links.requests, &payload);
    }

    /// Runs an operation of a `$management` node.
    pub(crate) fn manage(
        &mut self,
        links: RequestLinks,
        operation: &str,
        arguments: impl FnOnce(&mut Writer<'_>),
    ) -> Answer {
        self.try_manage(links, operation, arguments)
            .unwrap_or_else(|error| panic!("{operation} was refused on its link: {error:?}"))
    }

    pub(crate) fn try_manage(
        &mut self,
        links: RequestLinks,
        operation: &str,
        arguments: impl FnOnce(&mut Writer<'_>),
    ) -> Result<Answer, Option<Error>> {
        match self.ask_to_manage(links, operation, arguments) {
            DeliveryState::Rejected(Rejected { error }) => Err(error),
            _ => Ok(self.answer(links)),
        }
    }

    /// Asks for an operation and does not wait for the answer.
    pub(crate) fn ask_to_manage(
        &mut self,
        links: RequestLinks,
        operation: &str,
        arguments: impl FnOnce(&mut Writer<'_>),
    ) -> DeliveryState {
        let id = |writer: &mut Writer<'_>| writer.put_string("question");
        let payload = request(id, None, &[("operation", operation)], |writer| {
            writer.put_map(arguments);
        });
        self.send_as(links.requests, 0, &payload)
    }

    pub(crate) fn ask(&mut self, links: RequestLinks, payload: &[u8]) -> Answer {
        self.send(links.requests, payload);
        self.answer(links)
    }

    /// Waits for an answer.
    pub(crate) fn answer(&mut self, links: RequestLinks) -> Answer {
        Answer::read(&self.receive(links.replies).payload)
    }
}
