"""A proxy that hands bytes on as they are, and keeps the frames that clients send through it."""

import contextlib
import socket
import threading

HEADER = 8


class CapturingProxy:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self._server = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sent = []
        self.address = f"localhost:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self):
        """Takes no more connections, and waits for the end of those there are."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def frames(self):
        """The frames that were sent until the proxy was closed, a list for each connection."""
        return [_frames(bytes(sent)) for sent in self._sent]

    def _accept(self):
        lanes = []
        try:
            while True:
                client, _ = self._listener.accept()
                lanes += self._connect(client)
        except OSError:
            # It was closed.
            for lane in lanes:
                lane.join()

    def _connect(self, client):
        server = socket.create_connection(self._server)
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent = bytearray()
        self._sent.append(sent)
        lanes = [
            threading.Thread(target=_carry, args=(client, server, sent), daemon=True),
            threading.Thread(target=_carry, args=(server, client, bytearray()), daemon=True),
        ]
        for lane in lanes:
            lane.start()
        return lanes


def _carry(source, sink, kept):
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            kept.extend(part)
            sink.sendall(part)
    # Also where one of them went away in a hurry: the other one learns of it.
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _frames(sent):
    found = []
    while sent:
        is_header = sent.startswith(b"AMQP")
        length = HEADER if is_header else int.from_bytes(sent[:4], "big")
        if not is_header:
            found.append(sent[:length])
        sent = sent[length:]
    return found
