"""What a frame says, the same for all encodings of one meaning."""

from proton_data import decode_one

ABSENT = {"type": "null"}

# What a field is when it is left out, by the descriptor's code and the field's place.
DEFAULTS = {
    0x10: {2: "4294967295", 3: "65535"},
    0x11: {4: "4294967295"},
    0x12: {3: "2", 4: "0", 8: False},
    0x13: {8: False, 9: False},
    0x14: {4: False, 5: False, 8: False, 9: False, 10: False},
    0x15: {3: False, 5: False},
    0x16: {1: False},
    0x28: {1: "0", 2: "session-end", 3: "0", 4: False},
    0x29: {1: "0", 2: "session-end", 3: "0", 4: False},
}
# Fields that hold one value or an array of them.
MULTIPLE = {0x10: (5, 6, 7, 8), 0x11: (5, 6), 0x12: (11, 12), 0x28: (9, 10), 0x29: (6,), 0x40: (0,)}


def split(frame):
    """Kind and channel, the performative, and the payload behind it."""
    start = frame[4] * 4
    if len(frame) == start:
        return frame[5:8], None, b""
    value, payload = decode_one(frame[start:])
    return frame[5:8], normal(value), payload


def normal(value):
    """The same for all encodings of one meaning: defaults and trailing nulls are left out."""
    if value["type"] == "described":
        code = value["descriptor"].get("value")
        inner = value["value"]
        if value["descriptor"]["type"] == "ulong" and inner["type"] == "list":
            return {**value, "value": {**inner, "value": _fields(int(code), inner["value"])}}
        return {**value, "value": normal(inner)}
    if value["type"] in ("list", "array"):
        return {**value, "value": [normal(item) for item in value["value"]]}
    if value["type"] == "map":
        return {**value, "value": [[normal(key), normal(item)] for key, item in value["value"]]}
    return value


def _fields(code, items):
    found = []
    for place, item in enumerate(items):
        item = normal(item)
        if item.get("value") == DEFAULTS.get(code, {}).get(place, ...):
            item = ABSENT
        if place in MULTIPLE.get(code, ()) and item["type"] not in ("array", "null"):
            item = {"type": "array", "value": [item]}
        found.append(item)
    while found and found[-1] == ABSENT:
        found.pop()
    return found
