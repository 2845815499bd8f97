"""AMQP values read and written by Qpid Proton's codec, in the JSON form of README.md.

Proton keeps every type apart, so what it reads shows exactly what was on the wire.
"""

import uuid

import proton
from proton import Data

NUMBERS = {
    Data.UBYTE: "ubyte", Data.USHORT: "ushort", Data.UINT: "uint", Data.ULONG: "ulong",
    Data.BYTE: "byte", Data.SHORT: "short", Data.INT: "int", Data.LONG: "long",
    Data.TIMESTAMP: "timestamp",
}
FLOATS = {Data.FLOAT: "float", Data.DOUBLE: "double"}
TEXTS = {Data.STRING: "string", Data.SYMBOL: "symbol", Data.CHAR: "char"}
DECIMALS = {Data.DECIMAL32: ("decimal32", 4), Data.DECIMAL64: ("decimal64", 8), Data.DECIMAL128: ("decimal128", 16)}

HEADER = ("durable", "priority", "ttl", "first-acquirer", "delivery-count")
PROPERTIES = (
    "message-id", "user-id", "to", "subject", "reply-to", "correlation-id", "content-type",
    "content-encoding", "absolute-expiry-time", "creation-time", "group-id", "group-sequence",
    "reply-to-group-id",
)
LISTS = {0x70: ("header", HEADER), 0x73: ("properties", PROPERTIES)}
MAPS = {0x71: "delivery-annotations", 0x72: "message-annotations", 0x74: "application-properties", 0x78: "footer"}
BODIES = {0x75: "data", 0x76: "sequence", 0x77: "value"}


def decode_one(encoded):
    """The value at the beginning of `encoded`, and what follows it."""
    data = Data()
    length = data.decode(encoded)
    data.rewind()
    data.next()
    return read(data), encoded[length:]


def read(data):
    """The value that the cursor of `data` is on."""
    kind = data.type()
    if kind in NUMBERS:
        return {"type": NUMBERS[kind], "value": str(int(data.get_object()))}
    if kind in FLOATS:
        return {"type": FLOATS[kind], "value": str(float(data.get_object()))}
    if kind in TEXTS:
        return {"type": TEXTS[kind], "value": str(data.get_object())}
    if kind in DECIMALS:
        name, width = DECIMALS[kind]
        value = data.get_object()
        raw = bytes(value) if width == 16 else int(value).to_bytes(width, "big")
        return {"type": name, "value": raw.hex()}
    if kind == Data.NULL:
        return {"type": "null"}
    if kind == Data.BOOL:
        return {"type": "boolean", "value": data.get_bool()}
    if kind == Data.UUID:
        return {"type": "uuid", "value": str(data.get_uuid())}
    if kind == Data.BINARY:
        return {"type": "binary", "value": bytes(data.get_binary()).hex()}
    if kind == Data.DESCRIBED:
        descriptor, value = _inside(data, 2)
        return {"type": "described", "descriptor": descriptor, "value": value}
    if kind == Data.LIST:
        return {"type": "list", "value": _inside(data, data.get_list())}
    if kind == Data.MAP:
        items = _inside(data, data.get_map())
        return {"type": "map", "value": [list(pair) for pair in zip(items[::2], items[1::2])]}
    count, described, _ = data.get_array()
    items = _inside(data, count + (1 if described else 0))
    return {"type": "array", "value": items}


def _inside(data, count):
    data.enter()
    items = []
    for _ in range(count):
        assert data.next(), f"{len(items)} of {count} items"
        items.append(read(data))
    data.exit()
    return items


def write(data, value):
    """Appends a value at the cursor of `data`."""
    kind, content = value["type"], value.get("value")
    if kind == "null":
        data.put_null()
    elif kind == "boolean":
        data.put_bool(content)
    elif kind in NUMBERS.values():
        getattr(data, f"put_{kind}")(int(content))
    elif kind in FLOATS.values():
        getattr(data, f"put_{kind}")(float(content))
    elif kind == "char":
        data.put_char(proton.char(content))
    elif kind in TEXTS.values():
        getattr(data, f"put_{kind}")(content)
    elif kind == "uuid":
        data.put_uuid(uuid.UUID(content))
    elif kind == "binary":
        data.put_binary(bytes.fromhex(content))
    elif kind == "decimal128":
        data.put_decimal128(proton.decimal128(bytes.fromhex(content)))
    elif kind == "list":
        _within(data, data.put_list, content)
    elif kind == "map":
        _within(data, data.put_map, [item for pair in content for item in pair])
    elif kind == "described":
        _within(data, data.put_described, [value["descriptor"], content])
    else:
        raise ValueError(f"no way to write {kind}")


def _within(data, put, items):
    put()
    data.enter()
    for item in items:
        write(data, item)
    data.exit()


def encode(value):
    data = Data()
    write(data, value)
    return data.encode()


def encode_message(message):
    """The bytes of a message in the JSON form."""
    encoded = b""
    for code, (name, fields) in LISTS.items():
        if name in message and code == 0x70:
            encoded += _section(code, _fields(message[name], fields))
    for code in (0x71, 0x72):
        encoded += _map_section(message, code, "symbol")
    if "properties" in message:
        encoded += _section(0x73, _fields(message["properties"], PROPERTIES))
    encoded += _map_section(message, 0x74, "string")
    codes = {name: code for code, name in BODIES.items()}
    for part in message["body"]:
        value = part["value"]
        if part["type"] == "data":
            value = {"type": "binary", "value": value}
        elif part["type"] == "sequence":
            value = {"type": "list", "value": value}
        encoded += _section(codes[part["type"]], value)
    return encoded + _map_section(message, 0x78, "symbol")


def _section(code, value):
    descriptor = {"type": "ulong", "value": str(code)}
    return encode({"type": "described", "descriptor": descriptor, "value": value})


def _fields(section, names):
    return {"type": "list", "value": [section.get(name, {"type": "null"}) for name in names]}


def _map_section(message, code, key_type):
    section = message.get(MAPS[code])
    if section is None:
        return b""
    pairs = [[{"type": key_type, "value": key}, value] for key, value in section.items()]
    return _section(code, {"type": "map", "value": pairs})


def decode_message(encoded):
    """The JSON form of a message's bytes."""
    message = {"body": []}
    while encoded:
        described, encoded = decode_one(encoded)
        code, value = int(described["descriptor"]["value"]), described["value"]
        if code in LISTS:
            name, fields = LISTS[code]
            given = zip(fields, value["value"])
            message[name] = {field: item for field, item in given if item["type"] != "null"}
        elif code in MAPS:
            message[MAPS[code]] = {key["value"]: item for key, item in value["value"]}
        else:
            kind = BODIES[code]
            content = value if kind == "value" else value["value"]
            message["body"].append({"type": kind, "value": content})
    return message
