"""Requests name methods that the protocol has."""

from typing import Any

import pytest

from playhead import SubscriptionConfig, TopicConfig
from playhead import _requests as requests
from playhead._connection import Unary
from playhead._consume_core import ConsumeCore
from playhead._publish_core import PublishCore
from playhead._subscribe_core import SubscribeCore
from playhead.v1 import broker_pb2, subscription_pb2, topic_pb2

SERVICES = {
    service.full_name: service
    for file in (broker_pb2, subscription_pb2, topic_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
}

UNARY: list[Unary[Any]] = [
    requests.get_server_info(),
    requests.get_producer("t", "p"),
    requests.create_topic("t", TopicConfig(max_age_ms=1)),
    requests.get_topic("t"),
    requests.update_topic("t", TopicConfig()),
    next(requests.trim_topic("t", 1)),
    requests.close_topic("t", "done", "00" * 16),
    requests.delete_topic("t"),
    requests.list_topics("", 0, ""),
    next(requests.read("t", "earliest", "now", None, None)),
    requests.create_subscription("t", "s", None, SubscriptionConfig(), create_topic=True),
    requests.get_subscription("t", "s"),
    requests.list_subscriptions("", 0, ""),
    requests.update_subscription("t", "s", SubscriptionConfig(backoff=[1, 2])),
    requests.delete_subscription("t", "s"),
    requests.seek_subscription("t", "s", position="latest", snapshot=None),
    requests.snapshot_subscription("t", "s"),
    requests.redrive("t", "s", "", 0),
    requests.pull("t", "s", 1, 0, 5, 0),
    requests.acknowledge("t", "s", []),
]

PATHS = [each.path for each in UNARY] + [ConsumeCore.path, PublishCore.path, SubscribeCore.path]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_a_method_of_the_protocol(path: str) -> None:
    _, service, method = path.split("/")
    assert method in SERVICES[service].methods_by_name


def test_unset_settings_are_left_out() -> None:
    request = topic_pb2.CreateTopicRequest.FromString(
        requests.create_topic("t", TopicConfig(max_bytes=0)).request
    )
    assert request.config.HasField("max_bytes")
    assert not request.config.HasField("max_age_ms")


def test_a_name_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(ValueError, match="mode must be one of shared, exclusive, key_ordered"):
        requests.update_subscription("t", "s", SubscriptionConfig(mode="solo"))  # type: ignore[arg-type]


def test_a_seek_goes_to_one_place() -> None:
    with pytest.raises(ValueError, match="position or to a snapshot"):
        requests.seek_subscription("t", "s", position="latest", snapshot=b"x")
