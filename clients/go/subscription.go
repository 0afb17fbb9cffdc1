package playhead

import (
	"context"
	"io"
	"iter"
	"strings"
	"sync"
)

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
// on behind it. Up to 4 MiB wait here for the reader, the rest at the broker. Close, Err and the figures may be called from
// any goroutine.
type Subscription struct {
	topic  string
	isGlob bool
	// isWhole tells whether it begins where the topic does.
	isWhole bool
	feed    *subscribeFeed
	figures figures

	reader messageReader
	// pending is the event behind the messages of reader.
	pending Event

	chanOnce sync.Once
	messages chan Message // Of Chan.
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
		s.figures.checksum = newChecksum()
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

// Messages is for a range loop. It ends at the close marker, the limit, until, or Close, and also at an error, TOPIC_DELETED
// among its reasons: after the loop look at Err, which alone tells an error from a proper end.
//
//	for m := range subscription.Messages() {
//		...
//	}
//	if err := subscription.Err(); err != nil {
//		...
//	}
func (s *Subscription) Messages() iter.Seq[Message] {
	return func(yield func(Message) bool) {
		var m Message
		for s.take(&m) {
			s.figures.count(&m)
			if !yield(m) {
				return
			}
		}
	}
}

// Events is for a range loop over messages and what happens between them. A deleted topic is an event here, and no error.
// It ends as Messages does: after the loop look at Err.
func (s *Subscription) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		var m Message
		for {
			event, err := s.next(&m)
			if err != nil {
				return
			}
			if event == nil {
				s.figures.count(&m)
				event = m
			}
			if !yield(event) {
				return
			}
		}
	}
}

// Chan is Messages as a Go channel, for select; there is one, however often it is asked for. It is closed at the end, also
// at an error: then look at Err. To leave it before, Close the subscription.
//
// A message counts in MessageCount and its like once it was taken from the channel, or a moment later; all of them do
// when the channel is closed.
func (s *Subscription) Chan() <-chan Message {
	s.chanOnce.Do(func() {
		// Without a buffer: what waits in one is neither read nor left.
		s.messages = make(chan Message)
		go s.send()
	})
	return s.messages
}

// send is the goroutine behind Chan.
func (s *Subscription) send() {
	defer close(s.messages)
	var m Message
	for s.take(&m) {
		select {
		case s.messages <- m:
			s.figures.count(&m)
		case <-s.feed.ctx.Done():
			// The next round tells why.
		}
	}
}

// Err is the error that it ended with. Nil before the end, and if that was a proper one: the close marker, the limit,
// until, Close, or that of the client. The same error, however often it is asked for.
func (s *Subscription) Err() error { return s.figures.read().err }

// Closed is the close marker, once it has been reached; nil before, and for a glob.
func (s *Subscription) Closed() *Closed { return s.figures.read().closed }

// MessageCount is the number of messages handed out.
func (s *Subscription) MessageCount() int64 { return s.figures.read().messageCount }

// LastTimestampNs is that of the last message handed out; 0 before the first.
func (s *Subscription) LastTimestampNs() int64 { return s.figures.read().lastTimestampNs }

// Checksum is the MD5 over the values handed out, 32 hexadecimal digits. Empty unless of a channel that is read from its
// beginning.
func (s *Subscription) Checksum() string { return s.figures.checksumHex() }

// Complete tells whether all messages ever written to the topic were handed out. Not ok before the close marker, and if
// only a part was asked for.
func (s *Subscription) Complete() (isComplete, ok bool) {
	read := s.figures.read()
	if read.closed == nil || !s.isWhole {
		return false, false
	}
	return read.messageCount == read.closed.MessageCount, true
}

// Verified tells whether, besides, the checksum is the writer's. Not ok if there is none on either side.
func (s *Subscription) Verified() (isVerified, ok bool) {
	isComplete, ok := s.Complete()
	if !ok {
		return false, false
	}
	received, written := s.Checksum(), s.Closed().Checksum
	if received == "" || written == "" {
		return false, false
	}
	return isComplete && received == written, true
}

// Close ends the subscription, and whoever reads it, without an error. What nobody has taken is dropped.
func (s *Subscription) Close() error {
	s.feed.close()
	return nil
}

// take gives the next message. False: it has ended, and Err tells how.
func (s *Subscription) take(m *Message) bool {
	for {
		event, err := s.next(m)
		if deleted, ok := event.(Deleted); ok && !s.isGlob {
			err = s.fail(topicDeletedError(deleted.Topic))
		}
		if err != nil {
			return false
		}
		if event == nil {
			return true
		}
	}
}

// next gives an event, or nil and a message, which whoever hands it out counts. io.EOF: it has ended well. Any other error
// is noted.
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
			return nil, nil
		}
		if event := s.pending; event != nil {
			s.pending = nil
			if closed, ok := event.(Closed); ok && !s.isGlob {
				s.figures.close(&closed)
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
	s.figures.fail(err)
	return err
}

func topicDeletedError(topic string) *Error {
	return newError(ReasonTopicDeleted, "topic %s was deleted", topic).with("topic", topic)
}
