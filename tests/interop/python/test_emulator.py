"""The Python SDK at both ends of the emulator."""

import datetime

import pytest
from azure.servicebus import (
    ServiceBusMessage,
    ServiceBusReceiveMode,
    ServiceBusSubQueue,
)
from azure.servicebus.exceptions import (
    MessageSizeExceededError,
    ServiceBusAuthenticationError,
    ServiceBusError,
)

from exchange import BRIEFLY, WAIT, send
from programs import message
from sdk_messages import our_view, sdk_view, text, text_messages, to_sdk


def receive_all(client, queue, count, **options):
    """Receives and completes `count` messages, and shows that no more are there."""
    received = []
    with client.get_queue_receiver(queue, **options) as receiver:
        while len(received) < count:
            batch = receiver.receive_messages(count - len(received), max_wait_time=WAIT)
            assert batch, f"{len(received)} of {count} messages came"
            for one in batch:
                if options.get("receive_mode") != ServiceBusReceiveMode.RECEIVE_AND_DELETE:
                    receiver.complete_message(one)
            received += batch
        assert receiver.receive_messages(1, max_wait_time=BRIEFLY) == []
    return received


def send_together(client, queue, messages):
    with client.get_queue_sender(queue) as sender:
        sender.send_messages(messages)


def test_single_message(client, queue):
    send(client, queue, ServiceBusMessage("single"))
    assert [text(one) for one in receive_all(client, queue, 1)] == ["single"]


def test_list_keeps_its_order_and_numbers(client, queue):
    send_together(client, queue, text_messages("a", "b", "c"))
    received = receive_all(client, queue, 3)
    assert [text(one) for one in received] == ["a", "b", "c"]
    assert [one.sequence_number for one in received] == [1, 2, 3]


def test_batch(client, queue):
    with client.get_queue_sender(queue) as sender:
        batch = sender.create_message_batch()
        for number in range(100):
            batch.add_message(ServiceBusMessage(f"{number}", application_properties={"n": number}))
        sender.send_messages(batch)
    received = receive_all(client, queue, 100)
    assert [text(one) for one in received] == [f"{number}" for number in range(100)]
    assert [one.application_properties[b"n"] for one in received] == list(range(100))


def test_large_message_in_many_frames(client, queue):
    body = bytes(number % 251 for number in range(200_000))
    send(client, queue, ServiceBusMessage(body))
    assert b"".join(receive_all(client, queue, 1)[0].body) == body


def test_message_over_the_limit_is_refused(client, queue):
    with client.get_queue_sender(queue) as sender:
        with pytest.raises(MessageSizeExceededError):
            sender.send_messages(ServiceBusMessage(b"x" * 300_000))
        sender.send_messages(ServiceBusMessage("after"))
    assert [text(one) for one in receive_all(client, queue, 1)] == ["after"]


def test_abandon_raises_the_delivery_count(client, queue):
    send(client, queue, ServiceBusMessage("again"))
    with client.get_queue_receiver(queue) as receiver:
        first = receiver.receive_messages(1, max_wait_time=WAIT)[0]
        assert first.delivery_count == 0
        receiver.abandon_message(first)
        second = receiver.receive_messages(1, max_wait_time=WAIT)[0]
        assert (second.delivery_count, second.sequence_number) == (1, first.sequence_number)
        assert second.lock_token != first.lock_token
        receiver.complete_message(second)


def test_dead_letter_with_reason(client, queue):
    send(client, queue, ServiceBusMessage("bad", application_properties={"kept": True}))
    with client.get_queue_receiver(queue) as receiver:
        received = receiver.receive_messages(1, max_wait_time=WAIT)[0]
        receiver.dead_letter_message(received, reason="why", error_description="in detail")
    dead = receive_all(client, queue, 1, sub_queue=ServiceBusSubQueue.DEAD_LETTER)[0]
    assert (text(dead), dead.dead_letter_reason, dead.dead_letter_error_description) == ("bad", "why", "in detail")
    assert dead.application_properties[b"kept"] is True


def test_renewed_lock_lasts_longer(client, queue):
    send(client, queue, ServiceBusMessage("renewed"))
    with client.get_queue_receiver(queue) as receiver:
        received = receiver.receive_messages(1, max_wait_time=WAIT)[0]
        before = received.locked_until_utc
        now = datetime.datetime.now(datetime.timezone.utc)
        assert before > now, f"locked until {before}, and it is {now}"
        assert receiver.renew_message_lock(received) >= before
        receiver.complete_message(received)


def test_peek_leaves_messages_where_they_are(client, queue):
    send_together(client, queue, text_messages("a", "b", "c"))
    with client.get_queue_receiver(queue) as receiver:
        assert [text(one) for one in receiver.peek_messages(2)] == ["a", "b"]
        assert [text(one) for one in receiver.peek_messages(2)] == ["c"]
        assert [text(one) for one in receiver.peek_messages(9, sequence_number=2)] == ["b", "c"]
    assert len(receive_all(client, queue, 3)) == 3


def test_receive_and_delete(client, queue):
    send_together(client, queue, text_messages("a", "b"))
    mode = ServiceBusReceiveMode.RECEIVE_AND_DELETE
    received = receive_all(client, queue, 2, receive_mode=mode)
    assert [text(one) for one in received] == ["a", "b"]


def test_every_property_comes_back(client, queue):
    sent = message("complete")
    send_together(client, queue, to_sdk(sent))
    received = receive_all(client, queue, 1)[0]
    view, expected = sdk_view(received), our_view(sent)
    assert view["application-properties"] == expected["application-properties"]
    assert view["body"] == expected["body"]
    assert view["header"] == expected["header"]
    # The SDK derives these two from the time to live, whatever was set.
    for derived in ("creation-time", "absolute-expiry-time"):
        assert view["properties"].pop(derived) > 0
        expected["properties"].pop(derived)
    assert view["properties"] == expected["properties"]
    annotations = view["message-annotations"]
    assert annotations.pop("x-opt-sequence-number") == 1
    assert annotations.pop("x-opt-enqueued-time") < annotations.pop("x-opt-locked-until")
    assert annotations == expected["message-annotations"]


def test_unknown_entity_is_refused(client):
    with pytest.raises(ServiceBusAuthenticationError):
        send(client, "no-such-queue", ServiceBusMessage("lost"))
    with pytest.raises(ServiceBusAuthenticationError):
        with client.get_queue_receiver("no-such-queue") as receiver:
            receiver.receive_messages(1, max_wait_time=BRIEFLY)


def test_settling_twice_is_refused(client, queue):
    send(client, queue, ServiceBusMessage("once"))
    with client.get_queue_receiver(queue) as receiver:
        received = receiver.receive_messages(1, max_wait_time=WAIT)[0]
        receiver.complete_message(received)
        with pytest.raises((ValueError, ServiceBusError)):
            receiver.complete_message(received)
