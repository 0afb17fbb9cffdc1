package playhead

import (
	"context"
	"sync/atomic"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// PublishAck is what the broker stored of messages that were published together.
type PublishAck struct {
	// FirstTimestampNs is that of the first message; the others follow by one nanosecond each.
	FirstTimestampNs int64
	LastTimestampNs  int64
	// IsDuplicate tells that an earlier try had been stored: the timestamps are those of the first time.
	IsDuplicate bool
}

// publishRequest is a batch and everybody who waits for it. It is filled, sent, perhaps sent again, and settled once.
type publishRequest struct {
	batch batch
	// sequence is the producer's number of the first message; 0 until it is sent first. From then on it stays.
	sequence int64
	// isWatched tells that somebody waits for its result, and so gets its error.
	isWatched atomic.Bool

	// done is closed when it is settled; what follows is written before.
	done   chan struct{}
	ack    PublishAck
	closed *playheadv1.Closed
	err    *Error
}

func newPublishRequest(expectedBytes int) *publishRequest {
	return &publishRequest{batch: batch{messages: make([]byte, 0, expectedBytes)}, done: make(chan struct{})}
}

func (r *publishRequest) stored(ack *playheadv1.PublishAck) {
	r.ack = PublishAck{
		FirstTimestampNs: ack.GetFirstTimestampNs(),
		LastTimestampNs:  ack.GetLastTimestampNs(),
		IsDuplicate:      ack.GetDuplicate(),
	}
	r.closed = ack.GetClosed()
	r.settle()
}

func (r *publishRequest) failed(err *Error) {
	r.err = err
	r.settle()
}

func (r *publishRequest) settle() {
	// Who keeps an ack does not keep the messages.
	r.batch.messages = nil
	close(r.done)
}

func (r *publishRequest) isSettled() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// PendingAck is the promise of the timestamp of a message that was handed over.
type PendingAck struct {
	outbox  *outbox
	request *publishRequest
	index   int
}

// Done is closed when the message is stored or refused.
func (a PendingAck) Done() <-chan struct{} { return a.request.done }

// Wait waits until the message is stored and gives its timestamp: nanoseconds since 1970, UTC. If the context ends
// before, the message may be stored nevertheless.
func (a PendingAck) Wait(ctx context.Context) (timestampNs int64, err error) {
	ack, err := a.outbox.await(ctx, a.request)
	if err != nil {
		return 0, err
	}
	return ack.FirstTimestampNs + int64(a.index), nil
}
