"""The frames of our client and of the Python SDK, for the same calls through the same proxy, field by field.

What differs is listed in `accepted_differences.py`, with its reason. The test fails on a difference that is
not listed there, and on a listed one that is none any more.
"""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.servicebus import ServiceBusClient

from accepted_differences import ACCEPTED
from capturing_proxy import CapturingProxy
from programs import Peer, text_message
from sdk_calls import CALLS, IN_SESSIONS, ON_EMPTY_QUEUES, ON_TOPICS, SESSION, SUBSCRIPTION
from wire_facts import Facts, words

NOTHING = "-"
# The SDK mostly sleeps.
AT_ONCE = 6


@pytest.fixture
def half():
    """The management client's, which makes the queues."""
    return "blocking"


@pytest.fixture
def queue_for(peer, admin, emulator, new_name):
    """Makes a queue or topic for a call, with the message that it wants to find there."""

    def made(call):
        if call in IN_SESSIONS:
            name = new_name("wire")
            admin.create_queue(name, requires_session=True)
        elif call in ON_TOPICS:
            name = new_name("wire")
            admin.create_topic(name)
            admin.create_subscription(name, SUBSCRIPTION)
        else:
            name = emulator.next_queue()
        if call not in ON_EMPTY_QUEUES:
            peer.send(name, [{**text_message("a"), "properties": {"group-id": {"type": "string", "value": SESSION}}}])
        return name

    return made


def call_of_the_sdk(connection_string, queue, name):
    with ServiceBusClient.from_connection_string(connection_string, retry_total=0) as client:
        CALLS[name](client, queue)


def call_of_ours(connection_string, queue, name):
    Peer(connection_string).call(queue, name)


def said(emulator, make, queue, name):
    """What a call says, made through a proxy of its own."""
    proxy = CapturingProxy(emulator.address)
    make(emulator.connection_string.replace(emulator.address, proxy.address), queue, name)
    proxy.close()
    stand_ins = {proxy.address: "{host}", proxy.address.replace(":", "%3A"): "{host}", queue: "{entity}"}
    return Facts(proxy.frames(), words(stand_ins)).said()


def differences(emulator, queues, name):
    """Where the two say different things in a call: the path, what the SDK says, what ours says."""
    for_sdk, for_us = queues
    theirs = said(emulator, call_of_the_sdk, for_sdk, name)
    ours = said(emulator, call_of_ours, for_us, name)
    pairs = {path: (theirs.get(path, NOTHING), ours.get(path, NOTHING)) for path in theirs.keys() | ours.keys()}
    return [(path, *pair) for path, pair in pairs.items() if pair[0] != pair[1]]


def covers(listed, difference):
    """Whether each text of `listed`, in which `*` stands for anything, is that of the difference."""
    patterns = (re.escape(text).replace(r"\*", ".*") for text in listed)
    return all(re.fullmatch(pattern, text) for pattern, text in zip(patterns, difference))


def test_our_frames_say_what_those_of_the_sdk_say(emulator, queue_for):
    queues = {name: (queue_for(name), queue_for(name)) for name in CALLS}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = {name: pool.submit(differences, emulator, queues[name], name) for name in CALLS}
    found = {difference: name for name, call in made.items() for difference in call.result()}
    accepted = [listed for _, group in ACCEPTED for listed in group]
    unlisted = [
        f"{difference} in {name}"
        for difference, name in sorted(found.items())
        if not any(covers(listed, difference) for listed in accepted)
    ]
    assert unlisted == []
    gone = [listed for listed in accepted if not any(covers(listed, difference) for difference in found)]
    assert gone == [], "these are listed and did not occur"
