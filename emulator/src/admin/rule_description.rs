//! A rule as `RuleDescription`.

use super::description_writer::DescriptionWriter;
use super::fault::Fault;
use super::typed_value;
use super::xml::Element;
use crate::broker::{Rule, Timestamp};
use crate::filter::{
    Action, CorrelationFilter, Filter, FilterError, Parameters, SqlFilter, SystemProperty, Value,
    FALSE, TRUE,
};

pub(super) const NAME: &str = "RuleDescription";
/// The rule that a subscription is created with.
pub(super) const DEFAULT: &str = "DefaultRuleDescription";

/// An entry of a map from texts to any values.
const ENTRY: &str = "KeyValueOfstringanyType";

/// Reads a rule; the name is that of its resource.
pub(super) fn read(description: &Element, name: &str, now: Timestamp) -> Result<Rule, Fault> {
    let filter = match description.child("Filter") {
        Some(element) => filter(element)?,
        None => Filter::True,
    };
    let action = description.child("Action").map(action).transpose()?;
    Ok(Rule {
        name: name.to_owned(),
        filter,
        action: action.flatten(),
        created_at: now,
    })
}

fn filter(element: &Element) -> Result<Filter, Fault> {
    match kind(element) {
        "TrueFilter" => Ok(Filter::True),
        "FalseFilter" => Ok(Filter::False),
        "SqlFilter" => {
            let expression = element.text_of("SqlExpression").unwrap_or_default();
            let filter = SqlFilter::new(expression, &parameters(element)?)?;
            Ok(Filter::Sql(filter))
        }
        "CorrelationFilter" => correlation(element),
        other => Err(Fault::invalid(&format!(
            "The filter type '{other}' is not known"
        ))),
    }
}

fn action(element: &Element) -> Result<Option<Action>, Fault> {
    match kind(element) {
        "EmptyRuleAction" => Ok(None),
        "SqlRuleAction" => {
            let expression = element.text_of("SqlExpression").unwrap_or_default();
            Ok(Some(Action::new(expression, &parameters(element)?)?))
        }
        other => Err(Fault::invalid(&format!(
            "The action type '{other}' is not known"
        ))),
    }
}

fn correlation(element: &Element) -> Result<Filter, Fault> {
    let system = CorrelationFilter::FIELDS
        .into_iter()
        .filter_map(|property| {
            let text = element.text_of(property.name())?;
            Some((property, text.to_owned()))
        })
        .collect();
    let properties = entries(element.child("Properties"))?;
    let filter = CorrelationFilter::new(system, properties)?;
    Ok(Filter::Correlation(filter))
}

fn parameters(element: &Element) -> Result<Parameters, Fault> {
    Ok(Parameters::new(entries(element.child("Parameters"))?))
}

fn entries(map: Option<&Element>) -> Result<Vec<(String, Value<'static>)>, Fault> {
    let entries = map.map_or(&[][..], |map| &map.children);
    let entry = |entry: &Element| {
        let key = entry.text_of("Key").unwrap_or_default();
        let value = entry.child("Value").ok_or_else(Fault::bad_request)?;
        Ok((key.to_owned(), typed_value::read(value)?))
    };
    entries.iter().map(entry).collect()
}

pub(super) fn kind(element: &Element) -> &str {
    element.kind.as_ref().map_or("", |kind| kind.name.as_str())
}

pub(super) fn write(rule: &Rule) -> Element {
    let filter = match &rule.filter {
        Filter::True => sql("Filter", "TrueFilter", TRUE, None),
        Filter::False => sql("Filter", "FalseFilter", FALSE, None),
        Filter::Sql(filter) => sql(
            "Filter",
            "SqlFilter",
            filter.expression(),
            Some(filter.parameters()),
        ),
        Filter::Correlation(filter) => correlation_element(filter),
    };
    let action = match &rule.action {
        None => Element::new("Action").of_kind("EmptyRuleAction"),
        Some(action) => sql(
            "Action",
            "SqlRuleAction",
            action.expression(),
            Some(action.parameters()),
        ),
    };
    whole(filter, action, rule)
}

/// A description of these parts.
pub(super) fn whole(filter: Element, action: Element, rule: &Rule) -> Element {
    let mut out = DescriptionWriter::new(NAME);
    out.put_element(filter)
        .put_element(action)
        .put_instant("CreatedAt", rule.created_at)
        .put("Name", &rule.name);
    out.finish()
}

fn sql(name: &str, kind: &str, expression: &str, parameters: Option<&Parameters>) -> Element {
    let mut element = Element::new(name).of_kind(kind);
    element.children = vec![
        Element::leaf("SqlExpression", expression),
        Element::leaf("CompatibilityLevel", 20),
    ];
    if let Some(parameters) = parameters {
        let mut map = Element::new("Parameters");
        map.children = parameters
            .iter()
            .filter_map(|(key, value)| entry_element(key, value))
            .collect();
        element.children.push(map);
    }
    element
}

fn correlation_element(filter: &CorrelationFilter) -> Element {
    let mut element = Element::new("Filter").of_kind("CorrelationFilter");
    let system = CorrelationFilter::FIELDS.into_iter();
    element.children = system
        .filter_map(|property: SystemProperty| {
            let text = filter.system_property(property)?;
            Some(Element::leaf(property.name(), text))
        })
        .collect();
    let properties = filter.application_properties();
    if !properties.is_empty() {
        let mut map = Element::new("Properties");
        map.children = properties
            .iter()
            .filter_map(|(key, value)| entry_element(key, value))
            .collect();
        element.children.push(map);
    }
    element
}

fn entry_element(key: &str, value: &Value<'_>) -> Option<Element> {
    let mut entry = Element::new(ENTRY);
    entry.children = vec![
        Element::leaf("Key", key),
        typed_value::write("Value", value)?,
    ];
    Some(entry)
}

impl From<FilterError> for Fault {
    fn from(error: FilterError) -> Self {
        Fault::invalid(error.to_string().trim_end_matches('.'))
    }
}
