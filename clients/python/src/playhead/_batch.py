"""The bytes of one PublishStreamRequest, encoded message by message as they are handed over.

```
| topic, producer |  sequence  | messages … | expected, close |
 `- first request of a stream only
                   `- written when it is sent
```

Sent again, the messages are the same to the byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from playhead._response import split_messages
from playhead._wire import encode_varint
from playhead.message import Headers, Message, NewMessage, Publishable
from playhead.v1 import broker_pb2

_TAG_MESSAGES = 0x12
_TAG_SEQUENCE = b"\x20"
_TAG_KEY = b"\x12"
_TAG_VALUE = b"\x1a"
_TAG_HEADERS = b"\x22"
_TAG_HEADER_NAME = b"\x0a"
_TAG_HEADER_VALUE = b"\x12"

# A timestamp_ns of nine bytes, which the broker drops: the room that its own stamp needs. So it can store the messages
# where they are, without copying them one by one.
_STAMP = b"\x08" + b"\x80" * 8 + b"\x01"


class Batch:
    """Messages that are published together."""

    __slots__ = ("_messages", "_prefix", "_terms", "count")

    def __init__(self, prefix: bytes) -> None:
        """`prefix` holds the encoded topic and producer."""
        self._prefix = prefix
        self._messages = bytearray()
        self._terms = b""
        self.count = 0

    @staticmethod
    def encode_prefix(topic: str, producer: str) -> bytes:
        """The encoded topic and producer, which all batches of a publisher share."""
        return broker_pb2.PublishStreamRequest(topic=topic, producer=producer).SerializeToString()

    @property
    def byte_length(self) -> int:
        """Size of the encoded messages."""
        return len(self._messages)

    def add(self, message: Publishable) -> int:
        """Adds a message, and returns its size. Raises a TypeError, and adds nothing, if it is none."""
        if type(message) is str:
            message = message.encode()
        if type(message) is bytes:
            length = len(message)
            head = _value_head(length)
            self._messages += head
            self._messages += message
            self.count += 1
            return len(head) + length
        encoded = _encode_message(message)
        self._messages += encoded
        self.count += 1
        return len(encoded)

    def add_terms(
        self, expected_last_timestamp_ns: int | None, close: broker_pb2.Close | None = None
    ) -> None:
        """Adds what a request may have besides messages."""
        terms = broker_pb2.PublishStreamRequest(
            expected_last_timestamp_ns=expected_last_timestamp_ns, close=close
        )
        self._terms = terms.SerializeToString()

    def encode(self, sequence: int, *, is_first: bool) -> bytes:
        """The whole request. `is_first`: the stream does not know topic and producer yet."""
        prefix = self._prefix if is_first else b""
        return b"".join(
            (prefix, _TAG_SEQUENCE, encode_varint(sequence), self._messages, self._terms)
        )

    def values(self) -> Iterator[bytes]:
        """Each message's value, in order."""
        messages, _ = split_messages(bytes(self._messages), _TAG_MESSAGES)
        return (Message("", data).value for data in messages)


@lru_cache(maxsize=1024)
def _value_head(length: int) -> bytes:
    """What is in front of a value of so many bytes. Values of one publisher tend to have few lengths."""
    body = len(_STAMP) + (1 + len(encode_varint(length)) + length if length else 0)
    head = bytes((_TAG_MESSAGES,)) + encode_varint(body) + _STAMP
    return head + _TAG_VALUE + encode_varint(length) if length else head


def _encode_message(message: Publishable) -> bytes:
    if isinstance(message, str):
        message = NewMessage(message)
    elif not isinstance(message, NewMessage):
        # bytearray, memoryview and subclasses of bytes, besides what is no message at all.
        message = NewMessage(_bytes_of("a message", message))
    fields = [_STAMP, _field(_TAG_KEY, _bytes_of("the key of a message", message.key))]
    fields.append(_field(_TAG_VALUE, _bytes_of("the value of a message", message.value)))
    for name, value in _pairs(message.headers):
        content = _bytes_of("the value of a header", value)
        pair = _field(_TAG_HEADER_NAME, _name_of(name)) + _field(_TAG_HEADER_VALUE, content)
        fields.append(_TAG_HEADERS + encode_varint(len(pair)) + pair)
    body = b"".join(fields)
    return bytes((_TAG_MESSAGES,)) + encode_varint(len(body)) + body


def _pairs(headers: Headers) -> Iterator[tuple[str, str | bytes]]:
    return iter(headers.items() if isinstance(headers, Mapping) else headers)


def _field(tag: bytes, content: bytes) -> bytes:
    return tag + encode_varint(len(content)) + content if content else b""


def _name_of(name: object) -> bytes:
    if isinstance(name, str):
        return name.encode()
    raise TypeError(f"the name of a header is text, not {type(name).__name__}")


def check_messages(messages: object) -> None:
    """Raises a TypeError if it is one message: of a text, each letter would be published."""
    if isinstance(messages, str | bytes | bytearray | memoryview | NewMessage):
        text = f"messages are a list or another iterable, not {type(messages).__name__}"
        raise TypeError(text)


def value_of(message: Publishable) -> bytes:
    """The value as it is published. Raises a TypeError if it is none."""
    if isinstance(message, NewMessage):
        return _bytes_of("the value of a message", message.value)
    return _bytes_of("a message", message)


def _bytes_of(what: str, content: object) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, bytes | bytearray | memoryview):
        return bytes(content)
    raise TypeError(f"{what} is text or bytes, not {type(content).__name__}")
