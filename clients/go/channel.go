package playhead

import (
	"context"
	"sync"
)

// channelPrefix begins the topics of channels.
const channelPrefix = "chan/"

// Channel is a list of messages that is made to be closed: the topic chan/<name>. Any number of readers get all of it,
// from whenever on. Nothing is requested before a method is called. Its methods may be called from many goroutines.
type Channel struct {
	name   string
	client *Client

	mu sync.Mutex
	// last is the writer that was used last, for the checksum of a channel that is closed; nil before the first write.
	last *channelWriter
}

// Channel is the channel of this name.
func (c *Client) Channel(name string) *Channel { return &Channel{name: name, client: c} }

// Name of the channel.
func (c *Channel) Name() string { return c.name }

// Topic is chan/ and the name.
func (c *Channel) Topic() string { return channelPrefix + c.name }

// Publish is that of a Publisher. CHANNEL_CLOSED once the channel is closed.
func (c *Channel) Publish(ctx context.Context, m Message) (timestampNs int64, err error) {
	publisher, err := c.publisher()
	if err != nil {
		return 0, err
	}
	return publisher.Publish(ctx, m)
}

// PublishAsync is that of a Publisher.
func (c *Channel) PublishAsync(ctx context.Context, m Message) (PendingAck, error) {
	publisher, err := c.publisher()
	if err != nil {
		return PendingAck{}, err
	}
	return publisher.PublishAsync(ctx, m)
}

// Flush is that of a Publisher.
func (c *Channel) Flush(ctx context.Context) error {
	writer, err := c.writer(false)
	if err != nil || writer == nil {
		return err
	}
	return writer.publisher.Flush(ctx)
}

// Close waits for what was published, then closes the channel for all its writers, durably: no reader sees the last
// messages, if there are any, without the end. The reason is for readers, at most 1024 bytes. Closing again is no error
// and answers as the first time. The checksum goes along if this Channel was the only writer. If the context ends before, also
// while another Close is under way, the channel may be closed nevertheless.
func (c *Channel) Close(ctx context.Context, reason string, last ...Message) (*Closed, error) {
	writer, err := c.writer(true)
	if err != nil {
		return nil, err
	}
	return writer.close(ctx, reason, last)
}

// Checksum is the MD5 over the values that this Channel has published and that are stored; 32 hexadecimal digits.
func (c *Channel) Checksum() string {
	writer, err := c.writer(false)
	if err != nil || writer == nil {
		return newChecksum().hex()
	}
	return writer.summary().checksum.hex()
}

// Subscribe reads from the first message to the close marker, unless told otherwise.
func (c *Channel) Subscribe(ctx context.Context, options SubscribeOptions) (*Subscription, error) {
	options.From = options.From.or(Earliest)
	return c.client.Subscribe(ctx, c.Topic(), options)
}

// Stat describes the channel. TOPIC_NOT_FOUND if nobody has written to it.
func (c *Channel) Stat(ctx context.Context) (*Topic, error) { return c.client.Topic(ctx, c.Topic()) }

// Delete deletes the channel; its readers end with TOPIC_DELETED, and the name is free again.
func (c *Channel) Delete(ctx context.Context) error {
	if err := c.client.DeleteTopic(ctx, c.Topic()); err != nil {
		return err
	}
	writer, err := c.client.writer(c.Topic(), false)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.last = nil
	c.mu.Unlock()
	if writer != nil {
		c.client.forgetWriter(writer)
		// What is under way was for the channel that is gone.
		writer.publisher.abort(topicDeletedError(c.Topic()))
	}
	return nil
}

func (c *Channel) publisher() (*Publisher, error) {
	writer, err := c.writer(true)
	if err != nil {
		return nil, err
	}
	if writer.isClosed.Load() {
		return nil, newError(ReasonChannelClosed, "channel %s is closed", c.name).with("topic", c.Topic())
	}
	return writer.publisher, nil
}

// writer is the client's for this name, or the one that has closed the channel; otherwise it is made, or nil.
func (c *Channel) writer(create bool) (*channelWriter, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	isClosed := c.last != nil && c.last.isClosed.Load()
	writer, err := c.client.writer(c.Topic(), create && !isClosed)
	if err != nil {
		return nil, err
	}
	if writer != nil {
		c.last = writer
	}
	return c.last, nil
}
