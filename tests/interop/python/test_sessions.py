"""Sessions, as the Python SDK sees them. Locks that run out are in `moved_time/test_locks.py`."""

import concurrent.futures
import datetime

import pytest
from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusMessage, ServiceBusReceiveMode, ServiceBusSubQueue
from azure.servicebus.exceptions import (
    OperationTimeoutError,
    ServiceBusError,
    SessionCannotBeLockedError,
)

from exchange import WAIT, in_seconds, publish, receive, receive_one, send, take
from sdk_messages import text

NEXT = {"session_id": NEXT_AVAILABLE_SESSION}


@pytest.fixture
def sessions(admin, new_name):
    name = new_name("sessions")
    admin.create_queue(name, requires_session=True, lock_duration=datetime.timedelta(seconds=30))
    return name


def of(session, *bodies):
    return [ServiceBusMessage(body, session_id=session) for body in bodies]


def test_a_session_keeps_its_order_and_no_other_messages(client, sessions):
    send(client, sessions, *of("a", "a1"), *of("b", "b1"), *of("a", "a2"), *of("b", "b2"))
    with client.get_queue_receiver(sessions, session_id="b") as receiver:
        assert receiver.session.session_id == "b"
        assert take(receiver, 2) == ["b1", "b2"]
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert take(receiver, 2) == ["a1", "a2"]


def test_a_batch_may_have_several_sessions(client, sessions):
    with client.get_queue_sender(sessions) as sender:
        sender.send_messages([*of("a", "a1"), *of("b", "b1"), *of("a", "a2")])
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert take(receiver, 2) == ["a1", "a2"]


def test_the_empty_id_is_one_as_any_other(client, sessions):
    send(client, sessions, *of("", "nameless"), *of("a", "a1"))
    with client.get_queue_receiver(sessions, session_id="") as receiver:
        assert receiver.session.session_id == ""
        message = receive_one(receiver)
        assert (text(message), message.session_id) == ("nameless", "")
        receiver.session.set_state(b"of nobody")
        assert receiver.session.get_state() == b"of nobody"
        receiver.complete_message(message)


def test_the_next_available_session_is_one_that_nobody_holds(client, sessions):
    send(client, sessions, *of("a", "a1"), *of("b", "b1"))
    with client.get_queue_receiver(sessions, **NEXT, max_wait_time=WAIT) as first:
        with client.get_queue_receiver(sessions, **NEXT, max_wait_time=WAIT) as second:
            assert {first.session.session_id, second.session.session_id} == {"a", "b"}
            assert first.session.locked_until_utc > in_seconds(0)


def test_whoever_waits_gets_the_session_that_comes(client, sessions):
    receiver = client.get_queue_receiver(sessions, **NEXT, max_wait_time=WAIT)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        waiting = threads.submit(receiver.__enter__)
        send(client, sessions, *of("late", "a"))
        waiting.result(WAIT)
        assert receiver.session.session_id == "late"
        assert take(receiver, 1) == ["a"]
    receiver.close()


def test_no_session_available_is_a_timeout(client, sessions):
    with client.get_queue_receiver(sessions, session_id="stateful") as receiver:
        receiver.session.set_state(b"a state is no message")
    receiver = client.get_queue_receiver(sessions, **NEXT, max_wait_time=2)
    with pytest.raises(OperationTimeoutError):
        receiver.__enter__()
    receiver.close()
    # Whoever gave up takes nothing that comes later.
    send(client, sessions, *of("a", "a1"))
    with client.get_queue_receiver(sessions, **NEXT, max_wait_time=WAIT) as receiver:
        assert take(receiver, 1) == ["a1"]


def test_a_session_has_one_holder(client, sessions):
    with client.get_queue_receiver(sessions, session_id="a"):
        with pytest.raises(SessionCannotBeLockedError) as error:
            client.get_queue_receiver(sessions, session_id="a").__enter__()
        assert "'a'" in error.value.message
    with client.get_queue_receiver(sessions, session_id="a"):
        pass


def test_closing_gives_messages_back_without_a_count(client, sessions):
    send(client, sessions, *of("a", "a1", "a2"))
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        receive(receiver, 2)
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert [(text(one), one.delivery_count) for one in receive(receiver, 2)] == [("a1", 0), ("a2", 0)]


def test_an_abandoned_message_is_next_again(client, sessions):
    send(client, sessions, *of("a", "a1", "a2"))
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        receiver.abandon_message(receive_one(receiver))
        again = receive_one(receiver)
        assert (text(again), again.delivery_count) == ("a1", 1)
        receiver.complete_message(again)
        assert take(receiver, 1) == ["a2"]


def test_messages_of_a_session_have_no_lock_of_their_own(client, sessions):
    send(client, sessions, *of("a", "a1"))
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        message = receive_one(receiver)
        assert message.locked_until_utc is None
        with pytest.raises(TypeError):
            receiver.renew_message_lock(message)


def test_the_state_outlives_its_holder(client, sessions):
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert receiver.session.get_state() is None
        receiver.session.set_state(b"halfway")
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert receiver.session.get_state() == b"halfway"
        receiver.session.set_state("text é")
        assert receiver.session.get_state() == "text é".encode()
        receiver.session.set_state(None)
        assert receiver.session.get_state() is None


def test_a_lock_is_renewed_for_its_whole_length(client, sessions):
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        renewed = receiver.session.renew_lock()
        left = (renewed - in_seconds(0)).total_seconds()
        assert 25 < left <= 31, left
        assert receiver.session.locked_until_utc == renewed


def test_a_session_is_peeked_by_itself(client, sessions):
    send(client, sessions, *of("a", "a1"), *of("b", "b1"), *of("a", "a2"))
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert [text(one) for one in receiver.peek_messages(5)] == ["a1", "a2"]
        assert [text(one) for one in receiver.peek_messages(5, sequence_number=2)] == ["a2"]


def test_dead_letters_have_no_sessions(client, sessions):
    send(client, sessions, *of("a", "a1"), *of("b", "b1"))
    for session in "ab":
        with client.get_queue_receiver(sessions, session_id=session) as receiver:
            receiver.dead_letter_message(receive_one(receiver), reason=f"of {session}")
    with client.get_queue_receiver(sessions, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        dead = receive(receiver, 2)
        assert [(one.session_id, one.dead_letter_reason) for one in dead] == [("a", "of a"), ("b", "of b")]


def test_a_session_is_received_and_deleted(client, sessions):
    send(client, sessions, *of("a", "a1", "a2"))
    mode = ServiceBusReceiveMode.RECEIVE_AND_DELETE
    with client.get_queue_receiver(sessions, session_id="a", receive_mode=mode) as receiver:
        assert [text(one) for one in receive(receiver, 2)] == ["a1", "a2"]
        assert receiver.peek_messages(1, sequence_number=1) == []


def test_a_scheduled_message_joins_its_session(client, sessions):
    with client.get_queue_sender(sessions) as sender:
        sender.schedule_messages(of("a", "a1"), in_seconds(1))
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert take(receiver, 1) == ["a1"]


def test_a_message_without_session_is_refused(client, sessions):
    with client.get_queue_sender(sessions) as sender:
        with pytest.raises(ServiceBusError) as single:
            sender.send_messages(ServiceBusMessage("nobody's"))
        assert "session" in single.value.message.lower()
        with pytest.raises(ServiceBusError):
            sender.send_messages([*of("a", "a1"), ServiceBusMessage("nobody's")])
    with client.get_queue_receiver(sessions, session_id="a") as receiver:
        assert receiver.peek_messages(5) == []


@pytest.mark.parametrize("session", ["a", NEXT_AVAILABLE_SESSION], ids=["named", "next"])
def test_a_session_without_sessions_is_refused(client, queue, session):
    with pytest.raises(ServiceBusError):
        client.get_queue_receiver(queue, session_id=session, max_wait_time=WAIT).__enter__()


def test_a_receiver_without_session_is_refused(client, sessions):
    with pytest.raises(ServiceBusError):
        client.get_queue_receiver(sessions).__enter__()


def test_a_subscription_has_sessions(client, admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    admin.create_subscription(topic, "orderly", requires_session=True)
    publish(client, topic, *of("a", "a1"), *of("b", "b1"), *of("a", "a2"))
    with client.get_subscription_receiver(topic, "orderly", session_id="b") as receiver:
        assert take(receiver, 1) == ["b1"]
    with client.get_subscription_receiver(topic, "orderly", **NEXT, max_wait_time=WAIT) as receiver:
        assert receiver.session.session_id == "a"
        receiver.session.set_state(b"state")
        assert take(receiver, 2) == ["a1", "a2"]


def test_what_has_no_session_is_dead_lettered_by_a_subscription_with_sessions(client, admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    admin.create_subscription(topic, "orderly", requires_session=True)
    admin.create_subscription(topic, "plain")
    publish(client, topic, "nobody's")
    with client.get_subscription_receiver(topic, "plain") as receiver:
        assert take(receiver, 1) == ["nobody's"]
    with client.get_subscription_receiver(topic, "orderly", sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        assert receive_one(receiver).dead_letter_reason == "Session id is null."
