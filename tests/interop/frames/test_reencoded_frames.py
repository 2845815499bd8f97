"""Frames that the official SDKs sent, decoded and encoded again by servicebus-amqp: Proton's decoder
must find the same values in both."""

import os
import pathlib
import subprocess

import pytest

from frame_meaning import split
from programs import REPOSITORY

DATA = REPOSITORY / "amqp" / "tests" / "data"
CAPTURES = sorted(DATA.glob("*.hex"))
REENCODE = os.environ.get("SERVICEBUS_REENCODE") or REPOSITORY / "target/debug/examples/reencode_frames"
ERROR = str(0x1D)


def lenient(frame):
    """What a frame says, the keys of an error's `info` as symbols: the JavaScript SDK writes strings there."""
    kind, performative, payload = split(frame)
    return kind, symbol_keys(performative), payload


def symbol_keys(value):
    if isinstance(value, list):
        return [symbol_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {name: symbol_keys(item) for name, item in value.items()}
    if value.get("type") == "described" and value["descriptor"].get("value") == ERROR:
        for field in changed["value"]["value"]:
            if field["type"] == "map":
                field["value"] = [[{**key, "type": "symbol"}, item] for key, item in field["value"]]
    return changed


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_every_frame_keeps_its_meaning(capture):
    original = [bytes.fromhex(line) for line in capture.read_text().split()]
    done = subprocess.run([REENCODE, capture], capture_output=True, text=True, check=True, timeout=60)
    again = [bytes.fromhex(line) for line in done.stdout.split()]
    assert len(again) == len(original)
    different = [
        f"line {number}: {before.hex()[:200]} became {after.hex()[:200]}"
        for number, (before, after) in enumerate(zip(original, again), 1)
        if lenient(before) != lenient(after)
    ]
    assert different == []


def test_there_are_captures():
    assert len(CAPTURES) >= 2, f"{pathlib.Path(DATA)} holds {CAPTURES}"
