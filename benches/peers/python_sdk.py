"""The same measurements as benches/loopback.rs with the official Python SDK, for comparison.

Needs azure-servicebus and a running emulator:
    SERVICE_BUS_CONNECTION_STR=... SERVICE_BUS_QUEUE_NAME=bench python benches/peers/python_sdk.py
"""

import os
import statistics
import time

from azure.servicebus import ServiceBusClient, ServiceBusMessage, ServiceBusReceiveMode

BODY = b"x" * 1024
BATCH = 100
ROUNDS = 5


def rate(count, work):
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def fill(sender, count):
    for _ in range(count // BATCH):
        sender.send_messages([ServiceBusMessage(BODY) for _ in range(BATCH)])


def empty(client, queue):
    mode = ServiceBusReceiveMode.RECEIVE_AND_DELETE
    with client.get_queue_receiver(queue, receive_mode=mode) as receiver:
        while receiver.receive_messages(max_message_count=1000, max_wait_time=0.5):
            pass


def receive(client, queue, count, mode, settle):
    with client.get_queue_receiver(queue, receive_mode=mode, prefetch_count=500) as receiver:
        for _, message in zip(range(count), receiver):
            if settle:
                receiver.complete_message(message)


def main():
    queue = os.environ.get("SERVICE_BUS_QUEUE_NAME", "bench")
    connection_string = os.environ["SERVICE_BUS_CONNECTION_STR"]
    results = {}
    with ServiceBusClient.from_connection_string(connection_string) as client:
        with client.get_queue_sender(queue) as sender:
            for _ in range(ROUNDS):
                single = lambda: [sender.send_messages(ServiceBusMessage(BODY)) for _ in range(1000)]
                results.setdefault("single awaited sends", []).append(rate(1000, single))
                empty(client, queue)
                batches = lambda: fill(sender, 5000)
                results.setdefault("sends in batches of 100", []).append(rate(5000, batches))
                empty(client, queue)
                for name, mode, settle in (
                    ("receive, then complete each", ServiceBusReceiveMode.PEEK_LOCK, True),
                    ("receive and delete", ServiceBusReceiveMode.RECEIVE_AND_DELETE, False),
                ):
                    fill(sender, 2000)
                    work = lambda: receive(client, queue, 2000, mode, settle)
                    results.setdefault(name, []).append(rate(2000, work))
                    empty(client, queue)
    for name, rates in results.items():
        print(f"{name:<28} {statistics.median(rates):>9.0f} messages/s")


if __name__ == "__main__":
    main()
