package main

import (
	"time"

	playhead "github.com/playhead/playhead/clients/go"
)

// settings are those of a topic or of a subscription.
type settings struct {
	MaxAgeMs        *int64 `json:"maxAgeMs"`
	MaxBytes        *int64 `json:"maxBytes"`
	MaxMessages     *int64 `json:"maxMessages"`
	MaxMessageBytes *int   `json:"maxMessageBytes"`
	TrimConsumed    *bool  `json:"trimConsumed"`

	Mode            *playhead.DeliveryMode  `json:"mode"`
	LeaseMs         *int64                  `json:"leaseMs"`
	MaxAttempts     *int                    `json:"maxAttempts"`
	MaxInFlight     *int                    `json:"maxInFlight"`
	BackoffMs       *[]int64                `json:"backoffMs"`
	IdleExpiryMs    *int64                  `json:"idleExpiryMs"`
	DeadLetterTopic *string                 `json:"deadLetterTopic"`
	MaxPending      *int64                  `json:"maxPending"`
	BacklogPolicy   *playhead.BacklogPolicy `json:"backlogPolicy"`
}

func (s settings) topicConfig() playhead.TopicConfig {
	return playhead.TopicConfig{
		MaxAge:          milliseconds(or0(s.MaxAgeMs)),
		MaxBytes:        or0(s.MaxBytes),
		MaxMessages:     or0(s.MaxMessages),
		MaxMessageBytes: or0(s.MaxMessageBytes),
		TrimConsumed:    or0(s.TrimConsumed),
	}
}

func (s settings) topicUpdate() playhead.TopicUpdate {
	return playhead.TopicUpdate{
		MaxAge:          duration(s.MaxAgeMs),
		MaxBytes:        s.MaxBytes,
		MaxMessages:     s.MaxMessages,
		MaxMessageBytes: s.MaxMessageBytes,
		TrimConsumed:    s.TrimConsumed,
	}
}

func (s settings) durableConfig() playhead.DurableConfig {
	return playhead.DurableConfig{
		Mode:            or0(s.Mode),
		Lease:           milliseconds(or0(s.LeaseMs)),
		MaxAttempts:     or0(s.MaxAttempts),
		MaxInFlight:     or0(s.MaxInFlight),
		Backoff:         or0(s.backoff()),
		IdleExpiry:      milliseconds(or0(s.IdleExpiryMs)),
		DeadLetterTopic: or0(s.DeadLetterTopic),
		MaxPending:      or0(s.MaxPending),
		BacklogPolicy:   or0(s.BacklogPolicy),
	}
}

func (s settings) durableUpdate() playhead.DurableUpdate {
	return playhead.DurableUpdate{
		Mode:            s.Mode,
		Lease:           duration(s.LeaseMs),
		MaxAttempts:     s.MaxAttempts,
		MaxInFlight:     s.MaxInFlight,
		Backoff:         s.backoff(),
		IdleExpiry:      duration(s.IdleExpiryMs),
		DeadLetterTopic: s.DeadLetterTopic,
		MaxPending:      s.MaxPending,
		BacklogPolicy:   s.BacklogPolicy,
	}
}

func (s settings) backoff() *playhead.RedeliveryBackoff {
	if s.BackoffMs == nil {
		return nil
	}
	backoff := &playhead.RedeliveryBackoff{}
	for _, ms := range *s.BackoffMs {
		backoff.Delays = append(backoff.Delays, milliseconds(ms))
	}
	return backoff
}

func or0[T any](value *T) T {
	if value == nil {
		var zero T
		return zero
	}
	return *value
}

func duration(ms *int64) *time.Duration {
	if ms == nil {
		return nil
	}
	return playhead.Ptr(milliseconds(*ms))
}
