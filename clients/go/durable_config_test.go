package playhead

import (
	"reflect"
	"testing"
	"time"
)

func TestTheSettingsOfADurableSubscriptionSurviveTheWire(t *testing.T) {
	config := DurableConfig{
		Mode:            DeliveryKeyOrdered,
		Lease:           time.Minute,
		MaxAttempts:     3,
		MaxInFlight:     7,
		Backoff:         RedeliveryBackoff{Delays: []time.Duration{time.Second, time.Hour}},
		IdleExpiry:      24 * time.Hour,
		DeadLetterTopic: "dead",
		MaxPending:      9,
		BacklogPolicy:   BacklogDropOldest,
	}
	wire, err := config.update().wire()
	noError(t, err)
	if got := fromWireConfig(wire); !reflect.DeepEqual(got, config) {
		t.Errorf("got %+v, want %+v", got, config)
	}
}

func TestAnUpdateSendsWhatItSetsAndNothingElse(t *testing.T) {
	wire, err := DurableUpdate{MaxPending: Ptr(int64(0)), Backoff: &RedeliveryBackoff{}}.wire()
	noError(t, err)
	want(t, "max pending is set", wire.MaxPending != nil, true)
	want(t, "backoff is set", wire.Backoff != nil, true)
	want(t, "lease is set", wire.LeaseMs != nil, false)
	want(t, "mode is set", wire.DeliveryMode != nil, false)
	_, err = DurableUpdate{Mode: Ptr(DeliveryMode("all"))}.wire()
	wantReason(t, err, ReasonInvalidArgument)
}

func TestATopicUpdateSendsWhatItSetsAndNothingElse(t *testing.T) {
	wire := TopicUpdate{MaxAge: Ptr(time.Duration(0)), TrimConsumed: Ptr(false)}.wire()
	want(t, "max age is set", wire.MaxAgeMs != nil, true)
	want(t, "trim consumed is set", wire.TrimConsumed != nil, true)
	want(t, "max bytes is set", wire.MaxBytes != nil, false)
	want(t, "max age of a create is set", TopicConfig{}.update().wire().MaxAgeMs != nil, false)
}
