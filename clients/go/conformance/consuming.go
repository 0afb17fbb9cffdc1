package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	playhead "github.com/playhead/playhead/clients/go"
)

func init() {
	operations["consume"] = consume
	operations["deliveries"] = onConsuming(func(d *driver, c *consuming, r *request) (any, error) {
		return c.next(d, r.Count), nil
	})
	operations["closeConsumption"] = onConsuming(func(_ *driver, c *consuming, _ *request) (any, error) {
		return nothing{}, c.consumption.Close()
	})
	operations["pull"] = pull
	operations["ack"] = onDelivery(func(ctx context.Context, d *playhead.Delivery, _ *request) error { return d.Ack(ctx) })
	operations["nack"] = onDelivery(func(ctx context.Context, d *playhead.Delivery, r *request) error {
		if r.DelayMs == nil {
			return d.Nack(ctx)
		}
		return d.NackAfter(ctx, milliseconds(*r.DelayMs))
	})
	operations["extend"] = onDelivery(func(ctx context.Context, d *playhead.Delivery, r *request) error {
		return d.Extend(ctx, milliseconds(r.LeaseMs))
	})
	operations["terminate"] = onDelivery(func(ctx context.Context, d *playhead.Delivery, r *request) error {
		return d.Terminate(ctx, r.Reason)
	})
}

var lastDelivery atomic.Int64

type delivery struct {
	Delivery string   `json:"delivery"`
	Attempt  int      `json:"attempt"`
	Message  *message `json:"message"`
}

func (d *driver) describe(each *playhead.Delivery) delivery {
	name := fmt.Sprintf("d%d", lastDelivery.Add(1))
	d.deliveries.put(name, each)
	return delivery{name, each.Attempt, fromMessage(&each.Message)}
}

type consuming struct {
	consumption *playhead.Consumption
	mu          sync.Mutex
}

func consume(ctx context.Context, d *driver, r *request) (later, error) {
	client, err := d.clients.get(r.Client)
	if err != nil {
		return nil, err
	}
	consumption, err := client.Durable(r.Topic, r.Subscription).Consume(ctx, playhead.ConsumeOptions{
		MaxInFlight: r.MaxInFlight,
		Worker:      r.Worker,
	})
	if err != nil {
		return nil, err
	}
	d.consumptions.put(r.As, &consuming{consumption: consumption})
	return done(nothing{}), nil
}

func onConsuming(call func(*driver, *consuming, *request) (any, error)) operation {
	return func(_ context.Context, d *driver, r *request) (later, error) {
		consuming, err := d.consumptions.get(r.Consumption)
		if err != nil {
			return nil, err
		}
		return func() (any, error) { return call(d, consuming, r) }, nil
	}
}

// next waits until there are so many deliveries, or the end.
func (c *consuming) next(d *driver, count int) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	deliveries := []delivery{}
	for each := range c.consumption.Deliveries() {
		deliveries = append(deliveries, d.describe(each))
		if len(deliveries) >= count {
			break
		}
	}
	result := map[string]any{"deliveries": deliveries}
	if end := c.consumption.Ended(); end != nil {
		switch end.Kind {
		case playhead.EndDrained:
			result["end"] = map[string]any{"drained": map[string]any{"reason": end.Reason}}
		case playhead.EndDeleted:
			result["end"] = map[string]any{"deleted": nothing{}}
		case playhead.EndFailed:
			result["end"] = map[string]any{"failed": toWords(end.Err)}
		}
	}
	return result
}

func pull(ctx context.Context, d *driver, r *request) (later, error) {
	client, err := d.clients.get(r.Client)
	if err != nil {
		return nil, err
	}
	return func() (any, error) {
		if r.CancelAfterMs != nil {
			cancellable, cancel := context.WithCancel(ctx)
			ctx = cancellable
			defer cancel()
			defer time.AfterFunc(milliseconds(*r.CancelAfterMs), cancel).Stop()
		}
		pulled, err := client.Durable(r.Topic, r.Subscription).Pull(ctx, playhead.PullOptions{
			Max:   int(r.Limit),
			Wait:  milliseconds(r.WaitMs),
			Lease: milliseconds(r.LeaseMs),
		})
		if err != nil {
			return nil, err
		}
		deliveries := []delivery{}
		for _, each := range pulled.Deliveries {
			deliveries = append(deliveries, d.describe(each))
		}
		return map[string]any{"deliveries": deliveries}, nil
	}, nil
}

func onDelivery(call func(context.Context, *playhead.Delivery, *request) error) operation {
	return func(ctx context.Context, d *driver, r *request) (later, error) {
		delivery, err := d.deliveries.get(r.Delivery)
		if err != nil {
			return nil, err
		}
		return func() (any, error) { return nothing{}, call(ctx, delivery, r) }, nil
	}
}
