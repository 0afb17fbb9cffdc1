package playhead

import (
	"context"

	"google.golang.org/grpc"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// Durable is a subscription that the broker keeps: a cursor on a topic, leases, and the number of times that each message
// was delivered. The object is a name; nothing is requested before a method is called. Its methods may be called from
// many goroutines.
type Durable struct {
	client *Client
	topic  string
	name   string
	puller *puller
}

// Durable is the durable subscription of this name, whether it exists or not.
func (c *Client) Durable(topic, name string) *Durable {
	return &Durable{client: c, topic: topic, name: name, puller: newPuller(c, topic, name)}
}

// Topic that it belongs to.
func (d *Durable) Topic() string { return d.topic }

// Name of the subscription.
func (d *Durable) Name() string { return d.name }

// CreateOptions say how a durable subscription is made.
type CreateOptions struct {
	// From is where to begin. Zero: Latest. Of no effect if the subscription exists.
	From Position
	// Config holds the settings.
	Config DurableConfig
	// CreateTopic makes a topic that does not exist.
	CreateTopic bool
}

// Create answers with the subscription as it is now. SUBSCRIPTION_EXISTS if it exists with other settings.
func (d *Durable) Create(ctx context.Context, options CreateOptions) (*DurableInfo, error) {
	config, err := options.Config.update().wire()
	if err != nil {
		return nil, err
	}
	question := &playheadv1.CreateSubscriptionRequest{
		Topic: d.topic, Subscription: d.name, From: options.From.wire, Config: config, CreateTopic: options.CreateTopic,
	}
	return infoOf(ask(ctx, d, "create", "", playheadv1.SubscriptionServiceClient.CreateSubscription, question))
}

// Info describes the subscription. SUBSCRIPTION_NOT_FOUND if there is none.
func (d *Durable) Info(ctx context.Context) (*DurableInfo, error) {
	question := &playheadv1.GetSubscriptionRequest{Topic: d.topic, Subscription: d.name}
	return infoOf(ask(ctx, d, "look up", "", playheadv1.SubscriptionServiceClient.GetSubscription, question))
}

// Update changes the settings that are set, for deliveries from now on.
func (d *Durable) Update(ctx context.Context, update DurableUpdate) (*DurableInfo, error) {
	config, err := update.wire()
	if err != nil {
		return nil, err
	}
	question := &playheadv1.UpdateSubscriptionRequest{Topic: d.topic, Subscription: d.name, Config: config}
	return infoOf(ask(ctx, d, "update", "", playheadv1.SubscriptionServiceClient.UpdateSubscription, question))
}

// Delete forgets the subscription; its workers are told and end.
func (d *Durable) Delete(ctx context.Context) error {
	question := &playheadv1.DeleteSubscriptionRequest{Topic: d.topic, Subscription: d.name}
	_, err := ask(ctx, d, "delete", ReasonSubscriptionNotFound,
		playheadv1.SubscriptionServiceClient.DeleteSubscription, question)
	return err
}

// Seek moves the subscription while workers are connected; leases from before are void.
func (d *Durable) Seek(ctx context.Context, to Position) (*DurableInfo, error) {
	return d.seek(ctx, &playheadv1.SeekSubscriptionRequest{To: &playheadv1.SeekSubscriptionRequest_Position{Position: to.wire}})
}

// SeekSnapshot puts a state back that Snapshot has given, of a subscription of the same topic.
func (d *Durable) SeekSnapshot(ctx context.Context, snapshot []byte) (*DurableInfo, error) {
	return d.seek(ctx, &playheadv1.SeekSubscriptionRequest{To: &playheadv1.SeekSubscriptionRequest_Snapshot{Snapshot: snapshot}})
}

func (d *Durable) seek(ctx context.Context, question *playheadv1.SeekSubscriptionRequest) (*DurableInfo, error) {
	question.Topic, question.Subscription = d.topic, d.name
	return infoOf(ask(ctx, d, "seek", "", playheadv1.SubscriptionServiceClient.SeekSubscription, question))
}

// Snapshot is the state of the subscription, which SeekSnapshot puts back. What is in it is the broker's own.
func (d *Durable) Snapshot(ctx context.Context) ([]byte, error) {
	question := &playheadv1.SnapshotSubscriptionRequest{Topic: d.topic, Subscription: d.name}
	answer, err := ask(ctx, d, "take a snapshot of", "",
		playheadv1.SubscriptionServiceClient.SnapshotSubscription, question)
	if err != nil {
		return nil, err
	}
	return answer.GetSnapshot(), nil
}

// RedriveOptions say which dead letters go where.
type RedriveOptions struct {
	// To is where to publish them. Empty: the subscription's topic.
	To string
	// Limit is the most of them, the oldest first. 0: all that are there now.
	Limit int64
}

// Redrive publishes the dead letters to where they came from and removes them. It gives their number; after a lost
// answer, the number of those that were left.
func (d *Durable) Redrive(ctx context.Context, options RedriveOptions) (messageCount int64, err error) {
	question := &playheadv1.RedriveDeadLettersRequest{
		Topic: d.topic, Subscription: d.name, TargetTopic: options.To, MaxMessages: options.Limit,
	}
	answer, err := ask(ctx, d, "redrive the dead letters of", "",
		playheadv1.SubscriptionServiceClient.RedriveDeadLetters, question)
	if err != nil {
		return 0, err
	}
	return answer.GetMessageCount(), nil
}

// Durables lists the durable subscriptions of the topics that match a glob, by topic and name; empty: all. Nothing is
// requested before the loop over All.
func (c *Client) Durables(ctx context.Context, glob string) *Listing[*DurableInfo] {
	return &Listing[*DurableInfo]{fetch: func(pageToken string) ([]*DurableInfo, string, error) {
		question := &playheadv1.ListSubscriptionsRequest{Glob: glob, PageToken: pageToken}
		answer, err := request(ctx, c.connection, operation{name: "list subscriptions"},
			func(ctx context.Context, conn *grpc.ClientConn) (*playheadv1.ListSubscriptionsResponse, error) {
				return playheadv1.NewSubscriptionServiceClient(conn).ListSubscriptions(ctx, question)
			})
		if err != nil {
			return nil, "", err
		}
		page := make([]*DurableInfo, 0, len(answer.GetSubscriptions()))
		for _, subscription := range answer.GetSubscriptions() {
			page = append(page, fromWireSubscription(subscription))
		}
		return page, answer.GetNextPageToken(), nil
	}}
}

// ask makes a request about a subscription by a method of the generated client.
func ask[Question, Answer any](
	ctx context.Context,
	d *Durable,
	verb string,
	doneBefore Reason,
	method func(playheadv1.SubscriptionServiceClient, context.Context, *Question, ...grpc.CallOption) (*Answer, error),
	question *Question,
) (*Answer, error) {
	op := operation{name: verb + " subscription " + d.name + " of " + d.topic, doneBefore: doneBefore}
	return request(ctx, d.client.connection, op, func(ctx context.Context, conn *grpc.ClientConn) (*Answer, error) {
		return method(playheadv1.NewSubscriptionServiceClient(conn), ctx, question)
	})
}

// answersSubscription is a response that carries a subscription.
type answersSubscription interface {
	GetSubscription() *playheadv1.Subscription
}

func infoOf(response answersSubscription, err error) (*DurableInfo, error) {
	if err != nil {
		return nil, err
	}
	return fromWireSubscription(response.GetSubscription()), nil
}
