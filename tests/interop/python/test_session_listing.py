"""Listing of sessions."""

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.exceptions import ServiceBusError

from exchange import in_seconds, publish, receive_one, send, take


@pytest.fixture
def sessions(admin, new_name):
    name = new_name("sessions")
    admin.create_queue(name, requires_session=True)
    return name


def of(session):
    return ServiceBusMessage("a", session_id=session)


def test_sessions_with_messages_or_a_state_are_listed(client, sessions):
    assert list(client.list_queue_sessions(sessions)) == []
    send(client, sessions, of("full"), of("emptied"))
    with client.get_queue_receiver(sessions, session_id="emptied") as receiver:
        assert take(receiver, 1) == ["a"]
    with client.get_queue_receiver(sessions, session_id="stateful") as receiver:
        receiver.session.set_state(b"state")
    assert sorted(client.list_queue_sessions(sessions)) == ["full", "stateful"]


def test_a_session_with_nothing_but_a_deferred_message_is_not_listed(client, sessions):
    send(client, sessions, of("s"))
    with client.get_queue_receiver(sessions, session_id="s") as receiver:
        receiver.defer_message(receive_one(receiver))
    assert list(client.list_queue_sessions(sessions)) == []


def test_sessions_are_listed_by_the_time_of_their_state(client, sessions):
    send(client, sessions, of("stateless"))
    with client.get_queue_receiver(sessions, session_id="stateful") as receiver:
        receiver.session.set_state(b"state")
    assert list(client.list_queue_sessions(sessions, state_updated_after=in_seconds(-60))) == ["stateful"]
    assert list(client.list_queue_sessions(sessions, state_updated_after=in_seconds(60))) == []


def test_pages_of_sessions_follow_each_other(client, sessions):
    names = [f"session-{number:03}" for number in range(230)]
    with client.get_queue_sender(sessions) as sender:
        sender.send_messages([of(name) for name in names])
    listed = list(client.list_queue_sessions(sessions))
    assert sorted(listed) == names, f"{len(listed)} sessions"


def test_sessions_of_a_subscription_are_listed(client, admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    admin.create_subscription(topic, "orderly", requires_session=True)
    publish(client, topic, of("b"), of("a"))
    assert sorted(client.list_subscription_sessions(topic, "orderly")) == ["a", "b"]


def test_a_queue_without_sessions_lists_none(client, queue):
    with pytest.raises(ServiceBusError):
        list(client.list_queue_sessions(queue))
