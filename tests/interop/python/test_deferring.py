"""Deferred messages."""

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusReceiveMode, ServiceBusSubQueue
from azure.servicebus.exceptions import MessageNotFoundError

from exchange import receive, receive_one, send, take
from sdk_messages import text


def deferred(receiver, count):
    """Defers so many messages and returns their numbers."""
    numbers = []
    for one in receive(receiver, count):
        receiver.defer_message(one)
        numbers.append(one.sequence_number)
    return numbers


@pytest.mark.parametrize("mode", list(ServiceBusReceiveMode))
def test_a_deferred_message_is_received_by_its_number(client, queue, mode):
    send(client, queue, "a", "b")
    with client.get_queue_receiver(queue) as receiver:
        (number,) = deferred(receiver, 1)
        assert take(receiver, 1) == ["b"]
        (peeked,) = receiver.peek_messages(1, sequence_number=number)
        assert peeked.state.name == "DEFERRED"
    with client.get_queue_receiver(queue, receive_mode=mode) as receiver:
        (again,) = receiver.receive_deferred_messages(number)
        assert text(again) == "a"
        if mode == ServiceBusReceiveMode.PEEK_LOCK:
            assert again.state.name == "DEFERRED"
            receiver.complete_message(again)
        with pytest.raises(MessageNotFoundError):
            receiver.receive_deferred_messages(number)


def test_several_come_at_once(client, queue):
    send(client, queue, *"abc")
    with client.get_queue_receiver(queue) as receiver:
        numbers = deferred(receiver, 3)
        again = receiver.receive_deferred_messages(numbers)
        assert [text(one) for one in again] == ["a", "b", "c"]
        assert len({one.lock_token for one in again}) == 3
        for one in again:
            receiver.complete_message(one)


def test_one_unknown_number_of_several_is_an_error(client, queue):
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        numbers = deferred(receiver, 1)
        with pytest.raises(MessageNotFoundError):
            receiver.receive_deferred_messages([*numbers, 4711])
        (again,) = receiver.receive_deferred_messages(numbers)
        receiver.complete_message(again)


def test_an_active_message_is_not_received_by_its_number(client, queue):
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        with pytest.raises(MessageNotFoundError):
            receiver.receive_deferred_messages(1)


def test_what_is_done_with_a_deferred_message(client, queue):
    send(client, queue, *"abc")
    with client.get_queue_receiver(queue) as receiver:
        abandoned, deferred_again, dead = numbers = deferred(receiver, 3)
        for one in receiver.receive_deferred_messages(numbers):
            {
                abandoned: receiver.abandon_message,
                deferred_again: receiver.defer_message,
                dead: receiver.dead_letter_message,
            }[one.sequence_number](one)
        for number in (abandoned, deferred_again):
            (again,) = receiver.receive_deferred_messages(number)
            receiver.complete_message(again)
        assert receiver.peek_messages(5, sequence_number=1) == []
    with client.get_queue_receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        assert take(receiver, 1) == ["c"]


def test_a_lock_of_a_deferred_message_is_renewed(client, queue):
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        (again,) = receiver.receive_deferred_messages(deferred(receiver, 1))
        before = again.locked_until_utc
        assert receiver.renew_message_lock(again) >= before
        receiver.complete_message(again)


def test_a_session_defers(client, admin, new_name):
    name = new_name("sessions")
    admin.create_queue(name, requires_session=True)
    send(client, name, *(ServiceBusMessage(body, session_id="s") for body in "ab"))
    with client.get_queue_receiver(name, session_id="s") as receiver:
        numbers = deferred(receiver, 1)
        assert take(receiver, 1) == ["b"]
    with client.get_queue_receiver(name, session_id="other") as receiver:
        with pytest.raises(MessageNotFoundError):
            receiver.receive_deferred_messages(numbers)
    with client.get_queue_receiver(name, session_id="s") as receiver:
        (again,) = receiver.receive_deferred_messages(numbers)
        assert (text(again), again.session_id) == ("a", "s")
        receiver.complete_message(again)
