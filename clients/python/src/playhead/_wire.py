"""The part of protobuf's encoding that messages need."""

from __future__ import annotations

_VARINT: int = 0
_FIXED64: int = 1
_BYTES: int = 2
_FIXED32: int = 5


def malformed() -> ValueError:
    """What the broker sent is not well-formed."""
    return ValueError("the bytes are not well-formed protobuf")


def encode_varint(value: int) -> bytes:
    """Encodes a number that is not negative."""
    if value < 0x80:
        return bytes((value,))
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at an offset, without a sign, and the offset behind it."""
    value = 0
    shift = 0
    while shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise malformed()


def skip_field(data: bytes, tag: int, at: int) -> int:
    """The offset behind the contents, which begin here, of a field with this tag."""
    kind = tag & 7
    if kind == _BYTES:
        length, at = read_varint(data, at)
        return at + length
    if kind == _VARINT:
        return read_varint(data, at)[1]
    if kind == _FIXED64:
        return at + 8
    if kind == _FIXED32:
        return at + 4
    raise malformed()
