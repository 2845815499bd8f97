"""The Python SDK at one end of the emulator, our client at the other."""

import datetime

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusReceiveMode, ServiceBusSubQueue

from programs import Peer, PeerError, message, text_message, text_of
from sdk_messages import explicit, our_view, sdk_view, text, text_messages, to_sdk

WAIT = 10
BRIEFLY = 1
LARGE = "0123456789" * 20_000


@pytest.fixture
def half():
    """The blocking half stands for both: our client sees the same bytes of either."""
    return "blocking"


def sdk_send(client, queue, texts, form):
    with client.get_queue_sender(queue) as sender:
        if form == "batch":
            batch = sender.create_message_batch()
            for one in texts:
                batch.add_message(ServiceBusMessage(one))
            sender.send_messages(batch)
        elif form == "list":
            sender.send_messages(text_messages(*texts))
        else:
            for one in texts:
                sender.send_messages(ServiceBusMessage(one))


def sdk_receive(client, queue, count, **options):
    received = []
    with client.get_queue_receiver(queue, **options) as receiver:
        while len(received) < count:
            batch = receiver.receive_messages(count - len(received), max_wait_time=WAIT)
            assert batch, f"{len(received)} of {count} messages came"
            for one in batch:
                receiver.complete_message(one)
            received += batch
    return received


def sdk_count(client, queue, **options):
    with client.get_queue_receiver(queue, **options) as receiver:
        return len(receiver.peek_messages(50, sequence_number=1))


FORMS = [("single", ["one"]), ("list", ["a", "b", "c"]), ("batch", ["a", "b", "c", "d"]), ("single", [LARGE])]
FORM_NAMES = ["single", "list", "batch", "200 kB"]


@pytest.mark.parametrize(("form", "texts"), FORMS, ids=FORM_NAMES)
def test_sdk_sends_and_we_receive(client, peer, queue, form, texts):
    sdk_send(client, queue, texts, form)
    received = peer.receive(queue, len(texts), "--settle", "complete")
    assert [text_of(one) for one in received] == texts
    assert sdk_count(client, queue) == 0


@pytest.mark.parametrize(("form", "texts"), FORMS, ids=FORM_NAMES)
def test_we_send_and_sdk_receives(client, peer, queue, form, texts):
    peer.send(queue, [text_message(one) for one in texts], form)
    assert [text(one) for one in sdk_receive(client, queue, len(texts))] == texts
    assert sdk_count(client, queue) == 0


def same_view(sdk, ours, earlier, later):
    """Compares two deliveries of one message: the later one differs in its lock and its count."""
    sdk_seen, our_seen = sdk_view(sdk), our_view(ours)
    for view in (sdk_seen, our_seen):
        view["message-annotations"].pop("x-opt-locked-until")
    views = {"sdk": sdk_seen, "ours": our_seen}
    assert views[later]["header"].pop("delivery-count") == 1
    assert views[earlier]["header"].pop("delivery-count", 0) == 0
    assert sdk_seen == our_seen


def test_both_see_the_same_message_of_ours(client, peer, queue):
    sent = message("complete")
    peer.send(queue, [sent])
    with client.get_queue_receiver(queue) as receiver:
        by_sdk = receiver.receive_messages(1, max_wait_time=WAIT)[0]
        receiver.abandon_message(by_sdk)
    by_us = peer.receive(queue, 1, "--settle", "complete")[0]
    same_view(by_sdk, by_us, earlier="sdk", later="ours")
    view = our_view(sent)
    for section in ("properties", "application-properties", "body"):
        assert sdk_view(by_sdk)[section] == view[section]
    assert sdk_view(by_sdk)["header"] == view["header"]
    assert sdk_view(by_sdk)["message-annotations"].items() >= view["message-annotations"].items()


def test_both_see_the_same_message_of_the_sdk(client, peer, queue):
    sent = message("complete")
    with client.get_queue_sender(queue) as sender:
        sender.send_messages(to_sdk(sent))
    by_us = peer.receive(queue, 1, "--settle", "abandon")[0]
    with client.get_queue_receiver(queue) as receiver:
        by_sdk = receiver.receive_messages(1, max_wait_time=WAIT)[0]
        receiver.complete_message(by_sdk)
    same_view(by_sdk, by_us, earlier="ours", later="sdk")
    # Our view keeps the exact types, and so shows whether one was changed on its way.
    assert by_us["application-properties"] == sent["application-properties"]
    assert by_us["header"] == sent["header"]
    for name, value in sent["properties"].items():
        if name not in ("creation-time", "absolute-expiry-time"):
            assert by_us["properties"][name] == value, name


@pytest.mark.parametrize(
    "body",
    [
        {"type": "value", "value": {"type": "string", "value": "text"}},
        {"type": "value", "value": {"type": "map", "value": [[{"type": "string", "value": "k"}, {"type": "long", "value": "5"}]]}},
        {"type": "sequence", "value": [{"type": "int", "value": "1"}, {"type": "string", "value": "two"}]},
    ],
    ids=["value", "map", "sequence"],
)
def test_bodies_that_are_no_data(client, peer, queue, body):
    peer.send(queue, [{"body": [body]}])
    assert sdk_view(sdk_receive(client, queue, 1)[0])["body"] == our_view({"body": [body]})["body"]


@pytest.mark.parametrize("settle", ["complete", "abandon", "dead-letter"])
def test_what_we_settle_the_sdk_sees(client, peer, queue, settle):
    sdk_send(client, queue, ["settled"], "single")
    received = peer.receive(queue, 1, "--settle", settle)
    assert text_of(received[0]) == "settled"
    if settle == "complete":
        assert sdk_count(client, queue) == 0
    elif settle == "abandon":
        assert sdk_receive(client, queue, 1)[0].delivery_count == 1
    else:
        dead = sdk_receive(client, queue, 1, sub_queue=ServiceBusSubQueue.DEAD_LETTER)[0]
        assert (dead.dead_letter_reason, dead.dead_letter_error_description) == ("interop", "told to")


def test_what_the_sdk_settles_we_see(client, peer, queue):
    peer.send(queue, [text_message(one) for one in ("completed", "abandoned", "dead")], "list")
    with client.get_queue_receiver(queue) as receiver:
        completed, abandoned, dead = receiver.receive_messages(3, max_wait_time=WAIT)
        receiver.complete_message(completed)
        receiver.dead_letter_message(dead, reason="why", error_description="in detail")
        receiver.abandon_message(abandoned)
    again = peer.receive(queue, 1, "--settle", "complete")[0]
    assert (text_of(again), again["header"]["delivery-count"]["value"]) == ("abandoned", "1")
    buried = peer.receive(queue, 1, "--sub-queue", "dead-letter", "--settle", "complete")[0]
    assert text_of(buried) == "dead"
    assert buried["application-properties"]["DeadLetterReason"] == {"type": "string", "value": "why"}
    assert buried["application-properties"]["DeadLetterErrorDescription"]["value"] == "in detail"
    assert peer.peek(queue, 5) == []


def test_our_renewal_moves_the_lock(client, peer, queue):
    sdk_send(client, queue, ["renewed"], "single")
    received = peer.receive(queue, 1, "--settle", "renew")[0]
    locked = int(received["message-annotations"]["x-opt-locked-until"]["value"])
    assert received["renewed-until"] >= locked
    assert received["renewed-until"] > datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000
    assert sdk_count(client, queue) == 0, "the peer completes after renewing"


def test_both_peek_the_same(client, peer, queue):
    peer.send(queue, [message("complete"), text_message("second", "id-2")])
    ours = peer.peek(queue, 5)
    with client.get_queue_receiver(queue) as receiver:
        theirs = receiver.peek_messages(5, sequence_number=1)
    assert [sdk_view(one) for one in theirs] == [our_view(one) for one in ours]
    assert len(ours) == 2


def test_each_receives_and_deletes(client, peer, queue):
    sdk_send(client, queue, ["a", "b"], "list")
    assert [text_of(one) for one in peer.receive(queue, 2, "--mode", "delete")] == ["a", "b"]
    peer.send(queue, [text_message("c"), text_message("d")], "list")
    mode = ServiceBusReceiveMode.RECEIVE_AND_DELETE
    with client.get_queue_receiver(queue, receive_mode=mode) as receiver:
        received = []
        while len(received) < 2:
            batch = receiver.receive_messages(2 - len(received), max_wait_time=WAIT)
            assert batch, f"{len(received)} of 2 messages came"
            received += batch
    assert [text(one) for one in received] == ["c", "d"]
    assert sdk_count(client, queue) == 0


def test_we_are_refused_as_the_sdk_is(emulator, peer, queue):
    with pytest.raises(PeerError) as unknown:
        peer.send("no-such-queue", [text_message("lost")])
    assert unknown.value.kind == "MessagingEntityNotFound"
    with pytest.raises(PeerError) as unknown:
        peer.receive("no-such-queue", 1)
    assert unknown.value.kind == "MessagingEntityNotFound"
    stranger = Peer(emulator.connection_string_with_key("d3Jvbmc="))
    with pytest.raises(PeerError) as wrong:
        stranger.send(queue, [text_message("lost")])
    assert wrong.value.kind == "Authentication"


def test_every_property_type_of_the_sdk_is_kept(client, peer, queue):
    values = message("complete")["application-properties"]
    sent = ServiceBusMessage("typed")
    sent.application_properties = {name: explicit(value) for name, value in values.items()}
    with client.get_queue_sender(queue) as sender:
        sender.send_messages(sent)
    assert peer.receive(queue, 1, "--settle", "complete")[0]["application-properties"] == values
