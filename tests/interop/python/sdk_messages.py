"""Messages of the Python SDK in a form that can be compared with ours.

The SDK's decoder drops some types: every integer is an `int`, strings, symbols and binary are all
`bytes`, timestamps are milliseconds. `seen(value)` says what it makes of one of our typed values.
"""

import uuid

from azure.servicebus import ServiceBusMessage
from azure.servicebus.amqp import (
    AmqpAnnotatedMessage,
    AmqpMessageBodyType,
    AmqpMessageHeader,
    AmqpMessageProperties,
)

INTEGERS = ("ubyte", "ushort", "uint", "ulong", "byte", "short", "int", "long", "timestamp")
FLOATS = ("float", "double")

HEADER = {
    "durable": "durable",
    "priority": "priority",
    "ttl": "time_to_live",
    "first-acquirer": "first_acquirer",
    "delivery-count": "delivery_count",
}
PROPERTIES = (
    "message-id", "user-id", "to", "subject", "reply-to", "correlation-id", "content-type",
    "content-encoding", "absolute-expiry-time", "creation-time", "group-id", "group-sequence",
    "reply-to-group-id",
)


def natural(value):
    """The Python value of a typed value, strings as `str`."""
    kind, content = value["type"], value.get("value")
    if kind in INTEGERS:
        return int(content)
    if kind in FLOATS:
        return float(content)
    if kind == "binary":
        return bytes.fromhex(content)
    if kind == "uuid":
        return uuid.UUID(content)
    if kind in ("list", "array", "sequence"):
        return [natural(item) for item in content]
    if kind == "map":
        return {natural(key): natural(item) for key, item in content}
    return content


def seen(value):
    """What the SDK makes of a typed value that it receives."""
    kind, content = value["type"], value.get("value")
    if kind in ("string", "symbol"):
        return content.encode()
    if kind in ("list", "array", "sequence"):
        return [seen(item) for item in content]
    if kind == "map":
        return {seen(key): seen(item) for key, item in content}
    return natural(value)


def explicit(value):
    """A typed value as the SDK's encoder takes it, so that exactly this type is sent."""
    kinds = {"boolean": "BOOL", "null": "NULL"}
    content = value["value"] if value["type"] == "uuid" else natural(value)
    if value["type"] == "uuid":
        content = uuid.UUID(content)
    return {"TYPE": kinds.get(value["type"], value["type"].upper()), "VALUE": content}


def to_sdk(message):
    """A message for the SDK to send, from our JSON form. Its body must be data sections."""
    body = [bytes.fromhex(section["value"]) for section in message["body"]]
    annotated = AmqpAnnotatedMessage(data_body=body)
    header = {HEADER[name]: natural(value) for name, value in message.get("header", {}).items()}
    properties = {
        name.replace("-", "_"): natural(value) for name, value in message.get("properties", {}).items()
    }
    annotated.header = AmqpMessageHeader(**header)
    annotated.properties = AmqpMessageProperties(**properties)
    annotated.annotations = {
        name: explicit(value) for name, value in message.get("message-annotations", {}).items()
    }
    annotated.application_properties = {
        name: explicit(value) for name, value in message.get("application-properties", {}).items()
    }
    return annotated


def sdk_view(received):
    """Every section that the SDK shows of a message it received."""
    raw = received.raw_amqp_message
    view = {
        "message-annotations": _texts(raw.annotations),
        "application-properties": _texts(raw.application_properties),
        "body": _body(raw),
    }
    if raw.header:
        fields = {name: getattr(raw.header, field) for name, field in HEADER.items()}
        view["header"] = {name: value for name, value in fields.items() if value is not None}
    if raw.properties:
        fields = {name: getattr(raw.properties, name.replace("-", "_")) for name in PROPERTIES}
        view["properties"] = {name: value for name, value in fields.items() if value is not None}
    return view


def our_view(message):
    """The same of a message in our JSON form."""
    view = {"message-annotations": {}, "application-properties": {}}
    for section in ("header", "properties", "message-annotations", "application-properties"):
        if section in message:
            view[section] = {name: seen(value) for name, value in message[section].items()}
    view["body"] = [(part["type"], _content(part)) for part in message["body"]]
    return view


def _content(part):
    if part["type"] == "data":
        return bytes.fromhex(part["value"])
    if part["type"] == "sequence":
        return [seen(item) for item in part["value"]]
    return seen(part["value"])


def _body(raw):
    if raw.body_type == AmqpMessageBodyType.DATA:
        return [("data", bytes(part)) for part in raw.body]
    if raw.body_type == AmqpMessageBodyType.SEQUENCE:
        return [("sequence", part) for part in raw.body]
    return [("value", raw.body)]


def _texts(section):
    return {key.decode() if isinstance(key, bytes) else key: value for key, value in (section or {}).items()}


def text(received):
    return b"".join(received.body).decode()


def text_messages(*texts):
    return [ServiceBusMessage(one) for one in texts]
