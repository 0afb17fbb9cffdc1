"""Settings and state of durable subscriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from playhead.errors import Error
from playhead.v1 import subscription_pb2 as pb

DeliveryMode = Literal["shared", "exclusive", "key_ordered"]
"""Every message to one of the workers, all to one worker in order, or those of one key one at a time and in order."""

BacklogPolicy = Literal["refuse", "drop_oldest", "wait"]
"""What happens to a publish that would exceed `max_pending`."""

Name = TypeVar("Name", bound=str)
Wire = TypeVar("Wire")

_MODES: dict[DeliveryMode, pb.DeliveryMode] = {
    "shared": pb.DELIVERY_MODE_SHARED,
    "exclusive": pb.DELIVERY_MODE_EXCLUSIVE,
    "key_ordered": pb.DELIVERY_MODE_KEY_ORDERED,
}
_POLICIES: dict[BacklogPolicy, pb.BacklogPolicy] = {
    "refuse": pb.BACKLOG_POLICY_REFUSE,
    "drop_oldest": pb.BACKLOG_POLICY_DROP_OLDEST,
    "wait": pb.BACKLOG_POLICY_WAIT,
}


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays before redeliveries that double each time."""

    initial_ms: int
    max_ms: int = 0
    """The longest delay. 0: one hour."""
    jitter: float = 0.0
    """Share of the delay by which it is shortened or lengthened at random; 0 to 1."""


@dataclass(frozen=True, slots=True)
class SubscriptionConfig:
    """Settings of a durable subscription. None: in a create the default, in an update as it is."""

    mode: DeliveryMode | None = None
    """To whom messages go; `shared` by default. Cannot be changed while there are workers."""
    lease_ms: int | None = None
    """How long a delivery is the worker's own, unless it extends that; 30 s by default."""
    max_attempts: int | None = None
    """Number of deliveries in all, 1 to 1000; 5 by default."""
    max_in_flight: int | None = None
    """Most messages that are leased at one time; 10 000 by default."""
    backoff: Backoff | Sequence[int] | None = None
    """Before a redelivery: doubling, or the delay in milliseconds before the second, third and so on delivery."""
    idle_expiry_ms: int | None = None
    """A subscription that nobody uses for so long is deleted. 0, the default: never."""
    dead_letter_topic: str | None = None
    """Where dead letters go; `dead-letter/TOPIC/SUBSCRIPTION` by default."""
    max_pending: int | None = None
    """Most messages that are not acknowledged. 0, the default: no limit."""
    backlog_policy: BacklogPolicy | None = None
    """What happens to a publish that would exceed that; `refuse` by default."""


@dataclass(frozen=True, slots=True)
class SubscriptionInfo:
    """A durable subscription as it was at the time of the answer."""

    topic: str
    subscription: str
    config: SubscriptionConfig
    """All of it is set, except for a backoff that there is none of."""
    created_timestamp_ns: int
    cursor_timestamp_ns: int | None
    """Timestamp of the next message that was never delivered."""
    pending_count: int
    """Messages that are not acknowledged, those in flight included: the lag."""
    in_flight_count: int
    """Messages that are leased."""
    waiting_count: int
    """Messages that were delivered and wait to be delivered again."""
    redelivered_count: int
    """Deliveries, ever, that were not the first of their message."""
    dead_lettered_count: int
    """Messages, ever, that went to the dead-letter topic."""
    acknowledged_count: int
    """Messages, ever, that were acknowledged."""
    dropped_count: int
    """Messages, ever, that went without being acknowledged."""
    oldest_pending_timestamp_ns: int | None
    """Timestamp of the oldest message that is not acknowledged."""
    lag_seconds: float
    """Age of that message by the broker's clock."""
    worker_count: int
    """Workers that are connected."""
    is_drained: bool
    """The topic is closed and everything in it is settled: no message will come any more."""


def config_to_wire(config: SubscriptionConfig | None) -> pb.SubscriptionConfig:
    """Encodes settings. Raises a ValueError for a name that there is none of."""
    if config is None:
        return pb.SubscriptionConfig()
    return pb.SubscriptionConfig(
        delivery_mode=_choose("mode", config.mode, _MODES),
        lease_ms=config.lease_ms,
        max_attempts=config.max_attempts,
        max_in_flight=config.max_in_flight,
        backoff=None if config.backoff is None else _backoff_to_wire(config.backoff),
        idle_expiry_ms=config.idle_expiry_ms,
        dead_letter_topic=config.dead_letter_topic,
        max_pending=config.max_pending,
        backlog_policy=_choose("backlog_policy", config.backlog_policy, _POLICIES),
    )


def subscription_from_wire(info: pb.Subscription) -> SubscriptionInfo:
    """Decodes a subscription."""
    if not info.subscription:
        raise Error("INTERNAL", "the broker sent an answer without its contents")
    return SubscriptionInfo(
        topic=info.topic,
        subscription=info.subscription,
        config=_config_from_wire(info.config),
        created_timestamp_ns=info.created_timestamp_ns,
        cursor_timestamp_ns=info.cursor_timestamp_ns or None,
        pending_count=info.pending_count,
        in_flight_count=info.in_flight_count,
        waiting_count=info.waiting_count,
        redelivered_count=info.redelivered_count,
        dead_lettered_count=info.dead_lettered_count,
        acknowledged_count=info.acknowledged_count,
        dropped_count=info.dropped_count,
        oldest_pending_timestamp_ns=info.oldest_pending_timestamp_ns or None,
        lag_seconds=info.lag_seconds,
        worker_count=info.worker_count,
        is_drained=info.is_drained,
    )


def _config_from_wire(config: pb.SubscriptionConfig) -> SubscriptionConfig:
    modes = {number: name for name, number in _MODES.items()}
    policies = {number: name for name, number in _POLICIES.items()}
    return SubscriptionConfig(
        mode=modes.get(config.delivery_mode, "shared"),
        lease_ms=config.lease_ms,
        max_attempts=config.max_attempts,
        max_in_flight=config.max_in_flight,
        backoff=_backoff_from_wire(config.backoff),
        idle_expiry_ms=config.idle_expiry_ms,
        dead_letter_topic=config.dead_letter_topic,
        max_pending=config.max_pending,
        backlog_policy=policies.get(config.backlog_policy, "refuse"),
    )


def _backoff_to_wire(backoff: Backoff | Sequence[int]) -> pb.Backoff:
    if isinstance(backoff, Backoff):
        return pb.Backoff(
            initial_ms=backoff.initial_ms, max_ms=backoff.max_ms, jitter=backoff.jitter
        )
    return pb.Backoff(delays_ms=backoff)


def _backoff_from_wire(backoff: pb.Backoff) -> Backoff | tuple[int, ...] | None:
    if backoff.delays_ms:
        return tuple(backoff.delays_ms)
    if backoff.initial_ms == 0:
        return None
    return Backoff(backoff.initial_ms, backoff.max_ms, backoff.jitter)


def _choose(option: str, name: Name | None, values: Mapping[Name, Wire]) -> Wire | None:
    if name is None or name in values:
        return None if name is None else values[name]
    raise ValueError(f"{option} must be one of {', '.join(values)}, not {name}")
