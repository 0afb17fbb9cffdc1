package playhead

import (
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// Position is where reading begins. The zero value is what the operation says: the latest for a subscription of a topic,
// the earliest for a channel and for a page.
type Position struct{ wire *playheadv1.Position }

// Ends of what is retained of a topic.
var (
	// Earliest is the first retained message.
	Earliest = Position{&playheadv1.Position{At: &playheadv1.Position_Edge{Edge: playheadv1.Edge_EDGE_EARLIEST}}}
	// Latest is behind the last message: only what comes from now on.
	Latest = Position{&playheadv1.Position{At: &playheadv1.Position_Edge{Edge: playheadv1.Edge_EDGE_LATEST}}}
)

// At is the first message of this time or later. A time in the future waits for it.
func At(t time.Time) Position { return AtNs(t.UnixNano()) }

// AtNs is At for nanoseconds since 1970, UTC, such as the timestamp of a message.
func AtNs(timestampNs int64) Position {
	return Position{&playheadv1.Position{At: &playheadv1.Position_TimestampNs{TimestampNs: timestampNs}}}
}

// Ago is the first message that is not older than this, by the broker's clock.
func Ago(d time.Duration) Position {
	return Position{&playheadv1.Position{At: &playheadv1.Position_AgoNs{AgoNs: d.Nanoseconds()}}}
}

// Last is the last n messages; fewer if fewer are retained.
func Last(n int64) Position {
	return Position{&playheadv1.Position{At: &playheadv1.Position_LastMessages{LastMessages: n}}}
}

func (p Position) isZero() bool { return p.wire == nil }

func (p Position) or(fallback Position) Position {
	if p.isZero() {
		return fallback
	}
	return p
}

// isEarliest tells whether reading begins where the topic does.
func (p Position) isEarliest() bool {
	switch at := p.wire.GetAt().(type) {
	case *playheadv1.Position_Edge:
		return at.Edge == playheadv1.Edge_EDGE_EARLIEST
	case *playheadv1.Position_TimestampNs:
		return at.TimestampNs == 0
	}
	return false
}

// Until is where reading ends. The zero value has no end; of a page, it is what is there now.
type Until struct {
	kind untilKind
	ns   int64
}

type untilKind int

const (
	untilNone untilKind = iota
	untilNow
	untilTimestamp
	untilAgo
)

// Now ends behind what is there when reading begins.
var Now = Until{kind: untilNow}

// Before ends before this time. A time in the future is waited for.
func Before(t time.Time) Until { return BeforeNs(t.UnixNano()) }

// BeforeNs is Before for nanoseconds since 1970, UTC.
func BeforeNs(timestampNs int64) Until { return Until{untilTimestamp, timestampNs} }

// BeforeAgo ends so long before the broker's clock.
func BeforeAgo(d time.Duration) Until { return Until{untilAgo, d.Nanoseconds()} }
