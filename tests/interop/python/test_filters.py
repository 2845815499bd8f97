"""Which messages rules select, and what their actions make of them."""

import datetime

import pytest
from azure.core.exceptions import HttpResponseError
from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.management import (
    CorrelationRuleFilter,
    FalseRuleFilter,
    SqlRuleAction,
    SqlRuleFilter,
    TrueRuleFilter,
)

from exchange import publish, receive, receive_one
from sdk_messages import text

SUBSCRIPTION = "picky"


@pytest.fixture
def topic(admin, new_name):
    """A topic with one subscription, which has no rule."""
    name = new_name("topic")
    admin.create_topic(name)
    admin.create_subscription(name, SUBSCRIPTION)
    admin.delete_rule(name, SUBSCRIPTION, "$Default")
    return name


def selected(client, topic, messages):
    """The texts of those messages that the subscription gets."""
    publish(client, topic, *messages)
    with client.get_subscription_receiver(topic, SUBSCRIPTION) as receiver:
        return [text(one) for one in receiver.peek_messages(100, sequence_number=1)]


def with_properties(body, /, **properties):
    return ServiceBusMessage(body, application_properties=properties)


def test_without_rule_nothing_comes(client, topic):
    assert selected(client, topic, ["a"]) == []


def test_true_and_false(client, admin, topic):
    admin.create_rule(topic, SUBSCRIPTION, "never", filter=FalseRuleFilter())
    assert selected(client, topic, ["a"]) == []
    admin.create_rule(topic, SUBSCRIPTION, "always", filter=TrueRuleFilter())
    assert selected(client, topic, ["b"]) == ["b"]


CORRELATIONS = {
    "correlation_id": "c",
    "message_id": "m",
    "to": "t",
    "reply_to": "r",
    "session_id": "s",
    "reply_to_session_id": "rs",
    "content_type": "ct",
}


@pytest.mark.parametrize("field", [*CORRELATIONS, "label"])
def test_each_field_of_a_correlation_filter(client, admin, topic, field):
    value = CORRELATIONS.get(field, "l")
    admin.create_rule(topic, SUBSCRIPTION, "r", filter=CorrelationRuleFilter(**{field: value}))
    attribute = "subject" if field == "label" else field
    messages = [
        ServiceBusMessage("equal", **{attribute: value}),
        ServiceBusMessage("different", **{attribute: f"{value}x"}),
        ServiceBusMessage("upper", **{attribute: value.upper()}),
        "absent",
    ]
    assert selected(client, topic, messages) == ["equal"]


def test_a_correlation_filter_wants_all_its_fields(client, admin, topic):
    rule = CorrelationRuleFilter(label="l", properties={"color": "blue", "size": 3, "round": True})
    admin.create_rule(topic, SUBSCRIPTION, "r", filter=rule)
    full = {"color": "blue", "size": 3, "round": True}
    messages = [
        ServiceBusMessage("all", subject="l", application_properties=full),
        ServiceBusMessage("no label", application_properties=full),
        ServiceBusMessage("other size", subject="l", application_properties={**full, "size": 4}),
        ServiceBusMessage("text", subject="l", application_properties={**full, "size": "3"}),
    ]
    assert selected(client, topic, messages) == ["all"]


EXPRESSIONS = {
    "color = 'blue'": ["blue"],
    "COLOR = 'blue' AND Quantity = 10": ["blue"],
    "color <> 'blue'": ["red"],
    "color IN ('blue', 'green') OR quantity > 10": ["blue", "red"],
    "color NOT IN ('blue')": ["red"],
    "color LIKE 'b%'": ["blue"],
    "color NOT LIKE '_lue'": ["red"],
    r"share LIKE '10\%%' ESCAPE '\'": ["red"],
    "EXISTS(color)": ["blue", "red"],
    "NOT EXISTS(color)": ["bare"],
    "color IS NULL": ["bare"],
    "color IS NOT NULL AND NOT color = 'red'": ["blue"],
    "quantity * 2 - 5 >= 15 AND quantity % 10 = 0": ["blue", "red"],
    "quantity / 4 = 2": ["blue"],
    "-quantity < -10": ["red"],
    "price > 1.5E0": ["blue"],
    "fresh": ["blue"],
    "fresh = FALSE": ["red"],
    "color + '!' = 'red!'": ["red"],
    "user.color = 'blue' AND sys.Label = 'first'": ["blue"],
    "sys.MessageId LIKE '%-2'": ["red"],
    "[color] = 'red' OR \"color\" = 'blue'": ["blue", "red"],
    "property('color') = 'red'": ["red"],
    "missing = missing": [],
    "missing = 1 OR color = 'red'": ["red"],
    "sys.CorrelationId IS NULL": ["blue", "red", "bare"],
}


COLORED = {
    "blue": ServiceBusMessage("blue", subject="first", message_id="id-1", application_properties={
        "color": "blue", "quantity": 10, "price": 1.75, "fresh": True, "share": "100",
    }),
    "red": ServiceBusMessage("red", subject="second", message_id="id-2", application_properties={
        "color": "red", "quantity": 20, "price": 1.25, "fresh": False, "share": "10% off",
    }),
    "bare": ServiceBusMessage("bare", message_id="id-3"),
}


def test_sql_filters(client, admin, new_name):
    """One subscription for each expression, so that one message asks them all."""
    topic = new_name("topic")
    admin.create_topic(topic)
    names = {f"s{number}": expression for number, expression in enumerate(EXPRESSIONS)}
    for name, expression in names.items():
        admin.create_subscription(topic, name)
        admin.delete_rule(topic, name, "$Default")
        admin.create_rule(topic, name, "r", filter=SqlRuleFilter(expression))

    def counts():
        found = admin.list_subscriptions_runtime_properties(topic)
        return {names[one.name]: one.active_message_count for one in found}

    selections = {expression: [] for expression in EXPRESSIONS}
    with client.get_topic_sender(topic) as sender:
        for label, message in COLORED.items():
            before = counts()
            sender.send_messages(message)
            for expression, count in counts().items():
                selections[expression] += [label] * (count - before[expression])
    assert selections == EXPRESSIONS


def test_a_sql_filter_has_parameters(client, admin, topic):
    day = datetime.datetime(2026, 1, 1)
    parameters = {"@color": "blue", "@least": 5, "@share": 0.5, "@fresh": True, "@day": day}
    text_of_rule = "color = @color AND quantity >= @least AND price > @share AND fresh = @fresh AND made > @day"
    admin.create_rule(topic, SUBSCRIPTION, "r", filter=SqlRuleFilter(text_of_rule, parameters))
    good = {"color": "blue", "quantity": 10, "price": 1.75, "fresh": True, "made": day + datetime.timedelta(1)}
    messages = [with_properties("good", **good)]
    messages += [with_properties(name, **{**good, name: 0}) for name in ("quantity", "price")]
    messages.append(with_properties("old", **{**good, "made": day}))
    assert selected(client, topic, messages) == ["good"]


def test_rules_without_action_give_one_copy_and_each_with_an_action_its_own(client, admin, topic):
    for name in ["plain", "plain too"]:
        admin.create_rule(topic, SUBSCRIPTION, name, filter=TrueRuleFilter())
    for name in ["first", "second"]:
        action = SqlRuleAction(f"SET tag = '{name}'")
        admin.create_rule(topic, SUBSCRIPTION, name, filter=SqlRuleFilter("1 = 1"), action=action)
    publish(client, topic, "a")
    with client.get_subscription_receiver(topic, SUBSCRIPTION) as receiver:
        copies = [one.application_properties or {} for one in receive(receiver, 3)]
        assert receiver.peek_messages(5, sequence_number=4) == []
    found = sorted((one.get(b"tag", b""), one.get(b"RuleName", b"")) for one in copies)
    assert found == [(b"", b""), (b"first", b"first"), (b"second", b"second")]


def test_actions_set_and_remove(client, admin, topic):
    action = SqlRuleAction(
        "SET quantity = quantity * 2; SET sys.Label = 'changed'; SET made = 'by ' + color; "
        "REMOVE color; REMOVE missing; SET sys.ReplyTo = @answers",
        parameters={"@answers": "answers"},
    )
    admin.create_rule(topic, SUBSCRIPTION, "r", filter=TrueRuleFilter(), action=action)
    publish(client, topic, ServiceBusMessage("a", subject="original", application_properties={
        "quantity": 5, "color": "blue",
    }))
    with client.get_subscription_receiver(topic, SUBSCRIPTION) as receiver:
        message = receive_one(receiver)
    assert (text(message), message.subject, message.reply_to) == ("a", "changed", "answers")
    assert message.application_properties == {b"quantity": 10, b"made": b"by blue", b"RuleName": b"r"}


def test_a_filter_that_fails_dead_letters_where_that_is_wished(client, admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    for name, wished in [("strict", True), ("lax", False)]:
        admin.create_subscription(topic, name, dead_lettering_on_filter_evaluation_exceptions=wished)
        admin.delete_rule(topic, name, "$Default")
        admin.create_rule(topic, name, "r", filter=SqlRuleFilter("quantity / 0 = 1"))
    publish(client, topic, with_properties("a", quantity=1))
    dead = {
        name: admin.get_subscription_runtime_properties(topic, name).dead_letter_message_count
        for name in ("strict", "lax")
    }
    assert dead == {"strict": 1, "lax": 0}
    with client.get_subscription_receiver(topic, "strict", sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        assert receive_one(receiver).dead_letter_reason


@pytest.mark.parametrize("text_of_rule", ["color =", "color = 'blue", "1 +", "LIKE 'x'", "newid(", ""])
def test_an_expression_that_is_none_is_refused(admin, topic, text_of_rule):
    with pytest.raises(HttpResponseError) as error:
        admin.create_rule(topic, SUBSCRIPTION, "r", filter=SqlRuleFilter(text_of_rule))
    assert error.value.status_code == 400
