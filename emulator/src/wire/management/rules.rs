//! Operations on the rules of a subscription.

use super::sessions::count;
use crate::broker::{QueueRef, Rule};
use crate::hub::Hub;
use crate::wire::refusal::Refusal;
use crate::wire::request::Request;
use crate::wire::response::Response;
use crate::wire::rule_description;

/// `com.microsoft:add-rule`
pub(super) fn add(queue: QueueRef, request: &Request, hub: &mut Hub) -> Result<Response, Refusal> {
    let description = request
        .argument("rule-description")
        .ok_or_else(|| Refusal::argument("rule-description is missing."))?;
    let rule = Rule {
        name: name(request)?.to_owned(),
        filter: rule_description::filter(&description)?,
        action: rule_description::action(&description)?,
        created_at: hub.now(),
    };
    hub.broker.add_rule(queue, rule)?;
    Ok(Response::new(200, "OK"))
}

/// `com.microsoft:remove-rule`
pub(super) fn remove(
    queue: QueueRef,
    request: &Request,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    hub.broker.remove_rule(queue, name(request)?)?;
    Ok(Response::new(200, "OK"))
}

/// `com.microsoft:enumerate-rules`
pub(super) fn enumerate(
    queue: QueueRef,
    request: &Request,
    hub: &mut Hub,
) -> Result<Response, Refusal> {
    let (skip, top) = (count(request, "skip")?, count(request, "top")?);
    let rules = hub.broker.rules(queue)?.iter();
    let page: Vec<&Rule> = rules.skip(skip).take(top).collect();
    if page.is_empty() {
        return Ok(Response::new(204, "No Content"));
    }
    Ok(Response::new(200, "OK").with_map(|writer| {
        writer.put_string("rules");
        writer.put_list(|writer| {
            for rule in page {
                writer.put_map(|writer| {
                    writer.put_string("rule-description");
                    rule_description::write(rule, writer);
                });
            }
        });
    }))
}

fn name(request: &Request) -> Result<&str, Refusal> {
    request
        .argument("rule-name")
        .and_then(|name| name.as_text())
        .ok_or_else(|| Refusal::argument("rule-name is missing."))
}
