package playhead

import (
	"context"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

var subscribeDesc = &grpc.StreamDesc{StreamName: "Subscribe", ServerStreams: true}

// feedItem is a response without messages but with an event, or with messages and perhaps with an event behind them.
type feedItem struct {
	messages response
	runs     []*playheadv1.Run
	event    Event // nil if there is none.
}

// subscribeFeed brings what a subscription asks for, in order and each message once, over as many Subscribe calls as it
// takes. It works in the goroutine of its reader: what has not been read waits in the window of the stream, and beyond
// that at the broker.
//
//	waiting ──▶ open ──End──▶ ended
//	   ▲          │ lost, or End with a retryable error
//	   └──pause───┘
//
// It goes on at the timestamp behind the last message it received, with what is left of the limit, up to the time that
// the first call resolved until to, and only on the topic that it began with.
type subscribeFeed struct {
	connection *connection
	topic      string
	limit      int64
	// user is the context of who subscribed; ctx ends with that, with the client, and with close: then what was not handed
	// out is dropped.
	user    context.Context
	ctx     context.Context
	release context.CancelFunc
	backoff *backoff

	request      *playheadv1.SubscribeRequest
	stream       grpc.ClientStream // nil: waiting, or ended.
	cancelStream context.CancelFunc
	address      string
	started      *playheadv1.Started
	// resumeNs is where the next call begins; 0 until something was received.
	resumeNs int64
	received int64
	end      error // nil until it has ended; io.EOF if it ended well.
}

func openSubscribeFeed(
	ctx context.Context, c *connection, topic string, options SubscribeOptions,
) (*subscribeFeed, error) {
	f := &subscribeFeed{
		connection: c,
		topic:      topic,
		limit:      options.Limit,
		user:       ctx,
		backoff:    c.newBackoff(forever),
	}
	f.ctx, f.release = c.bind(ctx)
	until, err := c.resolve(ctx, options.Until)
	if err != nil {
		f.release()
		return nil, err
	}
	f.request = &playheadv1.SubscribeRequest{
		Topic:            topic,
		From:             options.From.wire,
		UntilTimestampNs: until,
		UntilNow:         options.Until.kind == untilNow,
	}
	return f, nil
}

func (f *subscribeFeed) operation() string { return "subscribe to " + f.topic }

// close ends it, from any goroutine.
func (f *subscribeFeed) close() { f.release() }

// start waits until the broker has taken the subscription.
func (f *subscribeFeed) start() error {
	for f.started == nil {
		item, err := f.receive()
		if err == io.EOF {
			if ended := f.connection.endError(f.user, f.operation()); ended != nil {
				return ended
			}
			return closedError("the subscription to " + f.topic)
		}
		if err != nil {
			return err
		}
		if item.event != nil || item.messages.messageCount > 0 {
			return f.finish(newError(ReasonInternal, "broker %s began a subscription without saying so", f.address))
		}
	}
	return nil
}

// next waits for something to hand out. io.EOF: it has ended well.
func (f *subscribeFeed) next() (feedItem, error) {
	for {
		item, err := f.receive()
		if err != nil || item.event != nil || item.messages.messageCount > 0 {
			return item, err
		}
	}
}

// receive takes one response, which may have nothing to hand out.
func (f *subscribeFeed) receive() (feedItem, error) {
	if f.end != nil {
		return feedItem{}, f.end
	}
	if f.stream == nil {
		if err := f.open(); err != nil {
			return feedItem{}, f.lose(err)
		}
	}
	var bytes rawResponse
	if err := f.stream.RecvMsg(&bytes); err != nil {
		return feedItem{}, f.lose(streamError(err, f.address))
	}
	found, err := scanResponse(bytes)
	if err != nil {
		return feedItem{}, f.finish(malformedError(f.address))
	}
	var details playheadv1.SubscribeResponse
	if len(found.rest) > 0 {
		if err := proto.Unmarshal(found.rest, &details); err != nil {
			return feedItem{}, f.finish(malformedError(f.address))
		}
	}
	if found.messageCount > 0 {
		last, err := found.lastTimestampNs()
		if err != nil {
			return feedItem{}, f.finish(malformedError(f.address))
		}
		f.received += int64(found.messageCount)
		f.resumeNs = last + 1
		f.backoff.succeed()
	}
	item := feedItem{messages: found, runs: details.GetRuns()}
	item.event, err = f.meet(&details)
	if err != nil && item.messages.messageCount > 0 {
		// The end comes behind the messages.
		err = nil
	}
	return item, err
}

// meet gives what the reader is told of an event. An error is the end.
func (f *subscribeFeed) meet(details *playheadv1.SubscribeResponse) (Event, error) {
	switch event := details.GetEvent().(type) {
	case *playheadv1.SubscribeResponse_Started:
		f.noteStart(event.Started)
	case *playheadv1.SubscribeResponse_CaughtUp:
		f.resumeNs = max(f.resumeNs, event.CaughtUp.GetNextTimestampNs())
		f.backoff.succeed()
		return CaughtUp{event.CaughtUp.GetNextTimestampNs()}, nil
	case *playheadv1.SubscribeResponse_Trimmed:
		return *fromWireTrimmed(event.Trimmed), nil
	case *playheadv1.SubscribeResponse_Closed:
		return *fromWireClosed(event.Closed), nil
	case *playheadv1.SubscribeResponse_Deleted:
		return Deleted{event.Deleted.GetTopic()}, nil
	case *playheadv1.SubscribeResponse_End:
		return nil, f.meetEnd(event.End)
	}
	return nil, nil
}

func (f *subscribeFeed) noteStart(started *playheadv1.Started) {
	if f.started == nil {
		f.started = started
		f.resumeNs = max(f.resumeNs, started.GetFromTimestampNs())
		if untilNs := started.GetUntilTimestampNs(); untilNs != 0 {
			f.request.UntilTimestampNs, f.request.UntilNow = &untilNs, false
		}
	}
	// A topic that did not exist at first has its time of creation from a later response.
	if f.request.TopicCreatedTimestampNs == 0 {
		f.request.TopicCreatedTimestampNs = started.GetTopicCreatedTimestampNs()
	}
}

func (f *subscribeFeed) meetEnd(end *playheadv1.End) error {
	if end.GetReason() != playheadv1.EndReason_END_REASON_ERROR {
		return f.finish(io.EOF)
	}
	if end.GetError() == nil {
		return f.finish(newError(ReasonInternal, "broker %s ended the subscription with an error", f.address))
	}
	return f.lose(fromWireError(end.GetError()))
}

func (f *subscribeFeed) open() *Error {
	if f.started != nil {
		f.request.From = AtNs(f.resumeNs).wire
	}
	if f.limit > 0 {
		f.request.MaxMessages = f.limit - f.received
	}
	conn, address, err := f.connection.use(laneSubscribe)
	f.address = address
	if err != nil {
		return asError(err)
	}
	ctx, cancel := context.WithCancel(f.ctx)
	client := playheadv1.BrokerService_Subscribe_FullMethodName
	stream, err := conn.NewStream(ctx, subscribeDesc, client)
	if err == nil {
		err = stream.SendMsg(f.request)
	}
	if err == nil {
		err = stream.CloseSend()
	}
	if err != nil && err != io.EOF {
		cancel()
		return fromStatus(err, address)
	}
	// After io.EOF receiving tells what is wrong.
	f.stream, f.cancelStream = stream, cancel
	return nil
}

// lose ends a call that is over before its time. Nil: it is worth another try, and the pause before that is over.
func (f *subscribeFeed) lose(err *Error) error {
	f.drop()
	// The client's own context is a moment ahead of those that are bound to it.
	if f.ctx.Err() != nil || f.connection.ctx.Err() != nil {
		if f.user.Err() != nil {
			return f.finish(contextError(f.user, f.operation()))
		}
		// Closed from this side.
		return f.finish(io.EOF)
	}
	if !err.Retryable() {
		return f.finish(err)
	}
	if f.isComplete() {
		return f.finish(io.EOF)
	}
	delay, ok := f.connection.retryDelay(f.backoff, err, f.address, f.operation())
	if !ok {
		return f.finish(err)
	}
	pause(f.ctx, delay)
	return nil
}

// isComplete tells whether nothing is left of what was asked for, though the broker has not said so.
func (f *subscribeFeed) isComplete() bool {
	if f.limit > 0 && f.received >= f.limit {
		return true
	}
	until := f.request.UntilTimestampNs
	return until != nil && f.started != nil && f.resumeNs >= *until
}

func (f *subscribeFeed) drop() {
	if f.stream != nil {
		f.cancelStream()
		f.stream = nil
	}
}

// finish ends it for good.
func (f *subscribeFeed) finish(end error) error {
	f.drop()
	f.end = end
	return end
}
