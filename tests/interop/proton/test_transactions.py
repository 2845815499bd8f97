"""Transactions of Qpid Proton, whose own code declares, enlists and discharges them."""

import pytest
from proton import Message
from proton.handlers import TransactionHandler

from broker_client import ACCEPTED, BrokerClient, SettleSecond
from proton_data import decode_message


@pytest.fixture
def client(emulator, queue):
    with BrokerClient(emulator) as connected:
        code, description = connected.authorize(queue)
        assert 200 <= code < 300, f"{code} {description}"
        yield connected


class Ending(TransactionHandler):
    """What became of one transaction."""

    def __init__(self):
        super().__init__()
        self.transaction = None
        self.outcome = None

    def on_transaction_declared(self, event):
        self.transaction = event.transaction

    def on_transaction_declare_failed(self, event):
        self.outcome = "not declared"

    def on_transaction_committed(self, event):
        self.outcome = "committed"

    def on_transaction_aborted(self, event):
        self.outcome = "aborted"

    def on_transaction_commit_failed(self, event):
        self.outcome = "commit failed"


def declared(client):
    ending = Ending()
    client.connection.container.declare_transaction(client.connection.conn, ending)
    client.wait(lambda: ending.transaction or ending.outcome, "the declaration's answer")
    assert ending.outcome is None, ending.outcome
    return ending


def commit(client, ending):
    ending.transaction.commit()
    client.wait(lambda: ending.outcome, "the answer to the commit")
    return ending.outcome


def abort(client, ending):
    ending.transaction.abort()
    client.wait(lambda: ending.outcome, "the answer to the abort")
    return ending.outcome


def send(client, ending, sender, text):
    """Sends as part of a transaction, and waits until the broker has taken the message."""
    delivery = ending.transaction.send(sender.link, Message(body=text.encode(), inferred=True))
    client.wait(lambda: delivery.settled, f"the verdict on {text}")
    return delivery


def settle(client, ending, delivery):
    """Accepts as part of a transaction, and waits for the broker's answer."""
    ending.transaction.accept(delivery)
    client.wait(lambda: delivery.settled, "the answer to the settlement")


def there(client, queue):
    """The bodies of all that a queue has for a receiver now; they stay."""
    receiver, inbox = client.receiver(queue, 0, SettleSecond())
    receiver.link.drain(10)
    client.wait(lambda: receiver.link.credit == 0, "the drain's end")
    texts = [decode_message(encoded)["body"][0]["value"] for _, encoded in inbox.deliveries]
    for delivery, _ in inbox.deliveries:
        delivery.update(delivery.RELEASED)
        client.wait(lambda: delivery.settled, "the answer to the release")
    receiver.close()
    return [bytes.fromhex(text).decode() for text in texts]


def test_what_is_sent_appears_when_the_transaction_is_committed(client, queue):
    ending = declared(client)
    sender = client.sender(queue)
    for text in ("a", "b"):
        send(client, ending, sender, text)
    assert there(client, queue) == [], "nothing is seen before the commit"
    assert commit(client, ending) == "committed"
    assert there(client, queue) == ["a", "b"]


def test_what_is_sent_is_forgotten_when_the_transaction_is_aborted(client, queue):
    ending = declared(client)
    sender = client.sender(queue)
    send(client, ending, sender, "lost")
    assert abort(client, ending) == "aborted"
    sender.send(Message(body=b"kept", inferred=True))
    assert there(client, queue) == ["kept"]


def test_a_message_is_moved_as_a_whole(client, queue):
    sender = client.sender(queue)
    sender.send(Message(body=b"in", inferred=True))
    _, inbox = client.receiver(queue, 1, SettleSecond())
    delivery, _ = client.receive(inbox, 1)[0]
    ending = declared(client)
    settle(client, ending, delivery)
    send(client, ending, sender, "out")
    assert there(client, queue) == []
    assert commit(client, ending) == "committed"
    assert there(client, queue) == ["out"]


def test_a_settlement_is_undone_and_its_lock_stays(client, queue):
    sender = client.sender(queue)
    sender.send(Message(body=b"x", inferred=True))
    receiver, inbox = client.receiver(queue, 1, SettleSecond())
    delivery, _ = client.receive(inbox, 1)[0]
    ending = declared(client)
    settle(client, ending, delivery)
    assert abort(client, ending) == "aborted"
    assert there(client, queue) == [], "it is still locked"
    receiver.close()


def test_a_lost_coordinator_link_aborts_its_transactions(client, queue):
    ending = declared(client)
    sender = client.sender(queue)
    send(client, ending, sender, "lost")
    coordinator = ending.transaction.txn_ctrl
    coordinator.close()
    client.wait(lambda: coordinator.state & coordinator.REMOTE_CLOSED, "the coordinator's end")
    assert there(client, queue) == []


def test_transactions_of_one_connection_are_apart(client, queue):
    first, second = declared(client), declared(client)
    assert first.transaction.id != second.transaction.id
    sender = client.sender(queue)
    send(client, first, sender, "first")
    send(client, second, sender, "second")
    assert commit(client, second) == "committed"
    assert there(client, queue) == ["second"]
    assert abort(client, first) == "aborted"
    assert there(client, queue) == ["second"]
