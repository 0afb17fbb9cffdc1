package playhead

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// maxAcknowledges is the number of requests under way; what is settled meanwhile goes out together.
const maxAcknowledges = 8

// PullOptions say what to pull. The zero value asks for one message and does not wait.
type PullOptions struct {
	// Max is the most messages. 0: 1; at most 10 000.
	Max int
	// MaxBytes is the most bytes, but at least one message comes. 0: 1 MiB.
	MaxBytes int
	// Wait is how long to wait for the first message, in whole milliseconds and at most a minute.
	Wait time.Duration
	// Lease is how long the lease is. 0: as the subscription says.
	Lease time.Duration
}

// Pulled is what a pull has brought.
type Pulled struct {
	// Deliveries; none if there was nothing.
	Deliveries []*Delivery
	// IsDrained tells that the topic is closed and everything in it settled: no message will come any more.
	IsDrained bool
	// DrainedReason is why the topic was closed, in the words of who closed it.
	DrainedReason string
}

// Pull leases messages without a stream. If the answer is lost, what was in it is delivered again once its lease has run
// out.
func (d *Durable) Pull(ctx context.Context, options PullOptions) (*Pulled, error) {
	waitMs := toMs(options.Wait)
	question := &playheadv1.PullRequest{
		Topic:        d.topic,
		Subscription: d.name,
		MaxMessages:  toInt32(options.Max),
		MaxBytes:     toInt32(options.MaxBytes),
		WaitMs:       toInt32(int(waitMs)),
		LeaseMs:      toMs(options.Lease),
	}
	op := operation{name: "pull from " + d.name + " of " + d.topic, wait: fromMs(waitMs)}
	bytes, err := request(ctx, d.client.connection, op,
		func(ctx context.Context, conn *grpc.ClientConn) (bytes rawResponse, err error) {
			err = conn.Invoke(ctx, playheadv1.SubscriptionService_Pull_FullMethodName, question, &bytes)
			return bytes, err
		})
	if err != nil {
		return nil, err
	}
	return d.puller.decode(bytes)
}

// puller settles what was pulled from one subscription.
type puller struct {
	client       *Client
	topic        string
	subscription string

	mu           sync.Mutex
	settlements  *settlements
	requestCount int
	// idle is closed when nothing is under way; nil while that is so.
	idle chan struct{}
}

func newPuller(c *Client, topic, subscription string) *puller {
	p := &puller{client: c, topic: topic, subscription: subscription}
	p.settlements = &settlements{mu: &p.mu, onPending: p.begin, onReleased: func(*lease, int) {}}
	return p
}

func (p *puller) decode(bytes rawResponse) (*Pulled, error) {
	found, err := scanResponse(bytes)
	if err != nil {
		return nil, malformedError("")
	}
	var details playheadv1.PullResponse
	if err := proto.Unmarshal(found.rest, &details); err != nil {
		return nil, malformedError("")
	}
	if err := checkLeases(found, details.GetLeases()); err != nil {
		return nil, err
	}
	deliveries, _, err := decodeDeliveries(p.settlements, p.topic, found, details.GetLeases(), time.Time{})
	if err != nil {
		return nil, malformedError("")
	}
	return &Pulled{
		Deliveries:    deliveries,
		IsDrained:     details.GetDrained() != nil,
		DrainedReason: details.GetDrained().GetReason(),
	}, nil
}

// begin starts a request unless enough are under way. For who holds mu.
func (p *puller) begin() {
	if p.requestCount >= maxAcknowledges {
		return
	}
	if p.requestCount == 0 {
		p.idle = make(chan struct{})
		p.client.noteBusy(p)
	}
	p.requestCount++
	go p.send()
}

// send sends until nothing is left.
func (p *puller) send() {
	p.mu.Lock()
	defer p.settlements.unlock()
	for len(p.settlements.pending) > 0 {
		sent := p.settlements.take(maxSettlements)
		p.settlements.unlock()
		results, err := p.acknowledge(sent)
		p.mu.Lock()
		for i, each := range sent {
			switch {
			case err != nil:
				p.settlements.fail(each, asError(err))
			case i < len(results):
				p.settlements.answer(each, results[i])
			default:
				p.settlements.fail(each, newError(ReasonInternal, "the broker has no result for each settlement"))
			}
		}
	}
	p.requestCount--
	if p.requestCount == 0 {
		close(p.idle)
		p.idle = nil
		p.client.removeWorker(p)
	}
}

func (p *puller) acknowledge(sent []*Settlement) ([]*playheadv1.SettlementResult, error) {
	question := &playheadv1.AcknowledgeRequest{
		Topic: p.topic, Subscription: p.subscription, Settlements: toWireSettlements(sent),
	}
	op := operation{name: "acknowledge to " + p.subscription + " of " + p.topic}
	answer, err := request(context.Background(), p.client.connection, op,
		func(ctx context.Context, conn *grpc.ClientConn) (*playheadv1.AcknowledgeResponse, error) {
			return playheadv1.NewSubscriptionServiceClient(conn).Acknowledge(ctx, question)
		})
	return answer.GetResults(), err
}

// shutdown waits for the answers of what was settled.
func (p *puller) shutdown(ctx context.Context) {
	p.mu.Lock()
	idle := p.idle
	p.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
	case <-ctx.Done():
	}
}
