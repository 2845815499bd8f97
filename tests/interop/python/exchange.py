"""Sending and receiving, as nearly every script does."""

import datetime

from azure.servicebus import ServiceBusMessage

from sdk_messages import text

WAIT = 10
BRIEFLY = 1


def in_seconds(seconds):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


def send(client, queue, *messages):
    """Sends messages one by one; what is no message becomes the body of one."""
    with client.get_queue_sender(queue) as sender:
        _send_all(sender, messages)


def publish(client, topic, *messages):
    with client.get_topic_sender(topic) as sender:
        _send_all(sender, messages)


def _send_all(sender, messages):
    for one in messages:
        sender.send_messages(one if isinstance(one, ServiceBusMessage) else ServiceBusMessage(one))


def receive(receiver, count):
    """Receives so many messages and settles none."""
    received = []
    while len(received) < count:
        batch = receiver.receive_messages(count - len(received), max_wait_time=WAIT)
        assert batch, f"{len(received)} of {count} messages came"
        received += batch
    return received


def receive_one(receiver):
    return receive(receiver, 1)[0]


def take(receiver, count):
    """Receives and completes so many messages, and returns their texts."""
    received = receive(receiver, count)
    for one in received:
        receiver.complete_message(one)
    return [text(one) for one in received]


def peek_texts(client, queue, **options):
    with client.get_queue_receiver(queue, **options) as receiver:
        return [text(one) for one in receiver.peek_messages(100)]
