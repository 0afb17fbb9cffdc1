"""What was settled and not sent yet, and who waits for what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from playhead._futures import FutureLike, reject, resolve
from playhead._response import size_in_response
from playhead._settlement import Ack, Action, Extend
from playhead.delivery import Delivery
from playhead.errors import Error, from_wire
from playhead.v1 import subscription_pb2 as pb

F = TypeVar("F", bound=FutureLike[None])


class _Group(Generic[F]):
    """Deliveries that were settled by one call, and the future that they have in common."""

    __slots__ = ("error", "future", "pending")

    def __init__(self, future: F) -> None:
        self.future = future
        self.pending = 0
        self.error: Error | None = None

    def done(self, count: int, error: Error | None = None) -> None:
        """So many of them are answered. The future fails, when all are, with the first error."""
        self.pending -= count
        self.error = self.error or error
        if self.pending > 0:
            return
        if self.error is None:
            resolve(self.future, None)
        else:
            reject(self.future, self.error)


class _Entry(Generic[F]):
    __slots__ = ("action", "delivery", "group")

    def __init__(self, delivery: Delivery[Any], action: Action, group: _Group[F]) -> None:
        self.delivery = delivery
        self.action = action
        self.group = group

    def order(self) -> tuple[int, int]:
        lease = self.delivery._lease
        return lease.sequence, self.delivery._index

    def is_followed_by(self, other: _Entry[F]) -> bool:
        """Whether both can travel as a range: consecutive, and with the same fate at the broker."""
        mine, its = self.delivery, other.delivery
        return (
            mine._lease is its._lease
            and mine._index + 1 == its._index
            and self.action == other.action
            # What was extended apart runs out apart.
            and mine._deadline_ns is None
            and its._deadline_ns is None
            and not isinstance(self.action, Extend)
        )


class SentSettlement(Generic[F]):
    """One settlement as it travels, and who waits for its result."""

    __slots__ = ("_action", "_extended", "_groups", "count")

    def __init__(self, entries: list[_Entry[F]]) -> None:
        self.count = len(entries)
        self._action = entries[0].action
        # What waits for its result does not keep messages, unless it changes them.
        self._extended = entries[0].delivery if isinstance(self._action, Extend) else None
        self._groups = [entry.group for entry in entries]

    def answer(self, result: pb.SettlementResult) -> None:
        """The broker has answered."""
        if result.HasField("error"):
            self.abandon(from_wire(result.error))
            return
        if self._extended is not None and isinstance(self._action, Extend):
            self._note_extension(self._extended, self._action, result.deadline_timestamp_ns)
        for group in self._groups:
            group.done(1)

    def abandon(self, error: Error) -> None:
        """It has failed, or nobody knows what came of it."""
        for group in self._groups:
            group.done(1, error)

    def _note_extension(self, delivery: Delivery[Any], action: Extend, deadline_ns: int) -> None:
        before_ns = delivery.deadline_ns
        delivery._deadline_ns = deadline_ns
        lease = delivery._lease
        seconds = action.lease_ms / 1000 or max(deadline_ns - before_ns, 0) / 1e9
        lease.expires = max(lease.expires, time.monotonic() + seconds)


class SettlementQueue(Generic[F]):
    """Gathers settlements, consecutive ones as one range."""

    def __init__(
        self,
        new_future: Callable[[], F],
        on_released: Callable[[Delivery[Any], int], None] = lambda _, __: None,
    ) -> None:
        """`on_released` is told of every delivery that is settled, and its bytes in the response."""
        self._new_future = new_future
        self._on_released = on_released
        self._extends: list[_Entry[F]] = []
        self._others: list[_Entry[F]] = []
        self._acks: list[_Entry[F]] = []

    def __len__(self) -> int:
        return len(self._extends) + len(self._others) + len(self._acks)

    def settle(self, deliveries: Iterable[Delivery[Any]], action: Action) -> F:
        """Queues what becomes of deliveries. Of those that are settled or lost the future has a CONFLICT."""
        group = _Group(self._new_future())
        group.pending = 1
        queue = self._queue_of(action)
        is_extension = isinstance(action, Extend)
        for delivery in deliveries:
            group.pending += 1
            conflict = _conflict_of(delivery)
            if conflict is not None:
                group.done(1, conflict)
                continue
            queue.append(_Entry(delivery, action, group))
            if not is_extension:
                self._release(delivery)
        group.done(1)
        return group.future

    def take(self, limit: int) -> list[tuple[pb.Settlement, SentSettlement[F]]]:
        """Up to `limit` settlements, in the order in which their results are expected."""
        taken: list[tuple[pb.Settlement, SentSettlement[F]]] = []
        # To extend comes before what ends a lease: the other way round it would be refused.
        self._extends = _merge(self._extends, taken, limit)
        self._others = _merge(self._others, taken, limit)
        self._acks.sort(key=_Entry.order)
        self._acks = _merge(self._acks, taken, limit)
        return taken

    def clear(self, error: Error) -> None:
        """Fails what was not taken."""
        for entry in [*self._extends, *self._others, *self._acks]:
            entry.group.done(1, error)
        self._extends, self._others, self._acks = [], [], []

    def _queue_of(self, action: Action) -> list[_Entry[F]]:
        if isinstance(action, Ack):
            return self._acks
        return self._extends if isinstance(action, Extend) else self._others

    def _release(self, delivery: Delivery[Any]) -> None:
        delivery._is_settled = True
        self._on_released(delivery, size_in_response(delivery.message))


def _conflict_of(delivery: Delivery[Any]) -> Error | None:
    lease = delivery._lease
    metadata = {"receipt": str(lease.receipt)}
    if delivery._is_settled:
        return Error("CONFLICT", "the delivery is settled already", metadata)
    return None if lease.lost is None else Error("CONFLICT", f"the lease {lease.lost}", metadata)


def _merge(
    entries: list[_Entry[F]], taken: list[tuple[pb.Settlement, SentSettlement[F]]], limit: int
) -> list[_Entry[F]]:
    """Moves entries to `taken`, consecutive ones as one settlement, until it has `limit`. Returns the rest."""
    at = 0
    while at < len(entries) and len(taken) < limit:
        end = at + 1
        while end < len(entries) and entries[end - 1].is_followed_by(entries[end]):
            end += 1
        group = entries[at:end]
        taken.append((_encode(group), SentSettlement(group)))
        at = end
    return entries[at:] if at else entries


def _encode(entries: list[_Entry[F]]) -> pb.Settlement:
    first, last = entries[0].delivery, entries[-1].delivery
    settlement = pb.Settlement(receipt=first.receipt, first_timestamp_ns=first.message.timestamp_ns)
    if last is not first:
        settlement.last_timestamp_ns = last.message.timestamp_ns
    entries[0].action.write(settlement)
    return settlement
