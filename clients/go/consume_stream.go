package playhead

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

var consumeDesc = &grpc.StreamDesc{StreamName: "Consume", ClientStreams: true, ServerStreams: true}

// errEnded says that a consumption is over, and its end known.
var errEnded = errors.New("playhead: the consumption has ended")

// run keeps a Consume call open until the consumption is over.
//
//	waiting ──▶ open ──End, or a close──▶ ended
//	   ▲          │ lost, or End with a retryable error
//	   └──pause───┘
func (f *consumeFeed) run() {
	defer func() {
		f.release()
		f.client.removeWorker(f)
		close(f.done)
	}()
	for {
		opened := time.Now()
		address, err := f.serve()
		if err == errEnded {
			f.voidAll(endedWithWorker, newError(ReasonUnreachable, "%s ended before the broker answered", f.operation()))
			return
		}
		failure := asError(err)
		f.voidAll("the lease went with the connection", failure)
		if end := f.endOf(failure); end != nil {
			f.finish(end)
			return
		}
		if time.Since(opened) > max(f.backoff.initial, f.backoff.max) {
			f.backoff.succeed()
		}
		delay, ok := f.connection.retryDelay(f.backoff, failure, address, f.operation())
		if !ok {
			f.finish(&ConsumptionEnd{Kind: EndFailed, Err: failure})
			return
		}
		f.tell(Disconnected{failure})
		f.pause(delay)
	}
}

func (f *consumeFeed) pause(delay time.Duration) {
	ctx, cancel := context.WithTimeout(f.ctx, delay)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-f.leaving:
	}
}

// endOf tells how it is over after a call that was lost; nil: it goes on.
func (f *consumeFeed) endOf(failure *Error) *ConsumptionEnd {
	f.mu.Lock()
	coming := f.comingEnd
	f.mu.Unlock()
	switch {
	case f.user.Err() != nil:
		return &ConsumptionEnd{Kind: EndFailed, Err: contextError(f.user, f.operation())}
	case f.ctx.Err() != nil || f.isLeaving():
		return &ConsumptionEnd{Kind: EndClosed}
	case coming != nil:
		return coming
	case !failure.Retryable():
		return &ConsumptionEnd{Kind: EndFailed, Err: failure}
	}
	return nil
}

func (f *consumeFeed) isLeaving() bool {
	select {
	case <-f.leaving:
		return true
	default:
		return false
	}
}

func (f *consumeFeed) finish(end *ConsumptionEnd) {
	f.mu.Lock()
	defer f.settlements.unlock()
	f.conclude(end)
}

// serve has one Consume call, until that is over. errEnded: and so is the consumption.
func (f *consumeFeed) serve() (address string, err error) {
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	if f.isLeaving() {
		f.finish(&ConsumptionEnd{Kind: EndClosed})
		return "", errEnded
	}
	conn, address, err := f.connection.use(laneConsume)
	if err != nil {
		return address, err
	}
	stream, err := conn.NewStream(ctx, consumeDesc, playheadv1.SubscriptionService_Consume_FullMethodName)
	if err != nil {
		return address, fromStatus(err, address)
	}
	f.mu.Lock()
	messages, bytes := f.credit.restart()
	f.mu.Unlock()
	// Of all that is sent: an error is only that the stream is over; why, the receiver says.
	_ = stream.SendMsg(&playheadv1.ConsumeRequest{
		Start:          &playheadv1.ConsumeStart{Topic: f.topic, Subscription: f.subscription, Worker: f.options.Worker},
		CreditMessages: messages,
		CreditBytes:    bytes,
	})
	var failure error
	over := make(chan struct{})
	go func() {
		defer close(over)
		failure = f.receive(stream, address)
		// A sender that waits for room on the stream would wait for ever.
		cancel()
	}()
	if f.send(stream, over) {
		f.leave(stream, over)
		cancel()
		<-over
		return address, errEnded
	}
	<-over
	return address, failure
}

// send sends until the call is over. True: it was asked to leave.
func (f *consumeFeed) send(stream grpc.ClientStream, over <-chan struct{}) bool {
	for {
		select {
		case <-over:
			return false
		case <-f.leaving:
			return true
		case <-f.wake:
		}
		for request := f.takeToSend(); request != nil; request = f.takeToSend() {
			_ = stream.SendMsg(request)
		}
	}
}

// leave settles what is left, waits for the results and ends the call.
func (f *consumeFeed) leave(stream grpc.ClientStream, over <-chan struct{}) {
	_ = stream.SendMsg(&playheadv1.ConsumeRequest{IsLeaving: true})
	f.giveBackUnseen()
	for request := f.takeToSend(); request != nil; request = f.takeToSend() {
		_ = stream.SendMsg(request)
	}
	f.finish(&ConsumptionEnd{Kind: EndClosed})
	f.awaitAnswers(time.After(resultsTimeout), over)
	_ = stream.CloseSend()
	select {
	case <-over:
	case <-time.After(endTimeout):
	}
}

// receive takes what comes, until the call is over.
func (f *consumeFeed) receive(stream grpc.ClientStream, address string) error {
	for {
		var bytes rawResponse
		if err := stream.RecvMsg(&bytes); err != nil {
			return streamError(err, address)
		}
		found, err := scanResponse(bytes)
		if err != nil {
			return malformedError(address)
		}
		var details playheadv1.ConsumeResponse
		if err := proto.Unmarshal(found.rest, &details); err != nil {
			return malformedError(address)
		}
		if err := checkLeases(found, details.GetLeases()); err != nil {
			return err
		}
		if !f.answer(details.GetResults()) {
			return newError(ReasonInternal, "broker %s sent a result of what nobody has settled", address)
		}
		if found.messageCount > 0 || len(details.GetResults()) > 0 {
			f.backoff.succeed()
		}
		f.push(found, details.GetLeases())
		if err := f.meet(&details, address); err != nil {
			return err
		}
	}
}

func (f *consumeFeed) push(found response, leases []*playheadv1.Lease) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if found.messageCount == 0 || f.end != nil {
		return
	}
	// A lease that runs out meanwhile is noticed later than by the broker, never earlier.
	f.queue = append(f.queue, queuedResponse{found, leases, time.Now().Add(f.leaseTime)})
	f.tellWaiters()
}

func (f *consumeFeed) meet(details *playheadv1.ConsumeResponse, address string) error {
	switch event := details.GetEvent().(type) {
	case *playheadv1.ConsumeResponse_Started:
		f.start(event.Started)
	case *playheadv1.ConsumeResponse_Sought:
		f.seek()
		f.tell(Sought{event.Sought.GetTimestampNs()})
	case *playheadv1.ConsumeResponse_Drained:
		f.expectEnd(&ConsumptionEnd{Kind: EndDrained, Reason: event.Drained.GetReason()})
	case *playheadv1.ConsumeResponse_Deleted:
		f.expectEnd(f.deletedEnd(event.Deleted.GetIsTopicDeleted()))
	case *playheadv1.ConsumeResponse_End:
		return f.meetEnd(event.End, address)
	}
	return nil
}

func (f *consumeFeed) start(started *playheadv1.ConsumeStarted) {
	f.mu.Lock()
	f.isActive = started.GetIsActive()
	f.leaseTime = fromMs(started.GetLeaseMs())
	f.tellWaiters()
	f.mu.Unlock()
	f.tell(WorkerStarted{
		IsActive:    started.GetIsActive(),
		Lease:       fromMs(started.GetLeaseMs()),
		MaxInFlight: min(f.options.MaxInFlight, int(started.GetMaxCreditMessages())),
		MaxBytes:    min(f.options.MaxBytes, int(started.GetMaxCreditBytes())),
	})
}

// seek: what was delivered before is void, and its credit free.
func (f *consumeFeed) seek() {
	f.mu.Lock()
	defer f.settlements.unlock()
	for _, queued := range f.queue {
		f.giveBack(queued.response.messageCount, queued.response.messageBytes)
	}
	f.queue, f.batch = nil, nil
	f.giveBack(f.lose("the lease was fenced off by a seek"))
}

func (f *consumeFeed) expectEnd(end *ConsumptionEnd) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.comingEnd = end
}

func (f *consumeFeed) deletedEnd(isTopicDeleted bool) *ConsumptionEnd {
	err := topicDeletedError(f.topic)
	if !isTopicDeleted {
		err = newError(ReasonSubscriptionDeleted, "subscription %s of %s was deleted", f.subscription, f.topic).
			with("topic", f.topic).with("subscription", f.subscription)
	}
	return &ConsumptionEnd{Kind: EndDeleted, IsTopicDeleted: isTopicDeleted, Err: err}
}

func (f *consumeFeed) meetEnd(end *playheadv1.End, address string) error {
	if end.GetReason() == playheadv1.EndReason_END_REASON_ERROR {
		if end.GetError() == nil {
			return newError(ReasonInternal, "broker %s ended %s with an error", address, f.operation())
		}
		return fromWireError(end.GetError())
	}
	f.mu.Lock()
	defer f.settlements.unlock()
	over := f.comingEnd
	switch {
	case over != nil:
	case end.GetReason() == playheadv1.EndReason_END_REASON_DRAINED:
		over = &ConsumptionEnd{Kind: EndDrained}
	case end.GetReason() == playheadv1.EndReason_END_REASON_DELETED:
		over = f.deletedEnd(false)
	default:
		over = &ConsumptionEnd{Kind: EndClosed}
	}
	f.conclude(over)
	return errEnded
}
