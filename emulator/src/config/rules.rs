//! The rules of a subscription.

use jsonc_parser::ast::{ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::contents::Contents;
use super::document::{Defect, Fields};
use crate::correlation_options::{CorrelationOptions, PropertyValue};
use crate::filter::{CorrelationFilter, SystemProperty};
use crate::initial_entities::NewEntity;
use crate::rules::RuleOptions;

/// Of filters and actions; what the service does with it cannot be told from outside.
const HINT: &str = "RequiresPreprocessing";

pub(super) fn read(
    topic: &str,
    subscription: &str,
    value: Value<'_>,
    contents: &mut Contents,
) -> Result<(), Defect> {
    let mut rule = Fields::of("a rule", value)?;
    let at = rule.at;
    let name = rule.needed_text("Name")?.text.into_owned();
    let options = options(rule.needed_object("Properties")?, contents)?;
    rule.finish()?;
    let entity = NewEntity::Rule {
        topic: topic.to_owned(),
        subscription: subscription.to_owned(),
        name,
        options,
    };
    contents.add(at, entity);
    Ok(())
}

fn options(mut properties: Fields<'_>, contents: &mut Contents) -> Result<RuleOptions, Defect> {
    let kind = properties.needed_text("FilterType")?;
    let mut options = if kind.text.eq_ignore_ascii_case("Sql") {
        let filter = properties.needed_object("SqlFilter")?;
        let at = filter.at;
        let expression = expression(filter, contents)?;
        refuse_filled(properties.object("CorrelationFilter")?)?;
        RuleOptions::sql(
            expression.ok_or_else(|| Defect::new(at, "SqlFilter has no SqlExpression"))?,
        )
    } else if kind.text.eq_ignore_ascii_case("Correlation") {
        let filter = properties.needed_object("CorrelationFilter")?;
        refuse_filled(properties.object("SqlFilter")?)?;
        RuleOptions::correlation(correlation(filter, contents)?)
    } else {
        let reason = format!("FilterType is Sql or Correlation, not {:?}", kind.text);
        return Err(Defect::new(kind.at, reason));
    };
    if let Some(action) = properties.object("Action")? {
        if let Some(statements) = expression(action, contents)? {
            options = options.action(statements);
        }
    }
    properties.finish()?;
    Ok(options)
}

/// Tools write a filter of either type, one of them empty.
fn refuse_filled(filter: Option<Fields<'_>>) -> Result<(), Defect> {
    filter.map_or(Ok(()), Fields::finish)
}

fn hint(part: &mut Fields<'_>, contents: &mut Contents) -> Result<(), Defect> {
    if let Some(hint) = part.text(HINT)? {
        contents.has_no_effect(hint.at, format!("{HINT} has no effect"));
    }
    Ok(())
}

fn expression(mut sql: Fields<'_>, contents: &mut Contents) -> Result<Option<String>, Defect> {
    hint(&mut sql, contents)?;
    let expression = sql.text("SqlExpression")?;
    sql.finish()?;
    let expression = expression.map(|scalar| scalar.text.into_owned());
    Ok(expression.filter(|text| !text.is_empty()))
}

fn correlation(
    mut filter: Fields<'_>,
    contents: &mut Contents,
) -> Result<CorrelationOptions, Defect> {
    hint(&mut filter, contents)?;
    let mut options = CorrelationOptions::new();
    for property in CorrelationFilter::FIELDS {
        if let Some(value) = filter.text(property.name())? {
            options = options.system(property, value.text);
        }
    }
    // As newer SDKs call the label.
    if let Some(value) = filter.text("Subject")? {
        options = options.system(SystemProperty::Label, value.text);
    }
    let properties = filter.object("Properties")?;
    for property in properties.into_iter().flat_map(Fields::rest) {
        let value = property_value(&property)?;
        options = options.property(property.name.as_str(), value);
    }
    filter.finish()?;
    Ok(options)
}

fn property_value(property: &ObjectProp<'_>) -> Result<PropertyValue, Defect> {
    let number = |text: &str| {
        let integer = text.parse().map(PropertyValue::Integer).ok();
        integer.or_else(|| text.parse().map(PropertyValue::Double).ok())
    };
    let value = match &property.value {
        Value::StringLit(literal) => Some(PropertyValue::from(literal.value.as_ref())),
        Value::BooleanLit(literal) => Some(PropertyValue::Bool(literal.value)),
        Value::NumberLit(literal) => number(literal.value),
        Value::Object(_) | Value::Array(_) | Value::NullKeyword(_) => None,
    };
    value.ok_or_else(|| {
        let reason = "a property is a text, a number, true or false";
        Defect::new(property.value.start(), reason)
    })
}
