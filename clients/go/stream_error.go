package playhead

import (
	"errors"
	"io"
)

// streamError reads how a stream broke. A broker that ends one without having said so has gone.
func streamError(err error, address string) *Error {
	if errors.Is(err, io.EOF) {
		return newError(ReasonUnreachable, "broker %s ended the stream without a reason", address)
	}
	return fromStatus(err, address)
}
