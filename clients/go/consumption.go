package playhead

import (
	"context"
	"iter"
	"math"
	"time"
)

const (
	defaultConsumeInFlight = 1000
	defaultConsumeBytes    = 32 << 20
)

// ConsumeOptions are what a worker is told. The zero value has the defaults.
type ConsumeOptions struct {
	// MaxInFlight is the most deliveries that are here and not settled. 0: 1000. Some 10 000 are fastest.
	MaxInFlight int
	// MaxBytes is the most bytes of them, which the last one may exceed. 0: 32 MiB.
	MaxBytes int
	// Worker is its name, for people; at most 255 bytes.
	Worker string
	// OnEvent is told of what happens besides deliveries, as soon as it is known. It must not block.
	OnEvent func(ConsumptionEvent)
	// OnSettleError is told of every settlement that failed, also of those that somebody waits for. It must not block.
	OnSettleError func(*Error, SettleFailure)
}

// Consumption is a worker of a durable subscription. It connects at once, has no more than MaxInFlight deliveries that are
// not settled, and after a lost connection goes on, for as long as its context lasts unless told otherwise; what was
// delivered before is void then. Many goroutines may read it: each delivery goes to one of them.
type Consumption struct{ feed *consumeFeed }

// Consume connects a worker. The context is that of the whole consumption: when it ends, so does that, without waiting for
// what was settled.
func (d *Durable) Consume(ctx context.Context, options ConsumeOptions) (*Consumption, error) {
	options.MaxInFlight = min(positiveOr(options.MaxInFlight, defaultConsumeInFlight), math.MaxInt32)
	options.MaxBytes = min(positiveOr(options.MaxBytes, defaultConsumeBytes), math.MaxInt32)
	feed := newConsumeFeed(ctx, d, options)
	if err := d.client.addWorker(feed); err != nil {
		feed.release()
		return nil, err
	}
	go feed.run()
	return &Consumption{feed}, nil
}

// Started waits until the broker has taken the worker for the first time. Its error is that of the end, if that came
// before.
func (c *Consumption) Started(ctx context.Context) error { return c.feed.awaitStart(ctx) }

// Deliveries is for a range loop. It ends when the topic is drained, or with Close, and also at an error,
// SUBSCRIPTION_DELETED and TOPIC_DELETED among its reasons: after the loop look at Err, which alone tells an error from a
// proper end. A loop that is left can be followed by another.
func (c *Consumption) Deliveries() iter.Seq[*Delivery] {
	return func(yield func(*Delivery) bool) {
		for {
			delivery, end := c.feed.take()
			if end != nil || !yield(delivery) {
				return
			}
		}
	}
}

// Chan is Deliveries as a Go channel, for select: one delivery is taken ahead. It is closed at the end, also at
// an error: then look at Err.
func (c *Consumption) Chan() <-chan *Delivery {
	deliveries := make(chan *Delivery)
	go func() {
		defer close(deliveries)
		for {
			delivery, end := c.feed.take()
			if end != nil {
				return
			}
			select {
			case deliveries <- delivery:
			case <-c.feed.ended:
				return
			}
		}
	}()
	return deliveries
}

// AckAll acknowledges these deliveries, consecutive ones as one range, and waits until all are on disk. It returns the
// first error.
func (c *Consumption) AckAll(ctx context.Context, deliveries []*Delivery) error {
	settlements := make([]*Settlement, 0, len(deliveries))
	for _, delivery := range deliveries {
		settlement := delivery.AckAsync()
		if n := len(settlements); n == 0 || settlements[n-1] != settlement {
			settlements = append(settlements, settlement)
		}
	}
	var first error
	for _, settlement := range settlements {
		if err := settlement.Wait(ctx); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Err is the error that it ended with: that of Ended. Nil before the end, and if that was a proper one: drained, Close, or
// that of the client.
func (c *Consumption) Err() error {
	if end := c.Ended(); end != nil && end.Err != nil {
		return end.Err
	}
	return nil
}

// Ended tells why it is over; nil while it is not.
func (c *Consumption) Ended() *ConsumptionEnd {
	c.feed.mu.Lock()
	defer c.feed.mu.Unlock()
	return c.feed.end
}

// IsActive is false while another worker has an exclusive subscription, and while there is no connection.
func (c *Consumption) IsActive() bool {
	c.feed.mu.Lock()
	defer c.feed.mu.Unlock()
	return c.feed.isActive
}

// Lease is how long leases are, as the broker said last; 0 before it has.
func (c *Consumption) Lease() time.Duration {
	c.feed.mu.Lock()
	defer c.feed.mu.Unlock()
	return c.feed.leaseTime
}

// Close sends what was settled, waits for the results, at most some seconds, and ends. The leases that are left are given
// back at once.
func (c *Consumption) Close() error {
	c.feed.shutdown(context.Background())
	return nil
}
