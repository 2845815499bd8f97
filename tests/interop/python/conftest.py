"""The SDK's client, connected to the emulator."""

import pytest
from azure.servicebus import ServiceBusClient


@pytest.fixture
def client(emulator):
    """Without retries: what is refused is reported at once."""
    text = emulator.connection_string
    with ServiceBusClient.from_connection_string(text, retry_total=0) as connected:
        yield connected
