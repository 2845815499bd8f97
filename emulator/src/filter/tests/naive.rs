//! The parser and evaluator against a naive one: conditions are made as trees, written as text with
//! no more parentheses than needed, and evaluated here by the definitions.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

#[derive(Clone, Debug, PartialEq)]
enum Item {
    Int(i64),
    Real(f64),
    Text(String),
    Flag(bool),
}

#[derive(Clone, Debug)]
enum Term {
    Item(Item),
    Property(&'static str),
    Negative(Box<Term>),
    Binary(Box<Term>, char, Box<Term>),
}

#[derive(Clone, Debug)]
enum Test {
    Flag(Term),
    Compare(Term, &'static str, Term),
    In(Term, Vec<Term>),
    Like(Term, String),
    IsNull(&'static str),
    Exists(&'static str),
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
}

/// What a message holds; a property that is not in it is absent.
type Properties = BTreeMap<&'static str, Item>;

/// An error of any kind.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Wrong;

const NAMES: [&str; 5] = ["alpha", "beta", "gamma", "[de lta]", "\"eps\""];

/// The name without its delimiters.
fn bare(name: &str) -> &str {
    name.trim_matches(['[', ']', '"'])
}

impl Item {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            Self::Text(_) | Self::Flag(_) => None,
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Real(value) => format!("{value:?}"),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Self::Flag(true) => "TRUE".to_owned(),
            Self::Flag(false) => "false".to_owned(),
        }
    }

    fn value(&self) -> Value<'static> {
        match self {
            Self::Int(value) => Value::long(*value),
            Self::Real(value) => Value::Double(*value),
            Self::Text(text) => Value::text(text),
            Self::Flag(value) => Value::Bool(*value),
        }
    }
}

impl Term {
    /// Written with parentheses if it binds less tightly than `power`.
    fn written(&self, power: u8) -> String {
        let (own, text) = match self {
            Self::Item(Item::Int(value)) if *value < 0 => (3, value.to_string()),
            Self::Item(Item::Real(value)) if *value < 0.0 => (3, format!("{value:?}")),
            Self::Item(item) => (4, item.written()),
            Self::Property(name) => (4, (*name).to_owned()),
            Self::Negative(term) => (3, format!("- {}", term.written(3))),
            Self::Binary(left, operator, right) => {
                let own = if matches!(operator, '+' | '-') { 1 } else { 2 };
                let (left, right) = (left.written(own), right.written(own + 1));
                (own, format!("{left} {operator} {right}"))
            }
        };
        in_parentheses(text, own < power)
    }

    fn value(&self, properties: &Properties) -> Result<Option<Item>, Wrong> {
        match self {
            Self::Item(item) => Ok(Some(item.clone())),
            Self::Property(name) => Ok(properties.get(name).cloned()),
            Self::Negative(term) => match term.value(properties)? {
                None => Ok(None),
                Some(Item::Int(value)) => Ok(Some(Item::Int(-value))),
                Some(Item::Real(value)) => Ok(Some(Item::Real(-value))),
                Some(_) => Err(Wrong),
            },
            Self::Binary(left, operator, right) => {
                let (left, right) = (left.value(properties)?, right.value(properties)?);
                let (Some(left), Some(right)) = (left, right) else {
                    return Ok(None);
                };
                calculated(&left, *operator, &right).map(Some)
            }
        }
    }
}

fn calculated(left: &Item, operator: char, right: &Item) -> Result<Item, Wrong> {
    if let (Item::Int(left), Item::Int(right)) = (left, right) {
        return match operator {
            '+' => Ok(Item::Int(left + right)),
            '-' => Ok(Item::Int(left - right)),
            '*' => Ok(Item::Int(left * right)),
            _ if *right == 0 => Err(Wrong),
            '/' => Ok(Item::Int(left / right)),
            _ => Ok(Item::Int(left % right)),
        };
    }
    if let (Some(left), Some(right)) = (left.number(), right.number()) {
        return Ok(Item::Real(match operator {
            '+' => left + right,
            '-' => left - right,
            '*' => left * right,
            '/' => left / right,
            _ => left % right,
        }));
    }
    let as_text = |item: &Item| match item {
        Item::Int(value) => value.to_string(),
        Item::Real(value) => value.to_string(),
        Item::Text(text) => text.clone(),
        Item::Flag(true) => "True".to_owned(),
        Item::Flag(false) => "False".to_owned(),
    };
    match (left, right) {
        (Item::Text(_), _) | (_, Item::Text(_)) if operator == '+' => {
            Ok(Item::Text(as_text(left) + &as_text(right)))
        }
        _ => Err(Wrong),
    }
}

impl Test {
    fn written(&self, power: u8) -> String {
        let (own, text) = match self {
            Self::Flag(term) => (4, term.written(4)),
            Self::Compare(left, operator, right) => (
                3,
                format!("{} {operator} {}", left.written(1), right.written(1)),
            ),
            Self::In(value, list) => {
                let list: Vec<String> = list.iter().map(|term| term.written(0)).collect();
                (3, format!("{} IN ({})", value.written(1), list.join(", ")))
            }
            Self::Like(text, pattern) => (3, format!("{} LIKE '{pattern}'", text.written(1))),
            Self::IsNull(name) => (3, format!("{name} IS NULL")),
            Self::Exists(name) => (4, format!("EXISTS({name})")),
            Self::Not(test) => (2, format!("NOT {}", test.written(2))),
            Self::And(left, right) => (1, format!("{} AND {}", left.written(1), right.written(2))),
            Self::Or(left, right) => (0, format!("{} OR {}", left.written(0), right.written(1))),
        };
        in_parentheses(text, own < power)
    }

    fn holds(&self, properties: &Properties) -> Result<Option<bool>, Wrong> {
        match self {
            Self::Flag(term) => match term.value(properties)? {
                None => Ok(None),
                Some(Item::Flag(value)) => Ok(Some(value)),
                Some(_) => Err(Wrong),
            },
            Self::Compare(left, operator, right) => compared(
                left.value(properties)?.as_ref(),
                operator,
                right.value(properties)?.as_ref(),
            ),
            Self::In(value, list) => {
                let Some(value) = value.value(properties)? else {
                    return Ok(None);
                };
                list.iter()
                    .try_fold(Some(false), |found, term| match found {
                        Some(true) => Ok(found),
                        _ => {
                            let term = term.value(properties)?;
                            Ok(or(found, compared(Some(&value), "=", term.as_ref())?))
                        }
                    })
            }
            Self::Like(text, pattern) => match text.value(properties)? {
                None => Ok(None),
                Some(Item::Text(text)) => {
                    let text: Vec<char> = text.chars().collect();
                    let pattern: Vec<char> = pattern.chars().collect();
                    Ok(Some(alike(&text, &pattern)))
                }
                Some(_) => Err(Wrong),
            },
            Self::IsNull(name) => Ok(Some(!properties.contains_key(name))),
            Self::Exists(name) => Ok(Some(properties.contains_key(name))),
            Self::Not(test) => Ok(test.holds(properties)?.map(|holds| !holds)),
            Self::And(left, right) => match left.holds(properties)? {
                Some(false) => Ok(Some(false)),
                left => {
                    let right = right.holds(properties)?;
                    Ok(or(left.map(|l| !l), right.map(|r| !r)).map(|either| !either))
                }
            },
            Self::Or(left, right) => match left.holds(properties)? {
                Some(true) => Ok(Some(true)),
                left => Ok(or(left, right.holds(properties)?)),
            },
        }
    }
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn compared(
    left: Option<&Item>,
    operator: &str,
    right: Option<&Item>,
) -> Result<Option<bool>, Wrong> {
    let (Some(left), Some(right)) = (left, right) else {
        return Ok(None);
    };
    let ordering = match (left, right) {
        (Item::Int(left), Item::Int(right)) => Some(left.cmp(right)),
        (Item::Text(left), Item::Text(right)) => Some(left.cmp(right)),
        (Item::Flag(left), Item::Flag(right)) if matches!(operator, "=" | "<>" | "!=") => {
            Some(left.cmp(right))
        }
        _ => {
            let (Some(left), Some(right)) = (left.number(), right.number()) else {
                return Err(Wrong);
            };
            left.partial_cmp(&right)
        }
    };
    let is = |wanted: &[std::cmp::Ordering]| ordering.is_some_and(|found| wanted.contains(&found));
    use std::cmp::Ordering::{Equal, Greater, Less};
    Ok(Some(match operator {
        "=" => is(&[Equal]),
        "<>" | "!=" => !is(&[Equal]),
        "<" => is(&[Less]),
        "<=" => is(&[Less, Equal]),
        ">" => is(&[Greater]),
        _ => is(&[Greater, Equal]),
    }))
}

fn alike(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skipped| alike(&text[skipped..], rest)),
        ['_', rest @ ..] => !text.is_empty() && alike(&text[1..], rest),
        [first, rest @ ..] => text.first() == Some(first) && alike(&text[1..], rest),
    }
}

fn in_parentheses(text: String, needed: bool) -> String {
    if needed {
        format!("({text})")
    } else {
        text
    }
}

fn any_item() -> impl Strategy<Value = Item> {
    prop_oneof![
        4 => (-3..4_i64).prop_map(Item::Int),
        2 => (-6..7_i32).prop_map(|half| Item::Real(f64::from(half) / 2.0)),
        4 => "[ab']{0,4}".prop_map(Item::Text),
        2 => any::<bool>().prop_map(Item::Flag),
    ]
}

fn any_term() -> impl Strategy<Value = Term> {
    let name = prop::sample::select(NAMES.to_vec());
    let leaf = prop_oneof![
        any_item().prop_map(Term::Item),
        name.prop_map(Term::Property),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let operator = prop::sample::select(vec!['+', '-', '*', '/', '%']);
        prop_oneof![
            1 => inner.clone().prop_map(|term| Term::Negative(Box::new(term))),
            4 => (inner.clone(), operator, inner).prop_map(|(left, operator, right)| {
                Term::Binary(Box::new(left), operator, Box::new(right))
            }),
        ]
    })
}

fn any_test() -> impl Strategy<Value = Test> {
    let name = || prop::sample::select(NAMES.to_vec());
    let operator = prop::sample::select(vec!["=", "<>", "!=", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        2 => name().prop_map(|name| Test::Flag(Term::Property(name))),
        1 => any::<bool>().prop_map(|value| Test::Flag(Term::Item(Item::Flag(value)))),
        6 => (any_term(), operator, any_term())
            .prop_map(|(left, operator, right)| Test::Compare(left, operator, right)),
        2 => (any_term(), vec(any_term(), 1..4)).prop_map(|(value, list)| Test::In(value, list)),
        2 => (any_term(), "[ab%_]{0,5}").prop_map(|(text, pattern)| Test::Like(text, pattern)),
        1 => name().prop_map(Test::IsNull),
        1 => name().prop_map(Test::Exists),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        let pair = || (inner.clone(), inner.clone());
        prop_oneof![
            inner.clone().prop_map(|test| Test::Not(Box::new(test))),
            pair().prop_map(|(left, right)| Test::And(Box::new(left), Box::new(right))),
            pair().prop_map(|(left, right)| Test::Or(Box::new(left), Box::new(right))),
        ]
    })
}

fn any_properties() -> impl Strategy<Value = Properties> {
    vec(prop::option::of(any_item()), NAMES.len()).prop_map(|items| {
        let entries = NAMES.into_iter().zip(items);
        entries
            .filter_map(|(name, item)| Some((name, item?)))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x51f1_17e5),
        ..ProptestConfig::default()
    })]

    #[test]
    fn agrees(test in any_test(), properties in any_properties()) {
        let text = test.written(0);
        prop_assume!(text.len() <= 1_024);
        let entries: Vec<_> = properties
            .iter()
            .map(|(name, item)| (bare(name), item.value()))
            .collect();
        let found = holds(&text, &message(&entries), &Parameters::default());
        let expected = test.holds(&properties);
        prop_assert_eq!(found.clone().map_err(|_| Wrong), expected, "{}: {:?}", text, found);
    }
}
