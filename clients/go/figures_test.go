package playhead

import (
	"slices"
	"testing"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// readingNumbered reads a topic of so many messages, whose timestamps count from 1.
func readingNumbered(t *testing.T, count int) *Subscription {
	t.Helper()
	timestampsNs := make([]int64, count)
	for i := range timestampsNs {
		timestampsNs[i] = int64(i + 1)
	}
	broker, _ := sending(t, nil, []*playheadv1.SubscribeResponse{carrying(begun), carrying(complete, timestampsNs...)})
	client := connectTo(t, broker.start(t), ClientOptions{})
	subscription, err := client.Subscribe(testContext(t), "topic", SubscribeOptions{From: Earliest})
	noError(t, err)
	return subscription
}

func TestTheFiguresBesideAGoChannelAreThoseOfItsReader(t *testing.T) {
	subscription := readingNumbered(t, 1000)
	taken := int64(0)
	for range subscription.Chan() {
		taken++
		// The sender counts a message that was taken a moment later, and none before.
		if count := subscription.MessageCount(); count != taken && count != taken-1 {
			t.Fatalf("%d messages were taken and %d are counted", taken, count)
		}
		if lastNs := subscription.LastTimestampNs(); lastNs != taken && lastNs != taken-1 {
			t.Fatalf("%d messages were taken and the last is %d", taken, lastNs)
		}
		noError(t, subscription.Err())
		if subscription.Closed() != nil {
			t.Fatal("the close marker comes before the messages")
		}
	}
	want(t, "count", subscription.MessageCount(), taken)
	want(t, "last", subscription.LastTimestampNs(), 1000)
	noError(t, subscription.Err())
}

func TestTheFiguresInALoopHaveItsMessage(t *testing.T) {
	subscription := readingNumbered(t, 3)
	for m := range subscription.Messages() {
		want(t, "count", subscription.MessageCount(), m.TimestampNs)
		want(t, "last", subscription.LastTimestampNs(), m.TimestampNs)
	}
}

func TestAGoChannelIsTheSameWhenAskedForAgain(t *testing.T) {
	subscription := readingNumbered(t, 100)
	var timestampsNs []int64
	for m := range subscription.Chan() {
		if timestampsNs = append(timestampsNs, m.TimestampNs); len(timestampsNs) == 10 {
			break
		}
	}
	for m := range subscription.Chan() {
		timestampsNs = append(timestampsNs, m.TimestampNs)
	}
	want(t, "messages", len(timestampsNs), 100)
	want(t, "in order", slices.IsSorted(timestampsNs), true)
}
