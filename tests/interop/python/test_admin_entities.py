"""Queues, topics and subscriptions through the administration client."""

import datetime

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.servicebus import ServiceBusMessage

from exchange import in_seconds, publish, receive, send

FOREVER = datetime.timedelta(days=10675199, hours=2, minutes=48, seconds=5, microseconds=477581)


def span(**units):
    return datetime.timedelta(**units)


QUEUE = {
    "lock_duration": span(seconds=13),
    "max_size_in_megabytes": 3072,
    "requires_duplicate_detection": True,
    "requires_session": True,
    "default_message_time_to_live": span(minutes=11),
    "dead_lettering_on_message_expiration": True,
    "duplicate_detection_history_time_window": span(minutes=12),
    "max_delivery_count": 14,
    "enable_batched_operations": False,
    "auto_delete_on_idle": span(minutes=15),
    "user_metadata": "a <note> & more",
}
TOPIC = {
    "default_message_time_to_live": span(minutes=11),
    "max_size_in_megabytes": 2048,
    "requires_duplicate_detection": True,
    "duplicate_detection_history_time_window": span(minutes=12),
    "enable_batched_operations": False,
    "support_ordering": True,
    "auto_delete_on_idle": span(minutes=15),
    "user_metadata": "topic",
}
SUBSCRIPTION = {
    "lock_duration": span(seconds=13),
    "requires_session": True,
    "default_message_time_to_live": span(minutes=11),
    "dead_lettering_on_message_expiration": True,
    "dead_lettering_on_filter_evaluation_exceptions": False,
    "max_delivery_count": 14,
    "enable_batched_operations": False,
    "auto_delete_on_idle": span(minutes=15),
    "user_metadata": "subscription",
}
CHANGES = {
    "default_message_time_to_live": span(hours=2),
    "max_delivery_count": 3,
    "lock_duration": span(seconds=45),
    "auto_delete_on_idle": span(hours=6),
    "user_metadata": "changed",
    "status": "SendDisabled",
}


class Kind:
    """One of the three kinds of entities, under the names that the client has for it."""

    def __init__(self, admin, kind, parents=()):
        self._admin = admin
        self.name = kind
        self._parents = parents

    def create(self, name, **settings):
        return getattr(self._admin, f"create_{self.name}")(*self._parents, name, **settings)

    def get(self, name):
        return getattr(self._admin, f"get_{self.name}")(*self._parents, name)

    def runtime(self, name):
        return getattr(self._admin, f"get_{self.name}_runtime_properties")(*self._parents, name)

    def update(self, properties):
        getattr(self._admin, f"update_{self.name}")(*self._parents, properties)

    def delete(self, name):
        getattr(self._admin, f"delete_{self.name}")(*self._parents, name)

    def names(self):
        return [one.name for one in getattr(self._admin, f"list_{self.name}s")(*self._parents)]

    def runtime_names(self):
        return [one.name for one in getattr(self._admin, f"list_{self.name}s_runtime_properties")(*self._parents)]


@pytest.fixture(params=["queue", "topic", "subscription"])
def kind(request, admin, new_name):
    if request.param != "subscription":
        return Kind(admin, request.param)
    topic = new_name("topic")
    admin.create_topic(topic)
    return Kind(admin, "subscription", (topic,))


@pytest.fixture
def settings(kind):
    return {"queue": QUEUE, "topic": TOPIC, "subscription": SUBSCRIPTION}[kind.name]


def shown(properties, names):
    return {name: getattr(properties, name) for name in names}


def test_every_setting_comes_back(kind, settings, new_name):
    name = new_name()
    assert shown(kind.create(name, **settings), settings) == settings
    found = kind.get(name)
    assert shown(found, settings) == settings
    assert (found.name, found.status, found.availability_status) == (name, "Active", "Available")


def test_what_is_not_set_has_its_default(kind, new_name):
    found = kind.create(new_name())
    defaults = {"auto_delete_on_idle": FOREVER, "default_message_time_to_live": FOREVER, "status": "Active",
                "enable_batched_operations": True, "requires_session": False, "max_delivery_count": 10,
                "lock_duration": span(minutes=1), "max_size_in_megabytes": 1024,
                "requires_duplicate_detection": False, "enable_partitioning": False, "forward_to": None,
                "duplicate_detection_history_time_window": span(minutes=10),
                "dead_lettering_on_message_expiration": False,
                "dead_lettering_on_filter_evaluation_exceptions": True, "user_metadata": None}
    expected = {name: value for name, value in defaults.items() if hasattr(found, name)}
    assert shown(found, expected) == expected


def test_what_may_be_changed_is_changed(kind, new_name):
    properties = kind.create(new_name())
    changes = {name: value for name, value in CHANGES.items() if hasattr(properties, name)}
    for name, value in changes.items():
        setattr(properties, name, value)
    kind.update(properties)
    assert shown(kind.get(properties.name), changes) == changes


def test_a_dictionary_updates_as_well(kind, new_name):
    properties = kind.create(new_name())
    kind.update({**properties, "user_metadata": "from a dictionary"})
    assert kind.get(properties.name).user_metadata == "from a dictionary"


FIXED = {
    "queue": ["requires_session", "requires_duplicate_detection", "enable_partitioning"],
    "topic": ["requires_duplicate_detection", "enable_partitioning"],
    "subscription": ["requires_session"],
}


@pytest.mark.parametrize(
    ("kind", "setting"), [(kind, one) for kind, fixed in FIXED.items() for one in fixed], indirect=["kind"]
)
def test_what_may_not_be_changed_is_refused(kind, new_name, setting):
    properties = kind.create(new_name())
    setattr(properties, setting, True)
    with pytest.raises(HttpResponseError) as error:
        kind.update(properties)
    assert error.value.status_code == 400
    assert not getattr(kind.get(properties.name), setting)


def test_the_second_of_a_name_is_refused(kind, new_name):
    name = new_name()
    kind.create(name)
    for same in (name, name.upper()):
        with pytest.raises(ResourceExistsError):
            kind.create(same)


def test_what_is_not_there(kind, new_name):
    name = new_name()
    with pytest.raises(ResourceNotFoundError):
        kind.get(name)
    with pytest.raises(ResourceNotFoundError):
        kind.runtime(name)
    with pytest.raises(ResourceNotFoundError):
        kind.delete(name)
    properties = kind.create(name)
    kind.delete(name)
    with pytest.raises(ResourceNotFoundError):
        kind.update(properties)


OF_ALL = [("auto_delete_on_idle", span(minutes=4)), ("user_metadata", "x" * 1025)]
OF_RECEIVING = [("lock_duration", span(minutes=6)), ("max_delivery_count", 0), ("forward_to", "no-such-entity")]
OF_SENDING = [("duplicate_detection_history_time_window", span(days=8)), ("max_size_in_megabytes", 1000)]
OUT_OF_RANGE = {
    "queue": OF_ALL + OF_RECEIVING + OF_SENDING,
    "topic": OF_ALL + OF_SENDING,
    "subscription": OF_ALL + OF_RECEIVING,
}


@pytest.mark.parametrize(
    ("kind", "setting", "value"),
    [(kind, *one) for kind, settings in OUT_OF_RANGE.items() for one in settings],
    indirect=["kind"],
)
def test_a_setting_out_of_its_range_is_refused(kind, new_name, setting, value):
    with pytest.raises(HttpResponseError) as error:
        kind.create(new_name(), **{setting: value})
    assert error.value.status_code == 400


@pytest.mark.parametrize("name", ["with?question", "with#hash", "a*b", "x" * 261, "/leading"])
def test_a_name_that_is_none_is_refused(kind, name):
    with pytest.raises((HttpResponseError, ValueError)):
        kind.create(name)


def test_entities_are_listed_by_name(kind, new_name):
    names = [new_name("listed") for _ in range(3)]
    for name in reversed(names):
        kind.create(name)
    for listed in (kind.names(), kind.runtime_names()):
        assert [name for name in listed if name in names] == sorted(names)
        assert listed == sorted(listed)


def test_a_long_list_has_pages(admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    names = [f"subscription-{number:03}" for number in range(120)]
    for name in names:
        admin.create_subscription(topic, name)
    assert [one.name for one in admin.list_subscriptions(topic)] == names


def test_a_queue_counts_what_is_where(client, admin, new_name):
    name = new_name("queue")
    admin.create_queue(name)
    send(client, name, *"abcd")
    with client.get_queue_sender(name) as sender:
        sender.schedule_messages(ServiceBusMessage("later"), in_seconds(3600))
    with client.get_queue_receiver(name) as receiver:
        completed, dead, deferred = receive(receiver, 3)
        receiver.complete_message(completed)
        receiver.dead_letter_message(dead)
        receiver.defer_message(deferred)
    found = admin.get_queue_runtime_properties(name)
    counts = (found.active_message_count, found.dead_letter_message_count, found.scheduled_message_count)
    assert counts == (2, 1, 1)
    assert found.total_message_count == 4
    assert (found.transfer_message_count, found.transfer_dead_letter_message_count) == (0, 0)
    assert found.size_in_bytes > 0
    assert found.created_at_utc <= found.updated_at_utc
    assert found.accessed_at_utc > in_seconds(-60)


def test_a_topic_counts_subscriptions_and_these_their_messages(client, admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    for name in ["a", "b"]:
        admin.create_subscription(topic, name)
    publish(client, topic, "1", "2")
    with client.get_subscription_receiver(topic, "b") as receiver:
        receiver.dead_letter_message(receive(receiver, 1)[0])
    assert admin.get_topic_runtime_properties(topic).subscription_count == 2
    counts = {
        one.name: (one.active_message_count, one.dead_letter_message_count, one.total_message_count)
        for one in admin.list_subscriptions_runtime_properties(topic)
    }
    assert counts == {"a": (2, 0, 2), "b": (1, 1, 2)}


def test_subscriptions_go_with_their_topic(admin, new_name):
    topic = new_name("topic")
    admin.create_topic(topic)
    admin.create_subscription(topic, "a")
    admin.delete_topic(topic)
    with pytest.raises(ResourceNotFoundError):
        admin.get_subscription(topic, "a")


def test_forwarding_comes_back_as_an_address(admin, new_name):
    target, source = new_name("queue"), new_name("queue")
    admin.create_queue(target)
    properties = admin.create_queue(source, forward_to=target, forward_dead_lettered_messages_to=target)
    for address in (properties.forward_to, properties.forward_dead_lettered_messages_to):
        assert address.startswith("sb://") and address.endswith(f"/{target}"), address
    properties.forward_to = None
    properties.forward_dead_lettered_messages_to = None
    admin.update_queue(properties)
    assert admin.get_queue(source).forward_to is None


def test_queues_and_topics_share_their_names(admin, new_name):
    name = new_name("topic")
    admin.create_topic(name)
    with pytest.raises(ResourceExistsError):
        admin.create_queue(name)


def test_the_namespace_tells_its_tier(admin):
    found = admin.get_namespace_properties()
    assert (found.messaging_sku, found.namespace_type) == ("Standard", "Messaging")
    assert found.name and found.created_at_utc <= found.modified_at_utc
