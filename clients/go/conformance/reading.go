package main

import (
	"context"
	"sync"

	playhead "github.com/playhead/playhead/clients/go"
)

func init() {
	operations["read"] = onClient(read)
	operations["subscribe"] = subscribe
	operations["readChannel"] = readChannel
	operations["next"] = onReading(func(r *reading, q *request) (any, error) { return r.next(q.Count, q.Events), nil })
	operations["unsubscribe"] = onReading(func(r *reading, _ *request) (any, error) {
		return nothing{}, r.subscription.Close()
	})
	operations["verify"] = onReading(func(r *reading, _ *request) (any, error) { return r.verify(), nil })
}

type trimmed struct {
	Topic            string      `json:"topic"`
	FirstTimestampNs nanoseconds `json:"firstTimestampNs,omitzero"`
}

type page struct {
	Messages        []*message  `json:"messages"`
	NextTimestampNs nanoseconds `json:"nextTimestampNs"`
	IsCaughtUp      bool        `json:"isCaughtUp"`
	Trimmed         *trimmed    `json:"trimmed,omitempty"`
	Closed          *closed     `json:"closed,omitempty"`
}

func read(ctx context.Context, c *playhead.Client, r *request) (*page, error) {
	got, err := c.Read(ctx, r.Topic, playhead.ReadOptions{
		From:     r.From.Position,
		Until:    r.Until.Until,
		Limit:    int(r.Limit),
		MaxBytes: r.MaxBytes,
	})
	if err != nil {
		return nil, err
	}
	result := &page{
		Messages:        []*message{},
		NextTimestampNs: nanoseconds(got.NextTimestampNs),
		IsCaughtUp:      got.IsCaughtUp,
	}
	for i := range got.Messages {
		result.Messages = append(result.Messages, fromMessage(&got.Messages[i]))
	}
	if got.Trimmed != nil {
		result.Trimmed = &trimmed{got.Trimmed.Topic, nanoseconds(got.Trimmed.FirstTimestampNs)}
	}
	if got.Closed != nil {
		result.Closed, _ = fromClosed(got.Closed, nil)
	}
	return result, nil
}

// reading is a subscription and whether its end was told.
type reading struct {
	subscription *playhead.Subscription
	mu           sync.Mutex
	isOver       bool
}

type started struct {
	FromTimestampNs nanoseconds `json:"fromTimestampNs"`
}

func subscribe(ctx context.Context, d *driver, r *request) (later, error) {
	client, err := d.clients.get(r.Client)
	if err != nil {
		return nil, err
	}
	options := playhead.SubscribeOptions{From: r.From.Position, Until: r.Until.Until, Limit: r.Limit}
	return func() (any, error) {
		subscription, err := client.Subscribe(ctx, r.Topic, options)
		return d.begun(r.As, subscription, err)
	}, nil
}

func readChannel(ctx context.Context, d *driver, r *request) (later, error) {
	channel, err := d.channels.get(r.Channel)
	if err != nil {
		return nil, err
	}
	return func() (any, error) {
		subscription, err := channel.Subscribe(ctx, playhead.SubscribeOptions{From: r.From.Position})
		return d.begun(r.As, subscription, err)
	}, nil
}

func (d *driver) begun(as string, subscription *playhead.Subscription, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	d.subscriptions.put(as, &reading{subscription: subscription})
	return started{nanoseconds(subscription.FromTimestampNs())}, nil
}

func onReading(call func(*reading, *request) (any, error)) operation {
	return func(_ context.Context, d *driver, r *request) (later, error) {
		reading, err := d.subscriptions.get(r.Subscription)
		if err != nil {
			return nil, err
		}
		return func() (any, error) { return call(reading, r) }, nil
	}
}

type endItem struct {
	Error *errorInWords `json:"error,omitempty"`
}

// next waits until there are so many items, or the end.
func (r *reading) next(count int, withCaughtUp bool) any {
	r.mu.Lock()
	defer r.mu.Unlock()
	items := []map[string]any{}
	result := func() any { return map[string]any{"items": items} }
	if r.isOver {
		return result()
	}
	for event := range r.subscription.Events() {
		if name, item := toItem(event); name != "caughtUp" || withCaughtUp {
			items = append(items, map[string]any{name: item})
		}
		if len(items) >= count {
			return result()
		}
	}
	r.isOver = true
	end := endItem{}
	if err := r.subscription.Err(); err != nil {
		end.Error = toWords(err)
	}
	items = append(items, map[string]any{"end": end})
	return result()
}

func toItem(event playhead.Event) (name string, item any) {
	switch event := event.(type) {
	case playhead.Message:
		return "message", fromMessage(&event)
	case playhead.CaughtUp:
		return "caughtUp", map[string]any{"nextTimestampNs": nanoseconds(event.NextTimestampNs)}
	case playhead.Trimmed:
		return "trimmed", trimmed{event.Topic, nanoseconds(event.FirstTimestampNs)}
	case playhead.Closed:
		marker, _ := fromClosed(&event, nil)
		return "closed", marker
	case playhead.Deleted:
		return "deleted", map[string]any{"topic": event.Topic}
	}
	return "unknown", nothing{}
}

func (r *reading) verify() any {
	r.mu.Lock()
	defer r.mu.Unlock()
	result := map[string]any{"messageCount": r.subscription.MessageCount()}
	if sum := r.subscription.Checksum(); sum != "" {
		result["checksum"] = sum
	}
	if isComplete, ok := r.subscription.Complete(); ok {
		result["isComplete"] = isComplete
	}
	if isVerified, ok := r.subscription.Verified(); ok {
		result["isVerified"] = isVerified
	}
	return result
}
