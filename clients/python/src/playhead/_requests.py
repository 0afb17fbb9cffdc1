"""The single requests, encoded, with what their answers mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from playhead import subscription_info as durable
from playhead import topic as topics
from playhead._connection import Flow, Unary, unary
from playhead._response import make_messages, split_messages
from playhead.events import Closed, Trimmed, closed_from_wire, trimmed_from_wire
from playhead.message import Message
from playhead.position import Position, Time, Until, duration_ns, position_to_wire, timestamp_ns
from playhead.subscription_info import SubscriptionConfig, SubscriptionInfo
from playhead.topic import ServerInfo, TopicConfig, TopicInfo
from playhead.v1 import broker_pb2, subscription_pb2, topic_pb2


def get_server_info() -> Unary[ServerInfo]:
    return unary(
        "BrokerService/GetServerInfo",
        broker_pb2.GetServerInfoRequest(),
        broker_pb2.GetServerInfoResponse,
        topics.server_info_from_wire,
        "ask the broker about itself",
    )


def get_producer(topic: str, producer: str) -> Unary[int]:
    """The last sequence of a producer."""
    return unary(
        "BrokerService/GetProducer",
        broker_pb2.GetProducerRequest(topic=topic, producer=producer),
        broker_pb2.GetProducerResponse,
        lambda answer: answer.last_sequence,
        f"look up producer {producer} of {topic}",
    )


def resolve_time(time: Time) -> Flow[int]:
    """The timestamp that a time stands for now, by the broker's clock and not by this machine's."""
    if not isinstance(time, timedelta):
        return timestamp_ns(time)
    info = yield get_server_info()
    clock_ns: int = info.clock_ns
    return max(clock_ns - duration_ns(time), 0)


# Topics.


def create_topic(topic: str, config: TopicConfig | None) -> Unary[TopicInfo]:
    return unary(
        "TopicService/CreateTopic",
        topic_pb2.CreateTopicRequest(topic=topic, config=topics.config_to_wire(config)),
        topic_pb2.CreateTopicResponse,
        lambda answer: topics.topic_from_wire(answer.topic),
        f"create {topic}",
    )


def get_topic(topic: str) -> Unary[TopicInfo]:
    return unary(
        "TopicService/GetTopic",
        topic_pb2.GetTopicRequest(topic=topic),
        topic_pb2.GetTopicResponse,
        lambda answer: topics.topic_from_wire(answer.topic),
        f"look up {topic}",
    )


def update_topic(topic: str, config: TopicConfig) -> Unary[TopicInfo]:
    return unary(
        "TopicService/UpdateTopic",
        topic_pb2.UpdateTopicRequest(topic=topic, config=topics.config_to_wire(config)),
        topic_pb2.UpdateTopicResponse,
        lambda answer: topics.topic_from_wire(answer.topic),
        f"update {topic}",
    )


def trim_topic(topic: str, before: Time) -> Flow[TopicInfo]:
    before_timestamp_ns = yield from resolve_time(before)
    info: TopicInfo = yield unary(
        "TopicService/TrimTopic",
        topic_pb2.TrimTopicRequest(topic=topic, before_timestamp_ns=before_timestamp_ns),
        topic_pb2.TrimTopicResponse,
        lambda answer: topics.topic_from_wire(answer.topic),
        f"trim {topic}",
    )
    return info


def close_topic(topic: str, reason: str, checksum: str) -> Unary[Closed]:
    close = broker_pb2.Close(reason=reason, checksum=bytes.fromhex(checksum))
    return unary(
        "TopicService/CloseTopic",
        topic_pb2.CloseTopicRequest(topic=topic, close=close),
        topic_pb2.CloseTopicResponse,
        lambda answer: closed_from_wire(answer.closed),
        f"close {topic}",
    )


def delete_topic(topic: str) -> Unary[None]:
    return unary(
        "TopicService/DeleteTopic",
        topic_pb2.DeleteTopicRequest(topic=topic),
        topic_pb2.DeleteTopicResponse,
        lambda _: None,
        f"delete {topic}",
        "TOPIC_NOT_FOUND",
    )


def list_topics(glob: str, page_size: int, page_token: str) -> Unary[tuple[list[TopicInfo], str]]:
    """A page, and the token of the next one, which is empty behind the last one."""
    return unary(
        "TopicService/ListTopics",
        topic_pb2.ListTopicsRequest(glob=glob, page_size=page_size, page_token=page_token),
        topic_pb2.ListTopicsResponse,
        lambda answer: (
            [topics.topic_from_wire(each) for each in answer.topics],
            answer.next_page_token,
        ),
        "list topics",
    )


# Messages.


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a topic, or of the topics of a glob."""

    messages: Sequence[Message]
    next_timestamp_ns: int
    """Where the next page begins."""
    is_caught_up: bool
    """The page reaches the end of what was there, or until."""
    trimmed: Trimmed | None
    """Set if the page begins later than asked for, because that is trimmed."""
    closed: Closed | None
    """Set if the page reaches the close marker: there is no more, ever."""


def read(
    topic: str, start: Position, until: Until, limit: int | None, max_bytes: int | None
) -> Flow[Page]:
    until_timestamp_ns = None if until == "now" else (yield from resolve_time(until))
    request = broker_pb2.ReadRequest(
        topic=topic,
        until_timestamp_ns=until_timestamp_ns,
        max_messages=limit,
        max_bytes=max_bytes,
        # A keyword of Python.
        **{"from": position_to_wire(start)},
    )
    page: Page = yield Unary(
        "/playhead.v1.BrokerService/Read",
        request.SerializeToString(),
        lambda data: _page(topic, data),
        f"read {topic}",
    )
    return page


def _page(topic: str, data: bytes) -> Page:
    encoded, rest = split_messages(data)
    answer = broker_pb2.ReadResponse.FromString(rest)
    return Page(
        messages=make_messages(topic, encoded, answer.runs),
        next_timestamp_ns=answer.next_timestamp_ns,
        is_caught_up=answer.is_caught_up,
        trimmed=trimmed_from_wire(answer.trimmed) if answer.HasField("trimmed") else None,
        closed=closed_from_wire(answer.closed) if answer.HasField("closed") else None,
    )


# Durable subscriptions.


def create_subscription(
    topic: str,
    subscription: str,
    start: Position | None,
    config: SubscriptionConfig | None,
    *,
    create_topic: bool,
) -> Unary[SubscriptionInfo]:
    position = None if start is None else position_to_wire(start)
    request = subscription_pb2.CreateSubscriptionRequest(
        topic=topic,
        subscription=subscription,
        config=durable.config_to_wire(config),
        create_topic=create_topic,
        **{"from": position},
    )
    return unary(
        "SubscriptionService/CreateSubscription",
        request,
        subscription_pb2.CreateSubscriptionResponse,
        lambda answer: durable.subscription_from_wire(answer.subscription),
        f"create subscription {subscription} of {topic}",
    )


def get_subscription(topic: str, subscription: str) -> Unary[SubscriptionInfo]:
    return unary(
        "SubscriptionService/GetSubscription",
        subscription_pb2.GetSubscriptionRequest(topic=topic, subscription=subscription),
        subscription_pb2.GetSubscriptionResponse,
        lambda answer: durable.subscription_from_wire(answer.subscription),
        f"look up subscription {subscription} of {topic}",
    )


def list_subscriptions(
    glob: str, page_size: int, page_token: str
) -> Unary[tuple[list[SubscriptionInfo], str]]:
    """A page, and the token of the next one, which is empty behind the last one."""
    return unary(
        "SubscriptionService/ListSubscriptions",
        subscription_pb2.ListSubscriptionsRequest(
            glob=glob, page_size=page_size, page_token=page_token
        ),
        subscription_pb2.ListSubscriptionsResponse,
        lambda answer: (
            [durable.subscription_from_wire(each) for each in answer.subscriptions],
            answer.next_page_token,
        ),
        "list subscriptions",
    )


def update_subscription(
    topic: str, subscription: str, config: SubscriptionConfig
) -> Unary[SubscriptionInfo]:
    return unary(
        "SubscriptionService/UpdateSubscription",
        subscription_pb2.UpdateSubscriptionRequest(
            topic=topic, subscription=subscription, config=durable.config_to_wire(config)
        ),
        subscription_pb2.UpdateSubscriptionResponse,
        lambda answer: durable.subscription_from_wire(answer.subscription),
        f"update subscription {subscription} of {topic}",
    )


def delete_subscription(topic: str, subscription: str) -> Unary[None]:
    return unary(
        "SubscriptionService/DeleteSubscription",
        subscription_pb2.DeleteSubscriptionRequest(topic=topic, subscription=subscription),
        subscription_pb2.DeleteSubscriptionResponse,
        lambda _: None,
        f"delete subscription {subscription} of {topic}",
        "SUBSCRIPTION_NOT_FOUND",
    )


def seek_subscription(
    topic: str, subscription: str, *, position: Position | None, snapshot: bytes | None
) -> Unary[SubscriptionInfo]:
    if (position is None) == (snapshot is None):
        raise ValueError("a seek goes to a position or to a snapshot")
    return unary(
        "SubscriptionService/SeekSubscription",
        subscription_pb2.SeekSubscriptionRequest(
            topic=topic,
            subscription=subscription,
            position=None if position is None else position_to_wire(position),
            snapshot=snapshot,
        ),
        subscription_pb2.SeekSubscriptionResponse,
        lambda answer: durable.subscription_from_wire(answer.subscription),
        f"seek subscription {subscription} of {topic}",
    )


def snapshot_subscription(topic: str, subscription: str) -> Unary[bytes]:
    return unary(
        "SubscriptionService/SnapshotSubscription",
        subscription_pb2.SnapshotSubscriptionRequest(topic=topic, subscription=subscription),
        subscription_pb2.SnapshotSubscriptionResponse,
        lambda answer: answer.snapshot,
        f"take a snapshot of subscription {subscription} of {topic}",
    )


def redrive(topic: str, subscription: str, to: str, limit: int) -> Unary[int]:
    """The number of dead letters that were published."""
    return unary(
        "SubscriptionService/RedriveDeadLetters",
        subscription_pb2.RedriveDeadLettersRequest(
            topic=topic, subscription=subscription, target_topic=to, max_messages=limit
        ),
        subscription_pb2.RedriveDeadLettersResponse,
        lambda answer: answer.message_count,
        f"redrive the dead letters of subscription {subscription} of {topic}",
    )


@dataclass(frozen=True, slots=True)
class PulledMessages:
    """The answer of a pull."""

    messages: Sequence[Message]
    leases: Sequence[subscription_pb2.Lease]
    drained_reason: str | None
    """Why the topic was closed, if everything in it is settled."""


def pull(
    topic: str, subscription: str, limit: int, max_bytes: int, wait_ms: int, lease_ms: int
) -> Unary[PulledMessages]:
    request = subscription_pb2.PullRequest(
        topic=topic,
        subscription=subscription,
        max_messages=limit,
        max_bytes=max_bytes,
        wait_ms=wait_ms,
        lease_ms=lease_ms,
    )

    def decode(data: bytes) -> PulledMessages:
        encoded, rest = split_messages(data)
        answer = subscription_pb2.PullResponse.FromString(rest)
        reason = answer.drained.reason if answer.HasField("drained") else None
        return PulledMessages(make_messages(topic, encoded), answer.leases, reason)

    operation = f"pull from {subscription} of {topic}"
    path = "/playhead.v1.SubscriptionService/Pull"
    return Unary(path, request.SerializeToString(), decode, operation, wait_ms=wait_ms)


def acknowledge(
    topic: str, subscription: str, settlements: Iterable[subscription_pb2.Settlement]
) -> Unary[Sequence[subscription_pb2.SettlementResult]]:
    return unary(
        "SubscriptionService/Acknowledge",
        subscription_pb2.AcknowledgeRequest(
            topic=topic, subscription=subscription, settlements=settlements
        ),
        subscription_pb2.AcknowledgeResponse,
        lambda answer: answer.results,
        f"acknowledge to {subscription} of {topic}",
    )
