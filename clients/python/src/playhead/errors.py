"""The one error that the client reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from playhead.v1 import error_pb2

BrokerReason = Literal[
    "INVALID_ARGUMENT",
    "MALFORMED",
    "MESSAGE_TOO_LARGE",
    "REQUEST_TOO_LARGE",
    "TOPIC_NOT_FOUND",
    "TOPIC_EXISTS",
    "TOPIC_DELETED",
    "CHANNEL_CLOSED",
    "CONFLICT",
    "PRODUCER_CONFLICT",
    "OVERLOADED",
    "LIMIT_EXCEEDED",
    "DISK_FULL",
    "STORAGE_FAILED",
    "SHUTTING_DOWN",
    "DATA_LOSS",
    "INTERNAL",
    "SUBSCRIPTION_NOT_FOUND",
    "SUBSCRIPTION_EXISTS",
    "SUBSCRIPTION_DELETED",
    "BACKLOG_FULL",
    "SCHEDULE_NOT_FOUND",
    "SCHEDULE_EXISTS",
]
"""Why the broker refuses; `error.proto` explains each."""

ClientReason = Literal["UNREACHABLE", "DEADLINE_EXCEEDED", "CLIENT_CLOSED", "PUBLISHER_FULL"]
"""Why the client fails by itself.

- `UNREACHABLE`: no broker answered, or the connection was lost. What was under way may have been stored.
- `DEADLINE_EXCEEDED`: the broker did not answer in time. What was under way may have been stored.
- `CLIENT_CLOSED`: the client, publisher or channel was closed before or meanwhile.
- `PUBLISHER_FULL`: more was handed over than the publisher keeps in memory; nothing of it was sent.
"""

Reason = BrokerReason | ClientReason

_DOMAIN: Final = "playhead"
_DETAILS_TRAILER: Final = "grpc-status-details-bin"

_REASONS: Final[Mapping[str, BrokerReason]] = {name: name for name in get_args(BrokerReason)}
_RETRYABLE: Final[frozenset[Reason]] = frozenset(
    (
        "OVERLOADED",
        "DISK_FULL",
        "STORAGE_FAILED",
        "SHUTTING_DOWN",
        "UNREACHABLE",
        "DEADLINE_EXCEEDED",
        "PUBLISHER_FULL",
    )
)


class Error(Exception):
    """Why an operation failed.

    Programs decide by `reason`; the text is for people and may change. A wrong argument is a ValueError or a TypeError
    instead.
    """

    def __init__(
        self, reason: Reason, message: str, metadata: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.reason: Final[Reason] = reason
        """What went wrong: a closed list."""
        self.metadata: Final[Mapping[str, str]] = dict(metadata or {})
        """Values that belong to the reason, such as `limit_bytes`; `error.proto` lists them."""

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed if it is sent again, unchanged, a little later."""
        return self.reason in _RETRYABLE

    @property
    def message(self) -> str:
        """What went wrong, for people."""
        return str(self)

    def __repr__(self) -> str:
        return f"Error({self.reason!r}, {str(self)!r}, {dict(self.metadata)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, str(self), self.metadata)


def closed_error(what: str) -> Error:
    """The error of who uses what is closed."""
    return Error("CLIENT_CLOSED", f"{what} is closed")


def deleted_error(topic: str) -> Error:
    """The error of who uses a topic that was deleted."""
    return Error("TOPIC_DELETED", f"topic {topic} was deleted", {"topic": topic})


def from_wire(error: error_pb2.Error) -> Error:
    """An error that the broker told inside a stream."""
    return Error(_reason_of_number(error.reason), error.message, error.metadata)


def from_rpc(error: grpc.RpcError, address: str) -> Error:
    """The status of a call that failed and that this client did not cancel."""
    # Both kinds of errors, of threads and of asyncio, have the methods of a call.
    call: Any = error
    text: str = call.details() or ""
    for name, value in call.trailing_metadata() or ():
        if name == _DETAILS_TRAILER and (told := _from_details(value, text)) is not None:
            return told
    reason = _reason_of_status(call.code(), text)
    if reason == "UNREACHABLE":
        return Error(reason, f"broker {address} is unreachable: {text}")
    return Error(reason, f"broker {address} answered {call.code().name}: {text}")


def _from_details(trailer: bytes, text: str) -> Error | None:
    try:
        details = status_pb2.Status.FromString(trailer).details
        for detail in details:
            info = error_details_pb2.ErrorInfo()
            if detail.Unpack(info) and info.domain == _DOMAIN and info.reason in _REASONS:
                return Error(_REASONS[info.reason], text, info.metadata)
    except DecodeError:
        # Some proxy wrote the trailer. The status code still tells what happened.
        pass
    return None


def _reason_of_number(number: int) -> BrokerReason:
    try:
        name = error_pb2.ErrorReason.Name(number)
    except ValueError:
        return "INTERNAL"
    return _REASONS.get(name.removeprefix("ERROR_REASON_"), "INTERNAL")


_REASONS_OF_STATUS: Final[Mapping[grpc.StatusCode, Reason]] = {
    grpc.StatusCode.UNAVAILABLE: "UNREACHABLE",
    grpc.StatusCode.CANCELLED: "UNREACHABLE",
    grpc.StatusCode.DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
    grpc.StatusCode.INVALID_ARGUMENT: "INVALID_ARGUMENT",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "OVERLOADED",
    grpc.StatusCode.DATA_LOSS: "DATA_LOSS",
}

# What gRPC says, as INTERNAL or UNKNOWN, of a connection that is lost in the middle of a stream.
_LOST: Final = (
    "Connection reset",
    "GOAWAY",
    "Internal error from Core",
    "RST_STREAM",
    "Socket closed",
    "Stream removed",
)


def _reason_of_status(code: grpc.StatusCode, text: str) -> Reason:
    if code in {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}:
        return "UNREACHABLE" if any(each in text for each in _LOST) else "INTERNAL"
    if code == grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than max" in text:
        # The transport itself refuses what is over its own limit, before the broker sees it.
        return "REQUEST_TOO_LARGE"
    return _REASONS_OF_STATUS.get(code, "INTERNAL")
