package playhead

import (
	"context"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// Action is what becomes of a delivery.
type Action string

// Actions.
const (
	ActionAck       Action = "ack"
	ActionNack      Action = "nack"
	ActionExtend    Action = "extend"
	ActionTerminate Action = "terminate"
)

// noDelay leaves the delay to the backoff of the subscription.
const noDelay = -1

// action is an Action with its terms. Those that are equal travel as one.
type action struct {
	kind Action
	// delayMs, isUnseen: of a nack. Unseen does not count as a delivery.
	delayMs  int64
	isUnseen bool
	// leaseMs: of an extension.
	leaseMs int64
	// reason: of a termination.
	reason string
}

// Settlement is what becomes of consecutive deliveries of one lease, which have their result in common. It grows until it
// is sent.
type Settlement struct {
	action action
	lease  *lease
	// before is the extension that all its deliveries had: parts of a lease that were extended apart run out apart.
	before           *Settlement
	lastIndex        int
	firstTimestampNs int64
	lastTimestampNs  int64
	count            int

	// done is closed when it has its result; what follows is written before.
	done       chan struct{}
	deadlineNs int64 // Of an extension.
	err        *Error
}

// SettleFailure describes deliveries whose settlement did not come to pass.
type SettleFailure struct {
	Action           Action
	DeliveryCount    int
	FirstTimestampNs int64
	LastTimestampNs  int64
}

func newSettlement(d *Delivery, a action) *Settlement {
	return &Settlement{
		action:           a,
		lease:            d.lease,
		before:           d.extension,
		lastIndex:        d.index,
		firstTimestampNs: d.Message.TimestampNs,
		lastTimestampNs:  d.Message.TimestampNs,
		count:            1,
		done:             make(chan struct{}),
	}
}

// Done is closed when the result is there.
func (s *Settlement) Done() <-chan struct{} { return s.done }

// Wait waits until the broker has it on disk, or refuses it. If the context ends before, it may come to pass nevertheless.
func (s *Settlement) Wait(ctx context.Context) error {
	select {
	case <-s.done:
	case <-ctx.Done():
		return contextError(ctx, "the settlement")
	}
	if s.err != nil {
		return s.err
	}
	return nil
}

// adjoins tells whether this could be the next delivery, with the same fate at the broker.
func (s *Settlement) adjoins(d *Delivery, a action) bool {
	return s.lease == d.lease && s.lastIndex+1 == d.index && s.before == d.extension && s.action == a
}

func (s *Settlement) add(d *Delivery) {
	s.lastIndex = d.index
	s.lastTimestampNs = d.Message.TimestampNs
	s.count++
}

func (s *Settlement) fail(err *Error) SettleFailure {
	s.err = err
	close(s.done)
	return SettleFailure{s.action.kind, s.count, s.firstTimestampNs, s.lastTimestampNs}
}

func (s *Settlement) wire() *playheadv1.Settlement {
	wire := &playheadv1.Settlement{
		Receipt:          s.lease.receipt,
		FirstTimestampNs: s.firstTimestampNs,
		LastTimestampNs:  s.lastTimestampNs,
	}
	switch s.action.kind {
	case ActionAck:
		wire.Action = &playheadv1.Settlement_Ack{Ack: &playheadv1.Ack{}}
	case ActionNack:
		nack := &playheadv1.Nack{IsUnseen: s.action.isUnseen}
		if s.action.delayMs != noDelay {
			nack.DelayMs = &s.action.delayMs
		}
		wire.Action = &playheadv1.Settlement_Nack{Nack: nack}
	case ActionExtend:
		wire.Action = &playheadv1.Settlement_Extend{Extend: &playheadv1.Extend{LeaseMs: s.action.leaseMs}}
	case ActionTerminate:
		wire.Action = &playheadv1.Settlement_Terminate{Terminate: &playheadv1.Terminate{Reason: s.action.reason}}
	}
	return wire
}
