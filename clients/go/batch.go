package playhead

import (
	"encoding/binary"

	"google.golang.org/protobuf/proto"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

const tagRequestMessages = 2<<3 | wireBytes

// stamp is the timestamp_ns that each message begins with: the room of nine bytes that the broker's own needs. So the
// broker can store the messages where they are, without copying them one by one.
const stamp = "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x01"

// batch is the messages of one PublishStreamRequest, encoded one by one as they are handed over. Sent again, they are the
// same to the byte.
type batch struct {
	messages []byte
	count    int
	// terms are encoded fields that a request may have besides: the expected last timestamp, and the close.
	terms []byte
}

// add encodes a message.
func (b *batch) add(m *Message) {
	length := len(stamp) + fieldLength(len(m.Key)) + fieldLength(len(m.Value))
	for i := range m.Headers {
		length += fieldLength(m.Headers[i].length())
		if m.Headers[i].length() == 0 {
			length += 2 // An empty header is still a header.
		}
	}
	bytes := binary.AppendUvarint(append(b.messages, tagRequestMessages), uint64(length))
	bytes = append(bytes, stamp...)
	bytes = appendField(bytes, tagKey, m.Key)
	bytes = appendField(bytes, tagValue, m.Value)
	for i := range m.Headers {
		header := &m.Headers[i]
		bytes = binary.AppendUvarint(append(bytes, tagHeaders), uint64(header.length()))
		bytes = appendField(bytes, tagHeaderName, header.Name)
		bytes = appendField(bytes, tagHeaderValue, header.Value)
	}
	b.messages = bytes
	b.count++
}

func (h *Header) length() int { return fieldLength(len(h.Name)) + fieldLength(len(h.Value)) }

// eachValue calls with the value of each message, in order. The values are views.
func (b *batch) eachValue(call func([]byte)) {
	for at := 0; at < len(b.messages); {
		start, end := readLength(b.messages, at+1)
		var m Message
		// The bytes are this client's own: they decode.
		_ = m.decode(b.messages[start:end])
		call(m.Value)
		at = end
	}
}

// addTerms adds what a request may have besides its messages.
func (b *batch) addTerms(terms *playheadv1.PublishStreamRequest) error {
	bytes, err := proto.Marshal(terms)
	if err != nil {
		return newError(ReasonInvalidArgument, "%s", err).because(err)
	}
	b.terms = bytes
	return nil
}

// size is the length of the request, but for its head.
func (b *batch) size() int { return len(b.messages) + len(b.terms) }

// encode gives the whole request. The topic and the producer are for the first of a stream only; later ones have them
// from that.
func (b *batch) encode(topic, producer string, sequence int64) (rawRequest, error) {
	head, err := proto.Marshal(&playheadv1.PublishStreamRequest{Topic: topic, Producer: producer, Sequence: sequence})
	if err != nil {
		return nil, newError(ReasonInvalidArgument, "%s", err).because(err)
	}
	return rawRequest{head, b.messages, b.terms}, nil
}
