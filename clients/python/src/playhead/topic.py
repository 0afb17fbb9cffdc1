"""Topics, and what a broker says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playhead.errors import Error
from playhead.events import Closed, closed_from_wire
from playhead.v1 import broker_pb2, topic_pb2

Durability = Literal["fsync", "os", "memory", "unknown"]
"""When a publish is acknowledged: on disk, once the operating system has it, or once the broker has."""

_DURABILITIES: dict[int, Durability] = {
    broker_pb2.DURABILITY_FSYNC: "fsync",
    broker_pb2.DURABILITY_OS: "os",
    broker_pb2.DURABILITY_MEMORY: "memory",
}


@dataclass(frozen=True, slots=True)
class TopicConfig:
    """Settings of a topic. None: in a create the default, in an update as it is."""

    max_age_ms: int | None = None
    """Messages older than this are trimmed. 0, the default: kept for ever."""
    max_bytes: int | None = None
    """The oldest messages over this size are trimmed. 0, the default: no limit."""
    max_messages: int | None = None
    """The oldest messages over this number are trimmed. 0, the default: no limit."""
    max_message_bytes: int | None = None
    """Largest message, as the length of its protobuf encoding. 0, the default: the broker's limit."""
    trim_consumed: bool | None = None
    """Trim what every subscription of the topic has acknowledged. False by default."""


@dataclass(frozen=True, slots=True)
class TopicInfo:
    """A topic as it was at the time of the answer."""

    topic: str
    config: TopicConfig
    """All of it is set."""
    created_timestamp_ns: int
    first_timestamp_ns: int | None
    """Timestamp of the first retained message."""
    last_timestamp_ns: int | None
    """Timestamp of the last message ever appended."""
    message_count: int
    """Number of retained messages."""
    byte_count: int
    """Size of the retained messages as stored."""
    messages_per_second: float
    """Messages appended, averaged over about a minute."""
    bytes_per_second: float
    """Bytes appended, averaged over about a minute."""
    closed: Closed | None
    """Set if the topic is closed."""
    subscriber_count: int
    """Number of subscriptions that are open now."""


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a broker says of itself."""

    version: str
    durability: Durability
    max_message_bytes: int
    """Largest message, as the length of its protobuf encoding, where the topic does not set its own."""
    max_request_bytes: int
    clock_ns: int
    """The broker's clock; nanoseconds since 1970, UTC."""
    last_timestamp_ns: int | None
    """Timestamp of the last message of all topics."""


def config_to_wire(config: TopicConfig | None) -> topic_pb2.TopicConfig:
    """Encodes settings."""
    if config is None:
        return topic_pb2.TopicConfig()
    return topic_pb2.TopicConfig(
        max_age_ms=config.max_age_ms,
        max_bytes=config.max_bytes,
        max_messages=config.max_messages,
        max_message_bytes=config.max_message_bytes,
        trim_consumed=config.trim_consumed,  # type: ignore[arg-type] # None is unset
    )


def topic_from_wire(topic: topic_pb2.Topic) -> TopicInfo:
    """Decodes a topic."""
    if not topic.topic:
        raise Error("INTERNAL", "the broker sent an answer without its contents")
    config = topic.config
    return TopicInfo(
        topic=topic.topic,
        config=TopicConfig(
            max_age_ms=config.max_age_ms,
            max_bytes=config.max_bytes,
            max_messages=config.max_messages,
            max_message_bytes=config.max_message_bytes,
            trim_consumed=config.trim_consumed,
        ),
        created_timestamp_ns=topic.created_timestamp_ns,
        first_timestamp_ns=topic.first_timestamp_ns or None,
        last_timestamp_ns=topic.last_timestamp_ns or None,
        message_count=topic.message_count,
        byte_count=topic.byte_count,
        messages_per_second=topic.messages_per_second,
        bytes_per_second=topic.bytes_per_second,
        closed=closed_from_wire(topic.closed) if topic.HasField("closed") else None,
        subscriber_count=topic.subscriber_count,
    )


def server_info_from_wire(info: broker_pb2.GetServerInfoResponse) -> ServerInfo:
    """Decodes what a broker says of itself."""
    return ServerInfo(
        version=info.version,
        durability=_DURABILITIES.get(info.durability, "unknown"),
        max_message_bytes=info.max_message_bytes,
        max_request_bytes=info.max_request_bytes,
        clock_ns=info.clock_ns,
        last_timestamp_ns=info.last_timestamp_ns or None,
    )
