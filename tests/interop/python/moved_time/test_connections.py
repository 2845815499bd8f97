"""Connections and what the two clocks do to them."""

from azure.servicebus import ServiceBusMessage

from exchange import receive_one, send
from sdk_messages import text

RETRIED = {"retry_total": 3, "retry_backoff_factor": 0.05}


def test_a_client_survives_a_pause_that_ends_idle_links(connect, control, queue):
    client = connect(**RETRIED)
    with client.get_queue_sender(queue) as sender, client.get_queue_receiver(queue) as receiver:
        sender.send_messages(ServiceBusMessage("before"))
        message = receive_one(receiver)
        control.advance_transport(15 * 60)
        sender.send_messages(ServiceBusMessage("after"))
        # The lock is a matter of message time, which stood still.
        receiver.complete_message(message)
        assert text(receive_one(receiver)) == "after"


def test_message_time_ends_no_connection(client, control, queue):
    with client.get_queue_sender(queue) as sender, client.get_queue_receiver(queue) as receiver:
        sender.send_messages(ServiceBusMessage("before"))
        control.advance(7 * 24 * 3600)
        send(client, queue, "from another")
        sender.send_messages(ServiceBusMessage("after"))
        assert [text(receive_one(receiver)) for _ in range(3)] == ["before", "from another", "after"]
