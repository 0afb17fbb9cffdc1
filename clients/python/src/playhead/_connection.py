"""What connections of threads and of asyncio have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from google.protobuf.message import DecodeError, Message

from playhead._backoff import Backoff
from playhead._log import call_back
from playhead.errors import Error, Reason, closed_error
from playhead.options import ClientOptions, RetryEvent

T = TypeVar("T")
M = TypeVar("M", bound=Message)

_CONNECT_TIMEOUT_MS = 5000
_KEEPALIVE_MS = 30_000
_KEEPALIVE_TIMEOUT_MS = 10_000
# The pauses between tries are made here; gRPC takes no shorter one than this.
_TRANSPORT_BACKOFF_MS = 100

Lane = Literal["publish", "subscribe", "consume"]
"""Publishing has a connection of its own, which no cancelled subscription disturbs; and so have workers, whose
settlements are not to wait behind what a reader has not taken yet."""


@dataclass(frozen=True, slots=True)
class Unary(Generic[T]):
    """A single request."""

    path: str
    request: bytes
    decode: Callable[[bytes], T]
    operation: str
    """Names it in errors."""
    done_reason: Reason | None = None
    """The refusal of a repeated request that only means that an earlier try, whose answer was lost, has done it."""
    wait_ms: float = 0
    """What the broker may take besides, because it was asked to wait."""


Flow = Generator[Unary[Any], Any, T]
"""Requests that follow from each other: each is answered by `send`, the result is what is returned."""


def unary(
    path: str,
    request: Message,
    response: type[M],
    decode: Callable[[M], T],
    operation: str,
    done_reason: Reason | None = None,
) -> Unary[T]:
    """A request whose response is decoded as a whole."""
    return Unary(
        f"/playhead.v1.{path}",
        request.SerializeToString(),
        lambda data: decode(response.FromString(data)),
        operation,
        done_reason,
    )


def decode_answer(request: Unary[T], data: bytes, address: str) -> T:
    """Decodes the answer of a request. Raises an Error if it is not well-formed."""
    try:
        return request.decode(data)
    except (ValueError, DecodeError) as cause:
        text = f"broker {address} sent an answer that is not well-formed: {request.operation}"
        raise Error("INTERNAL", text) from cause


class ConnectionState:
    """The addresses of a broker. One of them at a time is in use."""

    def __init__(self, addresses: tuple[str, ...], options: ClientOptions) -> None:
        self.addresses = addresses
        self.options = options
        self.is_closed = False
        self._current = 0

    @property
    def address(self) -> str:
        """The address in use."""
        return self.addresses[self._current]

    def check_open(self) -> None:
        """Raises CLIENT_CLOSED behind the end."""
        if self.is_closed:
            raise closed_error("the client")

    def create_backoff(self, default_give_up_after_ms: float = math.inf) -> Backoff:
        """Pauses for one operation."""
        options = self.options
        give_up_after_ms = options.give_up_after_ms
        if give_up_after_ms is None:
            give_up_after_ms = default_give_up_after_ms
        return Backoff(options.initial_backoff_ms, options.max_backoff_ms, give_up_after_ms)

    def retry_delay(
        self, backoff: Backoff, error: Error, address: str, operation: str
    ) -> float | None:
        """Counts a failed try at `address`. Returns the seconds until the next, or None to give up."""
        if not error.retryable:
            return None
        is_elsewhere_better = error.reason in {"UNREACHABLE", "SHUTTING_DOWN"}
        # Several operations notice one outage: only the first of them turns to the next address.
        if is_elsewhere_better and address == self.address:
            self._current = (self._current + 1) % len(self.addresses)
        delay = backoff.fail(len(self.addresses) if is_elsewhere_better else 1)
        if delay is not None and self.options.on_retry is not None:
            event = RetryEvent(error, operation, backoff.failures, delay * 1000)
            call_back(self.options.on_retry, event)
        return delay

    def channel_arguments(self) -> list[tuple[str, Any]]:
        """How gRPC is to keep a connection."""
        arguments: list[tuple[str, Any]] = [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_http_proxy", 0),
            ("grpc.enable_retries", 0),
            ("grpc.service_config_disable_resolution", 1),
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
            ("grpc.min_reconnect_backoff_ms", _CONNECT_TIMEOUT_MS),
            ("grpc.initial_reconnect_backoff_ms", _TRANSPORT_BACKOFF_MS),
            ("grpc.max_reconnect_backoff_ms", _TRANSPORT_BACKOFF_MS),
            # A broker whose machine is gone answers nothing, not even with a reset.
            ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
            ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
        ]
        tls = self.options.tls
        if tls is not None and tls.server_name is not None:
            arguments.append(("grpc.ssl_target_name_override", tls.server_name))
        return arguments


class Attempts:
    """The tries of one request, within its time."""

    def __init__(self, state: ConnectionState, request: Unary[T], now: Callable[[], float]) -> None:
        timeout_ms = state.options.request_timeout_ms + request.wait_ms
        self._state = state
        self._request = request
        self._now = now
        self._deadline = now() + timeout_ms / 1000
        self._backoff = state.create_backoff(timeout_ms)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(self._deadline - self._now(), 0.001)

    def fail(self, error: Error, address: str) -> float | None:
        """Seconds until the next try. None: it was done before. Raises the error if there is no next try."""
        request = self._request
        if self._backoff.failures > 0 and error.reason == request.done_reason:
            return None
        if error.reason == "DEADLINE_EXCEEDED":
            raise error
        delay = self._state.retry_delay(self._backoff, error, address, request.operation)
        if delay is None or self._now() + delay >= self._deadline:
            raise error
        return delay
