"""The asyncio half used as it is meant to be: many things at once on one loop."""

import asyncio
import contextlib

import pytest
from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusMessage
from azure.servicebus.aio import AutoLockRenewer, ServiceBusClient
from azure.servicebus.exceptions import OperationTimeoutError

from exchange import WAIT
from sdk_messages import text

DEADLINE = 60


@pytest.fixture
def half():
    """Entities are made by the blocking half, once."""
    return "blocking"


@pytest.fixture
def run(emulator):
    """Runs a coroutine that takes a client."""

    def running(script):
        async def connected():
            client = ServiceBusClient.from_connection_string(emulator.connection_string, retry_total=0)
            async with client:
                return await script(client)

        return asyncio.run(asyncio.wait_for(connected(), DEADLINE))

    return running


async def sent(client, queue, messages):
    async with client.get_queue_sender(queue) as sender:
        await sender.send_messages(messages)


def test_senders_and_receivers_work_at_once(run, queue):
    async def script(client):
        async def send(first):
            async with client.get_queue_sender(queue) as sender:
                for number in range(first, first + 10):
                    await sender.send_messages(ServiceBusMessage(f"{number}"))

        async def receive():
            texts = []
            async with client.get_queue_receiver(queue, max_wait_time=5) as receiver:
                async for message in receiver:
                    texts.append(int(text(message)))
                    await receiver.complete_message(message)
            return texts

        *_, one, other = await asyncio.gather(send(0), send(10), send(20), receive(), receive())
        assert sorted(one + other) == list(range(30))

    run(script)


def test_many_messages_are_settled_at_once(run, queue):
    async def script(client):
        await sent(client, queue, [ServiceBusMessage(f"{number}") for number in range(40)])
        async with client.get_queue_receiver(queue, prefetch_count=40) as receiver:
            messages = []
            while len(messages) < 40:
                messages += await receiver.receive_messages(40 - len(messages), max_wait_time=WAIT)
            settle = [receiver.complete_message, receiver.dead_letter_message, receiver.defer_message]
            await asyncio.gather(*(settle[at % 3](one) for at, one in enumerate(messages)))
            left = await receiver.peek_messages(100, sequence_number=1)
            assert [one.state.name for one in left] == ["DEFERRED"] * 13

    run(script)


def test_sessions_are_served_at_once(run, admin, new_name):
    name = new_name("sessions")
    admin.create_queue(name, requires_session=True)

    async def script(client):
        ids = [f"s{number}" for number in range(6)]
        await sent(client, name, [ServiceBusMessage(f"{number}", session_id=one) for number in range(3) for one in ids])

        async def serve():
            served = {}
            with contextlib.suppress(OperationTimeoutError):
                while True:
                    options = {"session_id": NEXT_AVAILABLE_SESSION, "max_wait_time": 3}
                    async with client.get_queue_receiver(name, **options) as receiver:
                        served[receiver.session.session_id] = texts = []
                        while len(texts) < 3:
                            for one in await receiver.receive_messages(3, max_wait_time=WAIT):
                                texts.append(text(one))
                                await receiver.complete_message(one)
            return served

        shares = await asyncio.gather(serve(), serve(), serve())
        assert sorted(one for share in shares for one in share) == ids
        assert all(texts == ["0", "1", "2"] for share in shares for texts in share.values()), shares

    run(script)


def test_requests_are_answered_each_its_own(run, queue):
    async def script(client):
        await sent(client, queue, [ServiceBusMessage(f"{number}") for number in range(10)])
        async with client.get_queue_receiver(queue) as receiver:
            # The first request opens the links that the others share.
            await receiver.peek_messages(1)
            peeked = await asyncio.gather(
                *(receiver.peek_messages(1, sequence_number=number) for number in range(1, 11))
            )
            assert [text(one) for (one,) in peeked] == [f"{number}" for number in range(10)]

    run(script)


def test_a_renewer_works_beside_other_tasks(run, admin, new_name):
    name = new_name("queue")
    admin.create_queue(name, lock_duration="PT5S")

    async def script(client):
        await sent(client, name, ServiceBusMessage("long work"))
        renewer = AutoLockRenewer()
        async with client.get_queue_receiver(name, auto_lock_renewer=renewer) as receiver:
            (message,) = await receiver.receive_messages(1, max_wait_time=WAIT)
            first = message.locked_until_utc
            while message.locked_until_utc == first:
                await asyncio.sleep(0.1)
            await receiver.complete_message(message)
        await renewer.close()

    run(script)


def test_a_cancelled_wait_takes_no_message(run, queue):
    async def script(client):
        async with client.get_queue_receiver(queue) as receiver:
            waiting = asyncio.create_task(receiver.receive_messages(1, max_wait_time=WAIT))
            await asyncio.sleep(0)
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting
        await sent(client, queue, ServiceBusMessage("a"))
        async with client.get_queue_receiver(queue) as receiver:
            (message,) = await receiver.receive_messages(1, max_wait_time=WAIT)
            assert (text(message), message.delivery_count) == ("a", 0)

    run(script)
