"""What the emulator does when told to over HTTP: its clocks, and faults."""

import json
import urllib.request


class Control:
    """Message time moves at once, and what falls due has happened when the call returns."""

    def __init__(self, address):
        self._address = address

    def advance(self, seconds):
        self._post("clock", {"advance": f"PT{seconds}S"})

    def freeze(self):
        self._post("clock", {"frozen": True})

    def advance_transport(self, seconds):
        self._post("transport-clock", {"advance": f"PT{seconds}S"})

    def fault(self, kind, **fields):
        """Sets a fault, its fields as in JSON, and returns its number."""
        return self._post("faults", {"kind": kind, **fields})["id"]

    def clear_faults(self):
        self._request("DELETE", "faults")

    def _post(self, path, content):
        return self._request("POST", path, json.dumps(content).encode())

    def _request(self, method, path, body=None):
        request = urllib.request.Request(f"{self._address}/$emulator/{path}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None
