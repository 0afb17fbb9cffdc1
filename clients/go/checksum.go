package playhead

import (
	"crypto/md5"
	"encoding"
	"encoding/hex"
	"hash"
)

// checksum is the MD5 over values in order, as the writer and the readers of a channel compute it. It finds errors, not
// forgers.
type checksum struct{ hash hash.Hash }

func newChecksum() *checksum { return &checksum{md5.New()} }

func (c *checksum) update(value []byte) { c.hash.Write(value) }

func (c *checksum) digest() []byte { return c.hash.Sum(nil) }

func (c *checksum) hex() string { return hex.EncodeToString(c.digest()) }

// clone is one that has seen the same, and more messages behind it.
func (c *checksum) clone(more []Message) *checksum {
	clone := newChecksum()
	// MD5 can do both, and neither fails.
	state, _ := c.hash.(encoding.BinaryMarshaler).MarshalBinary()
	_ = clone.hash.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
	for i := range more {
		clone.update(more[i].Value)
	}
	return clone
}
