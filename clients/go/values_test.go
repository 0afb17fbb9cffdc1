package playhead

import (
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

func TestAddressesAreSplitAndCompleted(t *testing.T) {
	cases := map[string][]string{
		"":                         {"127.0.0.1:17777"},
		"host":                     {"host:17777"},
		" a:1 , [::1]:2,[::1]":     {"a:1", "[::1]:2", "[::1]:17777"},
		"unix:/run/playhead.sock,": {"unix:/run/playhead.sock"},
	}
	for text, wanted := range cases {
		got, err := parseAddresses(text)
		noError(t, err)
		if !slices.Equal(got, wanted) {
			t.Errorf("%q: got %q, want %q", text, got, wanted)
		}
	}
	for _, text := range []string{",", "a:b", "host:70000", "http://host", "a b"} {
		_, err := parseAddresses(text)
		wantReason(t, err, ReasonInvalidArgument)
	}
}

func TestPausesDoubleUpToTheLongestAndEndInTime(t *testing.T) {
	b := &backoff{initial: 100 * time.Millisecond, max: time.Second, giveUpAfter: 10 * time.Second}
	now := time.Now()
	full := []time.Duration{100, 200, 400, 800, 1000, 1000}
	for i, ms := range full {
		delay, ok := b.fail(1, now)
		longest := ms * time.Millisecond
		if !ok || delay < longest/2 || delay > longest {
			t.Errorf("pause %d is %s, want up to %s", i, delay, longest)
		}
	}
	if delay, ok := b.fail(1, now.Add(9900*time.Millisecond)); !ok || delay > 100*time.Millisecond {
		t.Errorf("the last pause is %s, but 100 ms are left", delay)
	}
	if _, ok := b.fail(1, now.Add(10*time.Second)); ok {
		t.Error("it does not give up")
	}
}

func TestEachAddressIsTriedBeforeThePause(t *testing.T) {
	b := &backoff{initial: time.Second, max: time.Second, giveUpAfter: -1}
	for range 2 {
		delay, ok := b.fail(3, time.Now())
		if delay != 0 || !ok {
			t.Fatal("it pauses before each address was tried")
		}
	}
	if _, ok := b.fail(3, time.Now()); ok {
		t.Error("it does not give up at once when each address was tried")
	}
}

func TestReasonsOfTheWireAreKnown(t *testing.T) {
	for number := range playheadv1.ErrorReason_name {
		wire := playheadv1.ErrorReason(number)
		if reason := reasonOfWire(wire); number != 0 && wireReasonPrefix+string(reason) != wire.String() {
			t.Errorf("%s is read as %s", wire, reason)
		}
	}
	want(t, "a reason of a later version", reasonOfWire(9999), ReasonInternal)
	want(t, "reasons", len(playheadv1.ErrorReason_name)-1, 23)
}

func TestARefusalIsReadFromItsDetails(t *testing.T) {
	st, err := status.New(codes.NotFound, "there is no topic x").WithDetails(&errdetails.ErrorInfo{
		Reason: "TOPIC_NOT_FOUND", Domain: errorDomain, Metadata: map[string]string{"topic": "x"},
	})
	noError(t, err)
	failure := fromStatus(st.Err(), "a:1")
	want(t, "reason", failure.Reason, ReasonTopicNotFound)
	want(t, "metadata", failure.Metadata["topic"], "x")
	want(t, "retryable", failure.Retryable(), false)
	var target *Error
	want(t, "errors.As", errors.As(error(failure), &target), true)
}

func TestAStatusWithoutDetailsIsReadFromItsCode(t *testing.T) {
	cases := []struct {
		code    codes.Code
		message string
		reason  Reason
	}{
		{codes.Unavailable, "refused", ReasonUnreachable},
		{codes.Internal, "stream terminated by RST_STREAM", ReasonUnreachable},
		{codes.Internal, "a bug", ReasonInternal},
		{codes.ResourceExhausted, "received message larger than max", ReasonRequestTooLarge},
		{codes.ResourceExhausted, "busy", ReasonOverloaded},
		{codes.PermissionDenied, "no", ReasonInternal},
	}
	for _, each := range cases {
		want(t, each.message, fromStatus(status.Error(each.code, each.message), "a:1").Reason, each.reason)
	}
}

func TestAFailureToConnectIsToldWithoutWhatIsAroundIt(t *testing.T) {
	message := `connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"`
	failure := fromStatus(status.Error(codes.Unavailable, message), "a:1")
	want(t, "message", failure.Message, "broker a:1 is unreachable: dial tcp 127.0.0.1:1: connect: connection refused")
}

func TestDurationsAreRoundedUpToMilliseconds(t *testing.T) {
	want(t, "1 ns", toMs(time.Nanosecond), 1)
	want(t, "0", toMs(0), 0)
	want(t, "2 ms", toMs(2*time.Millisecond), 2)
}
