"""Qpid Proton as client of the emulator's AMQP server."""

import pytest
from proton import Message
from proton.utils import LinkDetached

from broker_client import (
    ACCEPTED,
    MODIFIED,
    REJECTED,
    RELEASED,
    BrokerClient,
    PreSettled,
    SettleSecond,
)
from programs import message
from proton_data import decode_message, encode_message

SMALLEST_FRAME = 512


@pytest.fixture
def client(emulator, queue):
    with BrokerClient(emulator) as connected:
        code, description = connected.authorize(queue)
        assert 200 <= code < 300, f"{code} {description}"
        yield connected


def body(encoded):
    return decode_message(encoded)["body"]


def data(text):
    return [{"type": "data", "value": text.encode().hex()}]


def send_texts(client, queue, *texts):
    sender = client.sender(queue)
    for text in texts:
        sender.send(Message(body=text.encode(), inferred=True))
    sender.close()


def test_messages_come_in_order_and_settle_in_mode_second(client, queue):
    texts = [f"message {number}" for number in range(20)]
    send_texts(client, queue, *texts)
    receiver, inbox = client.receiver(queue, 20, SettleSecond())
    taken = client.receive(inbox, 20)
    assert [body(encoded) for _, encoded in taken] == [data(text) for text in texts]
    assert [client.settle(delivery, ACCEPTED) for delivery, _ in taken] == [ACCEPTED] * 20
    receiver.link.drain(1)
    client.wait(lambda: receiver.link.credit == 0, "the drain's end")
    assert inbox.deliveries == []


def test_messages_settle_in_mode_first(client, queue):
    send_texts(client, queue, "a", "b")
    receiver, inbox = client.receiver(queue, 2)
    for delivery, _ in client.receive(inbox, 2):
        delivery.update(ACCEPTED)
        delivery.settle()
    receiver.close()
    receiver, inbox = client.receiver(queue, 0)
    receiver.link.drain(1)
    client.wait(lambda: receiver.link.credit == 0, "the drain's end")
    assert inbox.deliveries == []


def test_each_outcome_is_answered_in_kind(client, queue):
    send_texts(client, queue, "x")
    _, inbox = client.receiver(queue, 4, SettleSecond())
    counts = []
    for state in (RELEASED, MODIFIED, RELEASED, REJECTED):
        delivery, encoded = client.receive(inbox, 1)[0]
        header = decode_message(encoded).get("header", {})
        counts.append(header.get("delivery-count", {"value": "0"})["value"])
        assert client.settle(delivery, state) == state
    assert counts == ["0", "0", "1", "1"], "only modified counts as a failed delivery"
    _, dead = client.receiver(f"{queue}/$DeadLetterQueue", 1, SettleSecond())
    delivery, encoded = client.receive(dead, 1)[0]
    assert body(encoded) == data("x")
    assert client.settle(delivery, ACCEPTED) == ACCEPTED


def test_every_type_comes_back_as_it_was_sent(client, queue):
    sent = message("complete")
    assert client.send_encoded(client.sender(queue), encode_message(sent), "t1") == ACCEPTED
    _, inbox = client.receiver(queue, 1, SettleSecond())
    delivery, encoded = client.receive(inbox, 1)[0]
    received = decode_message(encoded)
    client.settle(delivery, ACCEPTED)
    for section in ("application-properties", "body"):
        assert received[section] == sent[section], section
    assert received["header"] == sent["header"]
    assert sent["message-annotations"].items() <= received["message-annotations"].items()
    added = received["message-annotations"].keys() - sent["message-annotations"].keys()
    assert added == {"x-opt-enqueued-time", "x-opt-sequence-number", "x-opt-locked-until"}
    assert received["message-annotations"]["x-opt-sequence-number"] == {"type": "long", "value": "1"}
    for name, value in sent["properties"].items():
        if name not in ("creation-time", "absolute-expiry-time"):
            assert received["properties"][name] == value, name


@pytest.mark.parametrize(
    "parts",
    [
        [{"type": "data", "value": "00"}, {"type": "data", "value": ""}, {"type": "data", "value": "ff"}],
        [{"type": "value", "value": {"type": "null"}}],
        [{"type": "value", "value": {"type": "decimal128", "value": "2208000000000000000000000000007b"}}],
        [{"type": "sequence", "value": [{"type": "list", "value": []}, {"type": "char", "value": "漢"}]}],
        [],
    ],
    ids=["data sections", "null", "decimal", "sequence", "no body"],
)
def test_bodies_and_unknown_sections_pass_unchanged(client, queue, parts):
    sent = {
        "body": parts,
        "properties": {"message-id": {"type": "uuid", "value": "00112233-4455-6677-8899-aabbccddeeff"}},
        "footer": {"x-sum": {"type": "binary", "value": "0102"}},
    }
    assert client.send_encoded(client.sender(queue), encode_message(sent), "t1") == ACCEPTED
    _, inbox = client.receiver(queue, 1, SettleSecond())
    received = decode_message(client.receive(inbox, 1)[0][1])
    assert {name: received[name] for name in sent} == sent


def test_large_message_in_small_frames(emulator, queue):
    text = "0123456789" * 20_000
    with BrokerClient(emulator, max_frame_size=SMALLEST_FRAME) as client:
        client.authorize(queue)
        sender = client.sender(queue)
        sender.send(Message(body=text.encode(), inferred=True))
        _, inbox = client.receiver(queue, 1, SettleSecond())
        delivery, encoded = client.receive(inbox, 1)[0]
        assert body(encoded) == data(text)
        assert client.settle(delivery, ACCEPTED) == ACCEPTED


def test_no_more_comes_than_credit_allows(client, queue):
    send_texts(client, queue, *"abcde")
    receiver, inbox = client.receiver(queue, 2, SettleSecond())
    first = client.receive(inbox, 2)
    # A round trip on the same connection: whatever was under way has arrived after it.
    client.sender(queue).close()
    assert (len(inbox.deliveries), receiver.link.credit) == (0, 0)
    receiver.link.flow(3)
    rest = client.receive(inbox, 3)
    assert [body(encoded) for _, encoded in first + rest] == [data(text) for text in "abcde"]


def test_drain_gives_the_rest_of_the_credit_back(client, queue):
    send_texts(client, queue, "a", "b")
    receiver, inbox = client.receiver(queue, 0, SettleSecond())
    receiver.link.drain(10)
    client.wait(lambda: receiver.link.credit == 0, "the drain's end")
    assert len(inbox.deliveries) == 2
    assert receiver.link.drained() == 8


def test_receive_and_delete(client, queue):
    send_texts(client, queue, "a", "b")
    receiver, inbox = client.receiver(queue, 1, PreSettled())
    delivery, encoded = client.receive(inbox, 1)[0]
    assert (body(encoded), delivery.settled) == (data("a"), True)
    receiver.close()
    _, rest = client.receiver(queue, 2, SettleSecond())
    assert body(client.receive(rest, 1)[0][1]) == data("b")


def test_pre_settled_sends_arrive(client, queue):
    sender = client.sender(queue, PreSettled())
    sender.send(Message(body=b"quick", inferred=True))
    _, inbox = client.receiver(queue, 1, SettleSecond())
    assert body(client.receive(inbox, 1)[0][1]) == data("quick")


def test_attach_without_a_token_is_refused(emulator, queue):
    with BrokerClient(emulator) as stranger:
        with pytest.raises(LinkDetached) as refused:
            stranger.sender(queue)
        assert refused.value.condition == "amqp:unauthorized-access"


def test_tokens_are_judged(emulator, queue):
    with BrokerClient(emulator) as client:
        assert client.authorize(queue, key="wrong")[0] == 401
        assert client.authorize("no-such-queue")[0] == 404
        assert 200 <= client.authorize(queue)[0] < 300
        assert client.sender(queue).link.remote_target.address == queue


def test_message_over_the_limit_is_rejected_and_the_link_goes_on(client, queue):
    sender = client.sender(queue)
    delivery = sender.link.delivery("big")
    sender.link.stream(encode_message({"body": data("x" * 300_000)}))
    sender.link.advance()
    client.wait(lambda: delivery.settled, "the refusal")
    assert delivery.remote_state == REJECTED
    assert delivery.remote.condition.name == "amqp:link:message-size-exceeded"
    assert client.send_encoded(sender, encode_message({"body": data("small")}), "small") == ACCEPTED


def test_links_of_one_name_in_both_directions(client, queue):
    sender = client.connection.create_sender(queue, name="same")
    receiver = client.connection.create_receiver(queue, name="same", credit=1)
    sender.send(Message(body=b"both", inferred=True))
    assert receiver.receive(timeout=10).body == b"both"


def test_heartbeats_keep_an_idle_connection(emulator, queue):
    with BrokerClient(emulator, heartbeat=1) as client:
        client.authorize(queue)
        transport = client.connection.conn.transport
        seen = transport.frames_input
        client.wait(lambda: transport.frames_input >= seen + 3, "three heartbeats")
        send_texts(client, queue, "still here")
