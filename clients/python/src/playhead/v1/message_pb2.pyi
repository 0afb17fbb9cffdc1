from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Edge(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EDGE_UNSPECIFIED: _ClassVar[Edge]
    EDGE_EARLIEST: _ClassVar[Edge]
    EDGE_LATEST: _ClassVar[Edge]
EDGE_UNSPECIFIED: Edge
EDGE_EARLIEST: Edge
EDGE_LATEST: Edge

class Message(_message.Message):
    __slots__ = ("timestamp_ns", "key", "value", "headers", "is_close")
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    IS_CLOSE_FIELD_NUMBER: _ClassVar[int]
    timestamp_ns: int
    key: bytes
    value: bytes
    headers: _containers.RepeatedCompositeFieldContainer[Header]
    is_close: bool
    def __init__(self, timestamp_ns: _Optional[int] = ..., key: _Optional[bytes] = ..., value: _Optional[bytes] = ..., headers: _Optional[_Iterable[_Union[Header, _Mapping]]] = ..., is_close: bool = ...) -> None: ...

class Header(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: bytes
    def __init__(self, name: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class Run(_message.Message):
    __slots__ = ("topic", "message_count")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    topic: str
    message_count: int
    def __init__(self, topic: _Optional[str] = ..., message_count: _Optional[int] = ...) -> None: ...

class Position(_message.Message):
    __slots__ = ("edge", "timestamp_ns", "ago_ns", "last_messages")
    EDGE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    AGO_NS_FIELD_NUMBER: _ClassVar[int]
    LAST_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    edge: Edge
    timestamp_ns: int
    ago_ns: int
    last_messages: int
    def __init__(self, edge: _Optional[_Union[Edge, str]] = ..., timestamp_ns: _Optional[int] = ..., ago_ns: _Optional[int] = ..., last_messages: _Optional[int] = ...) -> None: ...
