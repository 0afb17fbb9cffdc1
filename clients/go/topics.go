package playhead

import (
	"context"
	"encoding/hex"
	"time"

	"google.golang.org/grpc"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// topicRequest makes a request by a method of the generated client.
func topicRequest[Question, Answer any](
	ctx context.Context,
	c *Client,
	op operation,
	method func(playheadv1.TopicServiceClient, context.Context, *Question, ...grpc.CallOption) (*Answer, error),
	question *Question,
) (*Answer, error) {
	return request(ctx, c.connection, op, func(ctx context.Context, conn *grpc.ClientConn) (*Answer, error) {
		return method(playheadv1.NewTopicServiceClient(conn), ctx, question)
	})
}

// answersTopic is a response that carries a topic.
type answersTopic interface{ GetTopic() *playheadv1.Topic }

func topicOf(response answersTopic, err error) (*Topic, error) {
	if err != nil {
		return nil, err
	}
	return fromWireTopic(response.GetTopic()), nil
}

// CreateTopic answers with the topic as it is now. TOPIC_EXISTS if one of that name has another configuration.
func (c *Client) CreateTopic(ctx context.Context, topic string, config TopicConfig) (*Topic, error) {
	question := &playheadv1.CreateTopicRequest{Topic: topic, Config: config.update().wire()}
	return topicOf(topicRequest(ctx, c, operation{name: "create " + topic},
		playheadv1.TopicServiceClient.CreateTopic, question))
}

// Topic describes a topic. TOPIC_NOT_FOUND if there is none.
func (c *Client) Topic(ctx context.Context, topic string) (*Topic, error) {
	question := &playheadv1.GetTopicRequest{Topic: topic}
	return topicOf(topicRequest(ctx, c, operation{name: "look up " + topic},
		playheadv1.TopicServiceClient.GetTopic, question))
}

// UpdateTopic changes the settings that are set.
func (c *Client) UpdateTopic(ctx context.Context, topic string, update TopicUpdate) (*Topic, error) {
	question := &playheadv1.UpdateTopicRequest{Topic: topic, Config: update.wire()}
	return topicOf(topicRequest(ctx, c, operation{name: "update " + topic},
		playheadv1.TopicServiceClient.UpdateTopic, question))
}

// TrimTopic removes the messages before a time, for ever.
func (c *Client) TrimTopic(ctx context.Context, topic string, before time.Time) (*Topic, error) {
	return c.TrimTopicNs(ctx, topic, before.UnixNano())
}

// TrimTopicNs is TrimTopic for nanoseconds since 1970, UTC.
func (c *Client) TrimTopicNs(ctx context.Context, topic string, beforeTimestampNs int64) (*Topic, error) {
	question := &playheadv1.TrimTopicRequest{Topic: topic, BeforeTimestampNs: beforeTimestampNs}
	return topicOf(topicRequest(ctx, c, operation{name: "trim " + topic},
		playheadv1.TopicServiceClient.TrimTopic, question))
}

// CloseTopicOptions are for readers.
type CloseTopicOptions struct {
	// Reason has at most 1024 bytes.
	Reason string
	// Checksum is the MD5 over the values, in order; 32 hexadecimal digits. Empty: none.
	Checksum string
}

// CloseTopic closes the topic. Closing again is no error and answers as the first time.
func (c *Client) CloseTopic(ctx context.Context, topic string, options CloseTopicOptions) (*Closed, error) {
	sum, err := hex.DecodeString(options.Checksum)
	if err != nil {
		return nil, newError(ReasonInvalidArgument, "a checksum has 32 hexadecimal digits: %s", err).because(err)
	}
	question := &playheadv1.CloseTopicRequest{
		Topic: topic,
		Close: &playheadv1.Close{Reason: options.Reason, Checksum: sum},
	}
	response, err := topicRequest(ctx, c, operation{name: "close " + topic},
		playheadv1.TopicServiceClient.CloseTopic, question)
	if err != nil {
		return nil, err
	}
	return fromWireClosed(response.GetClosed()), nil
}

// DeleteTopic removes the topic; its subscriptions end with TOPIC_DELETED, and the name is free.
func (c *Client) DeleteTopic(ctx context.Context, topic string) error {
	question := &playheadv1.DeleteTopicRequest{Topic: topic}
	op := operation{name: "delete " + topic, doneBefore: ReasonTopicNotFound}
	_, err := topicRequest(ctx, c, op,
		playheadv1.TopicServiceClient.DeleteTopic, question)
	return err
}

// Topics lists the topics that match a glob, by name; empty: all. Nothing is requested before the loop over All.
func (c *Client) Topics(ctx context.Context, glob string) *Listing[*Topic] {
	return &Listing[*Topic]{fetch: func(pageToken string) ([]*Topic, string, error) {
		question := &playheadv1.ListTopicsRequest{Glob: glob, PageToken: pageToken}
		answer, err := topicRequest(ctx, c, operation{name: "list topics"},
			playheadv1.TopicServiceClient.ListTopics, question)
		if err != nil {
			return nil, "", err
		}
		page := make([]*Topic, 0, len(answer.GetTopics()))
		for _, topic := range answer.GetTopics() {
			page = append(page, fromWireTopic(topic))
		}
		return page, answer.GetNextPageToken(), nil
	}}
}
