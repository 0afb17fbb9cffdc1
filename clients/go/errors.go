package playhead

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// errorDomain tells the broker's own details from those of a proxy.
const errorDomain = "playhead"

// Error is the one error that the client reports. Programs decide by Reason; Message is for people and may change.
type Error struct {
	Reason  Reason
	Message string
	// Metadata has the values that belong to the reason, such as limit_bytes; error.proto lists them.
	Metadata map[string]string
	cause    error
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("playhead: %s: %s", e.Reason, e.Message)
}

// Unwrap gives what lies behind it, such as context.Canceled or the gRPC status; nil if there is nothing.
func (e *Error) Unwrap() error { return e.cause }

// Retryable tells whether the same request may succeed if it is sent again, unchanged, a little later.
func (e *Error) Retryable() bool { return e.Reason.Retryable() }

// ReasonOf is the reason of an error that this package has reported, and empty for any other.
func ReasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

func newError(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) with(key string, value any) *Error {
	if e.Metadata == nil {
		e.Metadata = map[string]string{}
	}
	e.Metadata[key] = fmt.Sprint(value)
	return e
}

func (e *Error) because(cause error) *Error {
	e.cause = cause
	return e
}

func closedError(what string) *Error {
	return newError(ReasonClientClosed, "%s is closed", what)
}

func malformedError(address string) *Error {
	return newError(ReasonInternal, "broker %s sent a response that is not well-formed", address)
}

// contextError says that a context ended what was under way.
func contextError(ctx context.Context, what string) *Error {
	reason := ReasonCancelled
	text := "%s was cancelled"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		reason = ReasonDeadlineExceeded
		text = "%s did not end before the deadline of its context"
	}
	return newError(reason, text, what).because(ctx.Err())
}

// asError narrows what this package has made itself.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return newError(ReasonInternal, "%s", err).because(err)
}

// fromWireError reads an error that the broker told inside a stream.
func fromWireError(wire *playheadv1.Error) *Error {
	return &Error{
		Reason:   reasonOfWire(wire.GetReason()),
		Message:  wire.GetMessage(),
		Metadata: wire.GetMetadata(),
	}
}

// fromStatus reads the status of a call that failed and that this client did not cancel.
func fromStatus(err error, address string) *Error {
	st := status.Convert(err)
	for _, detail := range st.Details() {
		info, ok := detail.(*errdetails.ErrorInfo)
		if ok && info.GetDomain() == errorDomain && Reason(info.GetReason()).isKnown() {
			return &Error{
				Reason:   Reason(info.GetReason()),
				Message:  st.Message(),
				Metadata: info.GetMetadata(),
				cause:    err,
			}
		}
	}
	reason := reasonOfStatus(st)
	if reason == ReasonUnreachable {
		return newError(reason, "broker %s is unreachable: %s", address, causeOf(st.Message())).because(err)
	}
	return newError(reason, "broker %s answered %s: %s", address, st.Code(), st.Message()).because(err)
}

// lostConnection is how gRPC words a connection that broke within a response: with INTERNAL.
var lostConnection = regexp.MustCompile(`(?i)RST_STREAM|unexpected EOF|connection|transport|goaway`)

// dialFailure is how gRPC words why there is no connection.
var dialFailure = regexp.MustCompile(`(?:Error while dialing|authentication handshake failed): ([^"]+)`)

// causeOf leaves out what gRPC says around a cause.
func causeOf(message string) string {
	if match := dialFailure.FindStringSubmatch(message); match != nil {
		return match[1]
	}
	return message
}

// tooLarge is how the transport itself refuses what is over its own limit, before the broker sees it.
var tooLarge = regexp.MustCompile(`(?i)larger than max`)

func reasonOfStatus(st *status.Status) Reason {
	switch st.Code() {
	case codes.Unavailable, codes.Canceled:
		return ReasonUnreachable
	case codes.DeadlineExceeded:
		return ReasonDeadlineExceeded
	case codes.InvalidArgument:
		return ReasonInvalidArgument
	case codes.DataLoss:
		return ReasonDataLoss
	case codes.ResourceExhausted:
		if tooLarge.MatchString(st.Message()) {
			return ReasonRequestTooLarge
		}
		return ReasonOverloaded
	case codes.Internal:
		if lostConnection.MatchString(st.Message()) {
			return ReasonUnreachable
		}
	}
	return ReasonInternal
}
