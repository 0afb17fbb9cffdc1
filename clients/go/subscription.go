package playhead

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
)

// chanMessages is what Subscription.Chan has ready: with less, reader and writer of a Go channel wait for each other at
// every message.
const chanMessages = 256

// SubscribeOptions say what to read. The zero value follows a topic from now on.
type SubscribeOptions struct {
	// From is where to begin. Zero: Latest for a topic, Earliest for a channel.
	From Position
	// Until is where to end. Zero: the subscription follows.
	Until Until
	// Limit ends it after so many messages. 0: none.
	Limit int64
}

// Subscription reads one topic, or all topics of a glob, in one total order. After a lost connection it goes on behind
// the last message, for as long as its context lasts unless told otherwise: each message comes once and in order.
//
// It is read by one goroutine at a time, in any of its ways; a loop that is left can be followed by another, which goes
// on behind it. Up to 4 MiB wait here for the reader, the rest at the broker. Close may be called from any goroutine.
type Subscription struct {
	topic  string
	isGlob bool
	// isWhole tells whether it begins where the topic does.
	isWhole  bool
	feed     *subscribeFeed
	checksum *checksum // nil unless of a channel that is read from its beginning.

	reader messageReader
	// pending is the event behind the messages of reader.
	pending         Event
	messageCount    int64
	lastTimestampNs int64
	closed          *Closed
	err             error
}

// Subscribe reads a topic, or the topics of a glob ("orders/*", "**"), those created later included. It returns once the
// broker has taken it: what is published from then on is not missed. The context is that of the whole subscription: when
// it ends, so does that.
func (c *Client) Subscribe(ctx context.Context, topic string, options SubscribeOptions) (*Subscription, error) {
	if options.Limit < 0 {
		return nil, newError(ReasonInvalidArgument, "Limit must be 0 or more, not %d", options.Limit)
	}
	s := &Subscription{topic: topic, isGlob: strings.Contains(topic, "*")}
	s.isWhole = !s.isGlob && options.From.isEarliest()
	if s.isWhole && strings.HasPrefix(topic, channelPrefix) {
		s.checksum = newChecksum()
	}
	var err error
	if s.feed, err = openSubscribeFeed(ctx, c.connection, topic, options); err != nil {
		return nil, err
	}
	if err := s.feed.start(); err != nil {
		s.feed.close()
		return nil, err
	}
	return s, nil
}

// Topic is the name or the glob.
func (s *Subscription) Topic() string { return s.topic }

// FromTimestampNs is where the broker has begun: messages from this timestamp on are delivered.
func (s *Subscription) FromTimestampNs() int64 { return s.feed.started.GetFromTimestampNs() }

// UntilTimestampNs is the timestamp before which the subscription ends; 0 if it has no such bound.
func (s *Subscription) UntilTimestampNs() int64 { return s.feed.started.GetUntilTimestampNs() }

// Messages is for a range loop. It ends at the close marker, the limit, until, or Close. A last error, TOPIC_DELETED
// among its reasons, comes without a message.
func (s *Subscription) Messages() iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		var m Message
		for {
			event, err := s.next(&m)
			if err == io.EOF {
				return
			}
			if deleted, ok := event.(Deleted); ok && !s.isGlob {
				err = s.fail(topicDeletedError(deleted.Topic))
			}
			if err != nil {
				yield(Message{}, err)
				return
			}
			if event == nil && !yield(m, nil) {
				return
			}
		}
	}
}

// Events is for a range loop over messages and what happens between them. A deleted topic is an event here, and no error.
func (s *Subscription) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		var m Message
		for {
			event, err := s.next(&m)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if event == nil {
				event = m
			}
			if !yield(event, nil) {
				return
			}
		}
	}
}

// Chan is Messages as a Go channel, for select. It is closed at the end; Err then tells why. To leave it before, Close
// the subscription.
func (s *Subscription) Chan() <-chan Message {
	messages := make(chan Message, chanMessages)
	go func() {
		defer close(messages)
		for m, err := range s.Messages() {
			if err != nil {
				return
			}
			select {
			case messages <- m:
			case <-s.feed.ctx.Done():
				// The next round tells why.
			}
		}
	}()
	return messages
}

// Err is the error that it ended with; nil before the end, and if it ended well.
func (s *Subscription) Err() error { return s.err }

// Closed is the close marker, once it has been reached; nil before, and for a glob.
func (s *Subscription) Closed() *Closed { return s.closed }

// MessageCount is the number of messages handed out.
func (s *Subscription) MessageCount() int64 { return s.messageCount }

// LastTimestampNs is that of the last message handed out; 0 before the first.
func (s *Subscription) LastTimestampNs() int64 { return s.lastTimestampNs }

// Checksum is the MD5 over the values handed out, 32 hexadecimal digits. Empty unless of a channel that is read from its
// beginning.
func (s *Subscription) Checksum() string {
	if s.checksum == nil {
		return ""
	}
	return s.checksum.hex()
}

// Complete tells whether all messages ever written to the topic were handed out. Not ok before the close marker, and if
// only a part was asked for.
func (s *Subscription) Complete() (isComplete, ok bool) {
	if s.closed == nil || !s.isWhole {
		return false, false
	}
	return s.messageCount == s.closed.MessageCount, true
}

// Verified tells whether, besides, the checksum is the writer's. Not ok if there is none on either side.
func (s *Subscription) Verified() (isVerified, ok bool) {
	isComplete, ok := s.Complete()
	if !ok || s.checksum == nil || s.closed.Checksum == "" {
		return false, false
	}
	return isComplete && s.checksum.hex() == s.closed.Checksum, true
}

// Close ends the subscription, and whoever reads it, without an error. What nobody has taken is dropped.
func (s *Subscription) Close() error {
	s.feed.close()
	return nil
}

// next gives an event, or nil and a message. io.EOF: it has ended well.
func (s *Subscription) next(m *Message) (Event, error) {
	for {
		if s.feed.ctx.Err() != nil {
			// Ended from this side: what nobody has taken is dropped.
			s.reader, s.pending = messageReader{}, nil
		}
		ok, err := s.reader.next(m)
		if err != nil {
			return nil, s.fail(s.feed.finish(malformedError(s.feed.address)))
		}
		if ok {
			s.messageCount++
			s.lastTimestampNs = m.TimestampNs
			if s.checksum != nil {
				s.checksum.update(m.Value)
			}
			return nil, nil
		}
		if event := s.pending; event != nil {
			s.pending = nil
			if closed, ok := event.(Closed); ok && !s.isGlob {
				s.closed = &closed
			}
			return event, nil
		}
		// The response is not kept while the next one is awaited.
		s.reader = messageReader{}
		item, err := s.feed.next()
		if err == io.EOF {
			return nil, err
		}
		if err != nil {
			return nil, s.fail(err)
		}
		s.reader = newMessageReader(item.messages, s.topic, item.runs)
		s.pending = item.event
	}
}

func (s *Subscription) fail(err error) error {
	s.feed.close()
	if s.err == nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return err
}

func topicDeletedError(topic string) *Error {
	return newError(ReasonTopicDeleted, "topic %s was deleted", topic).with("topic", topic)
}
