package playhead

import (
	"strings"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// Reason says why an operation failed: the broker's reasons, which error.proto explains, and those of the client.
type Reason string

// Reasons of the broker.
const (
	ReasonInvalidArgument      Reason = "INVALID_ARGUMENT"
	ReasonMalformed            Reason = "MALFORMED"
	ReasonMessageTooLarge      Reason = "MESSAGE_TOO_LARGE"
	ReasonRequestTooLarge      Reason = "REQUEST_TOO_LARGE"
	ReasonTopicNotFound        Reason = "TOPIC_NOT_FOUND"
	ReasonTopicExists          Reason = "TOPIC_EXISTS"
	ReasonTopicDeleted         Reason = "TOPIC_DELETED"
	ReasonChannelClosed        Reason = "CHANNEL_CLOSED"
	ReasonConflict             Reason = "CONFLICT"
	ReasonProducerConflict     Reason = "PRODUCER_CONFLICT"
	ReasonOverloaded           Reason = "OVERLOADED"
	ReasonLimitExceeded        Reason = "LIMIT_EXCEEDED"
	ReasonDiskFull             Reason = "DISK_FULL"
	ReasonStorageFailed        Reason = "STORAGE_FAILED"
	ReasonShuttingDown         Reason = "SHUTTING_DOWN"
	ReasonDataLoss             Reason = "DATA_LOSS"
	ReasonInternal             Reason = "INTERNAL"
	ReasonSubscriptionNotFound Reason = "SUBSCRIPTION_NOT_FOUND"
	ReasonSubscriptionExists   Reason = "SUBSCRIPTION_EXISTS"
	ReasonSubscriptionDeleted  Reason = "SUBSCRIPTION_DELETED"
	ReasonBacklogFull          Reason = "BACKLOG_FULL"
	ReasonScheduleNotFound     Reason = "SCHEDULE_NOT_FOUND"
	ReasonScheduleExists       Reason = "SCHEDULE_EXISTS"
)

// Reasons of the client.
const (
	// ReasonUnreachable: no broker answered, or the connection was lost. What was under way may have been stored.
	ReasonUnreachable Reason = "UNREACHABLE"
	// ReasonDeadlineExceeded: the broker did not answer in time. What was under way may have been stored.
	ReasonDeadlineExceeded Reason = "DEADLINE_EXCEEDED"
	// ReasonCancelled: a context was cancelled.
	ReasonCancelled Reason = "CANCELLED"
	// ReasonClientClosed: the client, publisher or channel was closed before or meanwhile.
	ReasonClientClosed Reason = "CLIENT_CLOSED"
)

const wireReasonPrefix = "ERROR_REASON_"

// Retryable tells whether the same request may succeed if it is sent again, unchanged, a little later.
func (r Reason) Retryable() bool {
	switch r {
	case ReasonOverloaded, ReasonDiskFull, ReasonStorageFailed, ReasonShuttingDown,
		ReasonUnreachable, ReasonDeadlineExceeded:
		return true
	}
	return false
}

// isKnown tells whether it is a reason of the broker that this version knows.
func (r Reason) isKnown() bool {
	return playheadv1.ErrorReason_value[wireReasonPrefix+string(r)] != 0
}

// reasonOfWire is INTERNAL for a reason that this version does not know.
func reasonOfWire(wire playheadv1.ErrorReason) Reason {
	name, ok := playheadv1.ErrorReason_name[int32(wire)]
	if !ok || wire == playheadv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		return ReasonInternal
	}
	return Reason(strings.TrimPrefix(name, wireReasonPrefix))
}
