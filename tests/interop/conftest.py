"""One emulator for a whole run, and a queue of its own for each test."""

import pytest

from programs import Emulator, Peer

QUEUES = 400


@pytest.fixture(scope="session")
def emulator():
    started = Emulator(QUEUES)
    yield started
    code = started.stop()
    assert code == 0, f"the emulator ended with {code}: {''.join(started.output[-20:])}"


@pytest.fixture
def queue(emulator):
    return emulator.next_queue()


@pytest.fixture
def peer(emulator):
    return Peer(emulator.connection_string)
