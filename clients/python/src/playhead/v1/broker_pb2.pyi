from playhead.v1 import error_pb2 as _error_pb2
from playhead.v1 import message_pb2 as _message_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EndReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    END_REASON_UNSPECIFIED: _ClassVar[EndReason]
    END_REASON_CLOSED: _ClassVar[EndReason]
    END_REASON_LIMIT: _ClassVar[EndReason]
    END_REASON_UNTIL: _ClassVar[EndReason]
    END_REASON_DELETED: _ClassVar[EndReason]
    END_REASON_ERROR: _ClassVar[EndReason]
    END_REASON_DRAINED: _ClassVar[EndReason]
    END_REASON_LEFT: _ClassVar[EndReason]

class Durability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DURABILITY_UNSPECIFIED: _ClassVar[Durability]
    DURABILITY_FSYNC: _ClassVar[Durability]
    DURABILITY_OS: _ClassVar[Durability]
    DURABILITY_MEMORY: _ClassVar[Durability]
END_REASON_UNSPECIFIED: EndReason
END_REASON_CLOSED: EndReason
END_REASON_LIMIT: EndReason
END_REASON_UNTIL: EndReason
END_REASON_DELETED: EndReason
END_REASON_ERROR: EndReason
END_REASON_DRAINED: EndReason
END_REASON_LEFT: EndReason
DURABILITY_UNSPECIFIED: Durability
DURABILITY_FSYNC: Durability
DURABILITY_OS: Durability
DURABILITY_MEMORY: Durability

class PublishRequest(_message.Message):
    __slots__ = ("topic", "messages", "producer", "sequence", "expected_last_timestamp_ns", "close")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    PRODUCER_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_LAST_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    topic: str
    messages: _containers.RepeatedCompositeFieldContainer[_message_pb2.Message]
    producer: str
    sequence: int
    expected_last_timestamp_ns: int
    close: Close
    def __init__(self, topic: _Optional[str] = ..., messages: _Optional[_Iterable[_Union[_message_pb2.Message, _Mapping]]] = ..., producer: _Optional[str] = ..., sequence: _Optional[int] = ..., expected_last_timestamp_ns: _Optional[int] = ..., close: _Optional[_Union[Close, _Mapping]] = ...) -> None: ...

class Close(_message.Message):
    __slots__ = ("reason", "checksum")
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    reason: str
    checksum: bytes
    def __init__(self, reason: _Optional[str] = ..., checksum: _Optional[bytes] = ...) -> None: ...

class PublishResponse(_message.Message):
    __slots__ = ("ack",)
    ACK_FIELD_NUMBER: _ClassVar[int]
    ack: PublishAck
    def __init__(self, ack: _Optional[_Union[PublishAck, _Mapping]] = ...) -> None: ...

class PublishAck(_message.Message):
    __slots__ = ("first_timestamp_ns", "last_timestamp_ns", "duplicate", "closed")
    FIRST_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    LAST_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    first_timestamp_ns: int
    last_timestamp_ns: int
    duplicate: bool
    closed: Closed
    def __init__(self, first_timestamp_ns: _Optional[int] = ..., last_timestamp_ns: _Optional[int] = ..., duplicate: bool = ..., closed: _Optional[_Union[Closed, _Mapping]] = ...) -> None: ...

class PublishStreamRequest(_message.Message):
    __slots__ = ("topic", "messages", "producer", "sequence", "expected_last_timestamp_ns", "close")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    PRODUCER_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_LAST_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    topic: str
    messages: _containers.RepeatedCompositeFieldContainer[_message_pb2.Message]
    producer: str
    sequence: int
    expected_last_timestamp_ns: int
    close: Close
    def __init__(self, topic: _Optional[str] = ..., messages: _Optional[_Iterable[_Union[_message_pb2.Message, _Mapping]]] = ..., producer: _Optional[str] = ..., sequence: _Optional[int] = ..., expected_last_timestamp_ns: _Optional[int] = ..., close: _Optional[_Union[Close, _Mapping]] = ...) -> None: ...

class PublishStreamResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[PublishResult]
    def __init__(self, results: _Optional[_Iterable[_Union[PublishResult, _Mapping]]] = ...) -> None: ...

class PublishResult(_message.Message):
    __slots__ = ("ack", "error")
    ACK_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ack: PublishAck
    error: _error_pb2.Error
    def __init__(self, ack: _Optional[_Union[PublishAck, _Mapping]] = ..., error: _Optional[_Union[_error_pb2.Error, _Mapping]] = ...) -> None: ...

class ReadRequest(_message.Message):
    __slots__ = ("topic", "until_timestamp_ns", "max_messages", "max_bytes")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    topic: str
    until_timestamp_ns: int
    max_messages: int
    max_bytes: int
    def __init__(self, topic: _Optional[str] = ..., until_timestamp_ns: _Optional[int] = ..., max_messages: _Optional[int] = ..., max_bytes: _Optional[int] = ..., **kwargs) -> None: ...

class ReadResponse(_message.Message):
    __slots__ = ("messages", "runs", "next_timestamp_ns", "is_caught_up", "trimmed", "closed")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    IS_CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    TRIMMED_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_message_pb2.Message]
    runs: _containers.RepeatedCompositeFieldContainer[_message_pb2.Run]
    next_timestamp_ns: int
    is_caught_up: bool
    trimmed: Trimmed
    closed: Closed
    def __init__(self, messages: _Optional[_Iterable[_Union[_message_pb2.Message, _Mapping]]] = ..., runs: _Optional[_Iterable[_Union[_message_pb2.Run, _Mapping]]] = ..., next_timestamp_ns: _Optional[int] = ..., is_caught_up: bool = ..., trimmed: _Optional[_Union[Trimmed, _Mapping]] = ..., closed: _Optional[_Union[Closed, _Mapping]] = ...) -> None: ...

class SubscribeRequest(_message.Message):
    __slots__ = ("topic", "until_timestamp_ns", "until_now", "max_messages", "topic_created_timestamp_ns")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_NOW_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    TOPIC_CREATED_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    topic: str
    until_timestamp_ns: int
    until_now: bool
    max_messages: int
    topic_created_timestamp_ns: int
    def __init__(self, topic: _Optional[str] = ..., until_timestamp_ns: _Optional[int] = ..., until_now: bool = ..., max_messages: _Optional[int] = ..., topic_created_timestamp_ns: _Optional[int] = ..., **kwargs) -> None: ...

class SubscribeResponse(_message.Message):
    __slots__ = ("messages", "runs", "started", "caught_up", "trimmed", "closed", "deleted", "end")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    TRIMMED_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_message_pb2.Message]
    runs: _containers.RepeatedCompositeFieldContainer[_message_pb2.Run]
    started: Started
    caught_up: CaughtUp
    trimmed: Trimmed
    closed: Closed
    deleted: Deleted
    end: End
    def __init__(self, messages: _Optional[_Iterable[_Union[_message_pb2.Message, _Mapping]]] = ..., runs: _Optional[_Iterable[_Union[_message_pb2.Run, _Mapping]]] = ..., started: _Optional[_Union[Started, _Mapping]] = ..., caught_up: _Optional[_Union[CaughtUp, _Mapping]] = ..., trimmed: _Optional[_Union[Trimmed, _Mapping]] = ..., closed: _Optional[_Union[Closed, _Mapping]] = ..., deleted: _Optional[_Union[Deleted, _Mapping]] = ..., end: _Optional[_Union[End, _Mapping]] = ...) -> None: ...

class Started(_message.Message):
    __slots__ = ("from_timestamp_ns", "until_timestamp_ns", "topic_created_timestamp_ns")
    FROM_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    TOPIC_CREATED_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    from_timestamp_ns: int
    until_timestamp_ns: int
    topic_created_timestamp_ns: int
    def __init__(self, from_timestamp_ns: _Optional[int] = ..., until_timestamp_ns: _Optional[int] = ..., topic_created_timestamp_ns: _Optional[int] = ...) -> None: ...

class CaughtUp(_message.Message):
    __slots__ = ("next_timestamp_ns",)
    NEXT_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    next_timestamp_ns: int
    def __init__(self, next_timestamp_ns: _Optional[int] = ...) -> None: ...

class Trimmed(_message.Message):
    __slots__ = ("first_timestamp_ns", "topic")
    FIRST_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    first_timestamp_ns: int
    topic: str
    def __init__(self, first_timestamp_ns: _Optional[int] = ..., topic: _Optional[str] = ...) -> None: ...

class Closed(_message.Message):
    __slots__ = ("timestamp_ns", "message_count", "reason", "checksum", "topic")
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    timestamp_ns: int
    message_count: int
    reason: str
    checksum: bytes
    topic: str
    def __init__(self, timestamp_ns: _Optional[int] = ..., message_count: _Optional[int] = ..., reason: _Optional[str] = ..., checksum: _Optional[bytes] = ..., topic: _Optional[str] = ...) -> None: ...

class Deleted(_message.Message):
    __slots__ = ("topic",)
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    topic: str
    def __init__(self, topic: _Optional[str] = ...) -> None: ...

class End(_message.Message):
    __slots__ = ("reason", "error")
    REASON_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    reason: EndReason
    error: _error_pb2.Error
    def __init__(self, reason: _Optional[_Union[EndReason, str]] = ..., error: _Optional[_Union[_error_pb2.Error, _Mapping]] = ...) -> None: ...

class GetProducerRequest(_message.Message):
    __slots__ = ("topic", "producer")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    PRODUCER_FIELD_NUMBER: _ClassVar[int]
    topic: str
    producer: str
    def __init__(self, topic: _Optional[str] = ..., producer: _Optional[str] = ...) -> None: ...

class GetProducerResponse(_message.Message):
    __slots__ = ("last_sequence", "last_timestamp_ns")
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAST_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    last_sequence: int
    last_timestamp_ns: int
    def __init__(self, last_sequence: _Optional[int] = ..., last_timestamp_ns: _Optional[int] = ...) -> None: ...

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("version", "durability", "max_message_bytes", "max_request_bytes", "clock_ns", "last_timestamp_ns")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_REQUEST_BYTES_FIELD_NUMBER: _ClassVar[int]
    CLOCK_NS_FIELD_NUMBER: _ClassVar[int]
    LAST_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    version: str
    durability: Durability
    max_message_bytes: int
    max_request_bytes: int
    clock_ns: int
    last_timestamp_ns: int
    def __init__(self, version: _Optional[str] = ..., durability: _Optional[_Union[Durability, str]] = ..., max_message_bytes: _Optional[int] = ..., max_request_bytes: _Optional[int] = ..., clock_ns: _Optional[int] = ..., last_timestamp_ns: _Optional[int] = ...) -> None: ...
