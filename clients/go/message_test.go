package playhead

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

var sampleMessages = []Message{
	{},
	{Value: []byte("hello")},
	{Key: []byte("k"), Value: bytes.Repeat([]byte("v"), 300)},
	{Value: []byte("v"), Headers: []Header{{"name", []byte("value")}, {"", nil}, {"name", []byte{0, 255}}}},
	{Value: []byte(strings.Repeat("x", 70_000))},
}

func TestABatchIsWhatTheGeneratedCodeReads(t *testing.T) {
	var b batch
	for i := range sampleMessages {
		b.add(&sampleMessages[i])
	}
	parts, err := b.encode("topic", "producer", 7)
	noError(t, err)
	var request playheadv1.PublishStreamRequest
	noError(t, proto.Unmarshal(bytes.Join(parts, nil), &request))
	want(t, "topic", request.GetTopic(), "topic")
	want(t, "sequence", request.GetSequence(), 7)
	want(t, "messages", len(request.GetMessages()), len(sampleMessages))
	for i, wire := range request.GetMessages() {
		m := sampleMessages[i]
		if !bytes.Equal(wire.GetKey(), m.Key) || !bytes.Equal(wire.GetValue(), m.Value) {
			t.Errorf("message %d is not the same", i)
		}
		want(t, "headers", len(wire.GetHeaders()), len(m.Headers))
		for j, header := range wire.GetHeaders() {
			want(t, "name", header.GetName(), m.Headers[j].Name)
			want(t, "value", string(header.GetValue()), string(m.Headers[j].Value))
		}
		want(t, "room for the stamp", wire.GetTimestampNs(), 1<<56)
	}
	i := 0
	b.eachValue(func(value []byte) {
		want(t, "value", string(value), string(sampleMessages[i].Value))
		i++
	})
}

// encodeResponse is a response as the broker may write it: other fields before, between and behind the messages.
func encodeResponse(t testing.TB, messages ...*playheadv1.Message) []byte {
	t.Helper()
	encode := func(response *playheadv1.SubscribeResponse) []byte {
		b, err := proto.Marshal(response)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	runs := []*playheadv1.Run{{Topic: "a", MessageCount: 1}, {Topic: "b", MessageCount: int32(len(messages) - 1)}}
	b := encode(&playheadv1.SubscribeResponse{Runs: runs[:1]})
	b = append(b, encode(&playheadv1.SubscribeResponse{Messages: messages[:1]})...)
	b = append(b, encode(&playheadv1.SubscribeResponse{Runs: runs[1:]})...)
	b = append(b, encode(&playheadv1.SubscribeResponse{Messages: messages[1:]})...)
	return append(b, encode(&playheadv1.SubscribeResponse{
		Event: &playheadv1.SubscribeResponse_CaughtUp{CaughtUp: &playheadv1.CaughtUp{NextTimestampNs: 9}},
	})...)
}

func TestAResponseIsTakenApart(t *testing.T) {
	b := encodeResponse(t,
		&playheadv1.Message{TimestampNs: 1, Value: []byte("one")},
		&playheadv1.Message{TimestampNs: 2, Key: []byte("k")},
		&playheadv1.Message{TimestampNs: 3, Headers: []*playheadv1.Header{{Name: "n", Value: []byte("v")}}})
	found, err := scanResponse(b)
	noError(t, err)
	want(t, "count", found.messageCount, 3)
	last, err := found.lastTimestampNs()
	noError(t, err)
	want(t, "last", last, 3)
	var details playheadv1.SubscribeResponse
	noError(t, proto.Unmarshal(found.rest, &details))
	want(t, "event", details.GetCaughtUp().GetNextTimestampNs(), 9)
	reader := newMessageReader(found, "glob", details.GetRuns())
	messages, err := reader.all()
	noError(t, err)
	want(t, "topic of the first", messages[0].Topic, "a")
	want(t, "topic of the last", messages[2].Topic, "b")
	want(t, "value", string(messages[0].Value), "one")
	value, ok := messages[2].Header("n")
	want(t, "header", string(value), "v")
	want(t, "header is there", ok, true)
	sizes := 0
	for i := range messages {
		sizes += messages[i].size
	}
	want(t, "sizes", sizes, found.messageBytes)
}

func FuzzAResponseThatIsNotWellFormedIsRefused(f *testing.F) {
	whole := encodeResponse(f,
		&playheadv1.Message{TimestampNs: 1, Value: []byte("one")},
		&playheadv1.Message{TimestampNs: 2, Headers: []*playheadv1.Header{{Name: "n", Value: []byte("v")}}})
	for i := range whole {
		f.Add(whole[:i])
		broken := bytes.Clone(whole)
		broken[i] ^= 0xff
		f.Add(broken)
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		found, err := scanResponse(b)
		if err != nil {
			return
		}
		reader := newMessageReader(found, "", nil)
		// Neither may go beyond the bytes.
		_, _ = reader.all()
		if found.messageCount > 0 {
			_, _ = found.lastTimestampNs()
		}
	})
}

func TestACloneKeepsNothingOfTheResponse(t *testing.T) {
	b := []byte("value")
	m := Message{Value: b, Headers: []Header{{"n", b}}}
	clone := m.Clone()
	b[0] = 'X'
	want(t, "value", string(clone.Value), "value")
	want(t, "header", string(clone.Headers[0].Value), "value")
}
