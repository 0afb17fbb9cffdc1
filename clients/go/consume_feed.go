package playhead

import (
	"context"
	"slices"
	"sync"
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

const (
	// maxSettlements of one request.
	maxSettlements = 10_000
	// resultsTimeout is how long a close waits for the results of what was settled.
	resultsTimeout = 5 * time.Second
	// Bounds of the pause between two looks at which leases have run out.
	minSweep = 50 * time.Millisecond
	maxSweep = time.Minute
	// endedWithWorker is what becomes of the leases of a worker.
	endedWithWorker = "the lease has ended with its worker"
)

// consumeFeed is the state of a consumption: what was delivered, what is held, and what becomes of it. consumeStreams
// brings it, over as many Consume calls as it takes.
//
// The broker sends no more than it has credit for, so that the queue is bounded. Credit goes back as deliveries are
// settled. With a call its leases go: what was delivered before is void.
type consumeFeed struct {
	connection   *connection
	client       *Client
	topic        string
	subscription string
	options      ConsumeOptions
	backoff      *backoff
	user         context.Context // Of who consumes.
	ctx          context.Context // Ends with that, with the client, and at the end.
	release      context.CancelFunc
	wake         chan struct{} // Tells the sender that there may be something to send.
	leaving      chan struct{} // Closed when a close was asked for.
	leaveOnce    sync.Once
	ended        chan struct{} // Closed when nothing is handed out any more.
	done         chan struct{} // Closed when it is over, and so is its call.

	mu          sync.Mutex
	settlements *settlements
	credit      credit
	queue       []queuedResponse
	batch       []*Delivery // What was taken from the queue and is not handed out.
	held        map[*lease]struct{}
	sweeper     *time.Timer // Nil if nothing is held.
	unanswered  []*Settlement
	isActive    bool
	leaseTime   time.Duration // 0 until the broker has taken the worker.
	comingEnd   *ConsumptionEnd
	end         *ConsumptionEnd
	changed     chan struct{} // Closed, and made anew, when there is something to take, a start, a result, or the end.
}

// queuedResponse is one that nobody has taken yet.
type queuedResponse struct {
	response  response
	leases    []*playheadv1.Lease
	expiresAt time.Time // From then on the deliveries are somebody else's.
}

func newConsumeFeed(ctx context.Context, d *Durable, options ConsumeOptions) *consumeFeed {
	c := d.client.connection
	f := &consumeFeed{
		connection:   c,
		client:       d.client,
		topic:        d.topic,
		subscription: d.name,
		options:      options,
		backoff:      c.newBackoff(forever),
		user:         ctx,
		wake:         make(chan struct{}, 1),
		leaving:      make(chan struct{}),
		ended:        make(chan struct{}),
		done:         make(chan struct{}),
		credit:       credit{maxMessages: options.MaxInFlight, maxBytes: options.MaxBytes},
		held:         map[*lease]struct{}{},
		changed:      make(chan struct{}),
	}
	f.ctx, f.release = c.bind(ctx)
	f.settlements = &settlements{
		mu:         &f.mu,
		onPending:  f.notify,
		onReleased: f.released,
		onFailed:   options.OnSettleError,
	}
	return f
}

func (f *consumeFeed) operation() string {
	return "the consumption of " + f.topic + " by " + f.subscription
}

func (f *consumeFeed) notify() {
	select {
	case f.wake <- struct{}{}:
	default: // It has been told and has not looked yet.
	}
}

// tellWaiters wakes those who wait for a change. For who holds mu.
func (f *consumeFeed) tellWaiters() {
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *consumeFeed) tell(event ConsumptionEvent) {
	if f.options.OnEvent != nil {
		f.options.OnEvent(event)
	}
}

// take waits for the next delivery, or the end.
func (f *consumeFeed) take() (*Delivery, *ConsumptionEnd) {
	f.mu.Lock()
	for {
		if f.end != nil {
			defer f.settlements.unlock()
			return nil, f.end
		}
		if delivery := f.takeNow(time.Now()); delivery != nil {
			defer f.settlements.unlock()
			return delivery, nil
		}
		changed := f.changed
		f.settlements.unlock()
		<-changed
		f.mu.Lock()
	}
}

func (f *consumeFeed) takeNow(now time.Time) *Delivery {
	for {
		for len(f.batch) > 0 {
			delivery := f.batch[0]
			f.batch = f.batch[1:]
			// What waited here too long is somebody else's.
			if !delivery.lease.isOver(now) {
				return delivery
			}
		}
		if len(f.queue) == 0 {
			return nil
		}
		queued := f.queue[0]
		f.queue = f.queue[1:]
		if now.Before(queued.expiresAt) {
			f.batch = f.decode(queued)
		} else {
			f.giveBack(queued.response.messageCount, queued.response.messageBytes)
		}
	}
}

// decode takes a response, whose leases are held from then on.
func (f *consumeFeed) decode(queued queuedResponse) []*Delivery {
	deliveries, leases, err := decodeDeliveries(
		f.settlements, f.topic, queued.response, queued.leases, queued.expiresAt)
	if err != nil {
		f.conclude(&ConsumptionEnd{Kind: EndFailed, Err: asError(err)})
		return nil
	}
	for _, each := range leases {
		f.held[each] = struct{}{}
	}
	f.armSweeper()
	return deliveries
}

func (f *consumeFeed) awaitStart(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.leaseTime == 0 && f.end == nil {
		changed := f.changed
		f.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		f.mu.Lock()
		if ctx.Err() != nil {
			return contextError(ctx, f.operation())
		}
	}
	switch {
	case f.leaseTime != 0:
		return nil
	case f.end.Err != nil:
		return f.end.Err
	}
	return closedError(f.operation())
}

func (f *consumeFeed) released(l *lease, bytes int) {
	if l.heldCount == 0 {
		delete(f.held, l)
	}
	if !l.isExpired {
		f.giveBack(1, bytes)
	}
}

func (f *consumeFeed) giveBack(count, bytes int) {
	f.credit.giveBack(count, bytes)
	if f.credit.isDue() {
		f.notify()
	}
}

// armSweeper has leases that run out give their credit back.
func (f *consumeFeed) armSweeper() {
	if f.sweeper != nil || f.end != nil || len(f.held) == 0 {
		return
	}
	f.sweeper = time.AfterFunc(min(max(f.leaseTime/4, minSweep), maxSweep), func() {
		f.mu.Lock()
		defer f.settlements.unlock()
		f.sweeper = nil
		now := time.Now()
		for each := range f.held {
			if now.Before(each.expiresAt) {
				continue
			}
			// The broker alone says whether something of it can still be settled.
			each.isExpired = true
			delete(f.held, each)
			f.giveBack(each.heldCount, each.heldBytes)
		}
		f.armSweeper()
	})
}

// lose says that nothing of what is held can be settled any more. It gives what was held.
func (f *consumeFeed) lose(how string) (count, bytes int) {
	for each := range f.held {
		each.lost = conflict(how, each.receipt)
		count += each.heldCount
		bytes += each.heldBytes
	}
	clear(f.held)
	return count, bytes
}

// takeToSend gives what is to be sent now; nil if that is nothing.
func (f *consumeFeed) takeToSend() *playheadv1.ConsumeRequest {
	f.mu.Lock()
	defer f.settlements.unlock()
	taken := f.settlements.take(maxSettlements)
	for _, each := range taken {
		f.unanswered = append(f.unanswered, each)
		f.credit.unconfirmed += each.count
	}
	messages, bytes := f.credit.take()
	if len(taken) == 0 && messages == 0 && bytes == 0 {
		return nil
	}
	return &playheadv1.ConsumeRequest{
		CreditMessages: messages,
		CreditBytes:    bytes,
		Settlements:    toWireSettlements(taken),
	}
}

// giveBackUnseen settles what nobody has seen: those deliveries do not count. Then nothing is handed out any more.
func (f *consumeFeed) giveBackUnseen() {
	f.mu.Lock()
	defer f.settlements.unlock()
	for delivery := f.takeNow(time.Now()); delivery != nil; delivery = f.takeNow(time.Now()) {
		if !delivery.isSettled {
			f.settlements.settleLocked(delivery, action{kind: ActionNack, delayMs: noDelay, isUnseen: true})
		}
	}
}

// conclude: nothing is handed out or settled from here on; what was sent is still answered. For who holds mu.
func (f *consumeFeed) conclude(end *ConsumptionEnd) {
	if f.end != nil {
		return
	}
	f.end = end
	f.isActive = false
	f.queue, f.batch = nil, nil
	if f.sweeper != nil {
		f.sweeper.Stop()
	}
	f.lose(endedWithWorker)
	f.settlements.closed = newError(ReasonConflict, endedWithWorker)
	f.settlements.clear(f.settlements.closed)
	close(f.ended)
	f.tellWaiters()
}

// voidAll: what was delivered by a call that is over.
func (f *consumeFeed) voidAll(how string, cause *Error) {
	f.mu.Lock()
	defer f.settlements.unlock()
	f.isActive = false
	f.queue, f.batch = nil, nil
	f.lose(how)
	f.settlements.clear(newError(ReasonConflict, "%s", how))
	f.settlements.abandon(f.unanswered, cause)
	f.unanswered = nil
	f.tellWaiters()
}

// awaitAnswers waits until everything that was sent has its result.
func (f *consumeFeed) awaitAnswers(stop <-chan time.Time, over <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.unanswered) > 0 {
		changed := f.changed
		f.mu.Unlock()
		select {
		case <-changed:
		case <-stop:
			f.mu.Lock()
			return
		case <-over:
			f.mu.Lock()
			return
		}
		f.mu.Lock()
	}
}

// answer gives the results to what was sent first. False: there are more results than settlements.
func (f *consumeFeed) answer(results []*playheadv1.SettlementResult) bool {
	f.mu.Lock()
	defer f.settlements.unlock()
	if len(results) > len(f.unanswered) {
		return false
	}
	for i, result := range results {
		sent := f.unanswered[i]
		f.credit.unconfirmed -= sent.count
		f.settlements.answer(sent, result)
		if sent.action.kind == ActionExtend && sent.err == nil {
			ms := fromMs(sent.action.leaseMs)
			if ms == 0 {
				ms = f.leaseTime
			}
			if until := time.Now().Add(ms); until.After(sent.lease.expiresAt) {
				sent.lease.expiresAt = until
			}
		}
	}
	f.unanswered = slices.Delete(f.unanswered, 0, len(results))
	if f.credit.isDue() {
		f.notify()
	}
	f.tellWaiters()
	return true
}

// shutdown sends what was settled, waits for the results, and ends the call.
func (f *consumeFeed) shutdown(ctx context.Context) {
	f.leaveOnce.Do(func() { close(f.leaving) })
	select {
	case <-f.done:
	case <-ctx.Done():
		f.release()
		<-f.done
	}
}
