"""The SDK's client, connected to the emulator."""

import pytest
from azure.servicebus import ServiceBusClient


@pytest.fixture
def client(emulator):
    with ServiceBusClient.from_connection_string(emulator.connection_string) as connected:
        yield connected
