package playhead

import "math"

// unconfirmedFactor: so many times what may be held may wait for its result, before credit is held back.
const unconfirmedFactor = 4

// credit is what a worker gives back to the broker as it settles deliveries, so that it never holds more than it allows.
// While too much of what it settled has no result yet, it gives back nothing: what waits for a slow disk stays bounded.
type credit struct {
	maxMessages int
	maxBytes    int
	messages    int
	bytes       int
	unconfirmed int
}

// isDue tells whether there is something to give back, now.
func (c *credit) isDue() bool {
	return c.unconfirmed <= unconfirmedFactor*c.maxMessages && (c.messages > 0 || c.bytes > 0)
}

// restart gives all of it, for a new stream.
func (c *credit) restart() (messages, bytes int32) {
	c.messages, c.bytes, c.unconfirmed = 0, 0, 0
	return int32(c.maxMessages), int32(c.maxBytes)
}

func (c *credit) giveBack(messages, bytes int) {
	c.messages += messages
	c.bytes += bytes
}

// take gives what goes back with this request.
func (c *credit) take() (messages, bytes int32) {
	if !c.isDue() {
		return 0, 0
	}
	messages, bytes = int32(c.messages), int32(min(c.bytes, math.MaxInt32))
	c.messages = 0
	c.bytes -= int(bytes)
	return messages, bytes
}
