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
