//! Queues: create, look at, delete.

use hyper::Method;

use super::answer::Answer;
use super::atom::{self, Entry};
use super::fault::Fault;
use super::queue_description;
use super::request::Inquiry;
use crate::broker::{BrokerError, Part};
use crate::hub::Hub;

pub(super) fn answer(
    inquiry: &Inquiry,
    name: &str,
    body: &[u8],
    hub: &mut Hub,
) -> Result<Answer, Fault> {
    match inquiry.method {
        Method::PUT => create(inquiry, name, body, hub),
        Method::GET => get(inquiry, name, hub),
        Method::DELETE => delete(name, hub),
        _ => Err(Fault::verb(inquiry.method.as_str())),
    }
}

fn create(inquiry: &Inquiry, name: &str, body: &[u8], hub: &mut Hub) -> Result<Answer, Fault> {
    if inquiry.if_match {
        return Err(match hub.broker.resolve(name) {
            Ok(_) => Fault::verb("PUT"),
            Err(_) => Fault::nothing_to_update(),
        });
    }
    let description = atom::description(body, queue_description::NAME)?;
    let options = queue_description::read(&description)?;
    let now = hub.now();
    let entry = Entry {
        title: name,
        published: Some(now),
        updated: now,
        author: true,
        description: queue_description::write(&options),
    };
    hub.broker.create_queue(name, options)?;
    Ok(Answer::entry(201, entry.document(inquiry)))
}

fn get(inquiry: &Inquiry, name: &str, hub: &mut Hub) -> Result<Answer, Fault> {
    let now = hub.now();
    let Ok(queue) = hub.broker.resolve(name) else {
        return Ok(Answer::feed(atom::nothing_listed(now)));
    };
    if queue.part != Part::Main {
        return Err(Fault::verb(inquiry.method.as_str()));
    }
    let found = hub.broker.path(queue).zip(hub.broker.queue_options(queue));
    let (title, options) = found.ok_or_else(Fault::not_hosted)?;
    let entry = Entry {
        title,
        published: None,
        updated: now,
        author: true,
        description: queue_description::write(options),
    };
    Ok(Answer::entry(200, entry.document(inquiry)))
}

fn delete(name: &str, hub: &mut Hub) -> Result<Answer, Fault> {
    hub.delete_entity(name)?;
    Ok(Answer::empty(200))
}

impl From<BrokerError> for Fault {
    fn from(error: BrokerError) -> Self {
        match error {
            BrokerError::EntityNotFound { .. } | BrokerError::EntityDeleted => Fault::not_hosted(),
            BrokerError::EntityAlreadyExists { .. } => Fault::conflict(),
            BrokerError::InvalidName { .. } | BrokerError::InvalidOption { .. } => {
                Fault::unreadable(&error.to_string())
            }
            _ => Fault::bad_request(),
        }
    }
}
