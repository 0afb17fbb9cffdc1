package playhead

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

func stored(firstTimestampNs int64, request *playheadv1.PublishStreamRequest) *playheadv1.PublishStreamResponse {
	return &playheadv1.PublishStreamResponse{Results: []*playheadv1.PublishResult{{
		Outcome: &playheadv1.PublishResult_Ack{Ack: &playheadv1.PublishAck{
			FirstTimestampNs: firstTimestampNs,
			LastTimestampNs:  firstTimestampNs + int64(len(request.GetMessages())) - 1,
		}},
	}}}
}

func refused(reason playheadv1.ErrorReason, metadata map[string]string) *playheadv1.PublishStreamResponse {
	return &playheadv1.PublishStreamResponse{Results: []*playheadv1.PublishResult{{
		Outcome: &playheadv1.PublishResult_Error{Error: &playheadv1.Error{Reason: reason, Metadata: metadata}},
	}}}
}

// storing stores every request at the timestamp of its sequence, after it was seen.
func storing(see func(*playheadv1.PublishStreamRequest)) func(publishStream) error {
	return func(stream publishStream) error {
		for {
			request, err := stream.Recv()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			see(request)
			if err := stream.Send(stored(request.GetSequence(), request)); err != nil {
				return err
			}
		}
	}
}

func publisherOf(t *testing.T, broker *fakeBroker, options PublisherOptions) *Publisher {
	t.Helper()
	publisher, err := connectTo(t, broker.start(t), ClientOptions{}).Publisher("topic", options)
	noError(t, err)
	return publisher
}

func TestWhatIsHandedOverWhileARequestIsUnderWayGoesOutTogether(t *testing.T) {
	seen := make(chan *playheadv1.PublishStreamRequest, 10)
	answer := make(chan struct{})
	publisher := publisherOf(t, &fakeBroker{publish: storing(func(request *playheadv1.PublishStreamRequest) {
		seen <- request
		<-answer
	})}, PublisherOptions{})
	ctx := testContext(t)
	_, err := publisher.PublishAsync(ctx, Message{Value: []byte("first")})
	noError(t, err)
	first := <-seen
	want(t, "topic", first.GetTopic(), "topic")
	want(t, "producer", first.GetProducer(), publisher.Name())
	acks := make([]PendingAck, 100)
	for i := range acks {
		acks[i], err = publisher.PublishAsync(ctx, Message{Value: []byte{byte(i)}})
		noError(t, err)
	}
	close(answer)
	second := <-seen
	want(t, "messages of the second request", len(second.GetMessages()), len(acks))
	want(t, "its sequence", second.GetSequence(), 2)
	want(t, "its topic, which the stream knows", second.GetTopic(), "")
	for i, ack := range acks {
		timestampNs, err := ack.Wait(ctx)
		noError(t, err)
		want(t, "timestamp", timestampNs, int64(i+2))
	}
}

func TestWhatIsNotAcknowledgedIsSentAgainToTheByte(t *testing.T) {
	seen := make(chan *playheadv1.PublishStreamRequest, 10)
	store := storing(func(request *playheadv1.PublishStreamRequest) { seen <- request })
	failures := []func(publishStream) error{
		func(publishStream) error { return errCut },
		func(stream publishStream) error {
			return stream.Send(refused(playheadv1.ErrorReason_ERROR_REASON_STORAGE_FAILED, nil))
		},
	}
	tries := 0
	publisher := publisherOf(t, &fakeBroker{publish: func(stream publishStream) error {
		if tries == len(failures) {
			return store(stream)
		}
		request, err := stream.Recv()
		if err != nil {
			return err
		}
		seen <- request
		tries++
		return failures[tries-1](stream)
	}}, PublisherOptions{})
	ctx := testContext(t)
	_, err := publisher.PublishBatch(ctx, Message{Value: []byte("a")}, Message{Value: []byte("b")})
	noError(t, err)
	for range len(failures) + 1 {
		request := <-seen
		want(t, "sequence", request.GetSequence(), 1)
		want(t, "messages", len(request.GetMessages()), 2)
		want(t, "topic", request.GetTopic(), "topic")
	}
	noError(t, publisher.Close())
}

func TestAProducerWithANameGoesOnBehindItsLastSequence(t *testing.T) {
	publisher := publisherOf(t, &fakeBroker{
		publish:     storing(func(*playheadv1.PublishStreamRequest) {}),
		getProducer: &playheadv1.GetProducerResponse{LastSequence: 41},
	}, PublisherOptions{Name: "shop"})
	timestampNs, err := publisher.Publish(testContext(t), Message{})
	noError(t, err)
	want(t, "sequence", timestampNs, 42)
}

func TestARequestOverTheLimitIsRefusedHereAndTheNextIsStored(t *testing.T) {
	publisher := publisherOf(t, &fakeBroker{
		publish:    storing(func(*playheadv1.PublishStreamRequest) {}),
		serverInfo: &playheadv1.GetServerInfoResponse{MaxRequestBytes: 2 << 20},
	}, PublisherOptions{})
	ctx := testContext(t)
	_, err := publisher.Publish(ctx, Message{Value: bytes.Repeat([]byte("x"), 3<<20)})
	wantReason(t, err, ReasonRequestTooLarge)
	_, err = publisher.Publish(ctx, Message{Value: bytes.Repeat([]byte("x"), 3<<19)})
	noError(t, err)
}

func TestAfterADeleteEverythingThatWasHandedOverFails(t *testing.T) {
	publisher := publisherOf(t, &fakeBroker{publish: func(stream publishStream) error {
		if _, err := stream.Recv(); err != nil {
			return err
		}
		_ = stream.Send(refused(playheadv1.ErrorReason_ERROR_REASON_TOPIC_DELETED, nil))
		<-stream.Context().Done()
		return nil
	}}, PublisherOptions{MaxBatchBytes: 1})
	ctx := testContext(t)
	var acks []PendingAck
	for range 5 {
		ack, err := publisher.PublishAsync(ctx, Message{Value: []byte("x")})
		noError(t, err)
		acks = append(acks, ack)
	}
	for _, ack := range acks {
		_, err := ack.Wait(ctx)
		wantReason(t, err, ReasonTopicDeleted)
	}
	noError(t, publisher.Close())
}

func TestAnErrorThatNobodyWaitsForIsReportedByFlushOnce(t *testing.T) {
	publisher := publisherOf(t, &fakeBroker{publish: func(stream publishStream) error {
		for {
			if _, err := stream.Recv(); err != nil {
				return nil
			}
			if err := stream.Send(refused(playheadv1.ErrorReason_ERROR_REASON_CHANNEL_CLOSED, nil)); err != nil {
				return err
			}
		}
	}}, PublisherOptions{})
	ctx := testContext(t)
	ack, err := publisher.PublishAsync(ctx, Message{})
	noError(t, err)
	<-ack.Done()
	wantReason(t, publisher.Flush(ctx), ReasonChannelClosed)
	noError(t, publisher.Flush(ctx))
	ack, err = publisher.PublishAsync(ctx, Message{})
	noError(t, err)
	<-ack.Done()
	_, err = ack.Wait(ctx)
	wantReason(t, err, ReasonChannelClosed)
	noError(t, publisher.Flush(ctx))
}

func TestWhoPublishesMoreThanThereIsRoomForWaits(t *testing.T) {
	answer := make(chan struct{})
	publisher := publisherOf(t, &fakeBroker{publish: storing(func(*playheadv1.PublishStreamRequest) { <-answer })},
		PublisherOptions{MaxBufferedBytes: 100})
	ctx := testContext(t)
	_, err := publisher.PublishAsync(ctx, Message{Value: make([]byte, 200)})
	noError(t, err)
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	_, err = publisher.PublishAsync(short, Message{})
	wantReason(t, err, ReasonDeadlineExceeded)
	want(t, "cause", errors.Is(err, context.DeadlineExceeded), true)
	close(answer)
	_, err = publisher.Publish(ctx, Message{})
	noError(t, err)
}

func TestAMessageLingersForOthers(t *testing.T) {
	seen := make(chan int, 10)
	publisher := publisherOf(t, &fakeBroker{publish: storing(func(request *playheadv1.PublishStreamRequest) {
		seen <- len(request.GetMessages())
	})}, PublisherOptions{Linger: time.Minute})
	ctx := testContext(t)
	for range 3 {
		_, err := publisher.PublishAsync(ctx, Message{})
		noError(t, err)
	}
	noError(t, publisher.Flush(ctx))
	want(t, "messages of the one request", <-seen, 3)
}

func TestAPublisherThatIsClosedRefuses(t *testing.T) {
	publisher := publisherOf(t, &fakeBroker{publish: storing(func(*playheadv1.PublishStreamRequest) {})}, PublisherOptions{})
	ctx := testContext(t)
	ack, err := publisher.PublishAsync(ctx, Message{})
	noError(t, err)
	noError(t, publisher.Close())
	_, err = ack.Wait(ctx)
	noError(t, err)
	_, err = publisher.Publish(ctx, Message{})
	wantReason(t, err, ReasonClientClosed)
	noError(t, publisher.Close())
}

func TestAShutdownWaitsNoLongerThanItsContext(t *testing.T) {
	broker := &fakeBroker{publish: func(stream publishStream) error {
		<-stream.Context().Done()
		return nil
	}}
	client := connectTo(t, broker.start(t), ClientOptions{})
	publisher, err := client.Publisher("topic", PublisherOptions{})
	noError(t, err)
	ctx := testContext(t)
	ack, err := publisher.PublishAsync(ctx, Message{})
	noError(t, err)
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if client.Shutdown(short) == nil {
		t.Error("it does not say that something was not stored")
	}
	_, err = ack.Wait(ctx)
	wantReason(t, err, ReasonClientClosed)
}

func TestSeveralAddressesAreTriedInTurn(t *testing.T) {
	broker := &fakeBroker{
		publish:    storing(func(*playheadv1.PublishStreamRequest) {}),
		serverInfo: &playheadv1.GetServerInfoResponse{Version: "1"},
	}
	var retries []RetryEvent
	client := connectTo(t, "127.0.0.1:1,"+broker.start(t), ClientOptions{
		OnRetry: func(event RetryEvent) { retries = append(retries, event) },
	})
	info, err := client.ServerInfo(testContext(t))
	noError(t, err)
	want(t, "version", info.Version, "1")
	want(t, "tries that failed", len(retries), 1)
	want(t, "pause before the next address", retries[0].Delay, 0)
	wantReason(t, retries[0].Err, ReasonUnreachable)
}

func TestWithoutABrokerItGivesUpInTime(t *testing.T) {
	client := connectTo(t, "127.0.0.1:1", ClientOptions{Retry: RetryOptions{GiveUpAfter: -1}})
	ctx := testContext(t)
	_, err := client.ServerInfo(ctx)
	wantReason(t, err, ReasonUnreachable)
	publisher, err := client.Publisher("topic", PublisherOptions{})
	noError(t, err)
	_, err = publisher.Publish(ctx, Message{})
	wantReason(t, err, ReasonUnreachable)
	_, err = client.Subscribe(ctx, "topic", SubscribeOptions{})
	wantReason(t, err, ReasonUnreachable)
	noError(t, client.Close())
	_, err = client.ServerInfo(ctx)
	wantReason(t, err, ReasonClientClosed)
}
