package playhead

import (
	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

const tagMessages = 1<<3 | wireBytes

// response is one that carries messages: SubscribeResponse, ReadResponse, ConsumeResponse or PullResponse, all of which
// have them as field 1. They are found here and decoded when somebody takes them.
type response struct {
	bytes        []byte
	messageCount int
	// messageBytes counts the messages with their tags and lengths.
	messageBytes int
	// bytes[lastStart:lastEnd] is the last message.
	lastStart, lastEnd int
	// rest has all other fields, as a message of their own.
	rest []byte
}

// scanResponse finds the messages of a response.
func scanResponse(b []byte) (response, error) {
	found := response{bytes: b}
	// Fields that follow each other are one view, whatever their number.
	restStart, restEnd := 0, 0
	for at := 0; at < len(b); {
		if b[at] == tagMessages {
			start, end := readLength(b, at+1)
			if end == 0 {
				return response{}, errMalformed
			}
			found.lastStart, found.lastEnd = start, end
			found.messageBytes += end - at
			found.messageCount++
			at = end
			continue
		}
		tag, field := readVarint(b, at)
		if field == 0 {
			return response{}, errMalformed
		}
		end := skipField(b, tag, field)
		if end == 0 {
			return response{}, errMalformed
		}
		if at != restEnd {
			found.rest = append(found.rest, b[restStart:restEnd]...)
			restStart = at
		}
		restEnd, at = end, end
	}
	if found.rest == nil {
		found.rest = b[restStart:restEnd:restEnd]
	} else {
		found.rest = append(found.rest, b[restStart:restEnd]...)
	}
	return found, nil
}

// messageReader takes the messages out of a response, in order. With runs, which are for globs, each is of its run's
// topic. The zero value has none.
type messageReader struct {
	bytes   []byte
	topic   string
	runs    []*playheadv1.Run
	runLeft int32
	at      int
	left    int
}

func newMessageReader(found response, topic string, runs []*playheadv1.Run) messageReader {
	reader := messageReader{bytes: found.bytes, topic: topic, runs: runs, left: found.messageCount}
	reader.beginRun()
	return reader
}

func (r *messageReader) beginRun() {
	if len(r.runs) > 0 {
		r.topic = r.runs[0].GetTopic()
		r.runLeft = r.runs[0].GetMessageCount()
		r.runs = r.runs[1:]
	}
}

// next decodes the next message; false at the end.
func (r *messageReader) next(m *Message) (bool, error) {
	if r.left == 0 {
		return false, nil
	}
	b, at := r.bytes, r.at
	for b[at] != tagMessages {
		tag, field := readVarint(b, at)
		at = skipField(b, tag, field)
	}
	start, end := readLength(b, at+1)
	for r.runLeft == 0 && len(r.runs) > 0 {
		r.beginRun()
	}
	r.runLeft--
	*m = Message{Topic: r.topic, size: end - at}
	r.at = end
	r.left--
	return true, m.decode(b[start:end:end])
}

// all decodes the messages that are left.
func (r *messageReader) all() ([]Message, error) {
	messages := make([]Message, r.left)
	for i := range messages {
		if _, err := r.next(&messages[i]); err != nil {
			return nil, err
		}
	}
	return messages, nil
}

// lastTimestampNs is that of the last message.
func (r *response) lastTimestampNs() (int64, error) {
	var last Message
	err := last.decode(r.bytes[r.lastStart:r.lastEnd])
	return last.TimestampNs, err
}
