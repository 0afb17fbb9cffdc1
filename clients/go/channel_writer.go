package playhead

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// channelWriter writes one channel: publishes, sums up what was stored, and closes. One for each topic and client.
type channelWriter struct {
	client    *Client
	publisher *Publisher
	isClosed  atomic.Bool
	// closing lets one close at a time through: whose value is in it, of which there is room for one. It guards closed. A
	// mutex would not look at the context of who waits.
	closing chan struct{}
	closed  *Closed

	mu     sync.Mutex
	stored writerSummary
}

// writerSummary is what a writer knows of what it has stored.
type writerSummary struct {
	checksum     *checksum
	messageCount int64
	// lastTimestampNs is that of the last message; 0 before the first.
	lastTimestampNs int64
}

func (w *channelWriter) sumUp(b *batch, ack PublishAck) {
	if b.count == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stored.messageCount += int64(b.count)
	w.stored.lastTimestampNs = ack.LastTimestampNs
	b.eachValue(w.stored.checksum.update)
}

// summary is that of now, with a checksum of its own.
func (w *channelWriter) summary(more ...Message) writerSummary {
	w.mu.Lock()
	defer w.mu.Unlock()
	summary := w.stored
	summary.checksum = summary.checksum.clone(more)
	return summary
}

func (w *channelWriter) close(ctx context.Context, reason string, last []Message) (*Closed, error) {
	select {
	case w.closing <- struct{}{}:
		defer func() { <-w.closing }()
	case <-ctx.Done():
		return nil, contextError(ctx, "close "+w.publisher.topic)
	}
	if w.closed != nil {
		return w.closed, nil
	}
	w.isClosed.Store(true)
	closed, err := w.tryClose(ctx, reason, last)
	if err != nil {
		w.isClosed.Store(false)
		return nil, err
	}
	w.closed = closed
	w.client.forgetWriter(w)
	return closed, w.publisher.Close()
}

func (w *channelWriter) tryClose(ctx context.Context, reason string, last []Message) (*Closed, error) {
	if err := w.publisher.Flush(ctx); err != nil {
		return nil, err
	}
	closed, err := w.closeVerified(ctx, reason, last)
	if closed != nil || err != nil {
		return closed, err
	}
	return w.end(ctx, last, &playheadv1.PublishStreamRequest{Close: &playheadv1.Close{Reason: reason}})
}

// closeVerified closes with the checksum. Nil, and nothing done, if others have written too: a checksum over a part of
// the messages would tell every reader that something is wrong.
func (w *channelWriter) closeVerified(ctx context.Context, reason string, last []Message) (*Closed, error) {
	summary := w.summary(last...)
	count, err := w.countStored(ctx, summary)
	if err != nil || count != summary.messageCount {
		return nil, err
	}
	closed, err := w.end(ctx, last, &playheadv1.PublishStreamRequest{
		Close: &playheadv1.Close{Reason: reason, Checksum: summary.checksum.digest()},
		// Whoever writes from here on is noticed by the broker.
		ExpectedLastTimestampNs: &summary.lastTimestampNs,
	})
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Reason == ReasonConflict {
		if refusal.Metadata["last_timestamp_ns"] == "0" {
			return nil, topicDeletedError(w.publisher.topic)
		}
		return nil, nil
	}
	return closed, err
}

func (w *channelWriter) end(
	ctx context.Context, last []Message, terms *playheadv1.PublishStreamRequest,
) (*Closed, error) {
	closed, err := w.publisher.publishClosing(ctx, last, terms)
	if err != nil {
		return nil, err
	}
	return fromWireClosed(closed), nil
}

func (w *channelWriter) countStored(ctx context.Context, summary writerSummary) (int64, error) {
	topic, err := w.client.Topic(ctx, w.publisher.topic)
	if ReasonOf(err) != ReasonTopicNotFound {
		if err != nil {
			return 0, err
		}
		return topic.MessageCount, nil
	}
	if summary.messageCount > 0 {
		// To close what somebody has deleted would make an empty channel of that name.
		return 0, topicDeletedError(w.publisher.topic)
	}
	return 0, nil
}
