package playhead

import "time"

// Message is one entry of a topic. To publish one, set Key, Value and Headers.
//
// Of a message that was received, Key, Value and the values of Headers are views of the response it came in, about
// 256 KiB, and keep that in memory. Clone what is kept for long.
type Message struct {
	// Topic is set by the client on what it receives.
	Topic string
	// TimestampNs is the position on the tape: nanoseconds since 1970, UTC. Set by the broker; unique and strictly
	// increasing over the whole of it.
	TimestampNs int64
	// Key is free for the publisher. Empty means none.
	Key []byte
	// Value is the payload. It may be empty.
	Value []byte
	// Headers are in the publisher's order. A name may occur more than once.
	Headers []Header

	// size is the length of the message in a response, tag and length included: what it uses up of a worker's credit.
	size int
}

// Header is a name and a value of a message.
type Header struct {
	Name  string
	Value []byte
}

// Time is the timestamp of a message that was received.
func (m *Message) Time() time.Time { return time.Unix(0, m.TimestampNs) }

// Header is the value of the first header of this name.
func (m *Message) Header(name string) (value []byte, ok bool) {
	for i := range m.Headers {
		if m.Headers[i].Name == name {
			return m.Headers[i].Value, true
		}
	}
	return nil, false
}

// Clone copies what the message has views of, so that it no longer keeps its response in memory.
func (m *Message) Clone() Message {
	clone := *m
	clone.Key = append([]byte(nil), m.Key...)
	clone.Value = append([]byte(nil), m.Value...)
	clone.Headers = make([]Header, len(m.Headers))
	for i, header := range m.Headers {
		clone.Headers[i] = Header{header.Name, append([]byte(nil), header.Value...)}
	}
	return clone
}

// Tags of the fields of Message and of Header.
const (
	tagTimestamp   = 1<<3 | wireVarint
	tagKey         = 2<<3 | wireBytes
	tagValue       = 3<<3 | wireBytes
	tagHeaders     = 4<<3 | wireBytes
	tagHeaderName  = 1<<3 | wireBytes
	tagHeaderValue = 2<<3 | wireBytes
)

// decode reads the fields of an encoded message, as views of it.
func (m *Message) decode(b []byte) error {
	for at := 0; at < len(b); {
		tag := uint64(b[at])
		field := at + 1
		switch tag {
		case tagTimestamp:
			value, end := readVarint(b, field)
			if end == 0 {
				return errMalformed
			}
			m.TimestampNs, at = int64(value), end
		case tagKey, tagValue, tagHeaders:
			start, end := readLength(b, field)
			if end == 0 {
				return errMalformed
			}
			if err := m.set(tag, b[start:end:end]); err != nil {
				return err
			}
			at = end
		default:
			tag, field = readVarint(b, at)
			if field == 0 {
				return errMalformed
			}
			if at = skipField(b, tag, field); at == 0 {
				return errMalformed
			}
		}
	}
	return nil
}

func (m *Message) set(tag uint64, bytes []byte) error {
	switch tag {
	case tagKey:
		m.Key = bytes
	case tagValue:
		m.Value = bytes
	default:
		var header Header
		if err := header.decode(bytes); err != nil {
			return err
		}
		m.Headers = append(m.Headers, header)
	}
	return nil
}

func (h *Header) decode(b []byte) error {
	for at := 0; at < len(b); {
		tag, field := readVarint(b, at)
		if field == 0 {
			return errMalformed
		}
		if tag != tagHeaderName && tag != tagHeaderValue {
			if at = skipField(b, tag, field); at == 0 {
				return errMalformed
			}
			continue
		}
		start, end := readLength(b, field)
		if end == 0 {
			return errMalformed
		}
		if tag == tagHeaderName {
			h.Name = string(b[start:end])
		} else {
			h.Value = b[start:end:end]
		}
		at = end
	}
	return nil
}
