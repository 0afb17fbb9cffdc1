package playhead

import (
	"context"
	"crypto/tls"
	"math"
	"sync"
	"time"

	"google.golang.org/grpc"
	grpcbackoff "google.golang.org/grpc/backoff"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

const (
	// connectTimeout ends tries to reach a host that drops packets, which would otherwise hold a call for minutes.
	connectTimeout = 5 * time.Second
	// A broker whose machine is gone answers nothing, not even with a reset.
	keepaliveTime    = 30 * time.Second
	keepaliveTimeout = 10 * time.Second
	// windowBytes is what a broker may send of one stream that nobody has read: the bound of what waits in a subscription.
	windowBytes = 4 << 20
	// connectionWindowBytes is taken back as bytes arrive, read or not.
	connectionWindowBytes = 8 << 20
	ioBufferBytes         = 128 << 10
)

// lane keeps apart what must not wait for each other on one connection: settlements of workers, and requests of
// publishers, behind what readers are sent.
type lane int

const (
	lanePublish lane = iota
	laneSubscribe
	laneConsume
)

// connection holds the addresses of a broker and the connections to them. One address at a time is in use.
type connection struct {
	addresses []string
	options   ClientOptions
	// ctx ends when the client is closed: what waits ends.
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	current int
	conns   map[connectionKey]*grpc.ClientConn
}

type connectionKey struct {
	lane    lane
	address string
}

func newConnection(addresses []string, options ClientOptions) *connection {
	ctx, cancel := context.WithCancel(context.Background())
	return &connection{
		addresses: addresses,
		options:   options,
		ctx:       ctx,
		cancel:    cancel,
		conns:     map[connectionKey]*grpc.ClientConn{},
	}
}

// bind makes a context that ends with the given one and with the client.
func (c *connection) bind(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// endError says why what was bound to a context has ended; nil if it has not.
func (c *connection) endError(ctx context.Context, what string) *Error {
	switch {
	case ctx.Err() != nil:
		return contextError(ctx, what)
	case c.ctx.Err() != nil:
		return closedError("the client")
	}
	return nil
}

func (c *connection) newBackoff(giveUpAfter time.Duration) *backoff {
	retry := c.options.Retry
	if retry.GiveUpAfter != 0 {
		giveUpAfter = retry.GiveUpAfter
	}
	return &backoff{initial: retry.InitialBackoff, max: retry.MaxBackoff, giveUpAfter: giveUpAfter}
}

// retryDelay counts a failed try at an address. It returns the pause before the next, or false to give up.
func (c *connection) retryDelay(b *backoff, err *Error, address, operation string) (time.Duration, bool) {
	addresses := 1
	if err.Reason == ReasonUnreachable || err.Reason == ReasonShuttingDown {
		addresses = len(c.addresses)
		c.mu.Lock()
		// Several operations notice one outage: only the first of them turns to the next address.
		if address == c.addresses[c.current] {
			c.current = (c.current + 1) % addresses
		}
		c.mu.Unlock()
	}
	delay, ok := b.fail(addresses, time.Now())
	if ok && c.options.OnRetry != nil {
		c.options.OnRetry(RetryEvent{Err: err, Operation: operation, Attempt: b.failures, Delay: delay})
	}
	return delay, ok
}

// pause waits, less if a context ends.
func pause(ctx context.Context, delay time.Duration) {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// address is the one in use.
func (c *connection) address() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.addresses[c.current]
}

// use gives the connection of a lane to the address in use. Nothing is connected before the first call.
func (c *connection) use(l lane) (*grpc.ClientConn, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	address := c.addresses[c.current]
	if c.ctx.Err() != nil {
		return nil, address, closedError("the client")
	}
	key := connectionKey{l, address}
	conn := c.conns[key]
	if conn == nil {
		var err error
		if conn, err = grpc.NewClient(address, c.dialOptions()...); err != nil {
			return nil, address, newError(ReasonInvalidArgument, "%q is no address: %s", address, err).because(err)
		}
		c.conns[key] = conn
	}
	if conn.GetState() == connectivity.TransientFailure {
		// The pauses between tries are made by backoff, where they end with a context and try another address.
		conn.ResetConnectBackoff()
	}
	return conn, address, nil
}

func (c *connection) dialOptions() []grpc.DialOption {
	retry := grpcbackoff.Config{
		BaseDelay:  c.options.Retry.InitialBackoff,
		MaxDelay:   c.options.Retry.InitialBackoff,
		Multiplier: 1,
	}
	return []grpc.DialOption{
		grpc.WithTransportCredentials(transportCredentials(c.options.TLS)),
		grpc.WithNoProxy(),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: retry, MinConnectTimeout: connectTimeout}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.WithInitialWindowSize(windowBytes),
		grpc.WithInitialConnWindowSize(connectionWindowBytes),
		grpc.WithReadBufferSize(ioBufferBytes),
		grpc.WithWriteBufferSize(ioBufferBytes),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodecV2(newCodec()),
			grpc.MaxCallRecvMsgSize(math.MaxInt32),
			grpc.MaxCallSendMsgSize(math.MaxInt32),
		),
	}
}

func transportCredentials(config *tls.Config) credentials.TransportCredentials {
	if config == nil {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(config)
}

// close ends what waits, and disconnects.
func (c *connection) close() {
	c.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		// An error here only says that it is closed already.
		_ = conn.Close()
	}
	clear(c.conns)
}
