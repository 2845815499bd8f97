"""Our endpoint's client role against a server made of Qpid Proton."""

import os
import subprocess

import pytest

from programs import REPOSITORY
from proton import Delivery
from proton_data import decode_message
from server import ProtonServer

PEER = os.environ.get("SERVICEBUS_PROTON_PEER") or REPOSITORY / "target/debug/examples/proton_peer"
SMALLEST_FRAME = 512


def run(server, *arguments):
    done = subprocess.run(
        [PEER, server.address, *arguments], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    server.join()
    lines = done.stdout.splitlines()
    assert lines[0] == "opened by proton"
    assert lines[-1] == "closed Local"
    return lines[1:-1]


def texts(lines):
    encoded = [bytes.fromhex(line.removeprefix("message ")) for line in lines if line.startswith("message ")]
    return [bytes.fromhex(decode_message(one)["body"][0]["value"]).decode() for one in encoded]


def test_sends_wait_for_credit_and_get_their_verdicts():
    server = ProtonServer()
    verdicts = ["accepted", "rejected", "released", "modified", "accepted"]
    lines = run(server, "send", "judge", *verdicts)
    # Proton keeps no order among its dispositions.
    assert sorted(lines[1:]) == sorted(f"{verdict} was {verdict}, settled=true" for verdict in verdicts)
    assert server.received == verdicts


@pytest.mark.parametrize("frame", [SMALLEST_FRAME, 65_536])
def test_a_large_message_is_cut_to_the_frames_of_the_server(frame):
    server = ProtonServer(max_frame_size=frame)
    large = "0123456789" * 10_000
    assert run(server, "send", "sink", large) == ["attached", "012345678901 was accepted, settled=true"]
    assert server.received == [large]


def test_received_messages_are_settled_in_mode_second():
    sent = ["a", "b", "c" * 50_000]
    server = ProtonServer(to_send=sent)
    lines = run(server, "receive", "source", "3")
    assert texts(lines) == sent
    assert [line for line in lines if not line.startswith("message ")] == ["attached"] + ["accepted settled=true"] * 3
    assert server.settled == [Delivery.ACCEPTED] * 3


def test_drain_takes_what_there_is():
    server = ProtonServer(to_send=["a", "b"])
    lines = run(server, "drain", "source", "10")
    assert (texts(lines), lines[-1]) == (["a", "b"], "drained, credit 0")


def test_drain_of_an_empty_node_ends():
    assert run(ProtonServer(), "drain", "source", "5") == ["attached", "drained, credit 0"]


@pytest.mark.parametrize("verb", [["send", "missing", "lost"], ["receive", "missing", "1"]])
def test_a_refused_link_tells_why(verb):
    lines = run(ProtonServer(), *verb)
    assert lines == ["detached AmqpError(NotFound)"]


def test_a_detach_with_an_error_resolves_what_was_sent():
    server = ProtonServer()
    assert run(server, "send", "closing", "one") == ["attached", "detached AmqpError(ResourceLimitExceeded)"]
