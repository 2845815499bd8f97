"""Each script here has an emulator of its own, whose time it moves."""

import pytest

from programs import Emulator


@pytest.fixture
def emulator():
    started = Emulator(1)
    yield started
    code = started.stop()
    assert code == 0, f"the emulator ended with {code}: {''.join(started.output[-20:])}"
