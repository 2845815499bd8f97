"""An AMQP server made of Qpid Proton, for one connection of our endpoint.

Nodes: `sink` accepts; `judge` gives the verdict that a message's text names; `source` sends what it
was given; `missing` refuses links; `closing` detaches with an error after the first message.
"""

import os
import socket
import threading

from proton import Condition, Delivery, Endpoint, Message, Terminus
from proton.reactor import Container

VERDICTS = {
    "accepted": Delivery.ACCEPTED,
    "rejected": Delivery.REJECTED,
    "released": Delivery.RELEASED,
    "modified": Delivery.MODIFIED,
}


class ProtonServer:
    """Serves one connection and ends with it."""

    def __init__(self, to_send=(), max_frame_size=None):
        self.received = []
        self.settled = []
        self._to_send = [Message(body=text.encode(), inferred=True).encode() for text in to_send]
        self._max_frame_size = max_frame_size
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._listening.wait(10), "the Proton server does not listen"

    def _run(self):
        self._container = Container(self)
        self._container.container_id = "proton"
        self._container.run()

    def join(self):
        self._thread.join(10)
        assert not self._thread.is_alive(), "the Proton server goes on"

    def on_reactor_init(self, event):
        self._acceptor = event.container.acceptor("127.0.0.1", 0)
        with socket.socket(fileno=os.dup(self._acceptor._selectable.fileno())) as listener:
            self.address = f"127.0.0.1:{listener.getsockname()[1]}"
        self._listening.set()

    def on_unhandled(self, name, event):
        pass

    def on_connection_bound(self, event):
        self._acceptor.close()
        event.transport.idle_timeout = 30
        if self._max_frame_size:
            event.transport.max_frame_size = self._max_frame_size

    def on_connection_remote_open(self, event):
        event.connection.container = "proton"
        event.connection.open()

    def on_session_remote_open(self, event):
        event.session.open()

    def on_link_remote_open(self, event):
        link = event.link
        address = link.remote_source.address if link.is_sender else link.remote_target.address
        if address == "missing":
            # Service Bus refuses so as well: no terminus, then the error.
            link.source.type = link.target.type = Terminus.UNSPECIFIED
            link.open()
            link.condition = Condition("amqp:not-found", "there is no such node")
            link.close()
            return
        link.source.address = link.remote_source.address
        link.target.address = link.remote_target.address
        link.snd_settle_mode = link.remote_snd_settle_mode
        link.rcv_settle_mode = link.remote_rcv_settle_mode
        link.open()
        if link.is_receiver:
            link.flow(2)

    def on_link_flow(self, event):
        link = event.link
        if not link.is_sender or not link.state & Endpoint.LOCAL_ACTIVE:
            return
        while link.credit and self._to_send:
            link.delivery(f"d{len(self._to_send)}")
            link.stream(self._to_send.pop(0))
            link.advance()
        if link.drain_mode:
            link.drained()

    def on_delivery(self, event):
        delivery, link = event.delivery, event.link
        if link.is_sender:
            if delivery.updated and not delivery.settled:
                # Mode second: the receiver has spoken and waits for our answer.
                delivery.update(delivery.remote_state)
                self.settled.append(delivery.remote_state)
                delivery.settle()
        elif delivery.readable and not delivery.partial:
            encoded = link.recv(delivery.pending)
            link.advance()
            self._judge(link, delivery, encoded)

    def _judge(self, link, delivery, encoded):
        message = Message()
        message.decode(encoded)
        text = bytes(message.body).decode()
        self.received.append(text)
        address = link.target.address
        if address == "closing":
            link.condition = Condition("amqp:resource-limit-exceeded", "enough")
            link.close()
            return
        delivery.update(VERDICTS[text] if address == "judge" else Delivery.ACCEPTED)
        delivery.settle()
        link.flow(1)

    def on_link_remote_close(self, event):
        event.link.close()

    def on_session_remote_close(self, event):
        event.session.close()

    def on_connection_remote_close(self, event):
        event.connection.close()
