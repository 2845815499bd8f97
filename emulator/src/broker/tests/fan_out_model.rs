//! Topics with rules that come and go, against a model that knows what each rule means by heart.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::filter::{
    Action, Arrival, CorrelationFilter, Filter, MessageView, Parameters, SystemProperty, Value,
};

const SUBSCRIPTIONS: [&str; 3] = ["a", "b", "c"];
/// The second is the first in other letters.
const RULES: [&str; 5] = ["one", "ONE", "two", "three", "$Default"];
const SUBJECTS: [&str; 3] = ["x", "y", "xy"];

/// What a message is sent with.
#[derive(Clone, Debug)]
struct Sent {
    subject: &'static str,
    number: Option<i64>,
}

/// What a subscription has of a message: subject, number, and the rule that changed it.
type Copy = (String, Option<i64>, Option<String>);

#[derive(Clone, Copy, Debug)]
enum Selects {
    Everything,
    Nothing,
    SubjectX,
    NumberAboveTwo,
    NoNumber,
    /// A number is no text.
    Fails,
}

#[derive(Clone, Copy, Debug)]
enum Changes {
    Nothing,
    Increment,
    RemoveNumber,
    SetSubject,
    Fails,
}

#[derive(Clone, Debug)]
enum Step {
    Send(Sent),
    Add(usize, &'static str, Selects, Changes),
    Remove(usize, &'static str),
}

impl Selects {
    fn filter(self) -> Filter {
        let sql = |text| Filter::of_expression(text).unwrap();
        match self {
            Self::Everything => Filter::True,
            Self::Nothing => sql("1=0"),
            Self::SubjectX => {
                let subject = (SystemProperty::Label, "x".to_owned());
                let filter = CorrelationFilter::new(vec![subject], Vec::new());
                Filter::Correlation(filter.unwrap())
            }
            Self::NumberAboveTwo => sql("number > 2"),
            Self::NoNumber => sql("NOT EXISTS(number) AND sys.Label LIKE '%'"),
            Self::Fails => sql("number LIKE '%'"),
        }
    }

    fn matches(self, sent: &Sent) -> Result<bool, ()> {
        match self {
            Self::Everything => Ok(true),
            Self::Nothing => Ok(false),
            Self::SubjectX => Ok(sent.subject == "x"),
            Self::NumberAboveTwo => Ok(sent.number.is_some_and(|number| number > 2)),
            Self::NoNumber => Ok(sent.number.is_none()),
            Self::Fails => sent.number.map_or(Ok(false), |_| Err(())),
        }
    }
}

impl Changes {
    fn action(self) -> Option<Action> {
        let text = match self {
            Self::Nothing => return None,
            Self::Increment => "SET number = number + 1",
            Self::RemoveNumber => "REMOVE Number;",
            Self::SetSubject => "SET sys.Label = sys.Label + '!'",
            Self::Fails => "SET sys.SequenceNumber = 1",
        };
        Some(Action::new(text, &Parameters::default()).unwrap())
    }

    fn apply(self, sent: &Sent, rule: &str) -> Result<Copy, ()> {
        let subject = sent.subject.to_owned();
        let rule = Some(rule.to_owned());
        match self {
            Self::Nothing => Ok((subject, sent.number, None)),
            Self::Increment => Ok((subject, sent.number.map(|number| number + 1), rule)),
            Self::RemoveNumber => Ok((subject, None, rule)),
            Self::SetSubject => Ok((subject + "!", sent.number, rule)),
            Self::Fails => Err(()),
        }
    }
}

/// One subscription, naively.
#[derive(Debug, Default)]
struct Model {
    /// By their names in small letters.
    rules: BTreeMap<String, (&'static str, Selects, Changes)>,
    copies: Vec<Copy>,
    failed: usize,
    dead_letters: bool,
}

impl Model {
    fn receive(&mut self, sent: &Sent) {
        let mut plain = false;
        let mut changed = Vec::new();
        let mut failed = false;
        for (name, selects, changes) in self.rules.values() {
            match (selects.matches(sent), changes) {
                (Ok(false), _) => {}
                (Ok(true), Changes::Nothing) => plain = true,
                (Ok(true), changes) => match changes.apply(sent, name) {
                    Ok(copy) => changed.push(copy),
                    Err(()) => failed = true,
                },
                (Err(()), _) => failed = true,
            }
        }
        if plain {
            self.copies.extend(Changes::Nothing.apply(sent, ""));
        }
        self.copies.extend(changed);
        self.failed += usize::from(failed && self.dead_letters);
    }
}

fn encoded(sent: &Sent) -> Message {
    let mut changes = PropertyChanges::default();
    if let Some(number) = sent.number {
        changes.set_with("number", |writer| writer.put_long(number));
    }
    message("body")
        .with_property(crate::message::PropertyField::Subject, |writer| {
            writer.put_string(sent.subject);
        })
        .with_changes(&changes)
}

fn copy_of(message: &Message) -> Copy {
    let arrival = Arrival {
        enqueued_at: 0,
        sequence: 0,
    };
    let view = MessageView::new(message, arrival);
    let text = |value: Value<'_>| match value {
        Value::String(text) => text.into_owned(),
        other => panic!("no text: {other:?}"),
    };
    let property = |name| view.application_property(name).map(|(_, value)| value);
    let number = match property("number") {
        Some(Value::Integer(_, number)) => Some(i64::try_from(number).unwrap()),
        Some(Value::Null) | None => None,
        other => panic!("no number: {other:?}"),
    };
    let subject = text(view.system_property(SystemProperty::Label));
    (subject, number, property("RuleName").map(text))
}

fn any_step() -> impl Strategy<Value = Step> {
    let selects = select(vec![
        Selects::Everything,
        Selects::Nothing,
        Selects::SubjectX,
        Selects::NumberAboveTwo,
        Selects::NoNumber,
        Selects::Fails,
    ]);
    let changes = select(vec![
        Changes::Nothing,
        Changes::Nothing,
        Changes::Increment,
        Changes::RemoveNumber,
        Changes::SetSubject,
        Changes::Fails,
    ]);
    let at = || 0..SUBSCRIPTIONS.len();
    let name = || select(RULES.to_vec());
    let sent = (select(SUBJECTS.to_vec()), prop::option::of(0..5_i64));
    prop_oneof![
        4 => sent.prop_map(|(subject, number)| Step::Send(Sent { subject, number })),
        3 => (at(), name(), selects, changes)
            .prop_map(|(at, name, selects, changes)| Step::Add(at, name, selects, changes)),
        1 => (at(), name()).prop_map(|(at, name)| Step::Remove(at, name)),
    ]
}

proptest! {
    #![proptest_config(model_config())]

    #[test]
    fn subscriptions_agree_with_the_model(steps in vec(any_step(), 1..40)) {
        let mut f = Fixture::new();
        f.broker.create_topic("news", TopicOptions::new()).unwrap();
        let topic = f.broker.resolve("news").unwrap();
        let mut queues = Vec::new();
        let mut models = Vec::new();
        for (at, name) in SUBSCRIPTIONS.into_iter().enumerate() {
            let dead_letters = at != 2;
            let options = SubscriptionOptions::new().dead_lettering_on_filter_errors(dead_letters);
            f.broker.create_subscription("news", name, options).unwrap();
            queues.push(f.broker.resolve(&format!("news/Subscriptions/{name}")).unwrap());
            let mut model = Model { dead_letters, ..Model::default() };
            let default = ("$Default", Selects::Everything, Changes::Nothing);
            model.rules.insert("$default".to_owned(), default);
            models.push(model);
        }
        for step in steps {
            match step {
                Step::Send(sent) => {
                    f.broker.enqueue(topic, vec![encoded(&sent)], f.now).unwrap();
                    models.iter_mut().for_each(|model| model.receive(&sent));
                }
                Step::Add(at, name, selects, changes) => {
                    let rule = Rule {
                        name: name.to_owned(),
                        filter: selects.filter(),
                        action: changes.action(),
                        created_at: f.now,
                    };
                    let added = f.broker.add_rule(queues[at], rule).is_ok();
                    let rules = &mut models[at].rules;
                    prop_assert_eq!(added, !rules.contains_key(&name.to_lowercase()), "{}", name);
                    if added {
                        rules.insert(name.to_lowercase(), (name, selects, changes));
                    }
                }
                Step::Remove(at, name) => {
                    let removed = f.broker.remove_rule(queues[at], name).is_ok();
                    let known = models[at].rules.remove(&name.to_lowercase()).is_some();
                    prop_assert_eq!(removed, known, "{}", name);
                }
            }
            f.check();
        }
        for (queue, model) in queues.into_iter().zip(models) {
            let found: Vec<_> = f.broker.peek(queue, 1, f.now).unwrap().collect();
            let numbers: BTreeSet<i64> = found.iter().map(|delivery| delivery.sequence).collect();
            prop_assert_eq!(numbers.len(), found.len(), "numbers are given once");
            let copies: Vec<Copy> = found.iter().map(|delivery| copy_of(&delivery.message)).collect();
            prop_assert_eq!(copies, model.copies);
            let dead = QueueRef { part: Part::DeadLetter, ..queue };
            prop_assert_eq!(f.content(dead).len(), model.failed);
        }
    }
}
