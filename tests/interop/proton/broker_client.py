"""A Proton connection that has shown its right to an entity, as Service Bus demands."""

import base64
import hashlib
import hmac
import time
import urllib.parse
import uuid

from proton import Delivery, Link, Message
from proton.handlers import MessagingHandler
from proton.reactor import LinkOption
from proton.utils import BlockingConnection

TIMEOUT = 10


class SettleSecond(LinkOption):
    """The receiver settles only after the sender did, as the official SDKs do."""

    def apply(self, link):
        link.snd_settle_mode = Link.SND_UNSETTLED
        link.rcv_settle_mode = Link.RCV_SECOND


class PreSettled(LinkOption):
    """The sender settles each delivery as it sends it."""

    def apply(self, link):
        link.snd_settle_mode = Link.SND_SETTLED
        link.rcv_settle_mode = Link.RCV_FIRST


class Inbox(MessagingHandler):
    """Keeps the deliveries of one link with their bytes, and settles none."""

    def __init__(self):
        super().__init__(prefetch=0, auto_accept=False, auto_settle=False)
        self.deliveries = []

    def on_delivery(self, event):
        delivery = event.delivery
        if event.link.is_receiver and delivery.readable and not delivery.partial:
            encoded = event.link.recv(delivery.pending)
            event.link.advance()
            self.deliveries.append((delivery, encoded))


class BrokerClient:
    """One connection to the emulator."""

    def __init__(self, emulator, **options):
        self._emulator = emulator
        self.connection = BlockingConnection(
            f"amqp://{emulator.address}", timeout=TIMEOUT, allowed_mechs="ANONYMOUS", **options
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def wait(self, condition, what):
        self.connection.wait(condition, timeout=TIMEOUT, msg=what)

    def authorize(self, entity, key=None):
        """Puts a token for an entity and returns the answer's status code and description."""
        audience = f"sb://{self._emulator.address}/{entity}"
        request = Message(
            id="put-1", reply_to="cbs-answers", body=self._token(audience, key),
            properties={"operation": "put-token", "type": "servicebus.windows.net:sastoken", "name": audience},
        )
        receiver = self.connection.create_receiver("$cbs", credit=1, name="cbs-in")
        receiver.link.target.address = "cbs-answers"
        sender = self.connection.create_sender("$cbs", name="cbs-out")
        sender.send(request)
        answer = receiver.receive(timeout=TIMEOUT)
        assert answer.correlation_id == "put-1", f"answer to {answer.correlation_id}"
        sender.close()
        receiver.close()
        return answer.properties["status-code"], answer.properties["status-description"]

    def _token(self, audience, key):
        name, own_key = self._emulator.key
        encoded = urllib.parse.quote_plus(audience)
        expiry = int(time.time()) + 600
        digest = hmac.new((key or own_key).encode(), f"{encoded}\n{expiry}".encode(), hashlib.sha256).digest()
        signature = urllib.parse.quote_plus(base64.b64encode(digest).decode())
        return f"SharedAccessSignature sr={encoded}&sig={signature}&se={expiry}&skn={name}"

    def sender(self, entity, *options):
        return self.connection.create_sender(entity, options=list(options) or None)

    def receiver(self, entity, credit, *options):
        """A receiver and the inbox that its deliveries come to."""
        inbox = Inbox()
        made = self.connection.create_receiver(
            entity, credit=credit, name=str(uuid.uuid4()), handler=inbox, options=list(options) or None
        )
        return made, inbox

    def receive(self, inbox, count):
        """The first `count` deliveries, when they are there."""
        self.wait(lambda: len(inbox.deliveries) >= count, f"{count} deliveries, {len(inbox.deliveries)} came")
        taken, inbox.deliveries[:] = inbox.deliveries[:count], inbox.deliveries[count:]
        return taken

    def settle(self, delivery, state):
        """Settles as receiver in mode second: answers with a state, waits for the sender's."""
        delivery.update(state)
        self.wait(lambda: delivery.settled, f"the sender's answer to {state}")
        answered = delivery.remote_state
        delivery.settle()
        return answered

    def send_encoded(self, sender, encoded, tag):
        """Sends bytes as they are and returns the receiver's verdict."""
        delivery = sender.link.delivery(tag)
        sender.link.stream(encoded)
        sender.link.advance()
        self.wait(lambda: delivery.settled, f"the verdict on {tag}")
        state = delivery.remote_state
        delivery.settle()
        return state


ACCEPTED, REJECTED, RELEASED, MODIFIED = (
    Delivery.ACCEPTED, Delivery.REJECTED, Delivery.RELEASED, Delivery.MODIFIED,
)
