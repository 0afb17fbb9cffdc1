package playhead

import (
	"context"
	"time"
)

// Delivery is a message and its lease: the message is the worker's until it settles it or the lease runs out. What is
// settled while a request is under way travels together. Its methods may be called from any goroutine.
type Delivery struct {
	Message Message
	// Attempt is the how manieth delivery this is of the message; from 1.
	Attempt int

	lease *lease
	// index is its place among the deliveries of the lease.
	index int
	// What follows is guarded by the mutex of the lease's settlements.
	isSettled bool
	// extension is the last one; nil if there was none.
	extension *Settlement
}

// lease is held for consecutive deliveries that have a receipt in common.
type lease struct {
	settlements *settlements
	receipt     int64
	// deadlineNs is by the broker's clock; where a delivery was extended, that holds instead.
	deadlineNs int64
	// What follows is guarded by the mutex of settlements.
	//
	// expiresAt is by this machine's clock, and no earlier than at the broker. Zero if nobody looks at it.
	expiresAt time.Time
	// heldCount and heldBytes are those of the deliveries that are not settled.
	heldCount int
	heldBytes int
	// isExpired tells that the credit of what was held was given back, because the lease ran out.
	isExpired bool
	// lost is why nothing of it can be settled any more.
	lost *Error
}

// isOver tells whether what nobody has looked at yet is delivered to somebody else.
func (l *lease) isOver(now time.Time) bool {
	return l.lost != nil || !l.expiresAt.IsZero() && !now.Before(l.expiresAt)
}

// Ack says that the message is done. It waits until the broker has that on disk. CONFLICT if the lease was lost or the
// delivery is settled already.
func (d *Delivery) Ack(ctx context.Context) error { return d.AckAsync().Wait(ctx) }

// AckAsync is Ack that does not wait. An error that nobody waits for is still told to ConsumeOptions.OnSettleError.
func (d *Delivery) AckAsync() *Settlement {
	return d.lease.settlements.settle(d, action{kind: ActionAck})
}

// Nack gives the message back, to be delivered again as the backoff of the subscription says. It waits as Ack does.
func (d *Delivery) Nack(ctx context.Context) error {
	return d.lease.settlements.settle(d, action{kind: ActionNack, delayMs: noDelay}).Wait(ctx)
}

// NackAfter is Nack with a delay, in whole milliseconds and at most 7 days; 0: at once.
func (d *Delivery) NackAfter(ctx context.Context, delay time.Duration) error {
	return d.lease.settlements.settle(d, action{kind: ActionNack, delayMs: toMs(delay)}).Wait(ctx)
}

// Extend keeps the lease for so long from now on, 1 ms to 7 days; 0: as long as the subscription says. It waits as Ack
// does. Deadline is then the new one.
func (d *Delivery) Extend(ctx context.Context, lease time.Duration) error {
	return d.lease.settlements.settle(d, action{kind: ActionExtend, leaseMs: toMs(lease)}).Wait(ctx)
}

// Terminate makes the message a dead letter at once. The reason has at most 1024 bytes. It waits as Ack does.
func (d *Delivery) Terminate(ctx context.Context, reason string) error {
	return d.lease.settlements.settle(d, action{kind: ActionTerminate, reason: reason}).Wait(ctx)
}

// Deadline is when the lease runs out, by the broker's clock.
func (d *Delivery) Deadline() time.Time {
	mu := d.lease.settlements.mu
	mu.Lock()
	defer mu.Unlock()
	if d.extension != nil && d.extension.deadlineNs != 0 {
		return time.Unix(0, d.extension.deadlineNs)
	}
	return time.Unix(0, d.lease.deadlineNs)
}

// IsSettled tells whether it was acknowledged, given back or terminated here.
func (d *Delivery) IsSettled() bool {
	mu := d.lease.settlements.mu
	mu.Lock()
	defer mu.Unlock()
	return d.isSettled
}

// IsLost tells whether the lease went with the connection, with a seek, or because the consumption has ended.
func (d *Delivery) IsLost() bool {
	mu := d.lease.settlements.mu
	mu.Lock()
	defer mu.Unlock()
	return d.lease.lost != nil
}
