package playhead

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
)

// Client is a connection to a broker, or to the first of several addresses that answers. It connects at the first use.
// Its methods may be called from many goroutines.
type Client struct {
	connection *connection

	mu         sync.Mutex
	publishers map[*Publisher]struct{}
	// writers by topic, so that all Channel objects of one name publish and sum up together, until it is closed.
	writers map[string]*channelWriter
	// workers are consumptions, and pullers that have something to settle.
	workers  map[worker]struct{}
	isClosed bool
}

// worker is what has settlements under way.
type worker interface {
	shutdown(ctx context.Context)
}

// Connect makes a client of the broker at an address: host, host:port, [::1]:port or unix:path. Several, parted by
// commas, are tried in turn while one is away. Empty: 127.0.0.1:17777. It returns at once. Close the client.
func Connect(addresses string, options ClientOptions) (*Client, error) {
	parsed, err := parseAddresses(addresses)
	if err != nil {
		return nil, err
	}
	return &Client{
		connection: newConnection(parsed, options.withDefaults()),
		publishers: map[*Publisher]struct{}{},
		writers:    map[string]*channelWriter{},
		workers:    map[worker]struct{}{},
	}, nil
}

// Publisher publishes to a topic. Close it, or the client.
func (c *Client) Publisher(topic string, options PublisherOptions) (*Publisher, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.openPublisher(topic, options, nil)
}

// openPublisher is for who holds mu.
func (c *Client) openPublisher(
	topic string, options PublisherOptions, onStored func(*batch, PublishAck),
) (*Publisher, error) {
	if c.isClosed {
		return nil, closedError("the client")
	}
	publisher, err := newPublisher(c.connection, topic, options, onStored)
	if err != nil {
		return nil, err
	}
	publisher.onClosed = func() { c.forget(publisher) }
	c.publishers[publisher] = struct{}{}
	return publisher, nil
}

// writer is that of a topic, and is made if there is none and create says so; nil otherwise.
func (c *Client) writer(topic string, create bool) (*channelWriter, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	writer := c.writers[topic]
	if writer != nil || !create {
		return writer, nil
	}
	writer = &channelWriter{
		client:  c,
		closing: make(chan struct{}, 1),
		stored:  writerSummary{checksum: newChecksum()},
	}
	var err error
	if writer.publisher, err = c.openPublisher(topic, PublisherOptions{}, writer.sumUp); err != nil {
		return nil, err
	}
	c.writers[topic] = writer
	return writer, nil
}

func (c *Client) forgetWriter(writer *channelWriter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if topic := writer.publisher.topic; c.writers[topic] == writer {
		delete(c.writers, topic)
	}
}

func (c *Client) addWorker(w worker) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isClosed {
		return closedError("the client")
	}
	c.workers[w] = struct{}{}
	return nil
}

// noteBusy is addWorker for what has begun already.
func (c *Client) noteBusy(w worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workers[w] = struct{}{}
}

func (c *Client) removeWorker(w worker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.workers, w)
}

func (c *Client) forget(publisher *Publisher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.publishers, publisher)
}

// Close flushes all publishers, sends what workers have settled, ends all subscriptions and disconnects. It returns the
// errors of what was still to be flushed.
func (c *Client) Close() error {
	return c.Shutdown(context.Background())
}

// Shutdown is Close that waits no longer than the context: what is not acknowledged by then fails with CLIENT_CLOSED.
func (c *Client) Shutdown(ctx context.Context) error {
	c.mu.Lock()
	c.isClosed = true
	publishers := slices.Collect(maps.Keys(c.publishers))
	workers := slices.Collect(maps.Keys(c.workers))
	c.mu.Unlock()
	var waiting sync.WaitGroup
	for _, each := range workers {
		waiting.Go(func() { each.shutdown(ctx) })
	}
	waiting.Wait()
	errs := make([]error, len(publishers))
	for i, publisher := range publishers {
		waiting.Go(func() { errs[i] = publisher.shutdown(ctx) })
	}
	waiting.Wait()
	c.connection.close()
	return errors.Join(errs...)
}
