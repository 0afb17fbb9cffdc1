package playhead

import (
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// DurableInfo is a durable subscription as it was at the time of the answer.
type DurableInfo struct {
	Topic        string
	Subscription string
	Config       DurableConfig
	// CreatedTimestampNs is when it was created; nanoseconds since 1970, UTC.
	CreatedTimestampNs int64
	// CursorTimestampNs is that of the next message that was never delivered; 0 if there is none.
	CursorTimestampNs int64
	// PendingCount is the lag: messages that are not acknowledged, those in flight included.
	PendingCount int64
	// InFlightCount is the number of messages that are leased.
	InFlightCount int64
	// WaitingCount is the number of messages that were delivered and wait to be delivered again.
	WaitingCount int64
	// RedeliveredCount is the number of deliveries, ever, that were not the first of their message.
	RedeliveredCount int64
	// DeadLetteredCount is the number of messages, ever, that went to the dead-letter topic.
	DeadLetteredCount int64
	// AcknowledgedCount is the number of messages, ever, that were acknowledged.
	AcknowledgedCount int64
	// DroppedCount is the number of messages, ever, that went without being acknowledged: dropped for newer ones, or trimmed.
	DroppedCount int64
	// OldestPendingTimestampNs is that of the oldest message that is not acknowledged; 0 if there is none.
	OldestPendingTimestampNs int64
	// Lag is the age of that message by the broker's clock.
	Lag time.Duration
	// WorkerCount is the number of workers that are connected.
	WorkerCount int
	// IsDrained tells that the topic is closed and everything in it settled: no message will come any more.
	IsDrained bool
}

func fromWireSubscription(wire *playheadv1.Subscription) *DurableInfo {
	return &DurableInfo{
		Topic:                    wire.GetTopic(),
		Subscription:             wire.GetSubscription(),
		Config:                   fromWireConfig(wire.GetConfig()),
		CreatedTimestampNs:       wire.GetCreatedTimestampNs(),
		CursorTimestampNs:        wire.GetCursorTimestampNs(),
		PendingCount:             wire.GetPendingCount(),
		InFlightCount:            wire.GetInFlightCount(),
		WaitingCount:             wire.GetWaitingCount(),
		RedeliveredCount:         wire.GetRedeliveredCount(),
		DeadLetteredCount:        wire.GetDeadLetteredCount(),
		AcknowledgedCount:        wire.GetAcknowledgedCount(),
		DroppedCount:             wire.GetDroppedCount(),
		OldestPendingTimestampNs: wire.GetOldestPendingTimestampNs(),
		Lag:                      time.Duration(wire.GetLagSeconds() * float64(time.Second)),
		WorkerCount:              int(wire.GetWorkerCount()),
		IsDrained:                wire.GetIsDrained(),
	}
}
