"""Entities made through the emulator's management API, in the form of the service's own requests."""

import base64
import hashlib
import hmac
import time
import urllib.parse
import urllib.request

CONNECT = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect"


class Management:
    """Creates entities; `settings` are elements of their descriptions, in any order."""

    def __init__(self, address, key_name, key):
        self._address = address
        self._key_name = key_name
        self._key = key

    def create_queue(self, name, **settings):
        self._create(name, "QueueDescription", settings)

    def create_topic(self, name, **settings):
        self._create(name, "TopicDescription", settings)

    def create_subscription(self, topic, name, **settings):
        self._create(f"{topic}/subscriptions/{name}", "SubscriptionDescription", settings)

    def _create(self, path, kind, settings):
        elements = "".join(f"<{name}>{value}</{name}>" for name, value in settings.items())
        body = (
            '<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml">'
            f'<{kind} xmlns="{CONNECT}">{elements}</{kind}></content></entry>'
        )
        request = urllib.request.Request(
            f"{self._address}/{path}?api-version=2021-05",
            data=body.encode(),
            method="PUT",
            headers={"Authorization": self._token(), "Content-Type": "application/atom+xml"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 201, answer.status

    def _token(self):
        resource = urllib.parse.quote_plus(self._address)
        expiry = int(time.time()) + 300
        signed = hmac.new(self._key.encode(), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
        signature = urllib.parse.quote_plus(base64.b64encode(signed))
        return f"SharedAccessSignature sr={resource}&sig={signature}&se={expiry}&skn={self._key_name}"
