package main

import (
	"context"
	"strings"

	playhead "github.com/playhead/playhead/clients/go"
)

func init() {
	operations["connect"] = connect
	operations["disconnect"] = onClient(func(_ context.Context, c *playhead.Client, _ *request) (nothing, error) {
		return nothing{}, c.Close()
	})
	operations["serverInfo"] = onClient(serverInfo)
	operations["createTopic"] = onClient(func(ctx context.Context, c *playhead.Client, r *request) (*topic, error) {
		return fromTopic(c.CreateTopic(ctx, r.Topic, r.Config.topicConfig()))
	})
	operations["updateTopic"] = onClient(func(ctx context.Context, c *playhead.Client, r *request) (*topic, error) {
		return fromTopic(c.UpdateTopic(ctx, r.Topic, r.Config.topicUpdate()))
	})
	operations["getTopic"] = onClient(func(ctx context.Context, c *playhead.Client, r *request) (*topic, error) {
		return fromTopic(c.Topic(ctx, r.Topic))
	})
	operations["trimTopic"] = onClient(func(ctx context.Context, c *playhead.Client, r *request) (*topic, error) {
		return fromTopic(c.TrimTopicNs(ctx, r.Topic, int64(r.BeforeTimestampNs)))
	})
	operations["listTopics"] = onClient(listTopics)
	operations["closeTopic"] = onClient(func(ctx context.Context, c *playhead.Client, r *request) (*closed, error) {
		return fromClosed(c.CloseTopic(ctx, r.Topic, playhead.CloseTopicOptions{Reason: r.Reason}))
	})
	operations["deleteTopic"] = onClient(func(ctx context.Context, c *playhead.Client, r *request) (nothing, error) {
		return nothing{}, c.DeleteTopic(ctx, r.Topic)
	})
}

func connect(_ context.Context, d *driver, r *request) (later, error) {
	options := playhead.ClientOptions{RequestTimeout: milliseconds(r.RequestTimeoutMs)}
	if r.GiveUpAfterMs != nil {
		options.Retry.GiveUpAfter = milliseconds(*r.GiveUpAfterMs)
		if *r.GiveUpAfterMs == 0 {
			options.Retry.GiveUpAfter = -1
		}
	}
	if r.TLS != nil {
		config, err := playhead.LoadTLS(r.TLS.CAFile, r.TLS.CertFile, r.TLS.KeyFile)
		if err != nil {
			return nil, err
		}
		options.TLS = config
	}
	client, err := playhead.Connect(strings.Join(r.Addresses, ","), options)
	if err != nil {
		return nil, err
	}
	d.clients.put(r.As, client)
	return done(nothing{}), nil
}

type server struct {
	Version         string `json:"version"`
	Durability      string `json:"durability"`
	MaxMessageBytes int    `json:"maxMessageBytes"`
	MaxRequestBytes int    `json:"maxRequestBytes"`
}

func serverInfo(ctx context.Context, c *playhead.Client, _ *request) (*server, error) {
	info, err := c.ServerInfo(ctx)
	if err != nil {
		return nil, err
	}
	return &server{info.Version, string(info.Durability), info.MaxMessageBytes, info.MaxRequestBytes}, nil
}

func listTopics(ctx context.Context, c *playhead.Client, r *request) (any, error) {
	names := []string{}
	topics := c.Topics(ctx, r.Glob)
	for topic := range topics.All() {
		names = append(names, topic.Name)
	}
	return map[string]any{"topics": names}, topics.Err()
}

type topicConfig struct {
	MaxAgeMs        int64 `json:"maxAgeMs,omitempty"`
	MaxBytes        int64 `json:"maxBytes,omitempty"`
	MaxMessages     int64 `json:"maxMessages,omitempty"`
	MaxMessageBytes int   `json:"maxMessageBytes,omitempty"`
	TrimConsumed    bool  `json:"trimConsumed,omitempty"`
}

type topic struct {
	Topic              string      `json:"topic"`
	Config             topicConfig `json:"config"`
	CreatedTimestampNs nanoseconds `json:"createdTimestampNs"`
	FirstTimestampNs   nanoseconds `json:"firstTimestampNs,omitzero"`
	LastTimestampNs    nanoseconds `json:"lastTimestampNs,omitzero"`
	MessageCount       int64       `json:"messageCount"`
	ByteCount          int64       `json:"byteCount"`
	Closed             *closed     `json:"closed,omitempty"`
}

func fromTopic(t *playhead.Topic, err error) (*topic, error) {
	if err != nil {
		return nil, err
	}
	wire := &topic{
		Topic: t.Name,
		Config: topicConfig{
			MaxAgeMs:        t.Config.MaxAge.Milliseconds(),
			MaxBytes:        t.Config.MaxBytes,
			MaxMessages:     t.Config.MaxMessages,
			MaxMessageBytes: t.Config.MaxMessageBytes,
			TrimConsumed:    t.Config.TrimConsumed,
		},
		CreatedTimestampNs: nanoseconds(t.CreatedTimestampNs),
		FirstTimestampNs:   nanoseconds(t.FirstTimestampNs),
		LastTimestampNs:    nanoseconds(t.LastTimestampNs),
		MessageCount:       t.MessageCount,
		ByteCount:          t.ByteCount,
	}
	if t.Closed != nil {
		wire.Closed, _ = fromClosed(t.Closed, nil)
	}
	return wire, nil
}

type closed struct {
	TimestampNs  nanoseconds `json:"timestampNs"`
	MessageCount int64       `json:"messageCount"`
	Reason       string      `json:"reason,omitempty"`
	Checksum     string      `json:"checksum,omitempty"`
}

func fromClosed(c *playhead.Closed, err error) (*closed, error) {
	if err != nil {
		return nil, err
	}
	return &closed{nanoseconds(c.TimestampNs), c.MessageCount, c.Reason, c.Checksum}, nil
}
