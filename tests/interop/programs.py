"""The two Rust programs that the checks run: the emulator, and a peer that stands for our client."""

import json
import os
import pathlib
import signal
import subprocess
import threading

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
MESSAGES = pathlib.Path(__file__).resolve().parent / "messages"


def _program(variable, path):
    return os.environ.get(variable) or str(REPOSITORY / "target" / "debug" / path)


class Emulator:
    """A running emulator with queues `q0`, `q1`, ... of which each test takes its own."""

    def __init__(self, queues, *flags):
        self._queues = iter([f"q{number}" for number in range(queues)])
        arguments = [_program("SERVICEBUS_EMULATOR", "servicebus-emulator"), "--port", "0", "--http-port", "0", *flags]
        for number in range(queues):
            arguments += ["--queue", f"q{number}"]
        self._process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
        )
        self.output = []
        self.connection_string = self._read_connection_string()
        threading.Thread(target=self._keep_output, daemon=True).start()

    def _read_connection_string(self):
        for line in self._process.stdout:
            self.output.append(line)
            if "Endpoint=sb://" in line:
                self._read_http_address()
                return line[line.index("Endpoint=sb://"):].strip()
        raise RuntimeError(f"the emulator printed no connection string: {''.join(self.output)}")

    def _read_http_address(self):
        line = self._process.stdout.readline()
        self.output.append(line)
        self.http_address = line.strip()

    def _keep_output(self):
        for line in self._process.stdout:
            self.output.append(line)

    @property
    def address(self):
        """Host and port of the AMQP listener."""
        endpoint = self.connection_string.split(";")[0]
        return endpoint.removeprefix("Endpoint=sb://").rstrip("/")

    @property
    def key(self):
        """Name and key that the connection string carries."""
        pairs = dict(pair.split("=", 1) for pair in self.connection_string.split(";") if pair)
        return pairs["SharedAccessKeyName"], pairs["SharedAccessKey"]

    def connection_string_with_key(self, key):
        return self.connection_string.replace(self.key[1], key)

    def next_queue(self):
        return next(self._queues)

    def stop(self):
        """Interrupts the emulator and returns its exit code."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class PeerError(Exception):
    """What our client answered instead of doing what it was told."""

    def __init__(self, error):
        super().__init__(error)
        self.kind = error["kind"]
        self.condition = error.get("condition")


class Peer:
    """Our client: each call is one run of `interop_peer`."""

    def __init__(self, connection_string):
        self._connection_string = connection_string

    def send(self, queue, messages, form="single"):
        self._run("send", queue, "--as", form, stdin=json.dumps(messages))

    def call(self, queue, name):
        self._run("call", queue, name)

    def receive(self, queue, count, *options):
        return self._run("receive", queue, str(count), *options)

    def peek(self, queue, count, *options):
        return self._run("peek", queue, str(count), *options)

    def _run(self, verb, queue, *arguments, stdin=""):
        command = [_program("SERVICEBUS_PEER", "examples/interop_peer"), verb, self._connection_string, queue]
        done = subprocess.run(
            [*command, *arguments], input=stdin, capture_output=True, text=True, timeout=90, check=False
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode != 0:
            if lines and "error" in lines[-1]:
                raise PeerError(lines[-1]["error"])
            raise RuntimeError(f"interop_peer {verb} ended with {done.returncode}: {done.stderr}")
        return lines


def message(name):
    """A message of `messages/`, in its JSON form."""
    return json.loads((MESSAGES / f"{name}.json").read_text(encoding="utf-8"))


def text_message(text, message_id=None):
    made = {"body": [{"type": "data", "value": text.encode().hex()}]}
    if message_id is not None:
        made["properties"] = {"message-id": {"type": "string", "value": message_id}}
    return made


def text_of(received):
    """The text of a message's data sections, in the JSON form."""
    return b"".join(bytes.fromhex(part["value"]) for part in received["body"]).decode()
