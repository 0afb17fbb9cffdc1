package playhead

import (
	"context"
	"errors"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// carrying is a response with an event, nil for none, behind messages of these timestamps.
func carrying(event any, timestampsNs ...int64) *playheadv1.SubscribeResponse {
	r := &playheadv1.SubscribeResponse{}
	for _, timestampNs := range timestampsNs {
		r.Messages = append(r.Messages, &playheadv1.Message{TimestampNs: timestampNs, Value: []byte("v")})
	}
	switch event := event.(type) {
	case *playheadv1.Started:
		r.Event = &playheadv1.SubscribeResponse_Started{Started: event}
	case *playheadv1.CaughtUp:
		r.Event = &playheadv1.SubscribeResponse_CaughtUp{CaughtUp: event}
	case *playheadv1.Closed:
		r.Event = &playheadv1.SubscribeResponse_Closed{Closed: event}
	case *playheadv1.Deleted:
		r.Event = &playheadv1.SubscribeResponse_Deleted{Deleted: event}
	case *playheadv1.End:
		r.Event = &playheadv1.SubscribeResponse_End{End: event}
	}
	return r
}

var (
	begun    = &playheadv1.Started{FromTimestampNs: 1, UntilTimestampNs: 100, TopicCreatedTimestampNs: 7}
	complete = &playheadv1.End{Reason: playheadv1.EndReason_END_REASON_CLOSED}
)

// sending sends what it is given, one script for each call, and then ends the call with the error.
func sending(
	t *testing.T, end error, scripts ...[]*playheadv1.SubscribeResponse,
) (*fakeBroker, *[]*playheadv1.SubscribeRequest) {
	requests := &[]*playheadv1.SubscribeRequest{}
	return &fakeBroker{subscribe: func(request *playheadv1.SubscribeRequest, stream subscribeStream) error {
		*requests = append(*requests, request)
		if len(*requests) > len(scripts) {
			t.Error("there is a call too many")
			return status.Error(codes.Internal, "a call too many")
		}
		for _, each := range scripts[len(*requests)-1] {
			if err := stream.Send(each); err != nil {
				return err
			}
		}
		return end
	}}, requests
}

func timestampsOf(t *testing.T, subscription *Subscription) []int64 {
	t.Helper()
	var timestampsNs []int64
	for m := range subscription.Messages() {
		timestampsNs = append(timestampsNs, m.TimestampNs)
	}
	noError(t, subscription.Err())
	return timestampsNs
}

func TestAfterACutItGoesOnBehindTheLastMessage(t *testing.T) {
	broker, requests := sending(t, errCut,
		[]*playheadv1.SubscribeResponse{carrying(begun), carrying(nil, 1, 2, 3)},
		[]*playheadv1.SubscribeResponse{carrying(begun), carrying(nil, 4), carrying(&playheadv1.CaughtUp{NextTimestampNs: 9})},
		[]*playheadv1.SubscribeResponse{carrying(begun), carrying(complete, 10)})
	client := connectTo(t, broker.start(t), ClientOptions{})
	subscription, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{From: Last(3), Until: Now, Limit: 10})
	noError(t, err)
	if got := timestampsOf(t, subscription); !slices.Equal(got, []int64{1, 2, 3, 4, 10}) {
		t.Fatalf("got %v", got)
	}
	want(t, "calls", len(*requests), 3)
	first, second, third := (*requests)[0], (*requests)[1], (*requests)[2]
	want(t, "first from", first.GetFrom().GetLastMessages(), 3)
	want(t, "first until", first.GetUntilNow(), true)
	want(t, "second from", second.GetFrom().GetTimestampNs(), 4)
	want(t, "second limit", second.GetMaxMessages(), 7)
	want(t, "second until", second.GetUntilTimestampNs(), 100)
	want(t, "second until now", second.GetUntilNow(), false)
	want(t, "second topic", second.GetTopicCreatedTimestampNs(), 7)
	want(t, "third from", third.GetFrom().GetTimestampNs(), 9)
	want(t, "third limit", third.GetMaxMessages(), 6)
}

func TestACutBehindTheLimitIsTheEnd(t *testing.T) {
	broker, _ := sending(t, errCut, []*playheadv1.SubscribeResponse{carrying(begun), carrying(nil, 1, 2)})
	client := connectTo(t, broker.start(t), ClientOptions{})
	subscription, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{Limit: 2})
	noError(t, err)
	want(t, "messages", len(timestampsOf(t, subscription)), 2)
}

func TestEventsComeBetweenMessagesInOrder(t *testing.T) {
	marker := &playheadv1.Closed{TimestampNs: 5, MessageCount: 3, Reason: "done"}
	broker, _ := sending(t, nil, []*playheadv1.SubscribeResponse{
		carrying(begun), carrying(&playheadv1.CaughtUp{NextTimestampNs: 3}, 1, 2), carrying(marker, 3), carrying(complete),
	})
	client := connectTo(t, broker.start(t), ClientOptions{})
	subscription, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{From: Earliest})
	noError(t, err)
	var kinds string
	for event := range subscription.Events() {
		switch event.(type) {
		case Message:
			kinds += "m"
		case CaughtUp:
			kinds += "u"
		case Closed:
			kinds += "c"
		}
	}
	noError(t, subscription.Err())
	want(t, "events", kinds, "mmumc")
	isComplete, ok := subscription.Complete()
	want(t, "complete", isComplete && ok, true)
	_, ok = subscription.Verified()
	want(t, "verified without a checksum", ok, false)
}

func TestADeletedTopicIsAnErrorOfMessagesAndNoMessage(t *testing.T) {
	broker, _ := sending(t, nil, []*playheadv1.SubscribeResponse{
		carrying(begun), carrying(&playheadv1.Deleted{Topic: "topic"}, 1),
	})
	client := connectTo(t, broker.start(t), ClientOptions{})
	subscription, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{})
	noError(t, err)
	count := 0
	for m := range subscription.Messages() {
		count++
		want(t, "timestamp", m.TimestampNs, 1)
		noError(t, subscription.Err())
	}
	want(t, "messages", count, 1)
	wantReason(t, subscription.Err(), ReasonTopicDeleted)
	for range subscription.Messages() {
		t.Error("there is a message behind the end")
	}
	wantReason(t, subscription.Err(), ReasonTopicDeleted)
}

func TestADeletedTopicIsNoErrorOfEvents(t *testing.T) {
	broker, _ := sending(t, nil, []*playheadv1.SubscribeResponse{
		carrying(begun), carrying(&playheadv1.Deleted{Topic: "topic"}), carrying(complete),
	})
	client := connectTo(t, broker.start(t), ClientOptions{})
	subscription, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{})
	noError(t, err)
	for event := range subscription.Events() {
		want(t, "event", event, Event(Deleted{"topic"}))
	}
	noError(t, subscription.Err())
}

func TestALoopThatIsLeftCanBeFollowedByAnother(t *testing.T) {
	broker, _ := sending(t, nil, []*playheadv1.SubscribeResponse{carrying(begun), carrying(complete, 1, 2, 3)})
	client := connectTo(t, broker.start(t), ClientOptions{})
	subscription, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{})
	noError(t, err)
	for m := range subscription.Messages() {
		want(t, "first", m.TimestampNs, 1)
		break
	}
	want(t, "the rest", len(timestampsOf(t, subscription)), 2)
	want(t, "count", subscription.MessageCount(), 3)
}

func TestAGoChannelHasAllMessagesAlsoAfterTheEnd(t *testing.T) {
	subscription := readingNumbered(t, 1000)
	count := 0
	for range subscription.Chan() {
		count++
	}
	want(t, "messages", count, 1000)
	noError(t, subscription.Err())
}

// following sends the beginning and then nothing.
func following(_ *playheadv1.SubscribeRequest, stream subscribeStream) error {
	if err := stream.Send(carrying(begun)); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

func TestCloseEndsWhoReads(t *testing.T) {
	client := connectTo(t, (&fakeBroker{subscribe: following}).start(t), ClientOptions{})
	for _, end := range []func(*Subscription) error{
		(*Subscription).Close,
		func(*Subscription) error { return client.Close() },
	} {
		subscription, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{})
		noError(t, err)
		messages := subscription.Chan()
		noError(t, end(subscription))
		if _, ok := <-messages; ok {
			t.Error("there is a message")
		}
		noError(t, subscription.Err())
	}
}

func TestAContextEndsItsSubscription(t *testing.T) {
	client := connectTo(t, (&fakeBroker{subscribe: following}).start(t), ClientOptions{})
	ctx, cancel := context.WithCancel(testContext(t))
	subscription, err := client.Subscribe(ctx, "topic", SubscribeOptions{})
	noError(t, err)
	cancel()
	for range subscription.Messages() {
		t.Error("there is a message")
	}
	wantReason(t, subscription.Err(), ReasonCancelled)
	want(t, "cause", errors.Is(subscription.Err(), context.Canceled), true)
}

func TestAClosedClientSaysSoOfASubscription(t *testing.T) {
	client := connectTo(t, "127.0.0.1:1", ClientOptions{})
	noError(t, client.Close())
	_, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{})
	wantReason(t, err, ReasonClientClosed)
	want(t, "text", err.Error(), "playhead: CLIENT_CLOSED: the client is closed")
}

func TestARefusalComesFromSubscribe(t *testing.T) {
	broker, _ := sending(t, nil, []*playheadv1.SubscribeResponse{carrying(&playheadv1.End{
		Reason: playheadv1.EndReason_END_REASON_ERROR,
		Error:  &playheadv1.Error{Reason: playheadv1.ErrorReason_ERROR_REASON_TOPIC_NOT_FOUND},
	})})
	client := connectTo(t, broker.start(t), ClientOptions{})
	_, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{Until: Now})
	wantReason(t, err, ReasonTopicNotFound)
}
