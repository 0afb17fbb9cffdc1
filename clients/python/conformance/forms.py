"""Values as the protocol of drivers writes them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import playhead

Fields = dict[str, Any]


def without_empty(fields: Fields) -> Fields:
    """What is empty or unset is left out."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], ())}


def from_base64(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def to_message(fields: Fields) -> playhead.NewMessage:
    headers = [(each["name"], from_base64(each.get("value"))) for each in fields.get("headers", [])]
    value, key = from_base64(fields.get("value")), from_base64(fields.get("key"))
    return playhead.NewMessage(value, key, headers)


def to_position(position: Any) -> playhead.Position:
    if not isinstance(position, Mapping):
        place: playhead.Position = position
        return place
    if "timestampNs" in position:
        return int(position["timestampNs"])
    if "agoMs" in position:
        return timedelta(milliseconds=position["agoMs"])
    return playhead.Last(position["last"])


def to_until(until: Any) -> playhead.Until | None:
    if isinstance(until, Mapping):
        return int(until["timestampNs"])
    return "now" if until == "now" else None


def to_topic_config(config: Fields | None) -> playhead.TopicConfig:
    return playhead.TopicConfig(**{_snake(name): value for name, value in (config or {}).items()})


def to_subscription_config(config: Fields | None) -> playhead.SubscriptionConfig:
    names = {"backoffMs": "backoff"}
    settings = {names.get(name, _snake(name)): value for name, value in (config or {}).items()}
    return playhead.SubscriptionConfig(**settings)


def message_fields(message: playhead.Message) -> Fields:
    headers = [
        without_empty({"name": name, "value": to_base64(value)}) for name, value in message.headers
    ]
    fields = {
        "topic": message.topic,
        "timestampNs": str(message.timestamp_ns),
        "key": to_base64(message.key),
        "value": to_base64(message.value),
        "headers": headers,
    }
    return without_empty(fields)


def closed_fields(closed: playhead.Closed | None) -> Fields | None:
    if closed is None:
        return None
    fields = {
        "timestampNs": str(closed.timestamp_ns),
        "messageCount": closed.message_count,
        "reason": closed.reason,
        "checksum": closed.checksum,
    }
    return without_empty(fields)


def trimmed_fields(trimmed: playhead.Trimmed | None) -> Fields | None:
    if trimmed is None:
        return None
    first = trimmed.first_timestamp_ns
    return without_empty(
        {"topic": trimmed.topic, "firstTimestampNs": None if first is None else str(first)}
    )


def topic_fields(info: playhead.TopicInfo) -> Fields:
    fields = {
        "topic": info.topic,
        "config": _camel_fields(asdict(info.config)),
        "createdTimestampNs": str(info.created_timestamp_ns),
        "firstTimestampNs": str(info.first_timestamp_ns or ""),
        "lastTimestampNs": str(info.last_timestamp_ns or ""),
        "messageCount": info.message_count,
        "byteCount": info.byte_count,
        "closed": closed_fields(info.closed),
    }
    return without_empty(fields)


def subscription_fields(info: playhead.SubscriptionInfo) -> Fields:
    config = _camel_fields(asdict(info.config))
    delays = config.pop("backoff")
    if isinstance(delays, Sequence):
        config["backoffMs"] = list(delays)
    return {
        "topic": info.topic,
        "subscription": info.subscription,
        "config": config,
        "pendingCount": info.pending_count,
        "inFlightCount": info.in_flight_count,
        "waitingCount": info.waiting_count,
        "redeliveredCount": info.redelivered_count,
        "deadLetteredCount": info.dead_lettered_count,
        "acknowledgedCount": info.acknowledged_count,
        "workerCount": info.worker_count,
        "isDrained": info.is_drained,
    }


def error_fields(error: playhead.Error) -> Fields:
    return {
        "reason": error.reason,
        "message": error.message,
        "retryable": error.retryable,
        "metadata": dict(error.metadata),
    }


def event_fields(event: playhead.Event) -> Fields:
    match event:
        case playhead.Message():
            return {"message": message_fields(event)}
        case playhead.CaughtUp(next_timestamp_ns):
            return {"caughtUp": {"nextTimestampNs": str(next_timestamp_ns)}}
        case playhead.Trimmed():
            return {"trimmed": trimmed_fields(event)}
        case playhead.Closed():
            return {"closed": closed_fields(event)}
        case playhead.Deleted(topic):
            return {"deleted": {"topic": topic}}


def end_fields(end: playhead.ConsumptionEnd | None) -> Fields:
    match end:
        case playhead.Drained(reason):
            return {"end": {"drained": {"reason": reason}}}
        case playhead.SubscriptionDeleted():
            return {"end": {"deleted": {}}}
        case playhead.Failed(error):
            return {"end": {"failed": error_fields(error)}}
        case _:
            return {}


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


def _camel_fields(fields: Fields) -> Fields:
    return {_camel(name): value for name, value in fields.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
