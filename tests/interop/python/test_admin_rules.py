"""Rules of subscriptions through the administration client."""

import datetime

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.servicebus.management import (
    CorrelationRuleFilter,
    FalseRuleFilter,
    SqlRuleAction,
    SqlRuleFilter,
    TrueRuleFilter,
)

PARAMETERS = {
    "@text": "a < b & c",
    "@int": 7,
    "@float": 0.25,
    "@bool": True,
    "@time": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
    "@span": datetime.timedelta(days=1, hours=2, seconds=3),
}


class Rules:
    """The rules of one subscription."""

    def __init__(self, admin, *subscription):
        self._admin = admin
        self._subscription = subscription

    def __getattr__(self, name):
        call = getattr(self._admin, name)
        return lambda *arguments, **options: call(*self._subscription, *arguments, **options)


@pytest.fixture
def rules(admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    admin.create_subscription(topic, "s")
    return Rules(admin, topic, "s")


def names(rules):
    return [one.name for one in rules.list_rules()]


def test_a_subscription_begins_with_the_true_filter(rules):
    (default,) = rules.list_rules()
    assert default.name == "$Default"
    assert isinstance(default.filter, TrueRuleFilter)
    assert default.action is None
    assert default.created_at_utc.year >= 2024


FILTERS = {
    "true": TrueRuleFilter(),
    "false": FalseRuleFilter(),
    "sql": SqlRuleFilter("color = 'blue' AND x < @int", PARAMETERS),
    "correlation": CorrelationRuleFilter(
        correlation_id="c", message_id="m", to="t", reply_to="r", label="l", session_id="s",
        reply_to_session_id="rs", content_type="ct",
        properties={name.removeprefix("@"): value for name, value in PARAMETERS.items()},
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_comes_back(rules, name):
    sent = FILTERS[name]
    for rule in (rules.create_rule(name, filter=sent), rules.get_rule(name)):
        assert type(rule.filter) is type(sent)
        assert _comparable(rule.filter) == _comparable(sent)
        assert rule.action is None


def _comparable(rule_filter):
    """What a filter says; the service writes the expressions of true and false in its own way."""
    if isinstance(rule_filter, (TrueRuleFilter, FalseRuleFilter)):
        return {}
    fields = {key: value for key, value in vars(rule_filter).items() if value is not None}
    for known in ("parameters", "properties"):
        fields[known] = {name: _naive(value) for name, value in fields.get(known, {}).items()}
    return fields


def _naive(value):
    return value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value


def test_an_action_comes_back(rules):
    action = SqlRuleAction("SET size = @int; REMOVE color", parameters={"@int": 7})
    created = rules.create_rule("r", filter=SqlRuleFilter("1 = 1"), action=action)
    for rule in (created, rules.get_rule("r")):
        assert rule.action.sql_expression == action.sql_expression
        assert rule.action.parameters == action.parameters


def test_a_rule_is_changed(rules):
    rule = rules.create_rule("r", filter=SqlRuleFilter("1 = 1"), action=SqlRuleAction("SET a = 1"))
    rule.filter = CorrelationRuleFilter(label="l")
    rule.action = None
    rules.update_rule(rule)
    found = rules.get_rule("r")
    assert (found.filter.label, found.action) == ("l", None)
    rules.update_rule(found, filter=SqlRuleFilter("2 = 2"))
    assert rules.get_rule("r").filter.sql_expression == "2 = 2"


def test_rules_are_listed_and_deleted(rules):
    for name in ["one", "two", "three"]:
        rules.create_rule(name, filter=FalseRuleFilter())
    assert sorted(names(rules)) == ["$Default", "one", "three", "two"]
    rules.delete_rule("two")
    rules.delete_rule("$Default")
    assert sorted(names(rules)) == ["one", "three"]


def test_what_is_refused(rules):
    rules.create_rule("r")
    with pytest.raises(ResourceExistsError):
        rules.create_rule("r")
    for call in (rules.get_rule, rules.delete_rule):
        with pytest.raises(ResourceNotFoundError):
            call("missing")
    with pytest.raises(HttpResponseError) as error:
        rules.create_rule("bad", filter=SqlRuleFilter("color ="))
    assert error.value.status_code == 400
    with pytest.raises(HttpResponseError) as error:
        rules.create_rule("bad", filter=TrueRuleFilter(), action=SqlRuleAction("DROP x"))
    assert error.value.status_code == 400
    rule = rules.get_rule("r")
    rules.delete_rule("r")
    with pytest.raises(ResourceNotFoundError):
        rules.update_rule(rule)


def test_a_subscription_that_is_not_there_has_no_rules(admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    with pytest.raises(HttpResponseError):
        admin.create_rule(topic, "missing", "r")
