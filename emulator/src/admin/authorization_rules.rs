//! The keys of an entity as `AuthorizationRules`.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;

use super::fault::Fault;
use super::xml::Element;
use crate::auth::{AuthorizationRule, Right};
use crate::guid::new_guid;

pub(super) const NAME: &str = "AuthorizationRules";

/// The only kind of rule.
const KIND: &str = "SharedAccessAuthorizationRule";

/// The most rules of an entity (Service Bus docs, "Quotas").
const MAX_RULES: usize = 12;

/// The longest name of a rule, and the longest key, in characters (Service Bus docs, "Shared access
/// authorization policies").
const MAX_LENGTH: usize = 256;

/// Takes the rules out of a description; keys that are missing are made up.
pub(super) fn read(description: &Element) -> Result<Vec<AuthorizationRule>, Fault> {
    let list = description.child(NAME);
    let elements = list.map_or(&[][..], |list| &list.children);
    if elements.len() > MAX_RULES {
        let text = "The number of authorization rules exceeds the allowed maximum of '12'";
        return Err(Fault::invalid(text));
    }
    let rules = elements.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    for (at, rule) in rules.iter().enumerate() {
        let mut earlier = rules.iter().take(at);
        if earlier.any(|earlier| earlier.name.eq_ignore_ascii_case(&rule.name)) {
            let text = format!("The authorization rule '{}' is given twice", rule.name);
            return Err(Fault::invalid(&text));
        }
    }
    Ok(rules)
}

fn rule(element: &Element) -> Result<AuthorizationRule, Fault> {
    let name = element.text_of("KeyName").unwrap_or_default().trim();
    if name.is_empty() || name.chars().count() > MAX_LENGTH {
        return Err(Fault::invalid(
            "The name of an authorization rule is not valid",
        ));
    }
    let rights = element.child("Rights");
    let rights = rights.map_or(&[][..], |rights| &rights.children);
    let rights: Option<Vec<Right>> = rights
        .iter()
        .map(|right| Right::parse(right.text.trim()))
        .collect();
    let rights = rights.ok_or_else(|| Fault::invalid("An access right is not known"))?;
    let has = |right| rights.contains(&right);
    if rights.is_empty() || has(Right::Manage) && !(has(Right::Send) && has(Right::Listen)) {
        let text = "Manage permission should also include Send and Listen";
        return Err(Fault::invalid(text));
    }
    Ok(AuthorizationRule {
        name: name.to_owned(),
        primary_key: key(element, "PrimaryKey")?,
        secondary_key: key(element, "SecondaryKey")?,
        rights,
    })
}

fn key(element: &Element, name: &str) -> Result<String, Fault> {
    match element.text_of(name).map(str::trim) {
        None | Some("") => Ok(new_key()),
        Some(key) if key.chars().count() > MAX_LENGTH => Err(Fault::invalid(
            "The key of an authorization rule is too long",
        )),
        Some(key) => Ok(key.to_owned()),
    }
}

/// 256 random bits.
fn new_key() -> String {
    let halves = [new_guid().into_bytes(), new_guid().into_bytes()];
    STANDARD.encode(halves.concat())
}

pub(super) fn write(rules: &[AuthorizationRule]) -> Element {
    let mut list = Element::new(NAME);
    list.children = rules.iter().map(rule_element).collect();
    list
}

fn rule_element(rule: &AuthorizationRule) -> Element {
    let mut rights = Element::new("Rights");
    let right = |right: &Right| Element::leaf("AccessRights", right);
    rights.children = rule.rights.iter().map(right).collect();
    let mut element = Element::new("AuthorizationRule").of_kind(KIND);
    element.children = vec![
        Element::leaf("ClaimType", "SharedAccessKey"),
        Element::leaf("ClaimValue", "None"),
        rights,
        Element::leaf("KeyName", &rule.name),
        Element::leaf("PrimaryKey", &rule.primary_key),
        Element::leaf("SecondaryKey", &rule.secondary_key),
    ];
    element
}
