package playhead

import (
	"context"
	"slices"
	"sync"
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

const (
	// soloBytes: a larger message goes alone. If it is over a limit, it is refused without its neighbours.
	soloBytes = 64 << 10
	// uncheckedBytes: every broker takes a request of this size; the limit of larger ones is asked for first.
	uncheckedBytes = 1 << 20
	// maxUnreported bounds the errors that are kept for a Flush that may never come.
	maxUnreported = 16
)

// outbox is what a publisher was handed over and the broker has not acknowledged. It is the one owner of that state.
//
//	        append               next                 result
//	caller ───────▶ open, queue ───────▶ in flight ──────────▶ settled
//	                            (at most maxInFlight)
//
// A request keeps its sequence and its bytes for ever, so that the broker knows it again when it is sent again.
type outbox struct {
	topic            string
	linger           time.Duration
	maxBatchBytes    int
	maxBufferedBytes int
	maxInFlight      int
	// onStored sees a batch before its publishers know that it is stored.
	onStored func(*batch, PublishAck)
	// wake tells the pipeline that there may be something to send.
	wake chan struct{}

	mu sync.Mutex
	// open is the request that is being filled; nil if there is none.
	open         *publishRequest
	isOpenDue    bool
	lingerTimer  *time.Timer
	queue        []*publishRequest
	inFlight     []*publishRequest
	nextSequence int64 // 0 until it is known.
	// maxRequestBytes is the broker's limit; 0 until it is known.
	maxRequestBytes int
	// expectedBytes is the size of the request before, and so the likely size of the next.
	expectedBytes int
	bufferedBytes int
	// room is closed when there is room again; nil if nobody waits for that.
	room       chan struct{}
	unreported []*Error
	// refusal is why nothing is taken any more; nil while it is.
	refusal *Error
}

// append adds a message to the request that is being filled. It waits while the buffer is full.
func (o *outbox) append(ctx context.Context, m *Message) (PendingAck, error) {
	about := len(m.Key) + len(m.Value)
	if ctx.Err() != nil {
		return PendingAck{}, contextError(ctx, "publish to "+o.topic)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.waitForRoom(ctx); err != nil {
		return PendingAck{}, err
	}
	isSolo := about > soloBytes
	if o.open != nil && (isSolo || o.open.batch.size()+about > o.maxBatchBytes) {
		o.seal()
	}
	if o.open == nil {
		o.begin()
	}
	request := o.open
	before := request.batch.size()
	request.batch.add(m)
	o.bufferedBytes += request.batch.size() - before
	if isSolo || request.batch.size() >= o.maxBatchBytes {
		o.seal()
	}
	return PendingAck{o, request, request.batch.count - 1}, nil
}

// push puts a request of its own behind what was handed over before.
func (o *outbox) push(ctx context.Context, request *publishRequest) error {
	if ctx.Err() != nil {
		return contextError(ctx, "publish to "+o.topic)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.waitForRoom(ctx); err != nil {
		return err
	}
	o.seal()
	o.bufferedBytes += request.batch.size()
	o.queue = append(o.queue, request)
	o.notify()
	return nil
}

func (o *outbox) waitForRoom(ctx context.Context) error {
	for o.refusal == nil && o.bufferedBytes >= o.maxBufferedBytes {
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
		}
		o.mu.Lock()
		if ctx.Err() != nil {
			return contextError(ctx, "publish to "+o.topic)
		}
	}
	if o.refusal != nil {
		return o.refusal
	}
	return nil
}

func (o *outbox) begin() {
	o.open = newPublishRequest(o.expectedBytes)
	o.isOpenDue = o.linger == 0
	if o.isOpenDue {
		o.notify()
		return
	}
	request := o.open
	o.lingerTimer = time.AfterFunc(o.linger, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.open == request {
			o.isOpenDue = true
			o.notify()
		}
	})
}

// seal takes the request that is being filled, so that the next message begins another.
func (o *outbox) seal() {
	if o.open == nil {
		return
	}
	if o.lingerTimer != nil {
		o.lingerTimer.Stop()
	}
	size := o.open.batch.size()
	o.expectedBytes = min(size, o.maxBatchBytes) + min(size/8+64, 16<<10)
	o.queue = append(o.queue, o.open)
	o.open = nil
	o.notify()
}

func (o *outbox) notify() {
	select {
	case o.wake <- struct{}{}:
	default: // It has been told and has not looked yet.
	}
}

// next moves what is to be sent next to what is in flight; nil if there is nothing to send now. needsLimit says that
// maxRequestBytes must be known first.
func (o *outbox) next() (request *publishRequest, needsLimit bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.inFlight) < o.maxInFlight {
		if len(o.queue) == 0 && len(o.inFlight) == 0 && o.isOpenDue {
			o.seal()
		}
		if len(o.queue) == 0 {
			return nil, false
		}
		request = o.queue[0]
		if size := request.batch.size(); size > uncheckedBytes {
			if o.maxRequestBytes == 0 {
				return nil, true
			}
			if size > o.maxRequestBytes {
				o.queue = o.queue[1:]
				o.failed(request, requestTooLarge(size, o.maxRequestBytes))
				continue
			}
		}
		o.queue = o.queue[1:]
		o.inFlight = append(o.inFlight, request)
		request.sequence = o.nextSequence
		o.nextSequence += int64(request.batch.count)
		return request, false
	}
	return nil, false
}

func requestTooLarge(bytes, limitBytes int) *Error {
	return newError(ReasonRequestTooLarge,
		"a request of %d bytes is over the broker's limit of %d: publish it in parts", bytes, limitBytes).
		with("limit_bytes", limitBytes).with("bytes", bytes)
}

// unacknowledged is what was sent and has no result, for a new stream.
func (o *outbox) unacknowledged() []*publishRequest {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.inFlight)
}

// encode gives the bytes of a request in flight; nil if it has been settled meanwhile.
func (o *outbox) encode(request *publishRequest, topic, producer string) (rawRequest, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if request.isSettled() {
		return nil, nil
	}
	return request.batch.encode(topic, producer, request.sequence)
}

// hasWork tells whether something waits to be sent or for its result.
func (o *outbox) hasWork() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.inFlight)+len(o.queue) > 0 || o.open != nil && o.isOpenDue
}

// isFinished tells whether it is closed and everything in it is settled.
func (o *outbox) isFinished() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.refusal != nil && len(o.inFlight)+len(o.queue) == 0 && o.open == nil
}

// settleFirst gives its result to what was sent first. False if nothing is in flight.
func (o *outbox) settleFirst(ack *playheadv1.PublishAck, err *Error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.inFlight) == 0 {
		return false
	}
	request := o.inFlight[0]
	o.inFlight = slices.Delete(o.inFlight, 0, 1)
	if err != nil {
		o.failed(request, err)
	} else {
		if o.onStored != nil {
			o.onStored(&request.batch, PublishAck{ack.GetFirstTimestampNs(), ack.GetLastTimestampNs(), ack.GetDuplicate()})
		}
		o.release(request)
		request.stored(ack)
	}
	o.notify()
	return true
}

// failInFlight settles what was sent with an error.
func (o *outbox) failInFlight(err *Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, request := range o.inFlight {
		o.failed(request, err)
	}
	o.inFlight = nil
}

// failAll settles everything with an error.
func (o *outbox) failAll(err *Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seal()
	for _, request := range slices.Concat(o.inFlight, o.queue) {
		o.failed(request, err)
	}
	o.inFlight, o.queue = nil, nil
}

func (o *outbox) failed(request *publishRequest, err *Error) {
	o.release(request)
	if !request.isWatched.Load() && len(o.unreported) < maxUnreported && !slices.Contains(o.unreported, err) {
		o.unreported = append(o.unreported, err)
	}
	request.failed(err)
}

func (o *outbox) release(request *publishRequest) {
	o.bufferedBytes -= request.batch.size()
	// Not for each little room: who publishes much is then woken for each message.
	if o.room != nil && o.bufferedBytes <= o.maxBufferedBytes/2 {
		close(o.room)
		o.room = nil
	}
}

// await waits for the result of a request. Its error is reported with that.
func (o *outbox) await(ctx context.Context, request *publishRequest) (PublishAck, error) {
	request.isWatched.Store(true)
	select {
	case <-request.done:
	case <-ctx.Done():
		select {
		case <-request.done:
		default:
			request.isWatched.Store(false)
			return PublishAck{}, contextError(ctx, "publish to "+o.topic)
		}
	}
	if request.err == nil {
		return request.ack, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.unreported = slices.DeleteFunc(o.unreported, func(err *Error) bool { return err == request.err })
	return PublishAck{}, request.err
}

// flush waits for all that was handed over so far. It returns the first error of that, and of what failed before without
// anybody waiting for it.
func (o *outbox) flush(ctx context.Context) error {
	o.mu.Lock()
	o.seal()
	outstanding := slices.Concat(o.inFlight, o.queue)
	var first error
	if len(o.unreported) > 0 {
		first = o.unreported[0]
	}
	o.unreported = nil
	o.mu.Unlock()
	for _, request := range outstanding {
		if _, err := o.await(ctx, request); err != nil && first == nil {
			first = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return first
}

// refuse takes nothing any more, for this reason.
func (o *outbox) refuse(err *Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refusal == nil {
		o.refusal = err
	}
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
	o.notify()
}
