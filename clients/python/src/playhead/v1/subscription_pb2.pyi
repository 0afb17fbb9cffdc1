from playhead.v1 import broker_pb2 as _broker_pb2
from playhead.v1 import error_pb2 as _error_pb2
from playhead.v1 import message_pb2 as _message_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeliveryMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DELIVERY_MODE_UNSPECIFIED: _ClassVar[DeliveryMode]
    DELIVERY_MODE_SHARED: _ClassVar[DeliveryMode]
    DELIVERY_MODE_EXCLUSIVE: _ClassVar[DeliveryMode]
    DELIVERY_MODE_KEY_ORDERED: _ClassVar[DeliveryMode]

class BacklogPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BACKLOG_POLICY_UNSPECIFIED: _ClassVar[BacklogPolicy]
    BACKLOG_POLICY_REFUSE: _ClassVar[BacklogPolicy]
    BACKLOG_POLICY_DROP_OLDEST: _ClassVar[BacklogPolicy]
    BACKLOG_POLICY_WAIT: _ClassVar[BacklogPolicy]
DELIVERY_MODE_UNSPECIFIED: DeliveryMode
DELIVERY_MODE_SHARED: DeliveryMode
DELIVERY_MODE_EXCLUSIVE: DeliveryMode
DELIVERY_MODE_KEY_ORDERED: DeliveryMode
BACKLOG_POLICY_UNSPECIFIED: BacklogPolicy
BACKLOG_POLICY_REFUSE: BacklogPolicy
BACKLOG_POLICY_DROP_OLDEST: BacklogPolicy
BACKLOG_POLICY_WAIT: BacklogPolicy

class Backoff(_message.Message):
    __slots__ = ("delays_ms", "initial_ms", "max_ms", "jitter")
    DELAYS_MS_FIELD_NUMBER: _ClassVar[int]
    INITIAL_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_MS_FIELD_NUMBER: _ClassVar[int]
    JITTER_FIELD_NUMBER: _ClassVar[int]
    delays_ms: _containers.RepeatedScalarFieldContainer[int]
    initial_ms: int
    max_ms: int
    jitter: float
    def __init__(self, delays_ms: _Optional[_Iterable[int]] = ..., initial_ms: _Optional[int] = ..., max_ms: _Optional[int] = ..., jitter: _Optional[float] = ...) -> None: ...

class SubscriptionConfig(_message.Message):
    __slots__ = ("delivery_mode", "lease_ms", "max_attempts", "max_in_flight", "backoff", "idle_expiry_ms", "dead_letter_topic", "max_pending", "backlog_policy")
    DELIVERY_MODE_FIELD_NUMBER: _ClassVar[int]
    LEASE_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    MAX_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    BACKOFF_FIELD_NUMBER: _ClassVar[int]
    IDLE_EXPIRY_MS_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTER_TOPIC_FIELD_NUMBER: _ClassVar[int]
    MAX_PENDING_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_POLICY_FIELD_NUMBER: _ClassVar[int]
    delivery_mode: DeliveryMode
    lease_ms: int
    max_attempts: int
    max_in_flight: int
    backoff: Backoff
    idle_expiry_ms: int
    dead_letter_topic: str
    max_pending: int
    backlog_policy: BacklogPolicy
    def __init__(self, delivery_mode: _Optional[_Union[DeliveryMode, str]] = ..., lease_ms: _Optional[int] = ..., max_attempts: _Optional[int] = ..., max_in_flight: _Optional[int] = ..., backoff: _Optional[_Union[Backoff, _Mapping]] = ..., idle_expiry_ms: _Optional[int] = ..., dead_letter_topic: _Optional[str] = ..., max_pending: _Optional[int] = ..., backlog_policy: _Optional[_Union[BacklogPolicy, str]] = ...) -> None: ...

class Subscription(_message.Message):
    __slots__ = ("topic", "subscription", "config", "created_timestamp_ns", "cursor_timestamp_ns", "pending_count", "in_flight_count", "waiting_count", "redelivered_count", "dead_lettered_count", "acknowledged_count", "oldest_pending_timestamp_ns", "lag_seconds", "worker_count", "is_drained", "dropped_count")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    CREATED_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    PENDING_COUNT_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_COUNT_FIELD_NUMBER: _ClassVar[int]
    WAITING_COUNT_FIELD_NUMBER: _ClassVar[int]
    REDELIVERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    OLDEST_PENDING_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    LAG_SECONDS_FIELD_NUMBER: _ClassVar[int]
    WORKER_COUNT_FIELD_NUMBER: _ClassVar[int]
    IS_DRAINED_FIELD_NUMBER: _ClassVar[int]
    DROPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    config: SubscriptionConfig
    created_timestamp_ns: int
    cursor_timestamp_ns: int
    pending_count: int
    in_flight_count: int
    waiting_count: int
    redelivered_count: int
    dead_lettered_count: int
    acknowledged_count: int
    oldest_pending_timestamp_ns: int
    lag_seconds: float
    worker_count: int
    is_drained: bool
    dropped_count: int
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ..., config: _Optional[_Union[SubscriptionConfig, _Mapping]] = ..., created_timestamp_ns: _Optional[int] = ..., cursor_timestamp_ns: _Optional[int] = ..., pending_count: _Optional[int] = ..., in_flight_count: _Optional[int] = ..., waiting_count: _Optional[int] = ..., redelivered_count: _Optional[int] = ..., dead_lettered_count: _Optional[int] = ..., acknowledged_count: _Optional[int] = ..., oldest_pending_timestamp_ns: _Optional[int] = ..., lag_seconds: _Optional[float] = ..., worker_count: _Optional[int] = ..., is_drained: bool = ..., dropped_count: _Optional[int] = ...) -> None: ...

class CreateSubscriptionRequest(_message.Message):
    __slots__ = ("topic", "subscription", "config", "create_topic")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TOPIC_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    config: SubscriptionConfig
    create_topic: bool
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ..., config: _Optional[_Union[SubscriptionConfig, _Mapping]] = ..., create_topic: bool = ..., **kwargs) -> None: ...

class CreateSubscriptionResponse(_message.Message):
    __slots__ = ("subscription",)
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    subscription: Subscription
    def __init__(self, subscription: _Optional[_Union[Subscription, _Mapping]] = ...) -> None: ...

class GetSubscriptionRequest(_message.Message):
    __slots__ = ("topic", "subscription")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ...) -> None: ...

class GetSubscriptionResponse(_message.Message):
    __slots__ = ("subscription",)
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    subscription: Subscription
    def __init__(self, subscription: _Optional[_Union[Subscription, _Mapping]] = ...) -> None: ...

class ListSubscriptionsRequest(_message.Message):
    __slots__ = ("glob", "page_size", "page_token")
    GLOB_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    glob: str
    page_size: int
    page_token: str
    def __init__(self, glob: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSubscriptionsResponse(_message.Message):
    __slots__ = ("subscriptions", "next_page_token")
    SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    subscriptions: _containers.RepeatedCompositeFieldContainer[Subscription]
    next_page_token: str
    def __init__(self, subscriptions: _Optional[_Iterable[_Union[Subscription, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateSubscriptionRequest(_message.Message):
    __slots__ = ("topic", "subscription", "config")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    config: SubscriptionConfig
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ..., config: _Optional[_Union[SubscriptionConfig, _Mapping]] = ...) -> None: ...

class UpdateSubscriptionResponse(_message.Message):
    __slots__ = ("subscription",)
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    subscription: Subscription
    def __init__(self, subscription: _Optional[_Union[Subscription, _Mapping]] = ...) -> None: ...

class DeleteSubscriptionRequest(_message.Message):
    __slots__ = ("topic", "subscription")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ...) -> None: ...

class DeleteSubscriptionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SeekSubscriptionRequest(_message.Message):
    __slots__ = ("topic", "subscription", "position", "snapshot")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    position: _message_pb2.Position
    snapshot: bytes
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ..., position: _Optional[_Union[_message_pb2.Position, _Mapping]] = ..., snapshot: _Optional[bytes] = ...) -> None: ...

class SeekSubscriptionResponse(_message.Message):
    __slots__ = ("subscription",)
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    subscription: Subscription
    def __init__(self, subscription: _Optional[_Union[Subscription, _Mapping]] = ...) -> None: ...

class SnapshotSubscriptionRequest(_message.Message):
    __slots__ = ("topic", "subscription")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ...) -> None: ...

class SnapshotSubscriptionResponse(_message.Message):
    __slots__ = ("snapshot",)
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    snapshot: bytes
    def __init__(self, snapshot: _Optional[bytes] = ...) -> None: ...

class ConsumeRequest(_message.Message):
    __slots__ = ("start", "credit_messages", "credit_bytes", "settlements", "is_leaving")
    START_FIELD_NUMBER: _ClassVar[int]
    CREDIT_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    CREDIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENTS_FIELD_NUMBER: _ClassVar[int]
    IS_LEAVING_FIELD_NUMBER: _ClassVar[int]
    start: ConsumeStart
    credit_messages: int
    credit_bytes: int
    settlements: _containers.RepeatedCompositeFieldContainer[Settlement]
    is_leaving: bool
    def __init__(self, start: _Optional[_Union[ConsumeStart, _Mapping]] = ..., credit_messages: _Optional[int] = ..., credit_bytes: _Optional[int] = ..., settlements: _Optional[_Iterable[_Union[Settlement, _Mapping]]] = ..., is_leaving: bool = ...) -> None: ...

class ConsumeStart(_message.Message):
    __slots__ = ("topic", "subscription", "worker")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    worker: str
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ..., worker: _Optional[str] = ...) -> None: ...

class Settlement(_message.Message):
    __slots__ = ("receipt", "first_timestamp_ns", "last_timestamp_ns", "ack", "nack", "extend", "terminate")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    FIRST_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    LAST_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    NACK_FIELD_NUMBER: _ClassVar[int]
    EXTEND_FIELD_NUMBER: _ClassVar[int]
    TERMINATE_FIELD_NUMBER: _ClassVar[int]
    receipt: int
    first_timestamp_ns: int
    last_timestamp_ns: int
    ack: Ack
    nack: Nack
    extend: Extend
    terminate: Terminate
    def __init__(self, receipt: _Optional[int] = ..., first_timestamp_ns: _Optional[int] = ..., last_timestamp_ns: _Optional[int] = ..., ack: _Optional[_Union[Ack, _Mapping]] = ..., nack: _Optional[_Union[Nack, _Mapping]] = ..., extend: _Optional[_Union[Extend, _Mapping]] = ..., terminate: _Optional[_Union[Terminate, _Mapping]] = ...) -> None: ...

class Ack(_message.Message):
    __slots__ = ("is_cumulative",)
    IS_CUMULATIVE_FIELD_NUMBER: _ClassVar[int]
    is_cumulative: bool
    def __init__(self, is_cumulative: bool = ...) -> None: ...

class Nack(_message.Message):
    __slots__ = ("delay_ms", "is_unseen")
    DELAY_MS_FIELD_NUMBER: _ClassVar[int]
    IS_UNSEEN_FIELD_NUMBER: _ClassVar[int]
    delay_ms: int
    is_unseen: bool
    def __init__(self, delay_ms: _Optional[int] = ..., is_unseen: bool = ...) -> None: ...

class Extend(_message.Message):
    __slots__ = ("lease_ms",)
    LEASE_MS_FIELD_NUMBER: _ClassVar[int]
    lease_ms: int
    def __init__(self, lease_ms: _Optional[int] = ...) -> None: ...

class Terminate(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class SettlementResult(_message.Message):
    __slots__ = ("message_count", "error", "deadline_timestamp_ns")
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    message_count: int
    error: _error_pb2.Error
    deadline_timestamp_ns: int
    def __init__(self, message_count: _Optional[int] = ..., error: _Optional[_Union[_error_pb2.Error, _Mapping]] = ..., deadline_timestamp_ns: _Optional[int] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ("receipt", "message_count", "attempt", "deadline_timestamp_ns")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    receipt: int
    message_count: int
    attempt: int
    deadline_timestamp_ns: int
    def __init__(self, receipt: _Optional[int] = ..., message_count: _Optional[int] = ..., attempt: _Optional[int] = ..., deadline_timestamp_ns: _Optional[int] = ...) -> None: ...

class ConsumeResponse(_message.Message):
    __slots__ = ("messages", "leases", "results", "started", "sought", "drained", "deleted", "end")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    SOUGHT_FIELD_NUMBER: _ClassVar[int]
    DRAINED_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_message_pb2.Message]
    leases: _containers.RepeatedCompositeFieldContainer[Lease]
    results: _containers.RepeatedCompositeFieldContainer[SettlementResult]
    started: ConsumeStarted
    sought: Sought
    drained: Drained
    deleted: SubscriptionDeleted
    end: _broker_pb2.End
    def __init__(self, messages: _Optional[_Iterable[_Union[_message_pb2.Message, _Mapping]]] = ..., leases: _Optional[_Iterable[_Union[Lease, _Mapping]]] = ..., results: _Optional[_Iterable[_Union[SettlementResult, _Mapping]]] = ..., started: _Optional[_Union[ConsumeStarted, _Mapping]] = ..., sought: _Optional[_Union[Sought, _Mapping]] = ..., drained: _Optional[_Union[Drained, _Mapping]] = ..., deleted: _Optional[_Union[SubscriptionDeleted, _Mapping]] = ..., end: _Optional[_Union[_broker_pb2.End, _Mapping]] = ...) -> None: ...

class ConsumeStarted(_message.Message):
    __slots__ = ("is_active", "max_credit_messages", "max_credit_bytes", "lease_ms")
    IS_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    MAX_CREDIT_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    MAX_CREDIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    LEASE_MS_FIELD_NUMBER: _ClassVar[int]
    is_active: bool
    max_credit_messages: int
    max_credit_bytes: int
    lease_ms: int
    def __init__(self, is_active: bool = ..., max_credit_messages: _Optional[int] = ..., max_credit_bytes: _Optional[int] = ..., lease_ms: _Optional[int] = ...) -> None: ...

class Sought(_message.Message):
    __slots__ = ("timestamp_ns",)
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    timestamp_ns: int
    def __init__(self, timestamp_ns: _Optional[int] = ...) -> None: ...

class Drained(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class SubscriptionDeleted(_message.Message):
    __slots__ = ("is_topic_deleted",)
    IS_TOPIC_DELETED_FIELD_NUMBER: _ClassVar[int]
    is_topic_deleted: bool
    def __init__(self, is_topic_deleted: bool = ...) -> None: ...

class PullRequest(_message.Message):
    __slots__ = ("topic", "subscription", "max_messages", "max_bytes", "wait_ms", "lease_ms")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    LEASE_MS_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    max_messages: int
    max_bytes: int
    wait_ms: int
    lease_ms: int
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ..., max_messages: _Optional[int] = ..., max_bytes: _Optional[int] = ..., wait_ms: _Optional[int] = ..., lease_ms: _Optional[int] = ...) -> None: ...

class PullResponse(_message.Message):
    __slots__ = ("messages", "leases", "drained")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    DRAINED_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_message_pb2.Message]
    leases: _containers.RepeatedCompositeFieldContainer[Lease]
    drained: Drained
    def __init__(self, messages: _Optional[_Iterable[_Union[_message_pb2.Message, _Mapping]]] = ..., leases: _Optional[_Iterable[_Union[Lease, _Mapping]]] = ..., drained: _Optional[_Union[Drained, _Mapping]] = ...) -> None: ...

class AcknowledgeRequest(_message.Message):
    __slots__ = ("topic", "subscription", "settlements")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENTS_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    settlements: _containers.RepeatedCompositeFieldContainer[Settlement]
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ..., settlements: _Optional[_Iterable[_Union[Settlement, _Mapping]]] = ...) -> None: ...

class AcknowledgeResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[SettlementResult]
    def __init__(self, results: _Optional[_Iterable[_Union[SettlementResult, _Mapping]]] = ...) -> None: ...

class RedriveDeadLettersRequest(_message.Message):
    __slots__ = ("topic", "subscription", "target_topic", "max_messages")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    TARGET_TOPIC_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    topic: str
    subscription: str
    target_topic: str
    max_messages: int
    def __init__(self, topic: _Optional[str] = ..., subscription: _Optional[str] = ..., target_topic: _Optional[str] = ..., max_messages: _Optional[int] = ...) -> None: ...

class RedriveDeadLettersResponse(_message.Message):
    __slots__ = ("message_count",)
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    message_count: int
    def __init__(self, message_count: _Optional[int] = ...) -> None: ...
