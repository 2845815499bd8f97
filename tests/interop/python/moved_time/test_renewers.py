"""Locks that the SDK renews by itself."""

import datetime
import time

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.exceptions import AutoLockRenewFailed, AutoLockRenewTimeout, MessageLockLostError

from exchange import receive, receive_one, send

LOCK = datetime.timedelta(seconds=5)
PATIENCE = 30


@pytest.fixture
def short(admin, new_name):
    name = new_name("queue")
    admin.create_queue(name, lock_duration=LOCK)
    return name


@pytest.fixture
def sessions(admin, new_name):
    name = new_name("sessions")
    admin.create_queue(name, requires_session=True, lock_duration=LOCK)
    return name


@pytest.fixture
def failures(half):
    """A callback for failed renewals, and the errors it was given."""
    errors = []

    def called(renewable, error):
        errors.append(error)

    async def awaited(renewable, error):
        errors.append(error)

    return called if half == "blocking" else awaited, errors


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.1)


def test_messages_are_renewed(client, new_renewer, short):
    send(client, short, "a", "b")
    with new_renewer() as renewer, client.get_queue_receiver(short, auto_lock_renewer=renewer) as receiver:
        messages = receive(receiver, 2)
        firsts = [one.locked_until_utc for one in messages]
        for one, first in zip(messages, firsts):
            wait_until(lambda: one.locked_until_utc >= first + LOCK, "the second renewal")
            assert one.auto_renew_error is None
            receiver.complete_message(one)
        assert receiver.peek_messages(1) == []


def test_a_session_is_renewed(client, new_renewer, sessions):
    send(client, sessions, ServiceBusMessage("a", session_id="s"))
    with new_renewer() as renewer, client.get_queue_receiver(sessions, session_id="s") as receiver:
        first = receiver.session.locked_until_utc
        renewer.register(receiver, receiver.session)
        message = receive_one(receiver)
        wait_until(lambda: receiver.session.locked_until_utc >= first + LOCK, "the second renewal")
        receiver.complete_message(message)


def test_renewing_ends_after_its_time(client, new_renewer, short):
    send(client, short, "a")
    with new_renewer(max_lock_renewal_duration=1) as renewer, client.get_queue_receiver(short) as receiver:
        message = receive_one(receiver)
        renewer.register(receiver, message)
        wait_until(lambda: message.auto_renew_error is not None, "the end of renewing")
        assert isinstance(message.auto_renew_error, AutoLockRenewTimeout)
        receiver.complete_message(message)


def test_a_lock_that_is_lost_meanwhile_is_told(client, control, new_renewer, short, failures):
    callback, errors = failures
    send(client, short, "a")
    with new_renewer(on_lock_renew_failure=callback) as renewer, client.get_queue_receiver(short) as receiver:
        message = receive_one(receiver)
        control.advance(6)
        renewer.register(receiver, message)
        wait_until(lambda: errors, "the failure")
        (error,) = errors
        assert isinstance(error, AutoLockRenewFailed)
        with pytest.raises(MessageLockLostError):
            receiver.complete_message(message)
