package main

import (
	"context"
	"errors"

	playhead "github.com/playhead/playhead/clients/go"
)

func init() {
	operations["openPublisher"] = openPublisher
	operations["publish"] = publish
	operations["flush"] = onPublisher(func(ctx context.Context, p *playhead.Publisher) error { return p.Flush(ctx) })
	operations["closePublisher"] = onPublisher(func(_ context.Context, p *playhead.Publisher) error { return p.Close() })
	operations["openChannel"] = openChannel
	operations["writeChannel"] = writeChannel
	operations["closeChannel"] = closeChannel
	operations["deleteChannel"] = onClient(func(ctx context.Context, c *playhead.Client, r *request) (nothing, error) {
		return nothing{}, c.Channel(r.Name).Delete(ctx)
	})
}

func openPublisher(_ context.Context, d *driver, r *request) (later, error) {
	client, err := d.clients.get(r.Client)
	if err != nil {
		return nil, err
	}
	publisher, err := client.Publisher(r.Topic, playhead.PublisherOptions{Name: r.Name})
	if err != nil {
		return nil, err
	}
	d.publishers.put(r.As, publisher)
	return done(nothing{}), nil
}

type published struct {
	TimestampsNs []nanoseconds `json:"timestampsNs"`
}

func publish(ctx context.Context, d *driver, r *request) (later, error) {
	publisher, err := d.publishers.get(r.Publisher)
	if err != nil {
		return nil, err
	}
	messages := toMessages(r.Messages)
	if r.ExpectedLastTimestampNs == nil {
		return handOver(ctx, publisher.PublishAsync, messages, r.Unwaited)
	}
	return func() (any, error) {
		ack, err := publisher.PublishExpecting(ctx, int64(*r.ExpectedLastTimestampNs), messages...)
		if err != nil {
			return nil, err
		}
		return published{[]nanoseconds{nanoseconds(ack.FirstTimestampNs)}}, nil
	}, nil
}

// handOver publishes messages one after the other, without waiting, and later waits for all, unless nobody is to.
func handOver(
	ctx context.Context,
	publish func(context.Context, playhead.Message) (playhead.PendingAck, error),
	messages []playhead.Message,
	unwaited bool,
) (later, error) {
	acks := make([]playhead.PendingAck, 0, len(messages))
	var refused error
	for _, m := range messages {
		ack, err := publish(ctx, m)
		if err != nil {
			refused = err
			break
		}
		acks = append(acks, ack)
	}
	if unwaited {
		return done(nothing{}), refused
	}
	return func() (any, error) {
		result := published{TimestampsNs: []nanoseconds{}}
		var failures []error
		for _, ack := range acks {
			timestampNs, err := ack.Wait(ctx)
			failures = append(failures, err)
			result.TimestampsNs = append(result.TimestampsNs, nanoseconds(timestampNs))
		}
		return result, errors.Join(append(failures, refused)...)
	}, nil
}

func onPublisher(call func(context.Context, *playhead.Publisher) error) operation {
	return func(ctx context.Context, d *driver, r *request) (later, error) {
		publisher, err := d.publishers.get(r.Publisher)
		if err != nil {
			return nil, err
		}
		return func() (any, error) { return nothing{}, call(ctx, publisher) }, nil
	}
}

func openChannel(_ context.Context, d *driver, r *request) (later, error) {
	client, err := d.clients.get(r.Client)
	if err != nil {
		return nil, err
	}
	d.channels.put(r.As, client.Channel(r.Name))
	return done(nothing{}), nil
}

func writeChannel(ctx context.Context, d *driver, r *request) (later, error) {
	channel, err := d.channels.get(r.Channel)
	if err != nil {
		return nil, err
	}
	return handOver(ctx, channel.PublishAsync, toMessages(r.Messages), r.Unwaited)
}

func closeChannel(ctx context.Context, d *driver, r *request) (later, error) {
	channel, err := d.channels.get(r.Channel)
	if err != nil {
		return nil, err
	}
	return func() (any, error) {
		return fromClosed(channel.Close(ctx, r.Reason, toMessages(r.Messages)...))
	}, nil
}
