package main

import (
	"context"

	playhead "github.com/playhead/playhead/clients/go"
)

func init() {
	operations["createSubscription"] = onDurable(func(ctx context.Context, s *playhead.Durable, r *request) (any, error) {
		return fromInfo(s.Create(ctx, playhead.CreateOptions{
			From:        r.From.Position,
			Config:      r.Config.durableConfig(),
			CreateTopic: r.CreateTopic,
		}))
	})
	operations["updateSubscription"] = onDurable(func(ctx context.Context, s *playhead.Durable, r *request) (any, error) {
		return fromInfo(s.Update(ctx, r.Config.durableUpdate()))
	})
	operations["getSubscription"] = onDurable(func(ctx context.Context, s *playhead.Durable, _ *request) (any, error) {
		return fromInfo(s.Info(ctx))
	})
	operations["deleteSubscription"] = onDurable(func(ctx context.Context, s *playhead.Durable, _ *request) (any, error) {
		return nothing{}, s.Delete(ctx)
	})
	operations["seekSubscription"] = onDurable(func(ctx context.Context, s *playhead.Durable, r *request) (any, error) {
		if r.To.snapshot != nil {
			return fromInfo(s.SeekSnapshot(ctx, r.To.snapshot))
		}
		return fromInfo(s.Seek(ctx, r.To.position.Position))
	})
	operations["snapshotSubscription"] = onDurable(func(ctx context.Context, s *playhead.Durable, _ *request) (any, error) {
		snapshot, err := s.Snapshot(ctx)
		return map[string]any{"snapshot": snapshot}, err
	})
	operations["redrive"] = onDurable(func(ctx context.Context, s *playhead.Durable, r *request) (any, error) {
		count, err := s.Redrive(ctx, playhead.RedriveOptions{To: r.To.topic, Limit: r.Limit})
		return map[string]any{"messageCount": count}, err
	})
	operations["listSubscriptions"] = onClient(listSubscriptions)
}

func onDurable(call func(context.Context, *playhead.Durable, *request) (any, error)) operation {
	return onClient(func(ctx context.Context, c *playhead.Client, r *request) (any, error) {
		return call(ctx, c.Durable(r.Topic, r.Subscription), r)
	})
}

func listSubscriptions(ctx context.Context, c *playhead.Client, r *request) (any, error) {
	names := []string{}
	durables := c.Durables(ctx, r.Topic)
	for info := range durables.All() {
		names = append(names, info.Subscription)
	}
	return map[string]any{"subscriptions": names}, durables.Err()
}

type durableConfig struct {
	Mode            playhead.DeliveryMode  `json:"mode"`
	LeaseMs         int64                  `json:"leaseMs"`
	MaxAttempts     int                    `json:"maxAttempts"`
	MaxInFlight     int                    `json:"maxInFlight"`
	BackoffMs       []int64                `json:"backoffMs,omitempty"`
	IdleExpiryMs    int64                  `json:"idleExpiryMs,omitempty"`
	DeadLetterTopic string                 `json:"deadLetterTopic"`
	MaxPending      int64                  `json:"maxPending,omitempty"`
	BacklogPolicy   playhead.BacklogPolicy `json:"backlogPolicy"`
}

type durableInfo struct {
	Topic             string        `json:"topic"`
	Subscription      string        `json:"subscription"`
	Config            durableConfig `json:"config"`
	PendingCount      int64         `json:"pendingCount"`
	InFlightCount     int64         `json:"inFlightCount"`
	WaitingCount      int64         `json:"waitingCount"`
	RedeliveredCount  int64         `json:"redeliveredCount"`
	DeadLetteredCount int64         `json:"deadLetteredCount"`
	AcknowledgedCount int64         `json:"acknowledgedCount"`
	WorkerCount       int           `json:"workerCount"`
	IsDrained         bool          `json:"isDrained"`
}

func fromInfo(info *playhead.DurableInfo, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	config := durableConfig{
		Mode:            info.Config.Mode,
		LeaseMs:         info.Config.Lease.Milliseconds(),
		MaxAttempts:     info.Config.MaxAttempts,
		MaxInFlight:     info.Config.MaxInFlight,
		IdleExpiryMs:    info.Config.IdleExpiry.Milliseconds(),
		DeadLetterTopic: info.Config.DeadLetterTopic,
		MaxPending:      info.Config.MaxPending,
		BacklogPolicy:   info.Config.BacklogPolicy,
	}
	for _, delay := range info.Config.Backoff.Delays {
		config.BackoffMs = append(config.BackoffMs, delay.Milliseconds())
	}
	return &durableInfo{
		Topic:             info.Topic,
		Subscription:      info.Subscription,
		Config:            config,
		PendingCount:      info.PendingCount,
		InFlightCount:     info.InFlightCount,
		WaitingCount:      info.WaitingCount,
		RedeliveredCount:  info.RedeliveredCount,
		DeadLetteredCount: info.DeadLetteredCount,
		AcknowledgedCount: info.AcknowledgedCount,
		WorkerCount:       info.WorkerCount,
		IsDrained:         info.IsDrained,
	}, nil
}
