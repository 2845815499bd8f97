"""What the frames of a client say, as facts that can be compared: `path -> the values it had`.

A path begins with the frame and the link it is about, `attach entity sender.target.address`, or for a
request with its operation. A value is its AMQP type and what it is; what differs from run to run (names,
ids, times, signatures) stands as `{...}`.
"""

import re
from collections import defaultdict

from frame_meaning import split
from proton_data import decode_message

NAMES = {
    0x10: ("open", "container-id hostname max-frame-size channel-max idle-time-out outgoing-locales "
                   "incoming-locales offered-capabilities desired-capabilities properties"),
    0x11: ("begin", "remote-channel next-outgoing-id incoming-window outgoing-window handle-max "
                    "offered-capabilities desired-capabilities properties"),
    0x12: ("attach", "name handle role snd-settle-mode rcv-settle-mode source target unsettled "
                     "incomplete-unsettled initial-delivery-count max-message-size offered-capabilities "
                     "desired-capabilities properties"),
    0x13: ("flow", "next-incoming-id incoming-window next-outgoing-id outgoing-window handle delivery-count "
                   "link-credit available drain echo properties"),
    0x14: ("transfer", "handle delivery-id delivery-tag message-format settled more rcv-settle-mode state "
                       "resume aborted batchable"),
    0x15: ("disposition", "role first last settled state batchable"),
    0x16: ("detach", "handle closed error"),
    0x17: ("end", "error"),
    0x18: ("close", "error"),
    0x1D: ("error", "condition description info"),
    0x24: ("accepted", ""),
    0x25: ("rejected", "error"),
    0x26: ("released", ""),
    0x27: ("modified", "delivery-failed undeliverable-here message-annotations"),
    0x28: ("source", "address durable expiry-policy timeout dynamic dynamic-node-properties distribution-mode "
                     "filter default-outcome outcomes capabilities"),
    0x29: ("target", "address durable expiry-policy timeout dynamic dynamic-node-properties capabilities"),
    0x41: ("sasl-init", "mechanism initial-response hostname"),
}
# Each end counts and names as it likes.
NUMBERING = {
    "container-id", "name", "handle", "next-incoming-id", "next-outgoing-id", "delivery-count", "delivery-id",
    "first", "last", "available",
}
# What each end says of itself and of the moment: only the types are compared.
OWN = re.compile(r"^open\.properties\[|^flow .*-window$|server-timeout$|:timeout\]$")
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
SIGNATURE = re.compile(r"(sig|se)=[^&]*")
# Times beyond this one (in 2030) are of a script, the others of the clock.
OWN_TIMES = 1_900_000_000_000


class Facts:
    """What one call said, on however many connections."""

    def __init__(self, connections, words):
        self._words = words
        self._said = defaultdict(set)
        for frames in connections:
            self._links = {}
            self._names = {}
            self._parts = defaultdict(bytes)
            for frame in frames:
                self._frame(frame)

    def said(self):
        """Each path with its values, in one text."""
        return {path: " | ".join(sorted(values)) for path, values in self._said.items()}

    def _frame(self, frame):
        head, performative, payload = split(frame)
        if performative is None:
            return
        channel = head[1:]
        name, fields = named(performative)
        where = name
        if name == "attach":
            link = self._links[channel, fields["handle"]["value"]] = link_of(fields)
            where = f"attach {link}"
            self._names[fields["name"]["value"]] = link
        elif "handle" in fields:
            link = self._links[channel, fields["handle"]["value"]]
            where = f"{name} {link}"
        if name == "transfer":
            more = fields.pop("more", None)
            whole = self._parts[channel, link] = self._parts[channel, link] + payload
            if more:
                return
            del self._parts[channel, link]
            where = self._message(link, whole)
        elif name == "disposition":
            where = f"disposition {named(fields['state'])[0]}" if "state" in fields else name
        for field, value in fields.items():
            if field not in NUMBERING:
                self._add(f"{where}.{field}", value)
        self._said[where].add("sent")

    def _message(self, link, encoded):
        message = decode_message(encoded)
        operation = message.get("application-properties", {}).get("operation")
        where = f"request {operation['value']}" if operation else f"transfer {link}"
        self._sections(where, message)
        return where

    def _sections(self, where, message):
        for section in ("header", "delivery-annotations", "message-annotations", "properties",
                        "application-properties", "footer"):
            for field, value in message.get(section, {}).items():
                self._add(f"{where}.{section}.{field}", value)
        for part in message["body"]:
            if part["type"] == "value":
                self._add(f"{where}.value", part["value"])
            else:
                self._add(f"{where}.{part['type']}", {"type": "binary", "value": part["value"]})

    def _add(self, path, value):
        kind, content = value["type"], value.get("value")
        if kind == "described":
            name, fields = named(value)
            if fields is None:
                self._add(f"{path}({name})", content)
                return
            self._said[path].add(name)
            for field, item in fields.items():
                self._add(f"{path}.{field}", item)
        elif kind == "map":
            for key, item in content:
                self._add(f"{path}[{key['type']} {key['value']}]", item)
        elif kind in ("list", "array"):
            self._said[path].add(kind)
            for item in content:
                self._add(f"{path}[]", item)
        elif kind == "binary":
            self._binary(path, bytes.fromhex(content))
        else:
            self._said[path].add(self._scalar(path, kind, content))

    def _scalar(self, path, kind, content):
        if kind == "null":
            return kind
        if OWN.search(path):
            return f"{kind} {{its own}}"
        if path.endswith("associated-link-name"):
            return f"{kind} {{name of the {self._names.get(content, 'unknown')} link}}"
        return f"{kind} {self._words(kind, content)}"

    def _binary(self, path, content):
        if path.endswith("delivery-tag"):
            self._said[path].add(f"binary of {len(content)} bytes")
        elif path.endswith("[string message]") or (path.endswith(".data") and content.startswith(b"\0S")):
            self._said[path].add("binary, a message")
            self._sections(path, decode_message(content))
        else:
            self._said[path].add(f"binary {content.hex()}")


def named(described):
    """The name of what is described and its fields by name; no fields where the type is unknown here."""
    code = described["descriptor"]["value"]
    if described["descriptor"]["type"] != "ulong" or int(code) not in NAMES:
        return f"{described['descriptor']['type']} {code}", None
    name, fields = NAMES[int(code)]
    items = zip(fields.split(), described["value"]["value"])
    return name, {field: item for field, item in items if item["type"] != "null"}


def link_of(attach):
    """What a link is for: its node's kind, and its role at the client."""
    receives = attach["role"]["value"]
    end = named(attach["source" if receives else "target"])[1]
    address = end["address"]["value"]
    node = next((node for node in ("$cbs", "$management") if address.endswith(node)), "entity")
    return f"{node} {'receiver' if receives else 'sender'}"


def words(replaced):
    """Writes a scalar, with what is of this run only replaced: `replaced` has texts and their stand-ins."""

    def written(kind, content):
        if kind == "timestamp" and int(content) < OWN_TIMES:
            return "{time}"
        text = str(content)
        for found, stand_in in replaced.items():
            text = text.replace(found, stand_in)
        return SIGNATURE.sub(r"\1={}", UUID.sub("{uuid}", text))

    return written
