package playhead

import (
	"strconv"
	"sync"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// settlements is what was settled and not sent yet, in the order of the calls. To wait is bounded by what was delivered.
type settlements struct {
	// mu is that of the owner, and guards everything here and in the leases.
	mu *sync.Mutex
	// onPending: there is something to take. Called with mu held, as the others are.
	onPending func()
	// onReleased: a delivery is held no longer.
	onReleased func(l *lease, bytes int)
	// onFailed may be nil. Called without mu.
	onFailed func(*Error, SettleFailure)

	pending []*Settlement
	// untold is what failed and onFailed is to be told of.
	untold []untoldFailure
	// closed is why nothing can be settled any more; nil while it can.
	closed *Error
}

type untoldFailure struct {
	err     *Error
	failure SettleFailure
}

// unlock releases mu, and tells of what has failed while it was held.
func (q *settlements) unlock() {
	untold := q.untold
	q.untold = nil
	q.mu.Unlock()
	for _, each := range untold {
		q.onFailed(each.err, each.failure)
	}
}

// settle is refused with CONFLICT, and changes nothing, if the delivery is settled or its lease lost.
func (q *settlements) settle(d *Delivery, a action) *Settlement {
	q.mu.Lock()
	defer q.unlock()
	return q.settleLocked(d, a)
}

func (q *settlements) settleLocked(d *Delivery, a action) *Settlement {
	refusal := q.closed
	switch {
	case d.isSettled:
		refusal = conflict("the delivery is settled already", d.lease.receipt)
	case d.lease.lost != nil:
		refusal = d.lease.lost
	}
	if refusal != nil {
		refused := newSettlement(d, a)
		q.fail(refused, refusal)
		return refused
	}
	settlement := q.add(d, a)
	if a.kind == ActionExtend {
		d.extension = settlement
	} else {
		d.isSettled = true
		d.lease.heldCount--
		d.lease.heldBytes -= d.Message.size
		q.onReleased(d.lease, d.Message.size)
	}
	q.onPending()
	return settlement
}

func (q *settlements) add(d *Delivery, a action) *Settlement {
	if n := len(q.pending); n > 0 && q.pending[n-1].adjoins(d, a) {
		q.pending[n-1].add(d)
		return q.pending[n-1]
	}
	settlement := newSettlement(d, a)
	q.pending = append(q.pending, settlement)
	return settlement
}

// take gives up to limit settlements, whose results are expected in this order.
func (q *settlements) take(limit int) []*Settlement {
	n := min(len(q.pending), limit)
	taken := q.pending[:n:n]
	q.pending = q.pending[n:]
	return taken
}

// answer notes the result of a settlement that was taken.
func (q *settlements) answer(s *Settlement, result *playheadv1.SettlementResult) {
	if result.GetError() != nil {
		q.fail(s, fromWireError(result.GetError()))
		return
	}
	s.deadlineNs = result.GetDeadlineTimestampNs()
	close(s.done)
}

// abandon fails settlements of which nobody knows what came.
func (q *settlements) abandon(sent []*Settlement, err *Error) {
	for _, s := range sent {
		q.fail(s, err)
	}
}

// clear fails what was not taken.
func (q *settlements) clear(err *Error) {
	q.abandon(q.pending, err)
	q.pending = nil
}

func (q *settlements) fail(s *Settlement, err *Error) {
	failure := s.fail(err)
	if q.onFailed != nil {
		q.untold = append(q.untold, untoldFailure{err, failure})
	}
}

func conflict(text string, receipt int64) *Error {
	return newError(ReasonConflict, "%s", text).with("receipt", strconv.FormatInt(receipt, 10))
}

func toWireSettlements(sent []*Settlement) []*playheadv1.Settlement {
	wire := make([]*playheadv1.Settlement, len(sent))
	for i, s := range sent {
		wire[i] = s.wire()
	}
	return wire
}
