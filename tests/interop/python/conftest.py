"""The SDK's clients, connected to the emulator: each script runs with both halves of the SDK."""

import itertools

import azure.servicebus
import azure.servicebus.aio
import azure.servicebus.aio.management
import azure.servicebus.management
import pytest

from asyncio_half import Blocking, Loop
from control import Control
from plain_http import PlainAioHttp, PlainRequests

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def loop():
    started = Loop()
    yield started
    started.close()


@pytest.fixture(params=["blocking", "asyncio"])
def half(request):
    """Which half of the SDK runs a script."""
    return request.param


@pytest.fixture
def connect(emulator, half, loop):
    """Makes clients. Without retries: what is refused is reported at once."""
    made = []

    def connected(text=emulator.connection_string, **options):
        options = {"retry_total": 0, **options}
        if half == "blocking":
            client = azure.servicebus.ServiceBusClient.from_connection_string(text, **options)
        else:
            client = Blocking(azure.servicebus.aio.ServiceBusClient.from_connection_string(text, **options), loop)
        made.append(client)
        return client

    yield connected
    for client in made:
        client.close()


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def new_renewer(half, loop):
    """Makes renewers of locks."""

    def renewer(**options):
        if half == "blocking":
            return azure.servicebus.AutoLockRenewer(**options)
        return Blocking(loop.call(azure.servicebus.aio.AutoLockRenewer, **options), loop)

    return renewer


@pytest.fixture
def administer(emulator, half, loop):
    """Makes administration clients."""

    def client(text=emulator.connection_string):
        text = text.replace(emulator.address, emulator.http_address.removeprefix("http://"))
        if half == "blocking":
            kind = azure.servicebus.management.ServiceBusAdministrationClient
            return kind.from_connection_string(text, transport=PlainRequests(), retry_total=0)
        kind = azure.servicebus.aio.management.ServiceBusAdministrationClient
        return Blocking(kind.from_connection_string(text, transport=loop.call(PlainAioHttp), retry_total=0), loop)

    return client


@pytest.fixture
def admin(administer):
    with administer() as client:
        yield client


@pytest.fixture
def new_name():
    """Makes names that no other entity has."""
    return lambda kind="entity": f"{kind}-{next(NUMBERS)}"


@pytest.fixture
def control(emulator):
    told = Control(emulator.http_address)
    yield told
    told.clear_faults()
