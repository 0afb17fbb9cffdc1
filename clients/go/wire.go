package playhead

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

var errMalformed = errors.New("playhead: bytes that are not well-formed protobuf")

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// readVarint reads the varint at the offset, and returns the offset behind it: 0 if there is none.
func readVarint(b []byte, at int) (value uint64, end int) {
	if at < len(b) && b[at] < 0x80 {
		return uint64(b[at]), at + 1
	}
	if at >= len(b) {
		return 0, 0
	}
	value, n := binary.Uvarint(b[at:])
	if n <= 0 {
		return 0, 0
	}
	return value, at + n
}

// readLength reads a length and checks that so many bytes follow: they are b[start:end]. end is 0 if they do not.
func readLength(b []byte, at int) (start, end int) {
	length, start := readVarint(b, at)
	if start == 0 || length > uint64(len(b)-start) {
		return 0, 0
	}
	return start, start + int(length)
}

// skipField returns the offset behind the field of this tag whose contents begin at the offset: 0 if it is cut off.
func skipField(b []byte, tag uint64, at int) int {
	end := 0
	switch tag & 7 {
	case wireVarint:
		_, end = readVarint(b, at)
	case wireFixed64:
		end = at + 8
	case wireBytes:
		_, end = readLength(b, at)
	case wireFixed32:
		end = at + 4
	}
	if end > len(b) {
		return 0
	}
	return end
}

// varintLength is the number of bytes of a varint.
func varintLength(value uint64) int {
	return (bits.Len64(value|1) + 6) / 7
}

// fieldLength is the number of bytes of a field of bytes with a tag of one byte, which is left out when empty.
func fieldLength(bytes int) int {
	if bytes == 0 {
		return 0
	}
	return 1 + varintLength(uint64(bytes)) + bytes
}

// appendField appends a field of bytes, which is left out when empty.
func appendField[T ~string | ~[]byte](b []byte, tag byte, value T) []byte {
	if len(value) == 0 {
		return b
	}
	b = binary.AppendUvarint(append(b, tag), uint64(len(value)))
	return append(b, value...)
}
