"""Messages, as they are read and as they are published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from playhead._wire import malformed, read_varint, skip_field

_TAG_TIMESTAMP = 0x08
_TAG_KEY = 0x12
_TAG_VALUE = 0x1A
_TAG_HEADERS = 0x22
_TAG_HEADER_NAME = 0x0A
_TAG_HEADER_VALUE = 0x12
# The broker stamps every message: a tag and nine bytes of varint come first.
_STAMP_BYTES = 10

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

Headers = Mapping[str, str | bytes] | Sequence[tuple[str, str | bytes]]
"""Name and value pairs; text is sent as UTF-8."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be published. Text is sent as UTF-8."""

    value: str | bytes = b""
    key: str | bytes = b""
    headers: Headers = field(default_factory=tuple)


Publishable = str | bytes | NewMessage
"""What can be published: a value, or a message with key and headers."""


class Message:
    """A message as it was stored. Decoded when somebody looks at it."""

    __slots__ = ("_data", "topic")

    def __init__(self, topic: str, data: bytes) -> None:
        """`data` is the message's protobuf encoding."""
        self.topic = topic
        self._data = data

    @property
    def byte_length(self) -> int:
        """Length of its protobuf encoding: what the broker counts as its size."""
        return len(self._data)

    @property
    def timestamp_ns(self) -> int:
        """Nanoseconds since 1970, UTC; unique over the whole broker. Resume behind it with `timestamp_ns + 1`."""
        data = self._data
        at = 1 if data[:1] == b"\x08" else self._find(_TAG_TIMESTAMP)[0]
        return 0 if at < 0 else read_varint(data, at)[0]

    @property
    def time(self) -> datetime:
        """The timestamp to the microsecond."""
        return _EPOCH + timedelta(microseconds=self.timestamp_ns // 1000)

    @property
    def key(self) -> bytes:
        """Empty if there is none."""
        start, end = self._find(_TAG_KEY)
        return b"" if start < 0 else self._data[start:end]

    @property
    def value(self) -> bytes:
        """The payload; may be empty."""
        data = self._data
        if (
            len(data) > _STAMP_BYTES + 1
            and data[_STAMP_BYTES] == _TAG_VALUE
            and data[0] == _TAG_TIMESTAMP
        ):
            # Stamp and value alone, which end together: what most messages are.
            length = data[_STAMP_BYTES + 1]
            start = _STAMP_BYTES + 2
            if length >= 0x80:
                length, start = read_varint(data, _STAMP_BYTES + 1)
            if start + length == len(data):
                return data[start:]
        start, end = self._find(_TAG_VALUE)
        return b"" if start < 0 else data[start:end]

    @property
    def text(self) -> str:
        """The value as UTF-8; UnicodeDecodeError if it is none."""
        return self.value.decode()

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        """Name and value pairs, in the publisher's order."""
        return [
            _parse_header(self._data[a:b])
            for tag, a, b in _fields(self._data)
            if tag == _TAG_HEADERS
        ]

    def header(self, name: str) -> bytes | None:
        """Value of the first header of this name."""
        return next((value for each, value in self.headers if each == name), None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.topic, self._data) == (other.topic, other._data)

    def __hash__(self) -> int:
        return hash((self.topic, self._data))

    def __repr__(self) -> str:
        return f"<Message {self.topic} {self.timestamp_ns} {self.byte_length} bytes>"

    def _find(self, wanted: int) -> tuple[int, int]:
        # Of several fields with one tag the last one counts.
        found = (-1, -1)
        for tag, start, end in _fields(self._data):
            if tag == wanted:
                found = (start, end)
        return found


def _fields(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Tag, and begin and end of the contents, of each field."""
    at = 0
    while at < len(data):
        tag, start = read_varint(data, at)
        at = skip_field(data, tag, start)
        if tag & 7 == 2:
            start = read_varint(data, start)[1]
        if at > len(data):
            raise malformed()
        yield tag, start, at


def _parse_header(data: bytes) -> tuple[str, bytes]:
    name = ""
    value = b""
    for tag, start, end in _fields(data):
        if tag == _TAG_HEADER_NAME:
            name = data[start:end].decode()
        elif tag == _TAG_HEADER_VALUE:
            value = data[start:end]
    return name, value
