"""Ways of receiving: iterators, prefetching, several receivers, dead letters; and peeking."""

import concurrent.futures

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusReceiveMode, ServiceBusSubQueue
from azure.servicebus.exceptions import MessageAlreadySettled

from exchange import WAIT, receive, receive_one, send, take
from sdk_messages import text

DELETE = {"receive_mode": ServiceBusReceiveMode.RECEIVE_AND_DELETE}


def send_many(client, queue, count):
    with client.get_queue_sender(queue) as sender:
        sender.send_messages([ServiceBusMessage(f"{number}") for number in range(count)])


def test_a_receiver_is_iterated(client, queue):
    send_many(client, queue, 5)
    with client.get_queue_receiver(queue, max_wait_time=2) as receiver:
        texts = []
        for message in receiver:
            texts.append(text(message))
            receiver.complete_message(message)
        assert texts == ["0", "1", "2", "3", "4"]


def test_nothing_comes_in_the_time(client, queue):
    with client.get_queue_receiver(queue) as receiver:
        assert receiver.receive_messages(5, max_wait_time=1) == []


def test_a_message_ends_the_wait(client, queue):
    with client.get_queue_receiver(queue) as receiver, concurrent.futures.ThreadPoolExecutor() as threads:
        waiting = threads.submit(receiver.receive_messages, 1, WAIT)
        send(client, queue, "late")
        (message,) = waiting.result(WAIT)
        assert text(message) == "late"
        receiver.complete_message(message)


@pytest.mark.parametrize("options", [{}, DELETE], ids=["peek-lock", "receive-and-delete"])
def test_prefetched_messages_come_in_order(client, queue, options):
    send_many(client, queue, 30)
    with client.get_queue_receiver(queue, prefetch_count=20, **options) as receiver:
        received = receive(receiver, 30)
        assert [text(one) for one in received] == [f"{number}" for number in range(30)]
        for one in received if not options else []:
            receiver.complete_message(one)
        assert receiver.peek_messages(1, sequence_number=1) == []


def test_closing_gives_prefetched_messages_back(client, queue):
    send_many(client, queue, 10)
    with client.get_queue_receiver(queue, prefetch_count=10) as receiver:
        assert take(receiver, 1) == ["0"]
    with client.get_queue_receiver(queue) as receiver:
        again = receive(receiver, 9)
        assert [one.delivery_count for one in again] == [0] * 9
        assert [text(one) for one in again] == [f"{number}" for number in range(1, 10)]


def test_closing_keeps_the_locks_of_what_was_received(client, queue):
    send(client, queue, "held", "free")
    with client.get_queue_receiver(queue) as receiver:
        assert text(receive_one(receiver)) == "held"
    with client.get_queue_receiver(queue) as receiver:
        assert take(receiver, 1) == ["free"]
        assert receiver.receive_messages(1, max_wait_time=1) == []


def test_several_receivers_share_a_queue(client, queue):
    send_many(client, queue, 60)

    def work(receiver):
        texts = []
        while batch := receiver.receive_messages(5, max_wait_time=3):
            for one in batch:
                receiver.complete_message(one)
                texts.append(text(one))
        return texts

    with (
        client.get_queue_receiver(queue) as first,
        client.get_queue_receiver(queue) as second,
        client.get_queue_receiver(queue) as third,
        concurrent.futures.ThreadPoolExecutor() as threads,
    ):
        shares = list(threads.map(work, [first, second, third]))
    assert sorted(int(one) for share in shares for one in share) == list(range(60)), [len(one) for one in shares]


def test_what_is_settled_is_not_settled_again(client, queue):
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        message = receive_one(receiver)
        receiver.complete_message(message)
        for settle in (receiver.complete_message, receiver.abandon_message, receiver.renew_message_lock):
            with pytest.raises(MessageAlreadySettled):
                settle(message)


def test_what_was_deleted_is_not_settled(client, queue):
    send(client, queue, "a")
    with client.get_queue_receiver(queue, **DELETE) as receiver:
        message = receive_one(receiver)
        with pytest.raises(ValueError):
            receiver.complete_message(message)


def test_each_abandoning_counts_until_the_dead_letter_queue(client, admin, new_name):
    name = new_name("queue")
    admin.create_queue(name, max_delivery_count=3)
    send(client, name, "unwanted")
    with client.get_queue_receiver(name) as receiver:
        for count in range(3):
            message = receive_one(receiver)
            assert message.delivery_count == count
            receiver.abandon_message(message)
        assert receiver.peek_messages(1) == []
    with client.get_queue_receiver(name, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        dead = receive_one(receiver)
        assert dead.dead_letter_reason == "MaxDeliveryCountExceeded"
        assert "3 delivery attempts" in dead.dead_letter_error_description
        assert dead.delivery_count == 3


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({}, (None, None)),
        ({"reason": "why"}, ("why", None)),
        ({"reason": "why é", "error_description": "in <detail>"}, ("why é", "in <detail>")),
    ],
    ids=["bare", "reason", "both"],
)
def test_a_dead_letter_says_why(client, queue, given, seen):
    send(client, queue, ServiceBusMessage("a", message_id="kept"))
    with client.get_queue_receiver(queue) as receiver:
        receiver.dead_letter_message(receive_one(receiver), **given)
    with client.get_queue_receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        (peeked,) = receiver.peek_messages(5)
        dead = receive_one(receiver)
        for one in (peeked, dead):
            assert (one.dead_letter_reason, one.dead_letter_error_description) == seen
            assert one.message_id == "kept"
        # There is no second dead-letter queue: what is abandoned comes again.
        receiver.abandon_message(dead)
        assert take(receiver, 1) == ["a"]


def test_peeking_goes_on_where_it_ended(client, queue):
    send_many(client, queue, 10)
    with client.get_queue_receiver(queue) as receiver:
        assert [text(one) for one in receiver.peek_messages(4)] == ["0", "1", "2", "3"]
        assert [text(one) for one in receiver.peek_messages(4)] == ["4", "5", "6", "7"]
        assert [text(one) for one in receiver.peek_messages(4, sequence_number=9)] == ["8", "9"]
        assert receiver.peek_messages(4) == []
        assert receiver.peek_messages(4, sequence_number=1000) == []


def test_peeking_sees_every_state_and_locks_nothing(client, queue):
    send(client, queue, "locked", "deferred", "active")
    with client.get_queue_receiver(queue) as receiver:
        locked, deferred = receive(receiver, 2)
        receiver.defer_message(deferred)
        states = [(text(one), one.state.name) for one in receiver.peek_messages(5, sequence_number=1)]
        assert states == [("locked", "ACTIVE"), ("deferred", "DEFERRED"), ("active", "ACTIVE")]
        (peeked,) = receiver.peek_messages(1, sequence_number=1)
        with pytest.raises(ValueError):
            receiver.complete_message(peeked)
        receiver.complete_message(locked)
        assert take(receiver, 1) == ["active"]


def test_peeked_messages_are_as_many_as_one_answer_holds(client, queue):
    with client.get_queue_sender(queue) as sender:
        for _ in range(5):
            sender.send_messages(ServiceBusMessage(b"x" * 100_000))
    with client.get_queue_receiver(queue) as receiver:
        seen = []
        while batch := receiver.peek_messages(5):
            seen += [one.sequence_number for one in batch]
    assert seen == [1, 2, 3, 4, 5]
