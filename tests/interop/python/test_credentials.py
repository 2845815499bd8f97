"""Keys and tokens, and what is refused without their rights."""

import base64
import hashlib
import hmac
import json
import time
import urllib.parse

import azure.servicebus
import azure.servicebus.aio
import pytest
from azure.core.credentials import AccessToken, AzureNamedKeyCredential, AzureSasCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.servicebus.exceptions import ServiceBusAuthenticationError, ServiceBusAuthorizationError, ServiceBusError
from azure.servicebus.management import AccessRights, AuthorizationRule

from asyncio_half import Blocking
from exchange import send, take
from programs import Emulator

WRONG = "d3Jvbmc="


def sas(emulator, lifetime=300, resource=None):
    name, key = emulator.key
    resource = urllib.parse.quote_plus(resource or f"sb://{emulator.address}/")
    expiry = int(time.time()) + lifetime
    signed = hmac.new(key.encode(), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
    signature = urllib.parse.quote_plus(base64.b64encode(signed))
    return f"SharedAccessSignature sr={resource}&sig={signature}&se={expiry}&skn={name}"


@pytest.fixture
def with_credential(emulator, half, loop):
    """Makes clients with a credential instead of a connection string."""
    made = []

    def connected(credential, address=emulator.address):
        options = {"use_tls": False, "retry_total": 0}
        if half == "blocking":
            client = azure.servicebus.ServiceBusClient(address, credential, **options)
        else:
            client = Blocking(azure.servicebus.aio.ServiceBusClient(address, credential, **options), loop)
        made.append(client)
        return client

    yield connected
    for client in made:
        client.close()


def assert_refused(client, queue, error=ServiceBusAuthenticationError):
    with pytest.raises(error):
        send(client, queue, "lost")
    with pytest.raises(error):
        client.get_queue_receiver(queue).__enter__()


def test_a_key(emulator, with_credential, queue):
    client = with_credential(AzureNamedKeyCredential(*emulator.key))
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        assert take(receiver, 1) == ["a"]


def test_a_wrong_key_is_refused(emulator, connect, queue):
    assert_refused(connect(emulator.connection_string_with_key(WRONG)), queue)


def test_an_unknown_key_is_refused(emulator, with_credential, queue):
    assert_refused(with_credential(AzureNamedKeyCredential("nobody", emulator.key[1])), queue)


def test_a_token(emulator, with_credential, queue):
    client = with_credential(AzureSasCredential(sas(emulator)))
    send(client, queue, "a")
    with client.get_queue_receiver(queue) as receiver:
        assert take(receiver, 1) == ["a"]


def test_a_token_in_the_connection_string(emulator, connect, queue):
    endpoint = emulator.connection_string.split(";")[0]
    text = f"{endpoint};SharedAccessSignature={sas(emulator)};UseDevelopmentEmulator=true"
    send(connect(text), queue, "a")


@pytest.mark.parametrize("fault", ["expired", "forged", "elsewhere"])
def test_a_token_that_is_none_is_refused(emulator, with_credential, queue, fault):
    token = {
        "expired": lambda: sas(emulator, lifetime=-10),
        "forged": lambda: sas(emulator).replace("sig=", "sig=x"),
        "elsewhere": lambda: sas(emulator, resource=f"sb://{emulator.address}/another"),
    }[fault]()
    assert_refused(with_credential(AzureSasCredential(token)), queue)


def test_a_web_token_is_refused_unless_wished(with_credential, queue, web_token):
    assert_refused(with_credential(web_token), queue)


@pytest.fixture
def web_token(half):
    """A credential as Entra ID has them, with a token that nobody signed."""
    return _WebToken() if half == "blocking" else _AsyncWebToken()


def _token():
    def encoded(content):
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    expiry = int(time.time()) + 3600
    claims = {"aud": "https://servicebus.azure.net/", "exp": expiry, "nbf": expiry - 7200, "iss": "test"}
    return AccessToken(f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(claims)}.", expiry)


class _WebToken:
    def get_token(self, *scopes, **options):
        return _token()


class _AsyncWebToken:
    async def get_token(self, *scopes, **options):
        return _token()

    async def close(self):
        pass


def test_a_web_token_is_accepted_where_wished(with_credential, web_token):
    lenient = Emulator(1, "--accept-jwt")
    try:
        client = with_credential(web_token, lenient.address)
        send(client, "q0", "a")
        with client.get_queue_receiver("q0") as receiver:
            assert take(receiver, 1) == ["a"]
    finally:
        assert lenient.stop() == 0


def test_a_key_of_an_entity_has_its_rights_there(admin, with_credential, queue, new_name):
    key = base64.b64encode(b"k" * 32).decode()
    name = new_name("queue")
    rules = [
        AuthorizationRule(
            type="SharedAccessAuthorizationRule", claim_type="SharedAccessKey", claim_value="None",
            rights=[right], key_name=f"only-{right.value.lower()}", primary_key=key, secondary_key=key,
        )
        for right in (AccessRights.SEND, AccessRights.LISTEN)
    ]
    admin.create_queue(name, authorization_rules=rules)
    shown = admin.get_queue(name).authorization_rules
    assert sorted((one.key_name, one.rights, one.primary_key) for one in shown) == [
        ("only-listen", [AccessRights.LISTEN], key), ("only-send", [AccessRights.SEND], key),
    ]
    sends = with_credential(AzureNamedKeyCredential("only-send", key))
    listens = with_credential(AzureNamedKeyCredential("only-listen", key))
    send(sends, name, "a")
    with listens.get_queue_receiver(name) as receiver:
        assert take(receiver, 1) == ["a"]
    with pytest.raises(ServiceBusError) as refused:
        send(listens, name, "b")
    assert isinstance(refused.value, (ServiceBusAuthorizationError, ServiceBusAuthenticationError))
    with pytest.raises(ServiceBusError):
        sends.get_queue_receiver(name).__enter__()
    assert_refused(sends, queue)


def test_the_management_api_wants_a_key(emulator, administer):
    with administer(emulator.connection_string_with_key(WRONG)) as client:
        with pytest.raises(ClientAuthenticationError):
            client.get_queue("q0")
