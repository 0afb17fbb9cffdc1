"""What a subscription decides, without input and output."""

from __future__ import annotations

from datetime import timedelta

from google.protobuf.message import DecodeError

from playhead import _requests as requests
from playhead._connection import ConnectionState, Flow
from playhead._response import make_messages, split_messages
from playhead.errors import Error, from_wire
from playhead.events import (
    CaughtUp,
    Closed,
    Deleted,
    SubscriptionStart,
    Trimmed,
    closed_from_wire,
    trimmed_from_wire,
)
from playhead.message import Message
from playhead.position import Position, Until, check_until, position_to_wire, timestamp_ns
from playhead.v1 import broker_pb2, message_pb2

Item = list[Message] | CaughtUp | Trimmed | Closed | Deleted
"""Messages that came together, or what happened behind them."""


class SubscribeCore:
    """Where a subscription stands, over as many Subscribe calls as it takes.

    ```
    waiting ──▶ open ──End──▶ ended
       ▲          │ lost, or End with a retryable error
       └──pause───┘
    ```

    It goes on at the timestamp behind the last message that came, with what is left of the limit, up to the time that
    the first call resolved `until` to, and only on the topic that it began with.
    """

    path = "/playhead.v1.BrokerService/Subscribe"

    def __init__(
        self,
        connection: ConnectionState,
        topic: str,
        start: Position,
        until: Until | None,
        limit: int | None,
    ) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"limit must be more than 0, not {limit}")
        self.topic = topic
        self.is_ended = False
        self.error: Error | None = None
        """Why it has ended, unless that was in order."""
        self._connection = connection
        self._backoff = connection.create_backoff()
        self._position: message_pb2.Position = position_to_wire(start)
        self._until = None if until is None else check_until(until)
        self._until_ns = (
            None if until is None or isinstance(until, str | timedelta) else timestamp_ns(until)
        )
        self._limit = limit
        self._received = 0
        self._started: broker_pb2.Started | None = None
        self._created_ns = 0
        self._resume_ns: int | None = None

    @property
    def operation(self) -> str:
        """Names it in errors."""
        return f"subscribe to {self.topic}"

    @property
    def start(self) -> SubscriptionStart | None:
        """How the broker understood it, once it has."""
        if self._started is None:
            return None
        until = self._started.until_timestamp_ns
        return SubscriptionStart(self._started.from_timestamp_ns, until or None)

    def question(self) -> Flow[None] | None:
        """What has to be asked before the first call: what time it is at the broker."""
        if isinstance(self._until, timedelta) and self._until_ns is None:
            return self._ask_until(self._until)
        return None

    def request(self) -> bytes:
        """The request of the next call."""
        position = self._position
        if self._resume_ns is not None:
            position = message_pb2.Position(timestamp_ns=self._resume_ns)
        is_until_now = self._until == "now" and self._started is None
        return broker_pb2.SubscribeRequest(
            topic=self.topic,
            until_timestamp_ns=self._until_ns,
            until_now=is_until_now,
            max_messages=0 if self._limit is None else self._limit - self._received,
            topic_created_timestamp_ns=self._created_ns,
            # A keyword of Python.
            **{"from": position},
        ).SerializeToString()

    def receive(self, data: bytes, address: str) -> list[Item]:
        """Takes a response. Raises an Error, which `lost` judges, if the call cannot be used any more."""
        try:
            encoded, rest = split_messages(data)
            details = broker_pb2.SubscribeResponse.FromString(rest) if rest else None
        except (ValueError, DecodeError) as cause:
            text = f"broker {address} sent a response that is not well-formed"
            raise Error("INTERNAL", text) from cause
        items: list[Item] = []
        if encoded:
            messages = make_messages(self.topic, encoded, () if details is None else details.runs)
            self._received += len(messages)
            self._resume_ns = messages[-1].timestamp_ns + 1
            self._backoff.succeed()
            items.append(messages)
        if details is not None:
            self._meet(details, items, address)
        return items

    def lost(self, error: Error, address: str) -> float:
        """The call is over before its time. Returns the seconds until the next one, of no meaning behind the end."""
        is_limit_reached = self._limit is not None and self._received >= self._limit
        is_until_reached = (
            self._until_ns is not None
            and self._resume_ns is not None
            and self._resume_ns >= self._until_ns
        )
        if error.retryable and (is_limit_reached or is_until_reached):
            self.end()
            return 0
        delay = self._connection.retry_delay(self._backoff, error, address, self.operation)
        if delay is None:
            self.end(error)
            return 0
        return delay

    def end(self, error: Error | None = None) -> None:
        """Ends it. Nothing changes behind the end."""
        if not self.is_ended:
            self.is_ended = True
            self.error = error

    def _meet(self, details: broker_pb2.SubscribeResponse, items: list[Item], address: str) -> None:
        match details.WhichOneof("event"):
            case "started":
                self._start(details.started)
            case "caught_up":
                next_ns = details.caught_up.next_timestamp_ns
                self._resume_ns = max(next_ns, self._resume_ns or 0)
                self._backoff.succeed()
                items.append(CaughtUp(next_ns))
            case "trimmed":
                items.append(trimmed_from_wire(details.trimmed))
            case "closed":
                items.append(closed_from_wire(details.closed))
            case "deleted":
                items.append(Deleted(details.deleted.topic))
            case "end":
                self._meet_end(details.end, address)

    def _start(self, started: broker_pb2.Started) -> None:
        # A topic that did not exist at first has its time of creation from a later response.
        self._created_ns = self._created_ns or started.topic_created_timestamp_ns
        if self._started is not None:
            return
        self._started = started
        if self._resume_ns is None:
            self._resume_ns = started.from_timestamp_ns
        if started.until_timestamp_ns:
            self._until_ns = started.until_timestamp_ns

    def _meet_end(self, end: broker_pb2.End, address: str) -> None:
        if end.reason != broker_pb2.END_REASON_ERROR:
            self.end()
            return
        if end.HasField("error"):
            raise from_wire(end.error)
        raise Error("INTERNAL", f"broker {address} ended the subscription with an error")

    def _ask_until(self, until: timedelta) -> Flow[None]:
        self._until_ns = yield from requests.resolve_time(until)
