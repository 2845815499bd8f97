"""Messages with everything in them, and batches of them."""

import datetime
import uuid

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.amqp import AmqpAnnotatedMessage, AmqpMessageBodyType, AmqpMessageHeader, AmqpMessageProperties
from azure.servicebus.exceptions import MessageSizeExceededError

from exchange import receive, receive_one, send, take
from sdk_messages import text


def through(client, queue, message):
    with client.get_queue_sender(queue) as sender:
        sender.send_messages(message)
    with client.get_queue_receiver(queue) as receiver:
        return receive_one(receiver)


def test_every_property(client, queue):
    minute = datetime.timedelta(minutes=1)
    sent = {
        "message_id": "m", "session_id": "s", "partition_key": "s", "subject": "l", "to": "t", "reply_to": "r",
        "reply_to_session_id": "rs", "correlation_id": "c", "content_type": "text/plain", "time_to_live": minute,
    }
    got = through(client, queue, ServiceBusMessage("a", **sent))
    assert {name: getattr(got, name) for name in sent} == sent
    assert got.expires_at_utc == got.enqueued_time_utc + minute
    assert got.lock_token and got.locked_until_utc > got.enqueued_time_utc
    assert (got.delivery_count, got.sequence_number, got.enqueued_sequence_number) == (0, 1, None)


def test_application_properties_keep_their_types(client, queue):
    moment = datetime.datetime(2026, 1, 2, 3, 4, 5, 678000)
    sent = {
        "text": "é", "binary": b"\x00\x7f", "yes": True, "int": 7, "negative": -7, "float": 0.5,
        "uuid": uuid.UUID(int=5), "time": moment, "null": None, "empty": "",
    }
    # A copy, because the SDK rewrites the properties of a message that it sends.
    got = through(client, queue, ServiceBusMessage("a", application_properties={**sent})).application_properties
    seen = {name.encode(): value for name, value in sent.items()}
    seen |= {b"text": "é".encode(), b"empty": b""}
    seen[b"time"] = int(moment.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
    assert got == seen


BODIES = {
    "one data section": ({"data_body": b"\x00\x01"}, AmqpMessageBodyType.DATA, [b"\x00\x01"]),
    "several data sections": ({"data_body": [b"a", b"", b"c"]}, AmqpMessageBodyType.DATA, [b"a", b"", b"c"]),
    "sequence": ({"sequence_body": [1, "two", 3.5]}, AmqpMessageBodyType.SEQUENCE, [[1, b"two", 3.5]]),
    "several sequences": ({"sequence_body": [[1], ["two"]]}, AmqpMessageBodyType.SEQUENCE, [[1], [b"two"]]),
    "text": ({"value_body": "text"}, AmqpMessageBodyType.VALUE, b"text"),
    "number": ({"value_body": 7}, AmqpMessageBodyType.VALUE, 7),
    "boolean": ({"value_body": True}, AmqpMessageBodyType.VALUE, True),
    "map": ({"value_body": {"k": [1, {"deep": True}]}}, AmqpMessageBodyType.VALUE, {b"k": [1, {b"deep": True}]}),
    "list": ({"value_body": [1, "two"]}, AmqpMessageBodyType.VALUE, [1, b"two"]),
    "uuid": ({"value_body": uuid.UUID(int=9)}, AmqpMessageBodyType.VALUE, uuid.UUID(int=9)),
}


@pytest.mark.parametrize("kind", BODIES)
def test_each_kind_of_body(client, queue, kind):
    body, body_type, seen = BODIES[kind]
    raw = through(client, queue, AmqpAnnotatedMessage(**body)).raw_amqp_message
    assert raw.body_type == body_type
    got = list(raw.body) if body_type != AmqpMessageBodyType.VALUE else raw.body
    assert got == seen


def test_every_section(client, queue):
    sent = AmqpAnnotatedMessage(
        data_body=b"body",
        header=AmqpMessageHeader(durable=True, priority=7, time_to_live=60_000, first_acquirer=False),
        footer={"checksum": b"\x01", "note": "end"},
        delivery_annotations={"delivered-by": "hand"},
        annotations={"x-opt-partition-key": "p", "x-own": 5, "x-text": "kept"},
        application_properties={"color": "blue"},
        properties=AmqpMessageProperties(
            message_id="m", user_id=b"u", to="t", subject="s", reply_to="r", correlation_id="c", content_type="ct",
            content_encoding="ce", group_id="p", group_sequence=3, reply_to_group_id="rg",
        ),
    )
    raw = through(client, queue, sent).raw_amqp_message
    assert raw.footer == {b"checksum": b"\x01", b"note": b"end"}
    assert raw.delivery_annotations[b"delivered-by"] == b"hand"
    assert raw.annotations[b"x-own"] == 5 and raw.annotations[b"x-text"] == b"kept"
    assert raw.application_properties == {b"color": b"blue"}
    header = raw.header
    assert (header.durable, header.priority, header.time_to_live, header.first_acquirer) == (True, 7, 60_000, False)
    properties = raw.properties
    assert (properties.user_id, properties.content_encoding, properties.group_sequence) == (b"u", b"ce", 3)
    assert (properties.group_id, properties.reply_to_group_id) == (b"p", b"rg")


def test_a_message_without_id_gets_one(client, queue):
    assert through(client, queue, AmqpAnnotatedMessage(data_body=b"a")).message_id


def test_a_received_message_is_sent_again(client, queue):
    sent = ServiceBusMessage("again", subject="s", application_properties={"n": 1}, message_id="m")
    first = through(client, queue, sent)
    second = through(client, queue, first)
    assert text(second) == "again"
    assert (second.subject, second.message_id, second.application_properties) == ("s", "m", {b"n": 1})
    assert second.sequence_number == first.sequence_number + 1


def test_modifications_of_a_sent_message_are_not_seen(client, queue):
    message = ServiceBusMessage("a", application_properties={"n": 1})
    send(client, queue, message)
    message.application_properties["n"] = 2
    send(client, queue, message)
    with client.get_queue_receiver(queue) as receiver:
        assert [one.application_properties[b"n"] for one in receive(receiver, 2)] == [1, 2]


def test_a_batch_takes_what_fits(client, queue):
    with client.get_queue_sender(queue) as sender:
        batch = sender.create_message_batch(max_size_in_bytes=5_000)
        count = 0
        with pytest.raises(MessageSizeExceededError):
            while True:
                batch.add_message(ServiceBusMessage("x" * 400))
                count += 1
        assert len(batch) == count and 5 < count < 13
        assert batch.size_in_bytes <= 5_000 == batch.max_size_in_bytes
        sender.send_messages(batch)
    with client.get_queue_receiver(queue) as receiver:
        assert [len(one) for one in take(receiver, count)] == [400] * count


def test_a_batch_is_as_large_as_the_link_grants(client, queue):
    with client.get_queue_sender(queue) as sender:
        assert sender.create_message_batch().max_size_in_bytes == 262_144
        with pytest.raises(ValueError):
            sender.create_message_batch(max_size_in_bytes=262_145)


def test_a_list_over_the_limit_is_refused_as_a_whole(client, queue):
    with client.get_queue_sender(queue) as sender:
        with pytest.raises(MessageSizeExceededError):
            sender.send_messages([ServiceBusMessage("x" * 100_000) for _ in range(3)])
        sender.send_messages([])
    with client.get_queue_receiver(queue) as receiver:
        assert receiver.peek_messages(5) == []
