package main

import (
	"context"
	"fmt"
	"sync"

	playhead "github.com/playhead/playhead/clients/go"
)

// later is the part of a request that may take its time.
type later func() (any, error)

// operation begins a request.
type operation func(context.Context, *driver, *request) (later, error)

var operations = map[string]operation{}

// driver has what requests have made, by the names that they gave it.
type driver struct {
	clients       registry[*playhead.Client]
	publishers    registry[*playhead.Publisher]
	subscriptions registry[*reading]
	channels      registry[*playhead.Channel]
	consumptions  registry[*consuming]
	deliveries    registry[*playhead.Delivery]
}

func newDriver() *driver { return &driver{} }

func (d *driver) begin(r *request) (later, error) {
	begin, ok := operations[r.Op]
	if !ok {
		return nil, fmt.Errorf("there is no op %q", r.Op)
	}
	return begin(context.Background(), d, r)
}

// registry has things by name.
type registry[T any] struct {
	mu     sync.Mutex
	things map[string]T
}

func (r *registry[T]) put(name string, thing T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.things == nil {
		r.things = map[string]T{}
	}
	r.things[name] = thing
}

func (r *registry[T]) get(name string) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	thing, ok := r.things[name]
	if !ok {
		return thing, fmt.Errorf("there is no %T named %q", thing, name)
	}
	return thing, nil
}

// nothing is the result of what answers with {}.
type nothing struct{}

// done is a later that has nothing to wait for.
func done(result any) later {
	return func() (any, error) { return result, nil }
}

// onClient makes an operation of a request to a client.
func onClient[Result any](
	call func(context.Context, *playhead.Client, *request) (Result, error),
) operation {
	return func(ctx context.Context, d *driver, r *request) (later, error) {
		client, err := d.clients.get(r.Client)
		if err != nil {
			return nil, err
		}
		return func() (any, error) { return call(ctx, client, r) }, nil
	}
}
