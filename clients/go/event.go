package playhead

import (
	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// Event is what a subscription meets, in order: a Message, CaughtUp, Trimmed, Closed or Deleted.
type Event interface{ isEvent() }

// CaughtUp says that everything that was committed has been delivered. It comes again when the reader has fallen so far
// behind that it read from the disk.
type CaughtUp struct {
	// NextTimestampNs: the next message has this timestamp or a later one; nanoseconds since 1970, UTC.
	NextTimestampNs int64
}

// Trimmed says that what was asked for is gone, by trim or by retention.
type Trimmed struct {
	Topic string
	// FirstTimestampNs is that of the first retained message; 0 if none is left.
	FirstTimestampNs int64
}

// Deleted says that a topic is gone. It ends the subscription, unless that is of a glob.
type Deleted struct{ Topic string }

func (Message) isEvent()  {}
func (CaughtUp) isEvent() {}
func (Trimmed) isEvent()  {}
func (Closed) isEvent()   {}
func (Deleted) isEvent()  {}

func fromWireTrimmed(wire *playheadv1.Trimmed) *Trimmed {
	if wire == nil {
		return nil
	}
	return &Trimmed{Topic: wire.GetTopic(), FirstTimestampNs: wire.GetFirstTimestampNs()}
}
