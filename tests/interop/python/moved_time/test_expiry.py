"""Times to live, windows of duplicates and idle entities, brought on by moving time."""

import datetime

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue

from exchange import peek_texts, publish, receive_one, send, take
from sdk_messages import text

DEAD = {"sub_queue": ServiceBusSubQueue.DEAD_LETTER}


def minutes(count):
    return datetime.timedelta(minutes=count)


def test_an_expired_message_is_gone(client, control, queue):
    send(client, queue, ServiceBusMessage("short", time_to_live=minutes(1)), "long")
    control.advance(61)
    with client.get_queue_receiver(queue) as receiver:
        assert take(receiver, 1) == ["long"]
    assert peek_texts(client, queue, **DEAD) == []


def test_an_expired_message_is_dead_lettered_where_that_is_wished(client, admin, control, new_name):
    name = new_name("queue")
    admin.create_queue(name, dead_lettering_on_message_expiration=True)
    send(client, name, ServiceBusMessage("a", time_to_live=minutes(1), message_id="kept"))
    control.advance(61)
    with client.get_queue_receiver(name, **DEAD) as receiver:
        message = receive_one(receiver)
        assert (text(message), message.message_id) == ("a", "kept")
        assert message.dead_letter_reason == "TTLExpiredException"
        assert message.dead_letter_error_description == "The message expired and was dead lettered."


def test_the_entity_limits_the_time_to_live(client, admin, control, new_name):
    name = new_name("queue")
    admin.create_queue(name, default_message_time_to_live=minutes(5))
    send(client, name, "default", ServiceBusMessage("own", time_to_live=minutes(60)))
    with client.get_queue_receiver(name) as receiver:
        for peeked in receiver.peek_messages(2):
            assert peeked.expires_at_utc == peeked.enqueued_time_utc + minutes(5)
    control.advance(301)
    with client.get_queue_receiver(name) as receiver:
        assert receiver.receive_messages(1, max_wait_time=1) == []


def test_a_locked_message_does_not_expire(client, control, queue):
    send(client, queue, ServiceBusMessage("held", time_to_live=datetime.timedelta(seconds=30)))
    with client.get_queue_receiver(queue) as receiver:
        message = receive_one(receiver)
        control.advance(45)
        receiver.complete_message(message)
    assert peek_texts(client, queue) == []


def test_a_dead_letter_does_not_expire(client, control, queue):
    send(client, queue, ServiceBusMessage("dead", time_to_live=minutes(1)))
    with client.get_queue_receiver(queue) as receiver:
        receiver.dead_letter_message(receive_one(receiver), reason="bad")
    control.advance(3600)
    assert peek_texts(client, queue, **DEAD) == ["dead"]


def test_a_subscription_dead_letters_what_expires(client, admin, control, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    admin.create_subscription(topic, "short", default_message_time_to_live=minutes(1),
                              dead_lettering_on_message_expiration=True)
    admin.create_subscription(topic, "long")
    publish(client, topic, "a")
    control.advance(61)
    with client.get_subscription_receiver(topic, "short", **DEAD) as receiver:
        assert receive_one(receiver).dead_letter_reason == "TTLExpiredException"
    with client.get_subscription_receiver(topic, "long") as receiver:
        assert take(receiver, 1) == ["a"]


def test_a_window_of_duplicates_ends(client, admin, control, new_name):
    name = new_name("queue")
    admin.create_queue(name, requires_duplicate_detection=True,
                       duplicate_detection_history_time_window=minutes(1))
    send(client, name, *(ServiceBusMessage(body, message_id="same") for body in ("first", "again")))
    control.advance(61)
    send(client, name, ServiceBusMessage("afterwards", message_id="same"))
    assert peek_texts(client, name) == ["first", "afterwards"]


def test_a_batch_is_searched_for_duplicates(client, admin, new_name):
    name = new_name("queue")
    admin.create_queue(name, requires_duplicate_detection=True)
    with client.get_queue_sender(name) as sender:
        ids = ["1", "2", "1", "3", "2"]
        sender.send_messages([ServiceBusMessage(f"{at}", message_id=one) for at, one in enumerate(ids)])
    assert peek_texts(client, name) == ["0", "1", "3"]


def test_an_idle_entity_is_deleted(admin, control, new_name):
    name = new_name("queue")
    admin.create_queue(name, auto_delete_on_idle=minutes(5))
    control.advance(200)
    assert admin.get_queue(name).auto_delete_on_idle == minutes(5)
    control.advance(400)
    with pytest.raises(ResourceNotFoundError):
        admin.get_queue(name)
