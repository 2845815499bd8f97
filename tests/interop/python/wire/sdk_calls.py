"""Calls by name, made with the Python SDK as `examples/interop_peer/named_call.rs` makes them with our client.

The SDK has no transactions and no batch deletes, and manages rules over HTTP only.
"""

import datetime

from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusMessage, ServiceBusReceiveMode, ServiceBusSubQueue

from exchange import WAIT, receive_one

SESSION = "s"
SUBSCRIPTION = "Sub"
LATER = datetime.datetime(2040, 1, 1, tzinfo=datetime.timezone.utc)


def send(client, queue):
    message = ServiceBusMessage(
        "body",
        message_id="id-1",
        correlation_id="correlation-1",
        subject="subject",
        content_type="text/plain",
        to="to",
        reply_to="reply-to",
        session_id=SESSION,
        reply_to_session_id="reply-session",
        partition_key=SESSION,
        time_to_live=datetime.timedelta(seconds=60),
        scheduled_enqueue_time_utc=LATER,
        application_properties={
            "text": "text", "flag": True, "number": 7, "double": 0.5, "bytes": b"bytes",
            "time": LATER, "nothing": None,
        },
    )
    with client.get_queue_sender(queue) as sender:
        sender.send_messages(message)


def in_list(body):
    return ServiceBusMessage(body, message_id=f"id-{body}", partition_key="p")


def send_list(client, queue):
    with client.get_queue_sender(queue) as sender:
        sender.send_messages([in_list("a"), in_list("b")])


def send_batch(client, queue):
    with client.get_queue_sender(queue) as sender:
        batch = sender.create_message_batch()
        for body in ("a", "b"):
            batch.add_message(in_list(body))
        sender.send_messages(batch)


def schedule(client, queue):
    message = ServiceBusMessage("a", message_id="id-1", session_id=SESSION, partition_key=SESSION)
    with client.get_queue_sender(queue) as sender:
        sender.cancel_scheduled_messages(sender.schedule_messages([message], LATER))


def settle(receiver, message, verdict):
    if verdict == "dead-letter":
        receiver.dead_letter_message(message, reason="why", error_description="in detail")
    else:
        getattr(receiver, f"{verdict}_message")(message)


def received(verdict):
    def call(client, queue):
        with client.get_queue_receiver(queue) as receiver:
            settle(receiver, receive_one(receiver), verdict)

    return call


def settle_deferred(receiver, verdict):
    message = receive_one(receiver)
    receiver.defer_message(message)
    for again in receiver.receive_deferred_messages([message.sequence_number]):
        settle(receiver, again, verdict)


def deferred(verdict):
    def call(client, queue):
        with client.get_queue_receiver(queue) as receiver:
            settle_deferred(receiver, verdict)

    return call


def prefetch(client, queue):
    with client.get_queue_receiver(queue, prefetch_count=5) as receiver:
        receiver.complete_message(receive_one(receiver))


def receive_and_delete(client, queue):
    with client.get_queue_receiver(queue, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver:
        receive_one(receiver)


def dead_letters(client, queue):
    with client.get_queue_receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        receiver.peek_messages(2, sequence_number=1)


def publish(client, topic):
    with client.get_topic_sender(topic) as sender:
        sender.send_messages(in_list("a"))


def subscribe(client, topic):
    with client.get_subscription_receiver(topic, SUBSCRIPTION) as receiver:
        receiver.peek_messages(2, sequence_number=1)


def peek(client, queue):
    with client.get_queue_receiver(queue) as receiver:
        receiver.peek_messages(2, sequence_number=1)


def renew(client, queue):
    with client.get_queue_receiver(queue) as receiver:
        receiver.renew_message_lock(receive_one(receiver))


def session(client, queue):
    with client.get_queue_receiver(queue, session_id=SESSION) as receiver:
        receiver.session.set_state("state")
        receiver.session.get_state()
        receiver.session.set_state(None)
        receiver.session.renew_lock()
        receiver.peek_messages(2, sequence_number=1)
        settle_deferred(receiver, "complete")


def next_session(client, queue):
    with client.get_queue_receiver(queue, session_id=NEXT_AVAILABLE_SESSION, max_wait_time=WAIT) as receiver:
        receiver.complete_message(receive_one(receiver))


def list_sessions(client, queue):
    list(client.list_queue_sessions(queue))


CALLS = {
    "send": send,
    "send-list": send_list,
    "send-batch": send_batch,
    "schedule": schedule,
    **{verdict: received(verdict) for verdict in ("complete", "abandon", "defer", "dead-letter")},
    **{f"deferred-{verdict}": deferred(verdict) for verdict in ("complete", "abandon", "defer", "dead-letter")},
    "prefetch": prefetch,
    "receive-and-delete": receive_and_delete,
    "dead-letters": dead_letters,
    "peek": peek,
    "renew": renew,
    "session": session,
    "next-session": next_session,
    "list-sessions": list_sessions,
    "publish": publish,
    "subscribe": subscribe,
}
IN_SESSIONS = ("session", "next-session", "list-sessions")
ON_TOPICS = ("publish", "subscribe")
ON_EMPTY_QUEUES = ("send", "send-list", "send-batch", "schedule", "dead-letters", *ON_TOPICS)
