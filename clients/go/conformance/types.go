package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	playhead "github.com/playhead/playhead/clients/go"
)

// nanoseconds is a timestamp: a decimal string.
type nanoseconds int64

func (n nanoseconds) MarshalJSON() ([]byte, error) {
	return json.Marshal(strconv.FormatInt(int64(n), 10))
}

func (n *nanoseconds) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	value, err := strconv.ParseInt(text, 10, 64)
	*n = nanoseconds(value)
	return err
}

// request has the fields of all requests.
type request struct {
	ID                      int64        `json:"id"`
	Op                      string       `json:"op"`
	As                      string       `json:"as"`
	Client                  string       `json:"client"`
	Addresses               []string     `json:"addresses"`
	GiveUpAfterMs           *int64       `json:"giveUpAfterMs"`
	RequestTimeoutMs        int64        `json:"requestTimeoutMs"`
	TLS                     *tlsFiles    `json:"tls"`
	Topic                   string       `json:"topic"`
	Config                  settings     `json:"config"`
	Glob                    string       `json:"glob"`
	BeforeTimestampNs       nanoseconds  `json:"beforeTimestampNs"`
	Reason                  string       `json:"reason"`
	Name                    string       `json:"name"`
	Publisher               string       `json:"publisher"`
	Messages                []message    `json:"messages"`
	ExpectedLastTimestampNs *nanoseconds `json:"expectedLastTimestampNs"`
	Unwaited                bool         `json:"unwaited"`
	CancelAfterMs           *int64       `json:"cancelAfterMs"`
	From                    position     `json:"from"`
	Until                   until        `json:"until"`
	Limit                   int64        `json:"limit"`
	MaxBytes                int          `json:"maxBytes"`
	Subscription            string       `json:"subscription"`
	Count                   int          `json:"count"`
	Events                  bool         `json:"events"`
	Channel                 string       `json:"channel"`
	CreateTopic             bool         `json:"createTopic"`
	To                      target       `json:"to"`
	MaxInFlight             int          `json:"maxInFlight"`
	Worker                  string       `json:"worker"`
	Consumption             string       `json:"consumption"`
	WaitMs                  int64        `json:"waitMs"`
	LeaseMs                 int64        `json:"leaseMs"`
	Delivery                string       `json:"delivery"`
	DelayMs                 *int64       `json:"delayMs"`
}

type tlsFiles struct {
	CAFile   string `json:"caFile"`
	CertFile string `json:"certFile"`
	KeyFile  string `json:"keyFile"`
}

type header struct {
	Name  string `json:"name"`
	Value []byte `json:"value"`
}

type message struct {
	Topic       string      `json:"topic,omitempty"`
	TimestampNs nanoseconds `json:"timestampNs,omitzero"`
	Key         []byte      `json:"key,omitempty"`
	Value       []byte      `json:"value,omitempty"`
	Headers     []header    `json:"headers,omitempty"`
}

func fromMessage(m *playhead.Message) *message {
	clone := m.Clone()
	wire := &message{
		Topic:       m.Topic,
		TimestampNs: nanoseconds(m.TimestampNs),
		Key:         clone.Key,
		Value:       clone.Value,
	}
	for _, each := range clone.Headers {
		wire.Headers = append(wire.Headers, header(each))
	}
	return wire
}

func toMessages(wire []message) []playhead.Message {
	messages := make([]playhead.Message, len(wire))
	for i, each := range wire {
		messages[i] = playhead.Message{Key: each.Key, Value: each.Value}
		for _, pair := range each.Headers {
			messages[i].Headers = append(messages[i].Headers, playhead.Header(pair))
		}
	}
	return messages
}

// position is a Position, or nothing.
type position struct{ playhead.Position }

func (p *position) UnmarshalJSON(b []byte) error {
	var edge string
	if json.Unmarshal(b, &edge) == nil {
		switch edge {
		case "earliest":
			p.Position = playhead.Earliest
		case "latest":
			p.Position = playhead.Latest
		default:
			return fmt.Errorf("%q is no position", edge)
		}
		return nil
	}
	var place struct {
		TimestampNs *nanoseconds `json:"timestampNs"`
		AgoMs       *int64       `json:"agoMs"`
		Last        *int64       `json:"last"`
	}
	if err := json.Unmarshal(b, &place); err != nil {
		return err
	}
	switch {
	case place.TimestampNs != nil:
		p.Position = playhead.AtNs(int64(*place.TimestampNs))
	case place.AgoMs != nil:
		p.Position = playhead.Ago(milliseconds(*place.AgoMs))
	case place.Last != nil:
		p.Position = playhead.Last(*place.Last)
	default:
		return fmt.Errorf("%s is no position", b)
	}
	return nil
}

// until is an Until, or nothing.
type until struct{ playhead.Until }

func (u *until) UnmarshalJSON(b []byte) error {
	if string(b) == `"now"` {
		u.Until = playhead.Now
		return nil
	}
	var place struct {
		TimestampNs *nanoseconds `json:"timestampNs"`
	}
	if err := json.Unmarshal(b, &place); err != nil {
		return err
	}
	if place.TimestampNs == nil {
		return fmt.Errorf("%s is no end", b)
	}
	u.Until = playhead.BeforeNs(int64(*place.TimestampNs))
	return nil
}

// target is where a subscription is moved to, or where dead letters go.
type target struct {
	position position
	snapshot []byte
	topic    string
}

func (t *target) UnmarshalJSON(b []byte) error {
	var place struct {
		Snapshot []byte `json:"snapshot"`
	}
	if json.Unmarshal(b, &place) == nil && place.Snapshot != nil {
		t.snapshot = place.Snapshot
		return nil
	}
	if t.position.UnmarshalJSON(b) == nil {
		return nil
	}
	// Of a redrive it is the name of a topic.
	return json.Unmarshal(b, &t.topic)
}

func milliseconds(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
