package playhead

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

type (
	publishStream   = grpc.BidiStreamingServer[playheadv1.PublishStreamRequest, playheadv1.PublishStreamResponse]
	subscribeStream = grpc.ServerStreamingServer[playheadv1.SubscribeResponse]
	consumeStream   = grpc.BidiStreamingServer[playheadv1.ConsumeRequest, playheadv1.ConsumeResponse]
)

// fakeBroker answers as a test says; what that does not say is UNIMPLEMENTED.
type fakeBroker struct {
	playheadv1.UnimplementedBrokerServiceServer
	playheadv1.UnimplementedTopicServiceServer
	playheadv1.UnimplementedSubscriptionServiceServer
	publish     func(publishStream) error
	subscribe   func(*playheadv1.SubscribeRequest, subscribeStream) error
	consume     func(consumeStream) error
	getTopic    func() (*playheadv1.GetTopicResponse, error)
	listTopics  func(*playheadv1.ListTopicsRequest) (*playheadv1.ListTopicsResponse, error)
	getProducer *playheadv1.GetProducerResponse
	serverInfo  *playheadv1.GetServerInfoResponse
	pull        *playheadv1.PullResponse
	acknowledge func(*playheadv1.AcknowledgeRequest) *playheadv1.AcknowledgeResponse
}

func (b *fakeBroker) PublishStream(stream publishStream) error { return b.publish(stream) }

func (b *fakeBroker) Subscribe(question *playheadv1.SubscribeRequest, stream subscribeStream) error {
	return b.subscribe(question, stream)
}

func (b *fakeBroker) Consume(stream consumeStream) error { return b.consume(stream) }

func (b *fakeBroker) GetTopic(context.Context, *playheadv1.GetTopicRequest) (*playheadv1.GetTopicResponse, error) {
	return b.getTopic()
}

func (b *fakeBroker) ListTopics(
	_ context.Context, question *playheadv1.ListTopicsRequest,
) (*playheadv1.ListTopicsResponse, error) {
	return b.listTopics(question)
}

func (b *fakeBroker) GetProducer(
	context.Context, *playheadv1.GetProducerRequest,
) (*playheadv1.GetProducerResponse, error) {
	return b.getProducer, nil
}

func (b *fakeBroker) GetServerInfo(
	context.Context, *playheadv1.GetServerInfoRequest,
) (*playheadv1.GetServerInfoResponse, error) {
	return b.serverInfo, nil
}

func (b *fakeBroker) Pull(context.Context, *playheadv1.PullRequest) (*playheadv1.PullResponse, error) {
	return b.pull, nil
}

func (b *fakeBroker) Acknowledge(
	_ context.Context, question *playheadv1.AcknowledgeRequest,
) (*playheadv1.AcknowledgeResponse, error) {
	return b.acknowledge(question), nil
}

// errCut is a connection that is lost, as a client sees it.
var errCut = status.Error(codes.Unavailable, "cut")

// start serves at a port of its own until the test ends, and gives the address.
func (b *fakeBroker) start(t *testing.T, options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	playheadv1.RegisterBrokerServiceServer(server, b)
	playheadv1.RegisterTopicServiceServer(server, b)
	playheadv1.RegisterSubscriptionServiceServer(server, b)
	go func() {
		if err := server.Serve(listener); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

var quickRetry = RetryOptions{InitialBackoff: time.Millisecond, MaxBackoff: 5 * time.Millisecond}

func connectTo(t *testing.T, address string, options ClientOptions) *Client {
	t.Helper()
	if options.Retry == (RetryOptions{}) {
		options.Retry = quickRetry
	}
	client, err := Connect(address, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = client.Shutdown(ctx)
	})
	return client
}

// testContext ends what a test would otherwise wait for in vain.
func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func wantReason(t *testing.T, err error, reason Reason) {
	t.Helper()
	if ReasonOf(err) != reason {
		t.Fatalf("the error is %v and not of reason %s", err, reason)
	}
}

func want[T comparable](t *testing.T, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s: got %v, want %v", what, got, wanted)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
