"""The requests of the protocol of drivers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from forms import (
    Fields,
    closed_fields,
    from_base64,
    message_fields,
    subscription_fields,
    to_base64,
    to_message,
    to_position,
    to_subscription_config,
    to_topic_config,
    to_until,
    topic_fields,
    trimmed_fields,
    without_empty,
)
from things import Reader, Things, Worker

import playhead

Operation = Callable[[Things, Fields], Awaitable[Any]]

OPERATIONS: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    """Registers an operation by its name in the protocol."""
    first, *rest = function.__name__.split("_")
    OPERATIONS[first + "".join(part.capitalize() for part in rest)] = function
    return function


def options_of(request: Fields, **names: str) -> dict[str, Any]:
    """The options of a call that a request has set, by their names in the request."""
    return {name: request[field] for name, field in names.items() if request.get(field) is not None}


# Clients.


@operation
async def connect(things: Things, request: Fields) -> None:
    options = options_of(
        request, give_up_after_ms="giveUpAfterMs", request_timeout_ms="requestTimeoutMs"
    )
    if "tls" in request:
        files = options_of(
            request["tls"], ca_file="caFile", certificate_file="certFile", key_file="keyFile"
        )
        options["tls"] = playhead.Tls(**files)
    things.clients[request["as"]] = things.bridge.connect(request["addresses"], **options)


@operation
async def disconnect(things: Things, request: Fields) -> None:
    await things.bridge.call(things.client(request).close)


@operation
async def server_info(things: Things, request: Fields) -> Fields:
    info = await things.bridge.call(things.client(request).server_info)
    return {
        "version": info.version,
        "durability": info.durability,
        "maxMessageBytes": info.max_message_bytes,
        "maxRequestBytes": info.max_request_bytes,
    }


# Topics.


@operation
async def create_topic(things: Things, request: Fields) -> Fields:
    config = to_topic_config(request.get("config"))
    topics = things.client(request).topics
    return topic_fields(await things.bridge.call(topics.create, request["topic"], config))


@operation
async def update_topic(things: Things, request: Fields) -> Fields:
    config = to_topic_config(request.get("config"))
    topics = things.client(request).topics
    return topic_fields(await things.bridge.call(topics.update, request["topic"], config))


@operation
async def get_topic(things: Things, request: Fields) -> Fields:
    topics = things.client(request).topics
    return topic_fields(await things.bridge.call(topics.get, request["topic"]))


@operation
async def list_topics(things: Things, request: Fields) -> Fields:
    found = await things.bridge.list(things.client(request).topics.list(request.get("glob", "")))
    return {"topics": [each.topic for each in found]}


@operation
async def trim_topic(things: Things, request: Fields) -> Fields:
    before = int(request["beforeTimestampNs"])
    topics = things.client(request).topics
    return topic_fields(await things.bridge.call(topics.trim, request["topic"], before))


@operation
async def close_topic(things: Things, request: Fields) -> Fields | None:
    topics = things.client(request).topics
    options = options_of(request, reason="reason")
    return closed_fields(await things.bridge.call(topics.close, request["topic"], **options))


@operation
async def delete_topic(things: Things, request: Fields) -> None:
    await things.bridge.call(things.client(request).topics.delete, request["topic"])


# Publishing.


@operation
async def open_publisher(things: Things, request: Fields) -> None:
    options = options_of(request, name="name", max_buffered_bytes="maxBufferedBytes")
    things.publishers[request["as"]] = things.client(request).publisher(request["topic"], **options)


@operation
async def publish(things: Things, request: Fields) -> Fields | None:
    return await _publish(things, things.publishers[request["publisher"]], request)


async def _publish(things: Things, writer: Any, request: Fields) -> Fields | None:
    options: dict[str, Any] = {}
    if "expectedLastTimestampNs" in request:
        options["expected_last_timestamp_ns"] = int(request["expectedLastTimestampNs"])
    futures = [writer.publish(to_message(each), **options) for each in request["messages"]]
    if request.get("unwaited"):
        return None
    outcomes: list[Any] = []
    for future in futures:
        try:
            outcomes.append(await things.bridge.wait(future))
        except playhead.Error as error:  # noqa: PERF203 - all of them, before the first error is told
            outcomes.append(error)
    for outcome in outcomes:
        if isinstance(outcome, playhead.Error):
            raise outcome
    return {"timestampsNs": [str(outcome) for outcome in outcomes]}


@operation
async def flush(things: Things, request: Fields) -> None:
    await things.bridge.call(things.publishers[request["publisher"]].flush)


@operation
async def close_publisher(things: Things, request: Fields) -> None:
    await things.bridge.call(things.publishers[request["publisher"]].close)


# Reading.


@operation
async def read(things: Things, request: Fields) -> Fields:
    options = options_of(request, limit="limit", max_bytes="maxBytes")
    if "from" in request:
        options["start"] = to_position(request["from"])
    if "until" in request:
        options["until"] = to_until(request["until"])
    page = await things.bridge.call(things.client(request).read, request["topic"], **options)
    return {
        "messages": [message_fields(each) for each in page.messages],
        "nextTimestampNs": str(page.next_timestamp_ns),
        "isCaughtUp": page.is_caught_up,
        **without_empty(
            {"trimmed": trimmed_fields(page.trimmed), "closed": closed_fields(page.closed)}
        ),
    }


@operation
async def subscribe(things: Things, request: Fields) -> Fields:
    options = options_of(request, limit="limit")
    if "from" in request:
        options["start"] = to_position(request["from"])
    options["until"] = to_until(request.get("until"))
    client = things.client(request)
    opened = await things.bridge.call(client.subscribe, request["topic"], **options)
    return await _read(things, request["as"], opened)


async def _read(things: Things, name: str, opened: Any) -> Fields:
    things.readers[name] = Reader(things.bridge, opened)
    start = await things.bridge.call(opened.started)
    return {"fromTimestampNs": str(start.from_timestamp_ns)}


@operation
async def next(things: Things, request: Fields) -> Fields:  # noqa: A001 - its name in the protocol
    reader = things.readers[request["subscription"]]
    with_caught_up = bool(request.get("events"))
    return {"items": await reader.next(request["count"], with_caught_up=with_caught_up)}


@operation
async def unsubscribe(things: Things, request: Fields) -> None:
    await things.bridge.call(things.readers[request["subscription"]].subscription.close)


@operation
async def verify(things: Things, request: Fields) -> Fields:
    reader = things.readers[request["subscription"]].subscription
    return {
        "messageCount": reader.message_count,
        **without_empty(
            {
                "checksum": reader.checksum,
                "isComplete": reader.is_complete,
                "isVerified": reader.is_verified,
            }
        ),
    }


# Channels.


@operation
async def open_channel(things: Things, request: Fields) -> None:
    things.channels[request["as"]] = things.client(request).channel(request["name"])


@operation
async def write_channel(things: Things, request: Fields) -> Fields | None:
    return await _publish(things, things.channels[request["channel"]], request)


@operation
async def close_channel(things: Things, request: Fields) -> Fields | None:
    options = options_of(request, reason="reason")
    if "messages" in request:
        options["messages"] = [to_message(each) for each in request["messages"]]
    channel = things.channels[request["channel"]]
    return closed_fields(await things.bridge.call(channel.close, **options))


@operation
async def read_channel(things: Things, request: Fields) -> Fields:
    options: dict[str, Any] = {}
    if "from" in request:
        options["start"] = to_position(request["from"])
    channel = things.channels[request["channel"]]
    return await _read(
        things, request["as"], await things.bridge.call(channel.subscribe, **options)
    )


@operation
async def delete_channel(things: Things, request: Fields) -> None:
    await things.bridge.call(things.client(request).delete_channel, request["name"])


# Durable subscriptions.


@operation
async def create_subscription(things: Things, request: Fields) -> Fields:
    options = options_of(request, create_topic="createTopic")
    if "from" in request:
        options["start"] = to_position(request["from"])
    config = to_subscription_config(request.get("config"))
    create = things.durable(request).create
    return subscription_fields(await things.bridge.call(create, config, **options))


@operation
async def update_subscription(things: Things, request: Fields) -> Fields:
    config = to_subscription_config(request.get("config"))
    update = things.durable(request).update
    return subscription_fields(await things.bridge.call(update, config))


@operation
async def get_subscription(things: Things, request: Fields) -> Fields:
    return subscription_fields(await things.bridge.call(things.durable(request).info))


@operation
async def list_subscriptions(things: Things, request: Fields) -> Fields:
    listing = things.client(request).subscriptions.list(request.get("topic", ""))
    return {"subscriptions": [each.subscription for each in await things.bridge.list(listing)]}


@operation
async def delete_subscription(things: Things, request: Fields) -> None:
    await things.bridge.call(things.durable(request).delete)


@operation
async def seek_subscription(things: Things, request: Fields) -> Fields:
    to = request["to"]
    if isinstance(to, dict) and "snapshot" in to:
        target: dict[str, Any] = {"snapshot": from_base64(to["snapshot"])}
    else:
        target = {"position": to_position(to)}
    seek = things.durable(request).seek
    return subscription_fields(await things.bridge.call(seek, **target))


@operation
async def snapshot_subscription(things: Things, request: Fields) -> Fields:
    return {"snapshot": to_base64(await things.bridge.call(things.durable(request).snapshot))}


@operation
async def redrive(things: Things, request: Fields) -> Fields:
    options = options_of(request, to="to", limit="limit")
    return {"messageCount": await things.bridge.call(things.durable(request).redrive, **options)}


@operation
async def consume(things: Things, request: Fields) -> None:
    options = options_of(request, max_in_flight="maxInFlight", worker="worker")
    consumption = things.durable(request).consume(**options)
    things.workers[request["as"]] = Worker(things.bridge, consumption)


@operation
async def deliveries(things: Things, request: Fields) -> Fields:
    worker = things.workers[request["consumption"]]
    found = await worker.next(request["count"])
    return {"deliveries": things.name_deliveries(found), **worker.ended()}


@operation
async def pull(things: Things, request: Fields) -> Fields:
    options = options_of(request, limit="limit", wait_ms="waitMs", lease_ms="leaseMs")
    found = await things.bridge.call(things.durable(request).pull, **options)
    return {"deliveries": things.name_deliveries(found)}


@operation
async def ack(things: Things, request: Fields) -> None:
    await things.bridge.call(things.deliveries[request["delivery"]].ack)


@operation
async def nack(things: Things, request: Fields) -> None:
    options = options_of(request, delay_ms="delayMs")
    await things.bridge.call(things.deliveries[request["delivery"]].nack, **options)


@operation
async def extend(things: Things, request: Fields) -> None:
    options = options_of(request, lease_ms="leaseMs")
    await things.bridge.call(things.deliveries[request["delivery"]].extend, **options)


@operation
async def terminate(things: Things, request: Fields) -> None:
    options = options_of(request, reason="reason")
    await things.bridge.call(things.deliveries[request["delivery"]].terminate, **options)


@operation
async def close_consumption(things: Things, request: Fields) -> None:
    await things.bridge.call(things.workers[request["consumption"]].consumption.close)
