package playhead

import "sync"

// figures are what a subscription has handed out, and how it ended. Who reads the subscription writes them; anybody may
// look.
type figures struct {
	mu sync.Mutex
	reading
	checksum *checksum // nil unless of a channel that is read from its beginning.
}

// reading is how far a subscription was read.
type reading struct {
	messageCount int64
	// lastTimestampNs is that of the last message; 0 before the first.
	lastTimestampNs int64
	closed          *Closed // nil before the close marker.
	err             error   // nil before the end, and after a proper one.
}

func (f *figures) count(m *Message) {
	f.mu.Lock()
	f.messageCount++
	f.lastTimestampNs = m.TimestampNs
	if f.checksum != nil {
		f.checksum.update(m.Value)
	}
	f.mu.Unlock()
}

func (f *figures) close(marker *Closed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = marker
}

// fail notes the first error.
func (f *figures) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *figures) read() reading {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reading
}

func (f *figures) checksumHex() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.checksum == nil {
		return ""
	}
	return f.checksum.hex()
}
