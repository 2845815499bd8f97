"""Errors as the SDK maps them, and how its clients come back after a loss."""

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.exceptions import (
    MessageLockLostError,
    MessageSizeExceededError,
    MessagingEntityDisabledError,
    MessagingEntityNotFoundError,
    OperationTimeoutError,
    ServiceBusAuthenticationError,
    ServiceBusConnectionError,
    ServiceBusError,
    ServiceBusQuotaExceededError,
    ServiceBusServerBusyError,
    SessionCannotBeLockedError,
)

from exchange import WAIT, in_seconds, peek_texts, publish, receive_one, send, take
from sdk_messages import text

# What the SDK makes of a condition, whatever was refused with it.
CLASSES = {
    "com.microsoft:server-busy": ServiceBusServerBusyError,
    "com.microsoft:timeout": OperationTimeoutError,
    "amqp:resource-limit-exceeded": ServiceBusQuotaExceededError,
    "com.microsoft:entity-disabled": MessagingEntityDisabledError,
    "amqp:not-found": MessagingEntityNotFoundError,
    "amqp:internal-error": ServiceBusError,
}
RETRIED = {"retry_total": 3, "retry_backoff_factor": 0.05}


@pytest.mark.parametrize("condition", CLASSES)
def test_a_rejected_message(client, control, queue, condition):
    control.fault("reject-message", condition=condition, entity=queue, times=1)
    with client.get_queue_sender(queue) as sender:
        with pytest.raises(CLASSES[condition]) as error:
            sender.send_messages(ServiceBusMessage("rejected"))
    for part in ("TrackingId:", "SystemTracker:", "Timestamp:"):
        assert part in error.value.message, error.value.message


@pytest.mark.parametrize("condition", [*CLASSES, "com.microsoft:session-cannot-be-locked"])
def test_a_refused_link(client, control, queue, condition):
    control.fault("refuse-attach", condition=condition, entity=queue, times=1)
    expected = {**CLASSES, "com.microsoft:session-cannot-be-locked": SessionCannotBeLockedError}[condition]
    with pytest.raises(expected):
        client.get_queue_receiver(queue).__enter__()


@pytest.mark.parametrize("condition", CLASSES)
def test_a_refused_request(client, control, queue, condition):
    control.fault("refuse-request", condition=condition, entity=queue, times=1)
    with client.get_queue_receiver(queue) as receiver:
        with pytest.raises(CLASSES[condition]):
            receiver.peek_messages(1)


@pytest.mark.parametrize("settlement", ["complete_message", "abandon_message", "defer_message", "dead_letter_message"])
def test_a_refused_settlement(client, control, queue, settlement):
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        message = receive_one(receiver)
        control.fault("refuse-settlement", condition="com.microsoft:message-lock-lost", entity=queue, times=1)
        with pytest.raises(MessageLockLostError):
            getattr(receiver, settlement)(message)
        receiver.complete_message(message)
    assert peek_texts(client, queue) == []


def test_an_unknown_entity(client, new_name):
    unknown = new_name("unknown")
    for handler in (
        client.get_queue_sender(unknown),
        client.get_queue_receiver(unknown),
        client.get_topic_sender(unknown),
        client.get_subscription_receiver(unknown, "s"),
    ):
        with pytest.raises(ServiceBusAuthenticationError):
            handler.__enter__()


def test_a_deleted_entity(client, admin, new_name):
    name = new_name("queue")
    admin.create_queue(name)
    with client.get_queue_sender(name) as sender, client.get_queue_receiver(name) as receiver:
        sender.send_messages(ServiceBusMessage("a"))
        message = receive_one(receiver)
        admin.delete_queue(name)
        with pytest.raises(ServiceBusError):
            sender.send_messages(ServiceBusMessage("b"))
        with pytest.raises(ServiceBusError):
            receiver.complete_message(message)


def set_status(admin, name, status):
    properties = admin.get_queue(name)
    properties.status = status
    admin.update_queue(properties)


def test_a_disabled_queue(client, admin, new_name):
    name = new_name("queue")
    admin.create_queue(name)
    send(client, name, "a")
    set_status(admin, name, "SendDisabled")
    with pytest.raises(MessagingEntityDisabledError):
        send(client, name, "b")
    with client.get_queue_receiver(name) as receiver:
        assert take(receiver, 1) == ["a"]
    set_status(admin, name, "ReceiveDisabled")
    send(client, name, "c")
    with pytest.raises(MessagingEntityDisabledError):
        client.get_queue_receiver(name).__enter__()
    set_status(admin, name, "Disabled")
    with pytest.raises(MessagingEntityDisabledError):
        send(client, name, "d")
    set_status(admin, name, "Active")
    with client.get_queue_receiver(name) as receiver:
        assert take(receiver, 1) == ["c"]


def test_a_queue_that_is_disabled_meanwhile(client, admin, new_name):
    name = new_name("queue")
    admin.create_queue(name)
    with client.get_queue_sender(name) as sender, client.get_queue_receiver(name) as receiver:
        sender.send_messages(ServiceBusMessage("a"))
        set_status(admin, name, "Disabled")
        # The SDK sends before it reads that the link is gone, and then knows no reason.
        with pytest.raises(ServiceBusError):
            sender.send_messages(ServiceBusMessage("b"))
        with pytest.raises(MessagingEntityDisabledError):
            sender.send_messages(ServiceBusMessage("b"))
        with pytest.raises(MessagingEntityDisabledError):
            receiver.receive_messages(1, max_wait_time=WAIT)
    set_status(admin, name, "Active")
    with client.get_queue_receiver(name) as receiver:
        assert take(receiver, 1) == ["a"]


def test_a_disabled_subscription_still_gets_its_copies(client, admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    properties = admin.create_subscription(topic, "s")
    properties.status = "ReceiveDisabled"
    admin.update_subscription(topic, properties)
    publish(client, topic, "a")
    with pytest.raises(MessagingEntityDisabledError):
        client.get_subscription_receiver(topic, "s").__enter__()
    properties.status = "Active"
    admin.update_subscription(topic, properties)
    with client.get_subscription_receiver(topic, "s") as receiver:
        assert take(receiver, 1) == ["a"]


def test_a_message_over_the_limit(client, queue):
    with client.get_queue_sender(queue) as sender:
        large = ServiceBusMessage(b"x" * 300_000)
        with pytest.raises(MessageSizeExceededError):
            sender.send_messages(large)
        with pytest.raises(MessageSizeExceededError):
            sender.schedule_messages(large, in_seconds(60))
        sender.send_messages(ServiceBusMessage("after"))
    assert peek_texts(client, queue) == ["after"]


LOSSES = {
    "detached": ("detach-link", {"condition": "amqp:link:detach-forced"}),
    "closed": ("close-connection", {"condition": "amqp:connection:forced"}),
    "cut": ("cut-stream", {}),
    "tokens expired": ("expire-tokens", {}),
}


@pytest.mark.parametrize("loss", ["detached", "closed", "cut", "tokens expired"])
def test_a_sender_comes_back(connect, control, queue, loss):
    kind, fields = LOSSES[loss]
    with connect(**RETRIED).get_queue_sender(queue) as sender:
        sender.send_messages(ServiceBusMessage("before"))
        control.fault(kind, **fields, **({"entity": queue} if kind == "detach-link" else {}))
        sender.send_messages(ServiceBusMessage("after"))
    assert peek_texts(connect(), queue)[-1] == "after"


@pytest.mark.parametrize("loss", ["detached", "closed", "cut"])
def test_a_receiver_comes_back(connect, control, queue, loss):
    kind, fields = LOSSES[loss]
    client = connect(**RETRIED)
    send(client, queue, "a", "b")
    with client.get_queue_receiver(queue) as receiver:
        first = receive_one(receiver)
        control.fault(kind, **fields, **({"entity": queue} if kind == "detach-link" else {}))
        second = receive_one(receiver)
        assert (text(first), text(second)) == ("a", "b")
        # Not the link that brought it, but its lock counts.
        receiver.complete_message(first)
        receiver.complete_message(second)
    assert peek_texts(client, queue) == []


def test_what_is_busy_for_a_while_is_tried_again(connect, control, queue):
    control.fault("reject-message", condition="com.microsoft:server-busy", entity=queue, times=2)
    send(connect(**RETRIED), queue, "stubborn")
    assert peek_texts(connect(), queue) == ["stubborn"]


def test_an_outcome_that_never_comes_is_a_timeout(client, control, queue):
    control.fault("drop-outcome", entity=queue, times=1)
    with client.get_queue_sender(queue) as sender:
        with pytest.raises(OperationTimeoutError):
            sender.send_messages(ServiceBusMessage("stored all the same"), timeout=1)
    assert peek_texts(client, queue) == ["stored all the same"]


def test_a_request_that_is_never_answered_is_a_timeout(client, control, queue):
    control.fault("drop-request", entity=queue, times=1)
    with client.get_queue_receiver(queue) as receiver:
        with pytest.raises(OperationTimeoutError):
            receiver.peek_messages(1, timeout=1)


def test_a_refused_connection(client, control):
    control.fault("refuse-open", condition="amqp:connection:forced", times=1)
    with pytest.raises(ServiceBusConnectionError):
        client.get_queue_sender("q0").__enter__()
