package playhead

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

const (
	defaultBatchBytes = 256 << 10
	// With fewer the broker's disk waits for requests.
	defaultInFlight = 32
	// What is handed over beyond this does not make publishing faster, only the memory larger.
	defaultBufferedBytes = 16 << 20
	maxLinger            = time.Minute
)

// PublisherOptions are what a publisher is told. The zero value has the defaults.
type PublisherOptions struct {
	// Name of the producer, 1 to 255 bytes, for one program at a time: after a restart its publishes go on behind the last
	// one that was stored. Without a name a random one makes retries safe while the publisher lives.
	Name string
	// Linger is how long a message waits for others to go out with, at most a minute. 0: only while a request is under way.
	Linger time.Duration
	// MaxBatchBytes: a request is sent when it has this size. 0: 256 KiB.
	MaxBatchBytes int
	// MaxInFlight is the number of requests under way. 0: 32.
	MaxInFlight int
	// MaxBufferedBytes is kept in memory, sent or not, until it is acknowledged; who publishes more waits. 0: 16 MiB.
	MaxBufferedBytes int
}

// Publisher publishes to one topic, in the order of the calls. What is handed over while a request is under way goes out
// together; messages that went out in one request are stored or refused together. After a lost connection it sends again
// what was not acknowledged, for two minutes unless told otherwise; nothing is stored twice.
//
// Its methods may be called from many goroutines.
type Publisher struct {
	topic    string
	outbox   *outbox
	pipeline *publishPipeline
	onClosed func()
	closing  sync.Once
}

// onStored, if there is one, sees each batch before its publishers know that it is stored.
func newPublisher(
	c *connection, topic string, options PublisherOptions, onStored func(*batch, PublishAck),
) (*Publisher, error) {
	if options.Linger < 0 || options.Linger > maxLinger {
		return nil, newError(ReasonInvalidArgument, "Linger must be 0 to %s, not %s", maxLinger, options.Linger)
	}
	o := &outbox{
		topic:            topic,
		linger:           options.Linger,
		maxBatchBytes:    positiveOr(options.MaxBatchBytes, defaultBatchBytes),
		maxInFlight:      positiveOr(options.MaxInFlight, defaultInFlight),
		maxBufferedBytes: positiveOr(options.MaxBufferedBytes, defaultBufferedBytes),
		onStored:         onStored,
		wake:             make(chan struct{}, 1),
	}
	name := options.Name
	if name == "" {
		name = "auto-" + rand.Text()
		o.nextSequence = 1
	}
	return &Publisher{
		topic:    topic,
		outbox:   o,
		pipeline: startPublishPipeline(c, o, name),
		onClosed: func() {},
	}, nil
}

// Topic is where it publishes to.
func (p *Publisher) Topic() string { return p.topic }

// Name of the producer, given or random.
func (p *Publisher) Name() string { return p.pipeline.producer }

// Publish publishes a message, waits until it is stored and gives its timestamp: nanoseconds since 1970, UTC. If the
// context ends before, the message may be stored nevertheless.
func (p *Publisher) Publish(ctx context.Context, m Message) (timestampNs int64, err error) {
	ack, err := p.PublishAsync(ctx, m)
	if err != nil {
		return 0, err
	}
	return ack.Wait(ctx)
}

// PublishAsync hands a message over, and waits only while there is no room for it. The message is copied. An error that
// nobody waits for with PendingAck.Wait is reported by Flush and Close.
func (p *Publisher) PublishAsync(ctx context.Context, m Message) (PendingAck, error) {
	return p.outbox.append(ctx, &m)
}

// PublishBatch publishes messages in one request: all of them are stored, with consecutive timestamps, or none. The
// reason is REQUEST_TOO_LARGE if they are more than the broker takes at once.
func (p *Publisher) PublishBatch(ctx context.Context, messages ...Message) (PublishAck, error) {
	if len(messages) == 0 {
		return PublishAck{}, newError(ReasonInvalidArgument, "a batch needs at least one message")
	}
	request, err := p.push(ctx, messages, nil)
	if err != nil {
		return PublishAck{}, err
	}
	return p.outbox.await(ctx, request)
}

// PublishExpecting is PublishBatch that is refused with CONFLICT unless this is the timestamp of the topic's last
// message; 0 stands for a topic without one.
func (p *Publisher) PublishExpecting(
	ctx context.Context, expectedLastTimestampNs int64, messages ...Message,
) (PublishAck, error) {
	if len(messages) == 0 {
		return PublishAck{}, newError(ReasonInvalidArgument, "a batch needs at least one message")
	}
	terms := &playheadv1.PublishStreamRequest{ExpectedLastTimestampNs: &expectedLastTimestampNs}
	request, err := p.push(ctx, messages, terms)
	if err != nil {
		return PublishAck{}, err
	}
	return p.outbox.await(ctx, request)
}

// push hands over a request of its own.
func (p *Publisher) push(
	ctx context.Context, messages []Message, terms *playheadv1.PublishStreamRequest,
) (*publishRequest, error) {
	request := newPublishRequest(0)
	for i := range messages {
		request.batch.add(&messages[i])
	}
	if terms != nil {
		if err := request.batch.addTerms(terms); err != nil {
			return nil, err
		}
	}
	return request, p.outbox.push(ctx, request)
}

// publishClosing publishes last messages, or none, and closes the topic in the same step.
func (p *Publisher) publishClosing(
	ctx context.Context, messages []Message, terms *playheadv1.PublishStreamRequest,
) (*playheadv1.Closed, error) {
	request, err := p.push(ctx, messages, terms)
	if err != nil {
		return nil, err
	}
	if _, err := p.outbox.await(ctx, request); err != nil {
		return nil, err
	}
	if request.closed == nil {
		return nil, newError(ReasonInternal, "the broker did not say that %s is closed", p.topic)
	}
	return request.closed, nil
}

// Flush waits for all that was handed over so far. It returns the first error of that, and of what failed before without
// anybody waiting for it.
func (p *Publisher) Flush(ctx context.Context) error {
	return p.outbox.flush(ctx)
}

// Close flushes, then ends. Further publishes are refused with CLIENT_CLOSED. It waits as long as the publisher tries;
// to wait less, call Flush first.
func (p *Publisher) Close() error {
	return p.shutdown(context.Background())
}

// shutdown is Close that ends at once when the context does.
func (p *Publisher) shutdown(ctx context.Context) error {
	p.outbox.refuse(closedError("the publisher of " + p.topic))
	err := p.outbox.flush(ctx)
	if ctx.Err() != nil {
		p.pipeline.abort(closedError("the publisher of " + p.topic))
	}
	<-p.pipeline.done
	p.closing.Do(p.onClosed)
	return err
}

// abort ends at once: whatever is not acknowledged fails with this error.
func (p *Publisher) abort(err *Error) {
	p.pipeline.abort(err)
	<-p.pipeline.done
	p.closing.Do(p.onClosed)
}
