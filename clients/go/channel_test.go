package playhead

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// helloGoodbye is the MD5 over "hello" and "goodbye".
var helloGoodbye = hex.EncodeToString(newChecksum().clone([]Message{{Value: []byte("hellogoodbye")}}).digest())

// closingBroker stores what is published, and tells that so many messages are there.
func closingBroker(messageCount int64, closes chan<- *playheadv1.PublishStreamRequest) *fakeBroker {
	return &fakeBroker{
		getTopic: func() (*playheadv1.GetTopicResponse, error) {
			if messageCount == 0 {
				return nil, status.Error(codes.Internal, "it is not to be asked")
			}
			return &playheadv1.GetTopicResponse{Topic: &playheadv1.Topic{MessageCount: messageCount}}, nil
		},
		publish: func(stream publishStream) error {
			for {
				request, err := stream.Recv()
				if err != nil {
					return nil
				}
				answer := stored(request.GetSequence(), request)
				if request.GetClose() != nil {
					closes <- request
					answer.GetResults()[0].GetAck().Closed = &playheadv1.Closed{
						TimestampNs: 9, Checksum: request.GetClose().GetChecksum(), Reason: request.GetClose().GetReason(),
					}
				}
				if err := stream.Send(answer); err != nil {
					return err
				}
			}
		},
	}
}

func closeChannelOf(t *testing.T, messageCount int64) (*playheadv1.PublishStreamRequest, *Closed) {
	t.Helper()
	closes := make(chan *playheadv1.PublishStreamRequest, 1)
	client := connectTo(t, closingBroker(messageCount, closes).start(t), ClientOptions{})
	ctx := testContext(t)
	_, err := client.Channel("name").Publish(ctx, Message{Value: []byte("hello")})
	noError(t, err)
	channel := client.Channel("name") // Both sum up together.
	closed, err := channel.Close(ctx, "done", Message{Value: []byte("goodbye")})
	noError(t, err)
	again, err := channel.Close(ctx, "again")
	noError(t, err)
	want(t, "closed again", again, closed)
	_, err = channel.Publish(ctx, Message{})
	wantReason(t, err, ReasonChannelClosed)
	return <-closes, closed
}

func TestAChannelIsClosedWithTheChecksumOfItsOnlyWriter(t *testing.T) {
	request, closed := closeChannelOf(t, 1)
	want(t, "checksum", closed.Checksum, helloGoodbye)
	want(t, "reason", closed.Reason, "done")
	want(t, "expected", request.GetExpectedLastTimestampNs(), 1)
	want(t, "last messages", len(request.GetMessages()), 1)
}

func TestAChannelOfSeveralWritersIsClosedWithoutAChecksum(t *testing.T) {
	request, closed := closeChannelOf(t, 2)
	want(t, "checksum", closed.Checksum, "")
	want(t, "expected is set", request.ExpectedLastTimestampNs != nil, false)
}

func TestAReaderVerifiesTheChecksum(t *testing.T) {
	sum, err := hex.DecodeString(helloGoodbye)
	noError(t, err)
	for value, wanted := range map[string]bool{"goodbye": true, "goodbyE": false} {
		last := carrying(&playheadv1.Closed{MessageCount: 2, Checksum: sum})
		last.Messages = []*playheadv1.Message{
			{TimestampNs: 1, Value: []byte("hello")}, {TimestampNs: 2, Value: []byte(value)},
		}
		broker, requests := sending(t, nil, []*playheadv1.SubscribeResponse{carrying(begun), last, carrying(complete)})
		client := connectTo(t, broker.start(t), ClientOptions{})
		reader, err := client.Channel("name").Subscribe(testContext(t), SubscribeOptions{})
		noError(t, err)
		want(t, "messages", len(timestampsOf(t, reader)), 2)
		isVerified, ok := reader.Verified()
		want(t, "known", ok, true)
		want(t, "verified", isVerified, wanted)
		want(t, "topic", (*requests)[0].GetTopic(), "chan/name")
		want(t, "from", (*requests)[0].GetFrom().GetEdge(), playheadv1.Edge_EDGE_EARLIEST)
	}
}

func TestACloseThatWaitsForAnotherEndsWithItsContext(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	broker := closingBroker(1, make(chan *playheadv1.PublishStreamRequest, 1))
	broker.getTopic = func() (*playheadv1.GetTopicResponse, error) {
		close(asked)
		<-answer
		return &playheadv1.GetTopicResponse{Topic: &playheadv1.Topic{MessageCount: 1}}, nil
	}
	channel := connectTo(t, broker.start(t), ClientOptions{}).Channel("name")
	ctx := testContext(t)
	_, err := channel.Publish(ctx, Message{Value: []byte("hello")})
	noError(t, err)
	first := make(chan error, 1)
	go func() {
		_, err := channel.Close(ctx, "done")
		first <- err
	}()
	<-asked
	second := make(chan error, 1)
	go func() {
		short, cancel := context.WithCancel(ctx)
		cancel()
		_, err := channel.Close(short, "again")
		second <- err
	}()
	select {
	case err := <-second:
		wantReason(t, err, ReasonCancelled)
		want(t, "cause", errors.Is(err, context.Canceled), true)
	case <-time.After(2 * time.Second):
		t.Error("the second close does not end with its context")
	}
	close(answer)
	noError(t, <-first)
	closed, err := channel.Close(ctx, "again")
	noError(t, err)
	want(t, "reason", closed.Reason, "done")
}
