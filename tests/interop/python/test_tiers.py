"""What the pricing tiers differ in."""

import pytest
from azure.core.exceptions import HttpResponseError
from azure.servicebus import ServiceBusMessage
from azure.servicebus.exceptions import MessageSizeExceededError

from exchange import receive_one
from programs import Emulator

MEGABYTE = 1024 * 1024


@pytest.fixture(params=["basic", "standard", "premium"])
def tier(request):
    return request.param


@pytest.fixture
def emulator(tier):
    started = Emulator(1, "--tier", tier)
    yield started
    assert started.stop() == 0


def test_the_namespace_tells_its_tier(admin, tier):
    found = admin.get_namespace_properties()
    assert found.messaging_sku == tier.capitalize()
    assert bool(found.messaging_units) == (tier == "premium")


def test_the_size_of_messages_and_batches(client, tier, queue):
    limit = MEGABYTE if tier == "premium" else MEGABYTE // 4
    with client.get_queue_sender(queue) as sender:
        sender.send_messages(ServiceBusMessage(b"x" * (limit - 2000)))
        with pytest.raises(MessageSizeExceededError):
            sender.send_messages(ServiceBusMessage(b"x" * (limit + 1)))
        assert sender.create_message_batch().max_size_in_bytes == limit
    with client.get_queue_receiver(queue) as receiver:
        assert len(b"".join(receive_one(receiver).body)) == limit - 2000


@pytest.mark.parametrize("tier", ["premium"], indirect=True)
def test_a_queue_for_large_messages(client, admin):
    """Only sent: the SDK's receivers take no message over a mebibyte."""
    admin.create_queue("large", max_message_size_in_kilobytes=3 * 1024)
    assert admin.get_queue("large").max_message_size_in_kilobytes == 3 * 1024
    with client.get_queue_sender("large") as sender:
        sender.send_messages(ServiceBusMessage(b"x" * (2 * MEGABYTE)))
    found = admin.get_queue_runtime_properties("large")
    assert found.active_message_count == 1 and found.size_in_bytes > 2 * MEGABYTE


@pytest.mark.parametrize("tier", ["basic", "standard"], indirect=True)
def test_large_messages_are_refused_elsewhere(admin):
    with pytest.raises(HttpResponseError) as error:
        admin.create_queue("large", max_message_size_in_kilobytes=2048)
    assert error.value.status_code == 400


@pytest.mark.parametrize("tier", ["basic"], indirect=True)
def test_basic_has_neither_topics_nor_sessions(admin):
    for create, options in [(admin.create_topic, {}), (admin.create_queue, {"requires_session": True})]:
        with pytest.raises(HttpResponseError) as error:
            create("too-much", **options)
        assert error.value.status_code == 400
