"""Positions, addresses, pauses, checksums and errors."""

import hashlib
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any, get_args

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2

from playhead import BrokerReason, Last
from playhead._backoff import Backoff
from playhead._checksum import Checksum
from playhead.errors import from_rpc, from_wire
from playhead.options import Tls, parse_addresses
from playhead.position import Position, position_to_wire
from playhead.v1 import error_pb2, message_pb2

UTC = timezone.utc


@pytest.mark.parametrize(
    ("position", "wire"),
    [
        ("earliest", message_pb2.Position(edge=message_pb2.EDGE_EARLIEST)),
        ("latest", message_pb2.Position(edge=message_pb2.EDGE_LATEST)),
        (12, message_pb2.Position(timestamp_ns=12)),
        (timedelta(milliseconds=5), message_pb2.Position(ago_ns=5_000_000)),
        (Last(3), message_pb2.Position(last_messages=3)),
        (
            datetime(2026, 9, 21, 14, 13, 20, 1, UTC),
            message_pb2.Position(timestamp_ns=1_790_000_000_000_001_000),
        ),
    ],
)
def test_a_position_is_encoded(position: Position, wire: message_pb2.Position) -> None:
    assert position_to_wire(position) == wire


def test_what_is_no_position_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        position_to_wire(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(TypeError):
        position_to_wire("yesterday")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="last 0"):
        Last(0)


def test_addresses_are_split_and_completed() -> None:
    assert parse_addresses("a, b:1,[::1]") == ("a:17777", "b:1", "[::1]:17777")
    assert parse_addresses(["unix:/run/playhead.sock", "c"]) == (
        "unix:/run/playhead.sock",
        "c:17777",
    )


@pytest.mark.parametrize("address", ["", " , ", "a:b", "a:70000", "http://a"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        parse_addresses(address)


def test_half_a_client_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="key_file"):
        Tls(certificate_file="cert.pem").credentials()


def test_pauses_double_after_each_address_was_tried_and_end_in_time() -> None:
    now = 100.0
    backoff = Backoff(50, 200, 1000, lambda: now, lambda: 1.0)
    assert [backoff.fail(addresses=2) for _ in range(5)] == [0, 0.05, 0.1, 0.2, 0.2]
    now = 100.9
    assert backoff.fail(addresses=2) == pytest.approx(0.1)
    now = 101.0
    assert backoff.fail(addresses=2) is None
    backoff.succeed()
    assert backoff.fail() == 0.05


def test_half_of_a_pause_is_random() -> None:
    assert Backoff(100, 200, 1000, lambda: 0.0, lambda: 0.0).fail() == 0.05


def test_a_checksum_is_md5_over_values_in_order() -> None:
    checksum = Checksum()
    checksum.update([b"a", b"bc"])
    assert checksum.digest([b"d"]) == hashlib.md5(b"abcd", usedforsecurity=False).digest()
    assert checksum.digest() == hashlib.md5(b"abc", usedforsecurity=False).digest()


def test_every_reason_of_the_protocol_is_known() -> None:
    names = {name.removeprefix("ERROR_REASON_") for name, _ in error_pb2.ErrorReason.items()}
    assert names - {"UNSPECIFIED"} == set(get_args(BrokerReason))


def test_an_error_in_a_stream_has_reason_text_and_metadata() -> None:
    wire = error_pb2.Error(
        reason=error_pb2.ERROR_REASON_DISK_FULL, message="full", metadata={"limit_bytes": "1"}
    )
    error = from_wire(wire)
    assert (error.reason, error.message, error.retryable) == ("DISK_FULL", "full", True)
    assert error.metadata == {"limit_bytes": "1"}
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert repr(copy) == repr(error)


def test_a_reason_of_a_later_version_is_internal() -> None:
    assert from_wire(error_pb2.Error(reason=999)).reason == "INTERNAL"  # type: ignore[arg-type]


class Failure(grpc.RpcError):
    """A call that has failed."""

    def __init__(self, code: grpc.StatusCode, details: str, trailer: bytes | None = None) -> None:
        super().__init__()
        self._failure = (code, details, trailer)

    def code(self) -> grpc.StatusCode:
        return self._failure[0]

    def details(self) -> str:
        return self._failure[1]

    def trailing_metadata(self) -> Any:
        trailer = self._failure[2]
        return [] if trailer is None else [("grpc-status-details-bin", trailer)]


def test_a_refusal_has_the_brokers_reason_from_its_trailer() -> None:
    info = error_details_pb2.ErrorInfo(
        reason="TOPIC_NOT_FOUND", domain="playhead", metadata={"topic": "a"}
    )
    detail = AnyMessage()
    detail.Pack(info)
    trailer = status_pb2.Status(details=[detail]).SerializeToString()
    error = from_rpc(Failure(grpc.StatusCode.NOT_FOUND, "no topic a", trailer), "b:1")
    assert (error.reason, str(error), error.metadata) == (
        "TOPIC_NOT_FOUND",
        "no topic a",
        {"topic": "a"},
    )


@pytest.mark.parametrize(
    ("code", "details", "reason"),
    [
        (grpc.StatusCode.UNAVAILABLE, "refused", "UNREACHABLE"),
        (grpc.StatusCode.INTERNAL, "Received RST_STREAM with error code 2", "UNREACHABLE"),
        (grpc.StatusCode.INTERNAL, "bug", "INTERNAL"),
        (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "Received message larger than max",
            "REQUEST_TOO_LARGE",
        ),
        (grpc.StatusCode.UNIMPLEMENTED, "what?", "INTERNAL"),
    ],
)
def test_a_refusal_without_a_reason_has_that_of_its_status(
    code: grpc.StatusCode, details: str, reason: str
) -> None:
    assert from_rpc(Failure(code, details, b"\xff\xff"), "b:1").reason == reason
