package playhead

import (
	"crypto/tls"
	"time"
)

const (
	defaultRequestTimeout = 30 * time.Second
	defaultInitialBackoff = 50 * time.Millisecond
	defaultMaxBackoff     = 2 * time.Second
)

// ClientOptions are what a client is told. The zero value has the defaults.
type ClientOptions struct {
	// TLS encrypts the connection, and says whom to trust and who the client is; LoadTLS makes it from files. An empty
	// one trusts the roots of the system. Nil: plain text.
	TLS *tls.Config
	// RequestTimeout is for each single request, its retries included. 0: 30 s.
	RequestTimeout time.Duration
	// Retry says how long and how often a broker that is away is tried.
	Retry RetryOptions
	// OnRetry is told of every try that failed and will be repeated, for logs. It must not block.
	OnRetry func(RetryEvent)
}

// RetryOptions say how long and how often a broker that is away is tried.
type RetryOptions struct {
	// InitialBackoff is the first pause between two tries, half of it random; it doubles from try to try. 0: 50 ms.
	InitialBackoff time.Duration
	// MaxBackoff is the longest pause. 0: 2 s.
	MaxBackoff time.Duration
	// GiveUpAfter is how long after its first failure in a row an operation fails; negative for at once, when each address
	// was tried. 0: a single request tries as long as RequestTimeout, a publisher two minutes, and a subscription for ever.
	GiveUpAfter time.Duration
}

// RetryEvent is a try that failed and will be repeated.
type RetryEvent struct {
	Err *Error
	// Operation is what is repeated, such as "publish to orders".
	Operation string
	// Attempt is the number of tries that failed in a row.
	Attempt int
	// Delay is the pause before the next.
	Delay time.Duration
}

func (o ClientOptions) withDefaults() ClientOptions {
	o.RequestTimeout = positiveOr(o.RequestTimeout, defaultRequestTimeout)
	o.Retry.InitialBackoff = positiveOr(o.Retry.InitialBackoff, defaultInitialBackoff)
	o.Retry.MaxBackoff = positiveOr(o.Retry.MaxBackoff, defaultMaxBackoff)
	return o
}

func positiveOr[T ~int | ~int64](value, fallback T) T {
	if value > 0 {
		return value
	}
	return fallback
}
