package playhead

import (
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// DeliveryMode says to whom messages go. Empty: DeliveryShared.
type DeliveryMode string

const (
	// DeliveryShared: every message to one of the workers.
	DeliveryShared DeliveryMode = "shared"
	// DeliveryExclusive: all to one worker, in order; when it goes, the one that has waited longest takes over.
	DeliveryExclusive DeliveryMode = "exclusive"
	// DeliveryKeyOrdered: messages of one key one at a time and in order, those of different keys in parallel.
	DeliveryKeyOrdered DeliveryMode = "key_ordered"
)

// BacklogPolicy says what happens to a publish that would exceed MaxPending. Empty: BacklogRefuse.
type BacklogPolicy string

const (
	// BacklogRefuse: the publish is refused with BACKLOG_FULL.
	BacklogRefuse BacklogPolicy = "refuse"
	// BacklogDropOldest: the oldest messages of the backlog count as acknowledged.
	BacklogDropOldest BacklogPolicy = "drop_oldest"
	// BacklogWait: the publish waits until there is room.
	BacklogWait BacklogPolicy = "wait"
)

// RedeliveryBackoff says how long a message waits before it is delivered again. The zero value: not at all.
type RedeliveryBackoff struct {
	// Delays before the second, third and so on delivery, the last of which holds for all later ones. If there are any, the
	// other fields are zero.
	Delays []time.Duration
	// Initial is the delay before the second delivery; it doubles each time.
	Initial time.Duration
	// Max is the longest delay. 0: one hour.
	Max time.Duration
	// Jitter is the share of the delay by which it is shortened or lengthened at random; 0 to 1.
	Jitter float64
}

// DurableConfig holds the settings of a durable subscription. In a create, zero is the default. Durations are in whole
// milliseconds.
type DurableConfig struct {
	// Mode cannot be changed while there are workers.
	Mode DeliveryMode
	// Lease is how long a delivery is the worker's own, unless it extends that; 1 ms to 7 days. 0: 30 s.
	Lease time.Duration
	// MaxAttempts is the number of deliveries of a message in all, 1 to 1000. 0: 5. Then it becomes a dead letter.
	MaxAttempts int
	// MaxInFlight is the number of messages leased at one time, to all workers together. 0: 10 000.
	MaxInFlight int
	// Backoff before a redelivery.
	Backoff RedeliveryBackoff
	// IdleExpiry: a subscription that nobody has used for so long is deleted. 0: never.
	IdleExpiry time.Duration
	// DeadLetterTopic is where dead letters go. Empty: dead-letter/TOPIC/SUBSCRIPTION.
	DeadLetterTopic string
	// MaxPending is the number of messages that are not acknowledged. 0: no limit.
	MaxPending int64
	// BacklogPolicy of a publish that would exceed it.
	BacklogPolicy BacklogPolicy
}

// DurableUpdate changes the settings that are not nil, for deliveries from now on; Ptr helps.
type DurableUpdate struct {
	Mode            *DeliveryMode
	Lease           *time.Duration
	MaxAttempts     *int
	MaxInFlight     *int
	Backoff         *RedeliveryBackoff
	IdleExpiry      *time.Duration
	DeadLetterTopic *string
	MaxPending      *int64
	BacklogPolicy   *BacklogPolicy
}

var wireModes = map[DeliveryMode]playheadv1.DeliveryMode{
	DeliveryShared:     playheadv1.DeliveryMode_DELIVERY_MODE_SHARED,
	DeliveryExclusive:  playheadv1.DeliveryMode_DELIVERY_MODE_EXCLUSIVE,
	DeliveryKeyOrdered: playheadv1.DeliveryMode_DELIVERY_MODE_KEY_ORDERED,
}

var wirePolicies = map[BacklogPolicy]playheadv1.BacklogPolicy{
	BacklogRefuse:     playheadv1.BacklogPolicy_BACKLOG_POLICY_REFUSE,
	BacklogDropOldest: playheadv1.BacklogPolicy_BACKLOG_POLICY_DROP_OLDEST,
	BacklogWait:       playheadv1.BacklogPolicy_BACKLOG_POLICY_WAIT,
}

// keyOf is the name of a value on the wire; empty if this version does not know it.
func keyOf[Name ~string, Wire comparable](names map[Name]Wire, wire Wire) Name {
	for name, value := range names {
		if value == wire {
			return name
		}
	}
	return ""
}

func (c DurableConfig) update() DurableUpdate {
	update := DurableUpdate{
		Mode:            orNil(c.Mode),
		Lease:           orNil(c.Lease),
		MaxAttempts:     orNil(c.MaxAttempts),
		MaxInFlight:     orNil(c.MaxInFlight),
		IdleExpiry:      orNil(c.IdleExpiry),
		DeadLetterTopic: orNil(c.DeadLetterTopic),
		MaxPending:      orNil(c.MaxPending),
		BacklogPolicy:   orNil(c.BacklogPolicy),
	}
	if !c.Backoff.isZero() {
		update.Backoff = &c.Backoff
	}
	return update
}

func (u DurableUpdate) wire() (*playheadv1.SubscriptionConfig, error) {
	config := &playheadv1.SubscriptionConfig{
		LeaseMs:         mapped(u.Lease, toMs),
		MaxAttempts:     mapped(u.MaxAttempts, toInt32),
		MaxInFlight:     mapped(u.MaxInFlight, toInt32),
		IdleExpiryMs:    mapped(u.IdleExpiry, toMs),
		DeadLetterTopic: u.DeadLetterTopic,
		MaxPending:      u.MaxPending,
	}
	if u.Mode != nil {
		mode, ok := wireModes[*u.Mode]
		if !ok {
			return nil, newError(ReasonInvalidArgument, "%q is no delivery mode", *u.Mode)
		}
		config.DeliveryMode = &mode
	}
	if u.BacklogPolicy != nil {
		policy, ok := wirePolicies[*u.BacklogPolicy]
		if !ok {
			return nil, newError(ReasonInvalidArgument, "%q is no backlog policy", *u.BacklogPolicy)
		}
		config.BacklogPolicy = &policy
	}
	if u.Backoff != nil {
		config.Backoff = u.Backoff.wire()
	}
	return config, nil
}

func (b RedeliveryBackoff) isZero() bool {
	return len(b.Delays) == 0 && b.Initial == 0 && b.Max == 0 && b.Jitter == 0
}

func (b RedeliveryBackoff) wire() *playheadv1.Backoff {
	wire := &playheadv1.Backoff{InitialMs: toMs(b.Initial), MaxMs: toMs(b.Max), Jitter: b.Jitter}
	for _, delay := range b.Delays {
		wire.DelaysMs = append(wire.DelaysMs, toMs(delay))
	}
	return wire
}

func fromWireBackoff(wire *playheadv1.Backoff) RedeliveryBackoff {
	backoff := RedeliveryBackoff{
		Initial: fromMs(wire.GetInitialMs()),
		Max:     fromMs(wire.GetMaxMs()),
		Jitter:  wire.GetJitter(),
	}
	for _, ms := range wire.GetDelaysMs() {
		backoff.Delays = append(backoff.Delays, fromMs(ms))
	}
	return backoff
}

func fromWireConfig(wire *playheadv1.SubscriptionConfig) DurableConfig {
	return DurableConfig{
		Mode:            keyOf(wireModes, wire.GetDeliveryMode()),
		Lease:           fromMs(wire.GetLeaseMs()),
		MaxAttempts:     int(wire.GetMaxAttempts()),
		MaxInFlight:     int(wire.GetMaxInFlight()),
		Backoff:         fromWireBackoff(wire.GetBackoff()),
		IdleExpiry:      fromMs(wire.GetIdleExpiryMs()),
		DeadLetterTopic: wire.GetDeadLetterTopic(),
		MaxPending:      wire.GetMaxPending(),
		BacklogPolicy:   keyOf(wirePolicies, wire.GetBacklogPolicy()),
	}
}
