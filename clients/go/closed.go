package playhead

import (
	"encoding/hex"
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// Closed is the close marker: the topic is complete. It is an Event, too.
type Closed struct {
	Topic string
	// TimestampNs is its place on the tape, behind the last message; nanoseconds since 1970, UTC.
	TimestampNs int64
	// MessageCount is that of all messages ever appended, by all writers, trimmed ones included.
	MessageCount int64
	// Reason as the writer gave it. Empty if it gave none.
	Reason string
	// Checksum is the MD5 over the values, as the writer gave it; 32 hexadecimal digits. Empty if it gave none.
	Checksum string
}

// Time is the timestamp of the marker.
func (c Closed) Time() time.Time { return time.Unix(0, c.TimestampNs) }

// fromWireClosed is nil for nil.
func fromWireClosed(wire *playheadv1.Closed) *Closed {
	if wire == nil {
		return nil
	}
	return &Closed{
		Topic:        wire.GetTopic(),
		TimestampNs:  wire.GetTimestampNs(),
		MessageCount: wire.GetMessageCount(),
		Reason:       wire.GetReason(),
		Checksum:     hex.EncodeToString(wire.GetChecksum()),
	}
}
