"""Locks of messages and sessions that run out, brought on by moving time."""

import datetime

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.exceptions import MessageLockLostError, SessionLockLostError

from exchange import receive, receive_one, send, take

LOCK = datetime.timedelta(seconds=60)
SETTLEMENTS = ["complete_message", "abandon_message", "defer_message", "dead_letter_message"]


@pytest.mark.parametrize("settlement", SETTLEMENTS)
def test_a_lost_lock_settles_nothing(client, control, queue, settlement):
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        message = receive_one(receiver)
        control.advance(61)
        with pytest.raises(MessageLockLostError):
            getattr(receiver, settlement)(message)
        again = receive_one(receiver)
        assert (again.delivery_count, again.sequence_number) == (1, message.sequence_number)
        receiver.complete_message(again)


def test_a_lost_lock_is_not_renewed(client, control, queue):
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        message = receive_one(receiver)
        control.advance(61)
        with pytest.raises(MessageLockLostError):
            receiver.renew_message_lock(message)


def test_a_renewed_lock_counts_from_its_renewal(client, control, queue):
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        message = receive_one(receiver)
        first = message.locked_until_utc
        for _ in range(3):
            control.advance(50)
            receiver.renew_message_lock(message)
        moved = message.locked_until_utc - first
        assert datetime.timedelta(seconds=149) < moved < datetime.timedelta(seconds=170), moved
        receiver.complete_message(message)
        assert receiver.peek_messages(1) == []


def test_as_many_lost_locks_as_deliveries_are_granted_dead_letter(client, admin, control, new_name):
    name = new_name("queue")
    admin.create_queue(name, max_delivery_count=2, lock_duration=datetime.timedelta(seconds=30))
    send(client, name, "a")
    with client.get_queue_receiver(name) as receiver:
        for count in range(2):
            assert receive_one(receiver).delivery_count == count
            control.advance(31)
    with client.get_queue_receiver(name, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        dead = receive_one(receiver)
        assert dead.dead_letter_reason == "MaxDeliveryCountExceeded"
        assert "2 delivery attempts" in dead.dead_letter_error_description


@pytest.fixture
def sessions(admin, new_name):
    name = new_name("sessions")
    admin.create_queue(name, requires_session=True, lock_duration=LOCK)
    return name


def test_a_lost_session_settles_nothing(client, control, sessions):
    send(client, sessions, ServiceBusMessage("a", session_id="s"))
    with client.get_queue_receiver(sessions, session_id="s") as receiver:
        message = receive_one(receiver)
        control.advance(61)
        with pytest.raises(SessionLockLostError):
            receiver.complete_message(message)
    with client.get_queue_receiver(sessions, session_id="s") as receiver:
        assert receive_one(receiver).delivery_count == 1


@pytest.mark.parametrize("call", ["renew_lock", "get_state", "set_state"])
def test_a_lost_session_is_used_no_more(client, control, sessions, call):
    with client.get_queue_receiver(sessions, session_id="s") as receiver:
        control.advance(61)
        with pytest.raises(SessionLockLostError):
            getattr(receiver.session, call)(*([b"state"] if call == "set_state" else []))


def test_a_renewed_session_keeps_its_messages(client, control, sessions):
    send(client, sessions, *(ServiceBusMessage(body, session_id="s") for body in "abc"))
    with client.get_queue_receiver(sessions, session_id="s") as receiver:
        held = receive(receiver, 2)
        for _ in range(3):
            control.advance(50)
            receiver.session.renew_lock()
        for one in held:
            receiver.complete_message(one)
        assert take(receiver, 1) == ["c"]


def test_whoever_comes_after_a_lost_session_gets_its_messages_and_state(client, control, sessions):
    send(client, sessions, *(ServiceBusMessage(body, session_id="s") for body in "ab"))
    with client.get_queue_receiver(sessions, session_id="s") as first:
        first.session.set_state(b"halfway")
        receive_one(first)
        control.advance(61)
        with client.get_queue_receiver(sessions, session_id="s") as second:
            assert second.session.get_state() == b"halfway"
            assert take(second, 2) == ["a", "b"]


def test_a_deferred_message_is_locked_anew(client, control, queue):
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        message = receive_one(receiver)
        receiver.defer_message(message)
        (again,) = receiver.receive_deferred_messages(message.sequence_number)
        control.advance(61)
        with pytest.raises(MessageLockLostError):
            receiver.complete_message(again)
        (third,) = receiver.receive_deferred_messages(message.sequence_number)
        assert third.delivery_count == again.delivery_count + 1
        receiver.complete_message(third)
