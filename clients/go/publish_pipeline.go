package playhead

import (
	"context"
	"time"

	"google.golang.org/grpc"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

const (
	publishGiveUpAfter = 2 * time.Minute
	// endTimeout is how long the broker may take to end its side of a stream that has nothing left to answer.
	endTimeout = time.Second
)

var publishStreamDesc = &grpc.StreamDesc{StreamName: "PublishStream", ClientStreams: true, ServerStreams: true}

// publishPipeline sends what is in an outbox, over as many PublishStream calls as it takes.
//
//	waiting ──▶ open ──closed, all settled──▶ ended
//	   ▲          │ broken, or a retryable result
//	   └──pause───┘
//
// On a new stream it sends again what was not acknowledged. Of a retryable result everything behind it is sent again as
// well: the broker ends the stream there and has taken nothing that follows.
type publishPipeline struct {
	connection *connection
	outbox     *outbox
	producer   string
	backoff    *backoff
	// ctx ends when the publisher is aborted.
	ctx    context.Context
	cancel context.CancelFunc
	// done is closed when it has ended.
	done chan struct{}
}

func startPublishPipeline(c *connection, o *outbox, producer string) *publishPipeline {
	p := &publishPipeline{
		connection: c,
		outbox:     o,
		producer:   producer,
		backoff:    c.newBackoff(publishGiveUpAfter),
		done:       make(chan struct{}),
	}
	p.ctx, p.cancel = context.WithCancel(c.ctx)
	go p.run()
	return p
}

func (p *publishPipeline) run() {
	defer close(p.done)
	defer p.cancel()
	for p.waitForWork() {
		address := p.connection.address()
		err := p.askSequence()
		if err == nil {
			address, err = p.serve()
		}
		if err != nil {
			p.recover(asError(err), address)
		}
	}
}

// waitForWork returns false when the outbox is closed and everything in it is settled.
func (p *publishPipeline) waitForWork() bool {
	for {
		if p.ctx.Err() != nil {
			p.outbox.failAll(closedError("the client"))
			return false
		}
		if p.outbox.isFinished() {
			return false
		}
		if p.outbox.hasWork() {
			return true
		}
		select {
		case <-p.outbox.wake:
		case <-p.ctx.Done():
		}
	}
}

// serve sends and receives on one stream until that ends: with nil if it has done all there was to do.
func (p *publishPipeline) serve() (address string, err error) {
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	conn, address, err := p.connection.use(lanePublish)
	if err != nil {
		return address, err
	}
	stream, err := conn.NewStream(ctx, publishStreamDesc, playheadv1.BrokerService_PublishStream_FullMethodName)
	if err != nil {
		return address, fromStatus(err, address)
	}
	received := make(chan *Error, 1)
	go func() {
		failure := p.receive(stream, address)
		// A sender that waits for room on the stream would wait for ever.
		cancel()
		received <- failure
	}()
	if err = p.send(stream, received); err == nil {
		p.end(stream, received)
	}
	cancel()
	// A result that came late would be taken for one of the next stream.
	failure := <-received
	if err == nil && failure != nil && p.outbox.hasWork() {
		return address, failure
	}
	return address, err
}

// send sends until the stream is over, with an error of its own or none: then received has it, or all is settled.
func (p *publishPipeline) send(stream grpc.ClientStream, received chan *Error) error {
	topic, producer := p.outbox.topic, p.producer
	post := func(request *publishRequest) error {
		bytes, err := p.outbox.encode(request, topic, producer)
		if err != nil || bytes == nil {
			return err
		}
		topic, producer = "", ""
		// Its error is only that the stream is over; why, the receiver says.
		_ = stream.SendMsg(bytes)
		return nil
	}
	for _, request := range p.outbox.unacknowledged() {
		if err := post(request); err != nil {
			return err
		}
	}
	for {
		request, needsLimit := p.outbox.next()
		switch {
		case request != nil:
			if err := post(request); err != nil {
				return err
			}
			continue
		case needsLimit:
			if err := p.askLimit(); err != nil {
				return err
			}
			continue
		case p.outbox.isFinished():
			return nil
		}
		select {
		case <-p.outbox.wake:
		case failure := <-received:
			received <- failure
			return nil
		}
	}
}

// end ends the stream from this side, and waits a little for the broker to agree.
func (p *publishPipeline) end(stream grpc.ClientStream, received chan *Error) {
	// Its error is only that the stream is over.
	_ = stream.CloseSend()
	timer := time.NewTimer(endTimeout)
	defer timer.Stop()
	select {
	case failure := <-received:
		received <- failure
	case <-timer.C:
	}
}

// receive settles what the broker answers, until the stream is over. Nil: there is nothing to send again.
func (p *publishPipeline) receive(stream grpc.ClientStream, address string) *Error {
	for {
		var response playheadv1.PublishStreamResponse
		if err := stream.RecvMsg(&response); err != nil {
			return streamError(err, address)
		}
		for _, result := range response.GetResults() {
			if err := p.settle(result); err != nil {
				if err.Reason == ReasonTopicDeleted {
					// Whatever was handed over before this is known was meant for the topic that is gone. On a new stream it
					// would create another one of that name.
					p.outbox.failAll(err)
					return nil
				}
				return err
			}
		}
	}
}

// settle returns the error of a result after which the stream is of no use.
func (p *publishPipeline) settle(result *playheadv1.PublishResult) *Error {
	ack, failure := result.GetAck(), (*Error)(nil)
	if ack == nil {
		failure = newError(ReasonInternal, "the broker sent a result that this client does not know")
		if result.GetError() != nil {
			failure = fromWireError(result.GetError())
		}
		if failure.Retryable() || failure.Reason == ReasonTopicDeleted {
			return failure
		}
	}
	p.outbox.settleFirst(ack, failure)
	p.backoff.succeed()
	return nil
}

// recover pauses after a stream that broke, or gives up.
func (p *publishPipeline) recover(err *Error, address string) {
	if p.ctx.Err() != nil || !p.outbox.hasWork() {
		return
	}
	if !err.Retryable() {
		// The broker refused the stream before it took anything from it.
		p.outbox.failInFlight(err)
		return
	}
	delay, ok := p.connection.retryDelay(p.backoff, err, address, "publish to "+p.outbox.topic)
	if !ok {
		p.outbox.failAll(err)
		p.backoff.succeed()
		return
	}
	pause(p.ctx, delay)
}

// askSequence finds out where a producer with a name goes on, once.
func (p *publishPipeline) askSequence() error {
	o := p.outbox
	o.mu.Lock()
	isKnown := o.nextSequence != 0
	o.mu.Unlock()
	if isKnown {
		return nil
	}
	name := "look up producer " + p.producer + " of " + o.topic
	answer, err := request(p.ctx, p.connection, operation{name: name},
		func(ctx context.Context, conn *grpc.ClientConn) (*playheadv1.GetProducerResponse, error) {
			return playheadv1.NewBrokerServiceClient(conn).GetProducer(ctx,
				&playheadv1.GetProducerRequest{Topic: o.topic, Producer: p.producer})
		})
	if err != nil {
		return p.unanswered(err)
	}
	o.mu.Lock()
	o.nextSequence = answer.GetLastSequence() + 1
	o.mu.Unlock()
	return nil
}

// askLimit finds out how large a request may be, once.
func (p *publishPipeline) askLimit() error {
	info, err := p.connection.serverInfo(p.ctx, "ask for the limits of the broker")
	if err != nil {
		return p.unanswered(err)
	}
	p.outbox.mu.Lock()
	p.outbox.maxRequestBytes = int(info.GetMaxRequestBytes())
	p.outbox.mu.Unlock()
	return nil
}

// unanswered fails everything if a question that comes before sending is refused for good.
func (p *publishPipeline) unanswered(err error) error {
	if failure := asError(err); !failure.Retryable() {
		p.outbox.failAll(failure)
	}
	return err
}

// abort ends at once: whatever is not acknowledged fails with this error.
func (p *publishPipeline) abort(err *Error) {
	p.outbox.refuse(err)
	p.outbox.failAll(err)
	p.cancel()
}
