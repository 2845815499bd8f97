//! The namespaces that the models are about.

use std::collections::{BTreeMap, BTreeSet};

use super::reference::{ModelEntity, ModelKind, ModelRule};
use super::*;
use crate::filter::{Action, CorrelationFilter, Filter, Parameters, SystemProperty};

/// Where an entity, or its dead letters, forward to while they do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Routes {
    pub(super) main: Option<&'static str>,
    pub(super) dead: Option<&'static str>,
}

/// A broker under construction, with the same entities for the reference.
pub(super) struct Arrangement {
    pub(super) broker: Broker,
    pub(super) entities: Vec<ModelEntity>,
    pub(super) routes: Vec<Routes>,
}

/// Short enough for a sequence of operations to see the ends of it all.
pub(super) fn busy() -> QueueOptions {
    QueueOptions::new()
        .max_delivery_count(3)
        .default_message_time_to_live(Duration::from_secs(200))
}

/// One queue that remembers ids.
pub(super) fn one_queue(keeps_expired: bool) -> Arrangement {
    let mut made = Arrangement::new();
    let options = busy()
        .duplicate_detection(Duration::from_secs(60))
        .dead_lettering_on_message_expiration(keeps_expired);
    made.queue("orders", options, Routes::default());
    made
}

/// Two queues with sessions; where the dead letters of one go needs none.
pub(super) fn sessions(keeps_expired: bool) -> Arrangement {
    let mut made = Arrangement::new();
    made.queue("graves", busy(), Routes::default());
    let options = busy()
        .requires_session(true)
        .dead_lettering_on_message_expiration(keeps_expired);
    made.queue("groups", options.clone(), Routes::default());
    made.queue("teams", options, routes(None, Some("graves")));
    made
}

/// Queues that pass their messages on, one of them in a circle.
pub(super) fn chain(keeps_expired: bool) -> Arrangement {
    let mut made = Arrangement::new();
    made.queue("graves", busy(), Routes::default());
    let options = busy().dead_lettering_on_message_expiration(keeps_expired);
    let detecting = options.clone().duplicate_detection(Duration::from_secs(60));
    made.queue("end", detecting, routes(None, Some("graves")));
    made.queue("middle", options.clone(), routes(Some("end"), Some("end")));
    made.queue(
        "start",
        options.clone(),
        routes(Some("middle"), Some("graves")),
    );
    made.queue("circle", options, routes(Some("circle"), None));
    made
}

/// A topic whose subscriptions keep what they get, pass it on, or have sessions.
pub(super) fn topic(keeps_expired: bool) -> Arrangement {
    let mut made = Arrangement::new();
    made.queue("orders", busy(), Routes::default());
    let window = Duration::from_secs(60);
    made.topic("news", QueueOptions::new().duplicate_detection(window));
    let options = busy().dead_lettering_on_message_expiration(keeps_expired);
    made.subscription("news", "a", options.clone(), Routes::default());
    made.subscription("news", "b", options.clone(), routes(Some("orders"), None));
    let sessions = options.requires_session(true);
    made.subscription("news", "c", sessions, routes(None, Some("orders")));
    made
}

fn routes(main: Option<&'static str>, dead: Option<&'static str>) -> Routes {
    Routes { main, dead }
}

impl Arrangement {
    fn new() -> Self {
        let mut broker = Broker::new(Tier::Standard);
        broker.fire_due(START);
        Self {
            broker,
            entities: Vec::new(),
            routes: Vec::new(),
        }
    }

    fn queue(&mut self, name: &str, options: QueueOptions, routes: Routes) {
        self.broker.create_queue(name, options.clone()).unwrap();
        self.add(name.to_owned(), ModelKind::Queue, options, routes);
    }

    fn topic(&mut self, name: &str, options: QueueOptions) {
        let created = self
            .broker
            .create_topic(name, TopicOptions(options.0.clone()));
        created.unwrap();
        self.add(
            name.to_owned(),
            ModelKind::Topic,
            options,
            Routes::default(),
        );
    }

    fn subscription(&mut self, topic: &str, name: &str, options: QueueOptions, routes: Routes) {
        let made = SubscriptionOptions(options.0.clone());
        let rule = rule_of(ModelRule::Everything);
        let created = self
            .broker
            .create_subscription_with(topic, name, made, rule);
        created.unwrap();
        let known = self.entities.iter().position(|entity| entity.path == topic);
        let kind = ModelKind::Subscription {
            topic: known.unwrap(),
            rules: BTreeSet::from([ModelRule::Everything]),
        };
        self.add(
            format!("{topic}/Subscriptions/{name}"),
            kind,
            options,
            routes,
        );
    }

    fn add(&mut self, path: String, kind: ModelKind, options: QueueOptions, routes: Routes) {
        let queue = self.broker.resolve(&path).unwrap();
        let entity = ModelEntity {
            path,
            queue,
            kind,
            options: EntitySettings {
                forward_to: routes.main.map(str::to_owned),
                forward_dead_lettered_messages_to: routes.dead.map(str::to_owned),
                ..options.0
            },
            last: BTreeMap::new(),
            seen: BTreeMap::new(),
        };
        update(&mut self.broker, &entity);
        self.routes.push(routes);
        self.entities.push(entity);
    }
}

/// Gives an entity of the broker the settings that the reference has.
pub(super) fn update(broker: &mut Broker, entity: &ModelEntity) {
    let (path, options) = (&entity.path, entity.options.clone());
    let updated = match entity.kind {
        ModelKind::Queue => broker.update_queue(path, QueueOptions(options)),
        ModelKind::Topic => broker.update_topic(path, TopicOptions(options)),
        ModelKind::Subscription { .. } => {
            let (topic, name) = path.split_once("/Subscriptions/").unwrap();
            broker.update_subscription(topic, name, SubscriptionOptions(options))
        }
    };
    updated.unwrap();
}

pub(super) fn rule_of(rule: ModelRule) -> Rule {
    let action = |text| Action::new(text, &Parameters::default()).unwrap();
    let red = || {
        let subject = (SystemProperty::Label, "red".to_owned());
        CorrelationFilter::new(vec![subject], Vec::new()).unwrap()
    };
    let (name, filter, action) = match rule {
        ModelRule::Everything => ("everything", Filter::True, None),
        ModelRule::Red => ("red", Filter::Correlation(red()), None),
        ModelRule::MarksRed => (
            "marks",
            Filter::of_expression("sys.Label = 'red'").unwrap(),
            Some(action("SET marked = 1")),
        ),
    };
    Rule {
        name: name.to_owned(),
        filter,
        action,
        created_at: START,
    }
}
