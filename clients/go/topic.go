package playhead

import (
	"math"
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// TopicConfig holds the settings of a topic. In a create, zero is the default.
type TopicConfig struct {
	// MaxAge: older messages are trimmed; in whole milliseconds. 0: kept for ever.
	MaxAge time.Duration
	// MaxBytes: the oldest messages over this size are trimmed. 0: no limit.
	MaxBytes int64
	// MaxMessages: the oldest messages over this number are trimmed. 0: no limit.
	MaxMessages int64
	// MaxMessageBytes is the largest message, as the length of its protobuf encoding. 0: the broker's limit.
	MaxMessageBytes int
	// TrimConsumed trims what every subscription of the topic has acknowledged.
	TrimConsumed bool
}

// TopicUpdate changes the settings that are not nil; Ptr helps.
type TopicUpdate struct {
	MaxAge          *time.Duration
	MaxBytes        *int64
	MaxMessages     *int64
	MaxMessageBytes *int
	TrimConsumed    *bool
}

// Topic is a topic as it was at the time of the answer.
type Topic struct {
	Name   string
	Config TopicConfig
	// CreatedTimestampNs is when it was created; nanoseconds since 1970, UTC.
	CreatedTimestampNs int64
	// FirstTimestampNs is that of the first retained message; 0 if there is none.
	FirstTimestampNs int64
	// LastTimestampNs is that of the last message ever appended; 0 if there never was one.
	LastTimestampNs int64
	// MessageCount is that of the retained messages, and ByteCount their size as stored.
	MessageCount int64
	ByteCount    int64
	// MessagesPerSecond and BytesPerSecond were appended, averaged over about a minute.
	MessagesPerSecond float64
	BytesPerSecond    float64
	// Closed is set if the topic is closed.
	Closed *Closed
	// SubscriberCount is the number of subscriptions that are open now.
	SubscriberCount int
}

// Ptr is a pointer to a value, for the fields of an update.
func Ptr[T any](value T) *T { return &value }

// orNil is nil for zero: what is not said is the default.
func orNil[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// mapped is nil for nil.
func mapped[From, To any](value *From, convert func(From) To) *To {
	if value == nil {
		return nil
	}
	return Ptr(convert(*value))
}

// toMs rounds up: what is not nothing does not become nothing, which often stands for no limit.
func toMs(d time.Duration) int64 {
	ms := d.Milliseconds()
	if d > time.Duration(ms)*time.Millisecond {
		ms++
	}
	return ms
}

func fromMs(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// toInt32 keeps what is out of range out of range, for the broker to refuse, and does not wrap it around.
func toInt32(value int) int32 { return int32(min(max(value, math.MinInt32), math.MaxInt32)) }

func (c TopicConfig) update() TopicUpdate {
	return TopicUpdate{
		MaxAge:          orNil(c.MaxAge),
		MaxBytes:        orNil(c.MaxBytes),
		MaxMessages:     orNil(c.MaxMessages),
		MaxMessageBytes: orNil(c.MaxMessageBytes),
		TrimConsumed:    orNil(c.TrimConsumed),
	}
}

func (u TopicUpdate) wire() *playheadv1.TopicConfig {
	return &playheadv1.TopicConfig{
		MaxAgeMs:        mapped(u.MaxAge, toMs),
		MaxBytes:        u.MaxBytes,
		MaxMessages:     u.MaxMessages,
		MaxMessageBytes: mapped(u.MaxMessageBytes, toInt32),
		TrimConsumed:    u.TrimConsumed,
	}
}

func fromWireTopic(wire *playheadv1.Topic) *Topic {
	config := wire.GetConfig()
	return &Topic{
		Name: wire.GetTopic(),
		Config: TopicConfig{
			MaxAge:          fromMs(config.GetMaxAgeMs()),
			MaxBytes:        config.GetMaxBytes(),
			MaxMessages:     config.GetMaxMessages(),
			MaxMessageBytes: int(config.GetMaxMessageBytes()),
			TrimConsumed:    config.GetTrimConsumed(),
		},
		CreatedTimestampNs: wire.GetCreatedTimestampNs(),
		FirstTimestampNs:   wire.GetFirstTimestampNs(),
		LastTimestampNs:    wire.GetLastTimestampNs(),
		MessageCount:       wire.GetMessageCount(),
		ByteCount:          wire.GetByteCount(),
		MessagesPerSecond:  wire.GetMessagesPerSecond(),
		BytesPerSecond:     wire.GetBytesPerSecond(),
		Closed:             fromWireClosed(wire.GetClosed()),
		SubscriberCount:    int(wire.GetSubscriberCount()),
	}
}
