"""Topics and what passes messages on, as the Python SDK sees them."""

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.exceptions import ServiceBusError

from sdk_messages import text

WAIT = 10


def receive_texts(receiver, count):
    texts = []
    while len(texts) < count:
        batch = receiver.receive_messages(count - len(texts), max_wait_time=WAIT)
        assert batch, f"{texts} of {count} messages came"
        for one in batch:
            receiver.complete_message(one)
            texts.append(text(one))
    return texts


def test_each_subscription_gets_every_message(client, management):
    management.create_topic("news")
    for name in ["all", "too"]:
        management.create_subscription("news", name)
    with client.get_topic_sender("news") as sender:
        sender.send_messages([ServiceBusMessage("a"), ServiceBusMessage("b")])
    for name in ["all", "too"]:
        with client.get_subscription_receiver("news", name) as receiver:
            assert receive_texts(receiver, 2) == ["a", "b"]


def test_a_subscription_has_its_own_dead_letter_queue(client, management):
    management.create_topic("mixed")
    management.create_subscription("mixed", "picky")
    with client.get_topic_sender("mixed") as sender:
        sender.send_messages(ServiceBusMessage("a"))
    with client.get_subscription_receiver("mixed", "picky") as receiver:
        (message,) = receiver.receive_messages(1, max_wait_time=WAIT)
        receiver.dead_letter_message(message, reason="bad", error_description="very")
    dead = {"sub_queue": ServiceBusSubQueue.DEAD_LETTER}
    with client.get_subscription_receiver("mixed", "picky", **dead) as receiver:
        (message,) = receiver.receive_messages(1, max_wait_time=WAIT)
        assert (text(message), message.dead_letter_reason) == ("a", "bad")


def test_a_forwarding_queue_passes_messages_on(client, management):
    management.create_queue("second")
    management.create_queue("first", ForwardTo="second")
    with client.get_queue_sender("first") as sender:
        sender.send_messages([ServiceBusMessage("a"), ServiceBusMessage("b")])
    with client.get_queue_receiver("second") as receiver:
        assert receive_texts(receiver, 2) == ["a", "b"]
    with pytest.raises(ServiceBusError):
        client.get_queue_receiver("first").__enter__()


def test_dead_letters_can_be_forwarded(client, management):
    management.create_queue("graves")
    management.create_queue("lively", ForwardDeadLetteredMessagesTo="graves")
    with client.get_queue_sender("lively") as sender:
        sender.send_messages(ServiceBusMessage("a"))
    with client.get_queue_receiver("lively") as receiver:
        (message,) = receiver.receive_messages(1, max_wait_time=WAIT)
        receiver.dead_letter_message(message, reason="bad")
    with client.get_queue_receiver("graves") as receiver:
        (message,) = receiver.receive_messages(1, max_wait_time=WAIT)
        assert (message.dead_letter_source, message.dead_letter_reason) == ("lively", "bad")
