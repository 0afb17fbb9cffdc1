package playhead

import "time"

// ConsumptionEvent is what a consumption meets between deliveries: WorkerStarted, Disconnected or Sought.
type ConsumptionEvent interface{ isConsumptionEvent() }

// WorkerStarted says that the broker has taken the worker: first, after each lost connection, and when it gets its turn.
type WorkerStarted struct {
	// IsActive is false while another worker has an exclusive subscription.
	IsActive bool
	// Lease is how long leases are.
	Lease time.Duration
	// MaxInFlight and MaxBytes are as they were asked for, or the broker's limits if these are less.
	MaxInFlight int
	MaxBytes    int
}

// Disconnected says that the connection was lost, and is tried again: deliveries from before are void.
type Disconnected struct{ Err *Error }

// Sought says that the subscription was moved to this timestamp: deliveries from before are void.
type Sought struct{ TimestampNs int64 }

func (WorkerStarted) isConsumptionEvent() {}
func (Disconnected) isConsumptionEvent()  {}
func (Sought) isConsumptionEvent()        {}

// EndKind says why a consumption is over.
type EndKind string

const (
	// EndDrained: the topic is closed, and everything in it is settled.
	EndDrained EndKind = "drained"
	// EndDeleted: the subscription was deleted, alone or with its topic.
	EndDeleted EndKind = "deleted"
	// EndClosed: Close was called, or that of the client.
	EndClosed EndKind = "closed"
	// EndFailed: it cannot go on, or its context has ended.
	EndFailed EndKind = "failed"
)

// ConsumptionEnd says why a consumption is over.
type ConsumptionEnd struct {
	Kind EndKind
	// Reason of EndDrained, as who closed the topic gave it.
	Reason string
	// IsTopicDeleted, of EndDeleted, tells that the subscription went with its topic.
	IsTopicDeleted bool
	// Err of EndFailed; SUBSCRIPTION_DELETED or TOPIC_DELETED of EndDeleted; otherwise nil.
	Err *Error
}
