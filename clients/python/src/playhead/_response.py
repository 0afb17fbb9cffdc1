"""Responses that carry messages.

SubscribeResponse, ReadResponse, ConsumeResponse and PullResponse have them as field 1. They are cut out here, and
decoded when somebody looks at them; all other fields are left as a message of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from playhead._wire import malformed, read_varint, skip_field
from playhead.message import Message
from playhead.v1.message_pb2 import Run

_TAG_MESSAGES = 0x0A


def split_messages(data: bytes, wanted: int = _TAG_MESSAGES) -> tuple[list[bytes], bytes]:
    """The encoded messages, which have this tag, and all other fields. Raises a ValueError if it is malformed."""
    messages: list[bytes] = []
    append = messages.append
    rest: list[bytes] = []
    at = 0
    end = len(data)
    try:
        while at < end:
            if data[at] == wanted:
                length = data[at + 1]
                start = at + 2
                if length >= 0x80:
                    # Two bytes of length are what most messages have.
                    high = data[start]
                    if high < 0x80:
                        length += (high << 7) - 0x80
                        start += 1
                    else:
                        length, start = read_varint(data, at + 1)
                at = start + length
                append(data[start:at])
            else:
                tag, start = read_varint(data, at)
                after = skip_field(data, tag, start)
                rest.append(data[at:after])
                at = after
    except IndexError:
        raise malformed() from None
    if at > end:
        raise malformed()
    return messages, b"".join(rest)


def make_messages(topic: str, encoded: list[bytes], runs: Iterable[Run] = ()) -> list[Message]:
    """The messages of a response. With `runs`, which are for globs, each is of its run's topic."""
    messages: list[Message] = []
    for run in runs:
        part = encoded[len(messages) : len(messages) + run.message_count]
        messages += [Message(run.topic, data) for data in part]
    return messages or [Message(topic, data) for data in encoded]


def size_in_response(message: Message) -> int:
    """Bytes of a message in a response, tag and length included: what it uses up of a worker's credit."""
    length = message.byte_length
    return 1 + max(1, (length.bit_length() + 6) // 7) + length
