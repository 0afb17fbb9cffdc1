package playhead

import (
	"context"
	"io"
	"testing"
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// worked is a Consume call as a fake broker sees it: it has delivered messages under the receipt 9, by leases of this
// length.
type worked struct {
	t      *testing.T
	stream consumeStream
	start  *playheadv1.ConsumeRequest
}

func beginWork(t *testing.T, stream consumeStream, lease time.Duration, timestampsNs ...int64) *worked {
	w := &worked{t: t, stream: stream}
	w.start = w.receive()
	w.send(&playheadv1.ConsumeResponse{Event: &playheadv1.ConsumeResponse_Started{Started: &playheadv1.ConsumeStarted{
		IsActive: true, LeaseMs: lease.Milliseconds(), MaxCreditMessages: 1000, MaxCreditBytes: 1 << 20,
	}}})
	w.deliver(timestampsNs...)
	return w
}

func (w *worked) deliver(timestampsNs ...int64) {
	response := &playheadv1.ConsumeResponse{Leases: []*playheadv1.Lease{
		{Receipt: 9, MessageCount: int32(len(timestampsNs)), Attempt: 1},
	}}
	for _, timestampNs := range timestampsNs {
		response.Messages = append(response.Messages, &playheadv1.Message{TimestampNs: timestampNs})
	}
	w.send(response)
}

func (w *worked) send(response *playheadv1.ConsumeResponse) {
	if err := w.stream.Send(response); err != nil {
		w.t.Logf("send: %v", err)
	}
}

// receive is nil when the worker has ended its side.
func (w *worked) receive() *playheadv1.ConsumeRequest {
	request, err := w.stream.Recv()
	if err != nil {
		if err != io.EOF {
			w.t.Logf("receive: %v", err)
		}
		return nil
	}
	return request
}

// confirm answers every settlement until there have been so many messages, and gives the settlements.
func (w *worked) confirm(messageCount int) (settlements []*playheadv1.Settlement, credit int32) {
	for messageCount > 0 {
		request := w.receive()
		if request == nil {
			return settlements, credit
		}
		credit += request.GetCreditMessages()
		var results []*playheadv1.SettlementResult
		for _, each := range request.GetSettlements() {
			settlements = append(settlements, each)
			messageCount -= int(each.GetLastTimestampNs()-each.GetFirstTimestampNs()) + 1
			results = append(results, &playheadv1.SettlementResult{})
		}
		w.send(&playheadv1.ConsumeResponse{Results: results})
	}
	return settlements, credit
}

func (w *worked) end(reason playheadv1.EndReason) error {
	w.send(&playheadv1.ConsumeResponse{Event: &playheadv1.ConsumeResponse_End{End: &playheadv1.End{Reason: reason}}})
	return nil
}

func consumptionOf(t *testing.T, consume func(consumeStream) error, options ConsumeOptions) *Consumption {
	t.Helper()
	client := connectTo(t, (&fakeBroker{consume: consume}).start(t), ClientOptions{})
	consumption, err := client.Durable("topic", "sub").Consume(testContext(t), options)
	noError(t, err)
	return consumption
}

func takeDeliveries(t *testing.T, consumption *Consumption, count int) []*Delivery {
	t.Helper()
	var deliveries []*Delivery
	for delivery := range consumption.Deliveries() {
		if deliveries = append(deliveries, delivery); len(deliveries) == count {
			return deliveries
		}
	}
	t.Fatalf("the end comes after %d deliveries: %v", len(deliveries), consumption.Err())
	return nil
}

func TestConsecutiveAcknowledgementsTravelAsOneAndGiveTheirCreditBack(t *testing.T) {
	settlements := make(chan []*playheadv1.Settlement, 1)
	credits := make(chan int32, 2)
	consumption := consumptionOf(t, func(stream consumeStream) error {
		w := beginWork(t, stream, time.Minute, 1, 2, 3, 4)
		credits <- w.start.GetCreditMessages()
		settled, credit := w.confirm(4)
		settlements <- settled
		credits <- credit
		w.send(&playheadv1.ConsumeResponse{
			Event: &playheadv1.ConsumeResponse_Drained{Drained: &playheadv1.Drained{Reason: "done"}},
		})
		return w.end(playheadv1.EndReason_END_REASON_DRAINED)
	}, ConsumeOptions{MaxInFlight: 4})
	deliveries := takeDeliveries(t, consumption, 4)
	mu := &consumption.feed.mu
	mu.Lock() // Else the first may be under way before the second is settled.
	for _, delivery := range deliveries {
		consumption.feed.settlements.settleLocked(delivery, action{kind: ActionAck})
	}
	mu.Unlock()
	settled := <-settlements
	want(t, "settlements", len(settled), 1)
	want(t, "first", settled[0].GetFirstTimestampNs(), 1)
	want(t, "last", settled[0].GetLastTimestampNs(), 4)
	want(t, "credit of the start", <-credits, 4)
	want(t, "credit that came back", <-credits, 4)
	for range consumption.Deliveries() {
		t.Error("there is another delivery")
	}
	noError(t, consumption.Err())
	want(t, "end", *consumption.Ended(), ConsumptionEnd{Kind: EndDrained, Reason: "done"})
}

func TestADeliveryIsSettledOnce(t *testing.T) {
	consumption := consumptionOf(t, func(stream consumeStream) error {
		w := beginWork(t, stream, time.Minute, 1)
		w.confirm(2)
		return nil
	}, ConsumeOptions{})
	ctx := testContext(t)
	delivery := takeDeliveries(t, consumption, 1)[0]
	noError(t, delivery.Extend(ctx, time.Hour))
	noError(t, delivery.Ack(ctx))
	want(t, "settled", delivery.IsSettled(), true)
	wantReason(t, delivery.Nack(ctx), ReasonConflict)
}

func TestWithTheConnectionGoesWhatWasDelivered(t *testing.T) {
	calls := 0
	cut := make(chan struct{})
	failures := make(chan SettleFailure, 1)
	events := make(chan ConsumptionEvent, 10)
	consumption := consumptionOf(t, func(stream consumeStream) error {
		calls++
		if calls == 1 {
			beginWork(t, stream, time.Minute, 1, 2)
			<-cut
			return errCut
		}
		w := beginWork(t, stream, time.Minute, 1)
		w.confirm(1)
		return w.end(playheadv1.EndReason_END_REASON_LEFT)
	}, ConsumeOptions{
		OnEvent:       func(event ConsumptionEvent) { events <- event },
		OnSettleError: func(_ *Error, failure SettleFailure) { failures <- failure },
	})
	ctx := testContext(t)
	lost := takeDeliveries(t, consumption, 2)[0]
	close(cut)
	again := takeDeliveries(t, consumption, 1)[0]
	want(t, "delivered again", again.Message.TimestampNs, 1)
	want(t, "lost", lost.IsLost(), true)
	wantReason(t, lost.Ack(ctx), ReasonConflict)
	want(t, "failure", <-failures, SettleFailure{ActionAck, 1, 1, 1})
	noError(t, again.Ack(ctx))
	for _, wanted := range []string{"started", "disconnected", "started"} {
		got := "disconnected"
		if _, ok := (<-events).(WorkerStarted); ok {
			got = "started"
		}
		want(t, "event", got, wanted)
	}
}

func TestASeekVoidsWhatWasDelivered(t *testing.T) {
	sought := make(chan struct{})
	consumption := consumptionOf(t, func(stream consumeStream) error {
		w := beginWork(t, stream, time.Minute, 1, 2)
		<-sought
		w.send(&playheadv1.ConsumeResponse{
			Event: &playheadv1.ConsumeResponse_Sought{Sought: &playheadv1.Sought{TimestampNs: 7}},
		})
		w.deliver(7)
		w.confirm(1)
		return nil
	}, ConsumeOptions{})
	before := takeDeliveries(t, consumption, 2)[0]
	close(sought)
	behind := takeDeliveries(t, consumption, 1)[0]
	want(t, "delivered behind the seek", behind.Message.TimestampNs, 7)
	noError(t, behind.Ack(testContext(t)))
	wantReason(t, before.Ack(testContext(t)), ReasonConflict)
}

func TestCloseGivesBackWhatNobodyHasSeen(t *testing.T) {
	requests := make(chan *playheadv1.ConsumeRequest, 10)
	consumption := consumptionOf(t, func(stream consumeStream) error {
		w := beginWork(t, stream, time.Minute, 1, 2, 3)
		for request := w.receive(); request != nil; request = w.receive() {
			requests <- request
			w.send(&playheadv1.ConsumeResponse{Results: make([]*playheadv1.SettlementResult, len(request.GetSettlements()))})
		}
		return w.end(playheadv1.EndReason_END_REASON_LEFT)
	}, ConsumeOptions{})
	seen := takeDeliveries(t, consumption, 1)[0]
	noError(t, consumption.Close())
	want(t, "leaving", (<-requests).GetIsLeaving(), true)
	settled := (<-requests).GetSettlements()
	want(t, "settlements", len(settled), 1)
	want(t, "unseen", settled[0].GetNack().GetIsUnseen(), true)
	want(t, "first", settled[0].GetFirstTimestampNs(), 2)
	want(t, "last", settled[0].GetLastTimestampNs(), 3)
	want(t, "end", consumption.Ended().Kind, EndClosed)
	wantReason(t, seen.Ack(testContext(t)), ReasonConflict)
}

func TestALeaseThatRunsOutGivesItsCreditBack(t *testing.T) {
	credits := make(chan int32, 1)
	consumption := consumptionOf(t, func(stream consumeStream) error {
		w := beginWork(t, stream, 20*time.Millisecond, 1, 2)
		credits <- w.receive().GetCreditMessages()
		<-stream.Context().Done()
		return nil
	}, ConsumeOptions{MaxInFlight: 2})
	takeDeliveries(t, consumption, 1)
	want(t, "credit", <-credits, 2)
}

func TestAConsumptionEndsWithItsContext(t *testing.T) {
	client := connectTo(t, (&fakeBroker{consume: func(stream consumeStream) error {
		beginWork(t, stream, time.Minute)
		<-stream.Context().Done()
		return nil
	}}).start(t), ClientOptions{})
	ctx, cancel := context.WithCancel(testContext(t))
	consumption, err := client.Durable("topic", "sub").Consume(ctx, ConsumeOptions{})
	noError(t, err)
	noError(t, consumption.Started(ctx))
	noError(t, consumption.Err())
	cancel()
	for range consumption.Deliveries() {
		t.Error("there is a delivery")
	}
	wantReason(t, consumption.Err(), ReasonCancelled)
	want(t, "end", consumption.Ended().Kind, EndFailed)
}

func TestWhatWasPulledIsSettledByItself(t *testing.T) {
	settled := make(chan *playheadv1.Settlement, 10)
	client := connectTo(t, (&fakeBroker{
		pull: &playheadv1.PullResponse{
			Messages: []*playheadv1.Message{{TimestampNs: 1}, {TimestampNs: 2}},
			Leases:   []*playheadv1.Lease{{Receipt: 5, MessageCount: 2, Attempt: 3}},
			Drained:  &playheadv1.Drained{Reason: "done"},
		},
		acknowledge: func(question *playheadv1.AcknowledgeRequest) *playheadv1.AcknowledgeResponse {
			results := make([]*playheadv1.SettlementResult, len(question.GetSettlements()))
			for _, each := range question.GetSettlements() {
				settled <- each
			}
			return &playheadv1.AcknowledgeResponse{Results: results}
		},
	}).start(t), ClientOptions{})
	ctx := testContext(t)
	pulled, err := client.Durable("topic", "sub").Pull(ctx, PullOptions{Max: 2})
	noError(t, err)
	want(t, "deliveries", len(pulled.Deliveries), 2)
	want(t, "attempt", pulled.Deliveries[0].Attempt, 3)
	want(t, "drained", pulled.IsDrained && pulled.DrainedReason == "done", true)
	noError(t, pulled.Deliveries[1].NackAfter(ctx, 0))
	first := <-settled
	want(t, "receipt", first.GetReceipt(), 5)
	want(t, "delay is set", first.GetNack().DelayMs != nil, true)
	pulled.Deliveries[0].AckAsync()
	noError(t, client.Close())
	want(t, "acknowledged before the end", (<-settled).GetFirstTimestampNs(), 1)
}
