package playhead

import (
	"time"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// checkLeases refuses leases that are not those of the messages.
func checkLeases(found response, leases []*playheadv1.Lease) *Error {
	count := 0
	for _, each := range leases {
		count += int(each.GetMessageCount())
	}
	if count != found.messageCount {
		return newError(ReasonInternal, "the broker sent leases of %d messages with %d messages", count, found.messageCount)
	}
	return nil
}

// decodeDeliveries makes the deliveries of a response whose leases were checked, and which run out at this time; the
// zero time: nobody looks at it.
func decodeDeliveries(
	q *settlements, topic string, found response, leases []*playheadv1.Lease, expiresAt time.Time,
) ([]*Delivery, []*lease, error) {
	reader := newMessageReader(found, topic, nil)
	slab := make([]Delivery, found.messageCount)
	deliveries := make([]*Delivery, 0, found.messageCount)
	held := make([]*lease, 0, len(leases))
	for _, wire := range leases {
		each := &lease{
			settlements: q,
			receipt:     wire.GetReceipt(),
			deadlineNs:  wire.GetDeadlineTimestampNs(),
			expiresAt:   expiresAt,
			heldCount:   int(wire.GetMessageCount()),
		}
		for index := range each.heldCount {
			d := &slab[len(deliveries)]
			if _, err := reader.next(&d.Message); err != nil {
				return nil, nil, err
			}
			d.Attempt, d.lease, d.index = int(wire.GetAttempt()), each, index
			each.heldBytes += d.Message.size
			deliveries = append(deliveries, d)
		}
		if each.heldCount > 0 {
			held = append(held, each)
		}
	}
	return deliveries, held, nil
}
