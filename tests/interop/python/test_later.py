"""What happens to messages later, as the Python SDK sees it: schedules, deferral, expiry, duplicates."""

import datetime

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusReceiveMode, ServiceBusSubQueue
from azure.servicebus.exceptions import MessageNotFoundError, ServiceBusError

from sdk_messages import text

WAIT = 10


def in_seconds(seconds):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


def receive_one(receiver):
    (message,) = receiver.receive_messages(1, max_wait_time=WAIT)
    return message


def test_a_scheduled_message_comes_at_its_time(client, queue):
    due = in_seconds(2)
    with client.get_queue_sender(queue) as sender:
        numbers = sender.schedule_messages([ServiceBusMessage("a"), ServiceBusMessage("b")], due)
        assert len(set(numbers)) == 2
    with client.get_queue_receiver(queue) as receiver:
        peeked = receiver.peek_messages(2)
        assert [one.state.name for one in peeked] == ["SCHEDULED", "SCHEDULED"]
        message = receive_one(receiver)
        assert message.enqueued_time_utc >= due - datetime.timedelta(milliseconds=20)
        assert message.scheduled_enqueue_time_utc is not None


def test_a_schedule_can_be_cancelled_once(client, queue):
    with client.get_queue_sender(queue) as sender:
        numbers = sender.schedule_messages(ServiceBusMessage("a"), in_seconds(3600))
        sender.cancel_scheduled_messages(numbers)
        with pytest.raises(ServiceBusError):
            sender.cancel_scheduled_messages(numbers)
    with client.get_queue_receiver(queue) as receiver:
        assert receiver.peek_messages(1) == []


@pytest.mark.parametrize("mode", list(ServiceBusReceiveMode))
def test_a_deferred_message_is_received_by_its_number(client, queue, mode):
    with client.get_queue_sender(queue) as sender:
        sender.send_messages([ServiceBusMessage("a"), ServiceBusMessage("b")])
    with client.get_queue_receiver(queue) as receiver:
        first = receive_one(receiver)
        receiver.defer_message(first)
        assert text(receive_one(receiver)) == "b"
        (peeked,) = receiver.peek_messages(1, sequence_number=first.sequence_number)
        assert peeked.state.name == "DEFERRED"
    with client.get_queue_receiver(queue, receive_mode=mode) as receiver:
        (again,) = receiver.receive_deferred_messages(first.sequence_number)
        assert text(again) == "a"
        if mode == ServiceBusReceiveMode.PEEK_LOCK:
            receiver.complete_message(again)
        with pytest.raises(MessageNotFoundError):
            receiver.receive_deferred_messages(first.sequence_number)


def test_an_expired_message_is_dead_lettered(client, management):
    queue = "expiring"
    management.create_queue(queue, DeadLetteringOnMessageExpiration="true")
    with client.get_queue_sender(queue) as sender:
        sender.send_messages(ServiceBusMessage("late", time_to_live=datetime.timedelta(seconds=1)))
    with client.get_queue_receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        message = receive_one(receiver)
        assert (text(message), message.dead_letter_reason) == ("late", "TTLExpiredException")


def test_a_duplicate_is_accepted_and_dropped(client, management):
    queue = "no-duplicates"
    management.create_queue(queue, RequiresDuplicateDetection="true")
    with client.get_queue_sender(queue) as sender:
        for body in ["first", "again"]:
            sender.send_messages(ServiceBusMessage(body, message_id="same"))
        sender.send_messages(ServiceBusMessage("other", message_id="another"))
    with client.get_queue_receiver(queue) as receiver:
        assert [text(one) for one in receiver.peek_messages(5)] == ["first", "other"]
