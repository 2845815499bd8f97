"""Sessions, as the Python SDK sees them."""

import datetime

import pytest
from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusMessage
from azure.servicebus.exceptions import (
    OperationTimeoutError,
    ServiceBusError,
    SessionCannotBeLockedError,
    SessionLockLostError,
)

from sdk_messages import text

WAIT = 10


@pytest.fixture
def sessions(management, request):
    name = f"sessions-{request.node.name}".replace("_", "-")
    management.create_queue(name, RequiresSession="true", LockDuration="PT5S")
    return name


def send(client, queue, *pairs):
    with client.get_queue_sender(queue) as sender:
        for session, body in pairs:
            sender.send_messages(ServiceBusMessage(body, session_id=session))


def bodies(receiver, count):
    received = []
    while len(received) < count:
        batch = receiver.receive_messages(count - len(received), max_wait_time=WAIT)
        assert batch, f"{len(received)} of {count} messages came"
        for one in batch:
            receiver.complete_message(one)
        received += batch
    return [text(one) for one in received]


def test_a_session_keeps_its_order_and_no_other_messages(client, sessions):
    send(client, sessions, ("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2"))
    with client.get_queue_receiver(sessions, session_id="b") as receiver:
        assert receiver.session.session_id == "b"
        assert bodies(receiver, 2) == ["b1", "b2"]
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert bodies(receiver, 2) == ["a1", "a2"]


def test_the_next_available_session_is_one_that_nobody_holds(client, sessions):
    send(client, sessions, ("a", "a1"), ("b", "b1"))
    options = {"session_id": NEXT_AVAILABLE_SESSION, "max_wait_time": WAIT}
    with client.get_queue_receiver(sessions, **options) as first:
        with client.get_queue_receiver(sessions, **options) as second:
            assert {first.session.session_id, second.session.session_id} == {"a", "b"}


def test_no_session_available_is_a_timeout(client, sessions):
    receiver = client.get_queue_receiver(sessions, session_id=NEXT_AVAILABLE_SESSION, max_wait_time=2)
    with pytest.raises(OperationTimeoutError):
        receiver.__enter__()
    receiver.close()


def test_a_session_has_one_holder(client, sessions):
    with client.get_queue_receiver(sessions, session_id="a"):
        with pytest.raises(SessionCannotBeLockedError):
            client.get_queue_receiver(sessions, session_id="a").__enter__()
    with client.get_queue_receiver(sessions, session_id="a"):
        pass


def test_the_state_outlives_its_holder(client, sessions):
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert receiver.session.get_state() is None
        receiver.session.set_state(b"halfway")
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert receiver.session.get_state() == b"halfway"
        receiver.session.set_state(None)
        assert receiver.session.get_state() is None


def test_a_lock_is_renewed_until_it_runs_out(client, sessions):
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        renewed = receiver.session.renew_lock()
        left = renewed - datetime.datetime.now(datetime.timezone.utc)
        assert 3 < left.total_seconds() <= 5.5, left


def test_a_message_without_session_is_refused(client, sessions):
    with client.get_queue_sender(sessions) as sender:
        with pytest.raises(ServiceBusError):
            sender.send_messages(ServiceBusMessage("nobody's"))


def test_a_session_without_sessions_is_refused(client, queue):
    with pytest.raises(ServiceBusError):
        client.get_queue_receiver(queue, session_id="a").__enter__()


def test_a_receiver_without_session_is_refused(client, sessions):
    with pytest.raises(ServiceBusError):
        client.get_queue_receiver(sessions).__enter__()


def test_a_lost_session_is_told(client, sessions):
    send(client, sessions, ("a", "a1"))
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        (message,) = receiver.receive_messages(1, max_wait_time=WAIT)
        # Nobody renews the lock of five seconds; the receiver looks for more all the while.
        with pytest.raises(SessionLockLostError):
            receiver.receive_messages(1, max_wait_time=WAIT)
            receiver.complete_message(message)
