"""Topics and what passes messages on, as the Python SDK sees them."""

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.exceptions import ServiceBusError

from exchange import publish, receive, receive_one, send, take
from sdk_messages import text

DEAD = {"sub_queue": ServiceBusSubQueue.DEAD_LETTER}
TRANSFER_DEAD = {"sub_queue": ServiceBusSubQueue.TRANSFER_DEAD_LETTER}


@pytest.fixture
def topic(admin, new_name):
    name = new_name("topic")
    admin.create_topic(name)
    return name


def test_each_subscription_gets_every_message_with_numbers_of_its_own(client, admin, topic):
    admin.create_subscription(topic, "early")
    publish(client, topic, "a")
    admin.create_subscription(topic, "late")
    with client.get_topic_sender(topic) as sender:
        sender.send_messages([ServiceBusMessage("b"), ServiceBusMessage("c")])
    for name, texts in [("early", ["a", "b", "c"]), ("late", ["b", "c"])]:
        with client.get_subscription_receiver(topic, name) as receiver:
            received = receive(receiver, len(texts))
            assert [text(one) for one in received] == texts
            assert [one.sequence_number for one in received] == list(range(1, len(texts) + 1))


def test_settling_one_copy_leaves_the_others(client, admin, topic):
    for name in ["completed", "abandoned"]:
        admin.create_subscription(topic, name)
    publish(client, topic, "a")
    with client.get_subscription_receiver(topic, "completed") as receiver:
        assert take(receiver, 1) == ["a"]
    with client.get_subscription_receiver(topic, "abandoned") as receiver:
        receiver.abandon_message(receive_one(receiver))
        assert receive_one(receiver).delivery_count == 1


def test_a_topic_without_subscription_takes_messages(client, topic):
    publish(client, topic, "nobody's")


def test_a_subscription_has_its_own_dead_letter_queue(client, admin, topic):
    for name in ["picky", "content"]:
        admin.create_subscription(topic, name)
    publish(client, topic, "a")
    with client.get_subscription_receiver(topic, "picky") as receiver:
        receiver.dead_letter_message(receive_one(receiver), reason="bad", error_description="very")
    with client.get_subscription_receiver(topic, "picky", **DEAD) as receiver:
        dead = receive_one(receiver)
        assert (text(dead), dead.dead_letter_reason) == ("a", "bad")
        receiver.complete_message(dead)
    with client.get_subscription_receiver(topic, "content", **DEAD) as receiver:
        assert receiver.peek_messages(1) == []


def test_a_topic_is_not_received_from(client, topic):
    with pytest.raises(ServiceBusError):
        client.get_queue_receiver(topic).__enter__()


def test_a_forwarding_queue_passes_messages_on(client, admin, new_name):
    first, second, third = (new_name("queue") for _ in range(3))
    admin.create_queue(third)
    admin.create_queue(second, forward_to=third)
    admin.create_queue(first, forward_to=second)
    send(client, first, "a", ServiceBusMessage("b", subject="kept"))
    with client.get_queue_receiver(third) as receiver:
        received = receive(receiver, 2)
        assert [(text(one), one.subject) for one in received] == [("a", None), ("b", "kept")]
        assert [one.sequence_number for one in received] == [1, 2]
        assert [one.enqueued_sequence_number for one in received] == [1, 2]
    with pytest.raises(ServiceBusError):
        client.get_queue_receiver(first).__enter__()


def test_a_subscription_forwards_to_a_topic(client, admin, topic, new_name):
    target = new_name("topic")
    admin.create_topic(target)
    admin.create_subscription(target, "all")
    admin.create_subscription(topic, "onward", forward_to=target)
    publish(client, topic, "a")
    with client.get_subscription_receiver(target, "all") as receiver:
        assert take(receiver, 1) == ["a"]


def test_a_subscription_begins_and_ends_to_forward(client, admin, topic, new_name):
    target = new_name("queue")
    admin.create_queue(target)
    properties = admin.create_subscription(topic, "s")
    for forward_to, body in [(target, "forwarded"), (None, "kept")]:
        properties.forward_to = forward_to
        admin.update_subscription(topic, properties)
        publish(client, topic, body)
    with client.get_queue_receiver(target) as receiver:
        assert take(receiver, 1) == ["forwarded"]
    with client.get_subscription_receiver(topic, "s") as receiver:
        assert take(receiver, 1) == ["kept"]


def test_a_topic_drops_duplicates_before_it_copies(client, admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic, requires_duplicate_detection=True)
    for name in ["one", "two"]:
        admin.create_subscription(topic, name)
    publish(client, topic, *(ServiceBusMessage(body, message_id="same") for body in ("first", "again")))
    for name in ["one", "two"]:
        with client.get_subscription_receiver(topic, name) as receiver:
            assert [text(one) for one in receiver.peek_messages(5)] == ["first"]


def test_dead_letters_are_forwarded(client, admin, topic, new_name):
    graves, lively = new_name("graves"), new_name("queue")
    admin.create_queue(graves)
    admin.create_queue(lively, forward_dead_lettered_messages_to=graves)
    admin.create_subscription(topic, "lively", forward_dead_lettered_messages_to=graves)
    send(client, lively, "a")
    with client.get_queue_receiver(lively) as receiver:
        receiver.dead_letter_message(receive_one(receiver), reason="bad")
    publish(client, topic, "b")
    with client.get_subscription_receiver(topic, "lively") as receiver:
        receiver.dead_letter_message(receive_one(receiver), reason="worse")
    with client.get_queue_receiver(graves) as receiver:
        first, second = receive(receiver, 2)
        assert (first.dead_letter_source, first.dead_letter_reason) == (lively, "bad")
        assert second.dead_letter_source.startswith(f"{topic}/")
        assert second.dead_letter_reason == "worse"


def test_what_hops_too_often_lands_in_the_transfer_dead_letter_queue(client, admin, new_name):
    names = [new_name("queue") for _ in range(6)]
    admin.create_queue(names[-1])
    for source, target in zip(names[-2::-1], names[:0:-1]):
        admin.create_queue(source, forward_to=target)
    send(client, names[0], "restless")
    with client.get_queue_receiver(names[4], **TRANSFER_DEAD) as receiver:
        message = receive_one(receiver)
        assert (text(message), message.dead_letter_reason) == ("restless", "MaxTransferHopCountExceeded")
    assert admin.get_queue_runtime_properties(names[4]).transfer_dead_letter_message_count == 1


def test_what_cannot_be_forwarded_lands_in_the_transfer_dead_letter_queue(client, admin, new_name):
    source, target = new_name("queue"), new_name("queue")
    admin.create_queue(target)
    admin.create_queue(source, forward_to=target)
    properties = admin.get_queue(target)
    properties.status = "Disabled"
    admin.update_queue(properties)
    send(client, source, "stuck")
    with client.get_queue_receiver(source, **TRANSFER_DEAD) as receiver:
        assert text(receive_one(receiver)) == "stuck"
