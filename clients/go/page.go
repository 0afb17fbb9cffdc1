package playhead

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// ReadOptions say what to read of what is there now. The zero value reads from the earliest message.
type ReadOptions struct {
	// From is where to begin. Zero: Earliest.
	From Position
	// Until is where to end. Zero: Now.
	Until Until
	// Limit is the most messages. 0: 1000; at most 100 000.
	Limit int
	// MaxBytes is the most bytes, but at least one message comes. 0: 1 MiB.
	MaxBytes int
}

// Page is a part of a topic, or of the topics of a glob.
type Page struct {
	Messages []Message
	// NextTimestampNs is where the next page begins, for AtNs.
	NextTimestampNs int64
	// IsCaughtUp tells that the page reaches the end of what was there, or until.
	IsCaughtUp bool
	// Trimmed is set if the page begins later than asked for, because that is trimmed.
	Trimmed *Trimmed
	// Closed is set if the page reaches the close marker: there is no more, ever. Not for a glob.
	Closed *Closed
}

// Read reads what is there now, up to a bound; it never waits. TOPIC_NOT_FOUND if there is no such topic.
func (c *Client) Read(ctx context.Context, topic string, options ReadOptions) (*Page, error) {
	until, err := c.connection.resolve(ctx, options.Until)
	if err != nil {
		return nil, err
	}
	question := &playheadv1.ReadRequest{
		Topic:            topic,
		From:             options.From.wire,
		UntilTimestampNs: until,
		MaxMessages:      toInt32(options.Limit),
		MaxBytes:         toInt32(options.MaxBytes),
	}
	bytes, err := request(ctx, c.connection, operation{name: "read " + topic},
		func(ctx context.Context, conn *grpc.ClientConn) (bytes rawResponse, err error) {
			err = conn.Invoke(ctx, playheadv1.BrokerService_Read_FullMethodName, question, &bytes)
			return bytes, err
		})
	if err != nil {
		return nil, err
	}
	found, err := scanResponse(bytes)
	if err != nil {
		return nil, malformedError("")
	}
	var details playheadv1.ReadResponse
	if err := proto.Unmarshal(found.rest, &details); err != nil {
		return nil, malformedError("")
	}
	reader := newMessageReader(found, topic, details.GetRuns())
	messages, err := reader.all()
	if err != nil {
		return nil, malformedError("")
	}
	return &Page{
		Messages:        messages,
		NextTimestampNs: details.GetNextTimestampNs(),
		IsCaughtUp:      details.GetIsCaughtUp(),
		Trimmed:         fromWireTrimmed(details.GetTrimmed()),
		Closed:          fromWireClosed(details.GetClosed()),
	}, nil
}
