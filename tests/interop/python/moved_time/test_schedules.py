"""Schedules, brought on by moving time."""

import datetime

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.exceptions import MessageNotFoundError

from exchange import in_seconds, peek_texts, publish, receive_one, send, take
from sdk_messages import text

HOUR = 3600


def test_scheduled_messages_come_in_the_order_of_their_times(client, control, queue):
    with client.get_queue_sender(queue) as sender:
        sender.schedule_messages(ServiceBusMessage("late"), in_seconds(2 * HOUR))
        sender.schedule_messages(ServiceBusMessage("soon"), in_seconds(HOUR))
    with client.get_queue_receiver(queue) as receiver:
        assert [one.state.name for one in receiver.peek_messages(5)] == ["SCHEDULED", "SCHEDULED"]
        control.advance(HOUR + 1)
        (peeked,) = [one for one in receiver.peek_messages(5, sequence_number=1) if one.state.name == "ACTIVE"]
        assert text(peeked) == "soon"
        control.advance(HOUR)
        assert take(receiver, 2) == ["soon", "late"]


def test_what_is_due_was_enqueued_when_it_fell_due(client, control, queue):
    due = in_seconds(HOUR)
    with client.get_queue_sender(queue) as sender:
        (number,) = sender.schedule_messages(ServiceBusMessage("a"), due)
    control.advance(2 * HOUR)
    with client.get_queue_receiver(queue) as receiver:
        message = receive_one(receiver)
    assert abs(message.enqueued_time_utc - due) < datetime.timedelta(seconds=1), message.enqueued_time_utc
    assert message.sequence_number > number


def test_an_annotation_schedules_as_the_operation_does(client, control, queue):
    send(client, queue, ServiceBusMessage("later", scheduled_enqueue_time_utc=in_seconds(HOUR)), "now")
    with client.get_queue_receiver(queue) as receiver:
        assert [(text(one), one.state.name) for one in receiver.peek_messages(5)] == [
            ("later", "SCHEDULED"),
            ("now", "ACTIVE"),
        ]
        assert take(receiver, 1) == ["now"]
        control.advance(HOUR + 1)
        assert take(receiver, 1) == ["later"]


def test_only_what_is_scheduled_can_be_cancelled(client, control, queue):
    with client.get_queue_sender(queue) as sender:
        gone, due = sender.schedule_messages([ServiceBusMessage("a"), ServiceBusMessage("b")], in_seconds(HOUR))
        sender.cancel_scheduled_messages(gone)
        with pytest.raises(MessageNotFoundError):
            sender.cancel_scheduled_messages(gone)
        control.advance(HOUR + 1)
        with pytest.raises(MessageNotFoundError):
            sender.cancel_scheduled_messages(due)
    assert peek_texts(client, queue) == ["b"]


def test_a_topic_keeps_a_schedule_until_it_is_due(client, admin, control, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    admin.create_subscription(topic, "all")
    with client.get_topic_sender(topic) as sender:
        first, _ = sender.schedule_messages([ServiceBusMessage("a"), ServiceBusMessage("b")], in_seconds(HOUR))
        sender.cancel_scheduled_messages(first)
    assert admin.get_topic_runtime_properties(topic).scheduled_message_count == 1
    with client.get_subscription_receiver(topic, "all") as receiver:
        assert receiver.peek_messages(5) == []
        control.advance(HOUR + 1)
        assert take(receiver, 1) == ["b"]


def test_a_past_time_is_now(client, queue):
    with client.get_queue_sender(queue) as sender:
        sender.schedule_messages(ServiceBusMessage("a"), in_seconds(-HOUR))
    with client.get_queue_receiver(queue) as receiver:
        assert take(receiver, 1) == ["a"]


def test_a_duplicate_of_a_scheduled_message_is_dropped(client, admin, control, new_name):
    name = new_name("queue")
    admin.create_queue(name, requires_duplicate_detection=True)
    with client.get_queue_sender(name) as sender:
        sender.schedule_messages(ServiceBusMessage("scheduled", message_id="same"), in_seconds(60))
    send(client, name, ServiceBusMessage("again", message_id="same"))
    control.advance(61)
    assert peek_texts(client, name) == ["scheduled"]


def test_rules_are_asked_when_a_message_falls_due(client, admin, control, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    with client.get_topic_sender(topic) as sender:
        sender.schedule_messages(ServiceBusMessage("a"), in_seconds(HOUR))
    admin.create_subscription(topic, "afterwards")
    control.advance(HOUR + 1)
    publish(client, topic, "b")
    with client.get_subscription_receiver(topic, "afterwards") as receiver:
        assert take(receiver, 2) == ["a", "b"]
