//! What managers do: they stop entities, forward messages, and change rules.

use super::arrangement::{rule_of, update};
use super::reference::{ModelKind, ModelRule};
use super::*;

impl Model {
    pub(super) fn set_status(&mut self, entity: usize, status: EntityStatus) {
        self.reference.entities[entity].options.status = status;
        self.settings_changed(entity);
    }

    pub(super) fn set_forwarding(&mut self, entity: usize, dead: bool, on: bool) {
        let Routes { main, dead: graves } = self.routes[entity];
        let options = &mut self.reference.entities[entity].options;
        if dead {
            options.forward_dead_lettered_messages_to = graves.filter(|_| on).map(str::to_owned);
        } else {
            options.forward_to = main.filter(|_| on).map(str::to_owned);
        }
        self.settings_changed(entity);
    }

    /// Who may receive no longer is detached.
    fn settings_changed(&mut self, entity: usize) {
        update(&mut self.broker, &self.reference.entities[entity]);
        for slot in 0..CONSUMERS {
            let Some(consumer) = self.consumers[slot] else {
                continue;
            };
            let place = consumer.place;
            if place.entity == entity && !self.reference.can_receive(place) {
                self.consumers[slot] = None;
                self.leave_session(consumer);
            }
        }
    }

    pub(super) fn set_rule(&mut self, entity: usize, rule: ModelRule, there: bool) {
        let entity = &mut self.reference.entities[entity];
        let ModelKind::Subscription { rules, .. } = &mut entity.kind else {
            return;
        };
        if there {
            let added = self.broker.add_rule(entity.queue, rule_of(rule));
            assert_eq!(added.is_ok(), rules.insert(rule), "{added:?}");
        } else {
            let removed = self.broker.remove_rule(entity.queue, &rule_of(rule).name);
            assert_eq!(removed.is_ok(), rules.remove(&rule), "{removed:?}");
        }
    }
}
