package playhead

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
)

// operation describes a request that is repeated while its failures are retryable.
type operation struct {
	// name is for errors, such as "create orders".
	name string
	// wait is what the broker may take besides, because it was asked to wait.
	wait time.Duration
	// doneBefore says which refusal of a repeated request only means that an earlier try, whose answer was lost, has done
	// it: the response is then the zero value.
	doneBefore Reason
}

// request makes one request, within ClientOptions.RequestTimeout in all.
func request[Response any](
	ctx context.Context,
	c *connection,
	op operation,
	call func(context.Context, *grpc.ClientConn) (Response, error),
) (Response, error) {
	var none Response
	timeout := c.options.RequestTimeout + op.wait
	deadline := time.Now().Add(timeout)
	retry := c.newBackoff(timeout)
	bound, release := c.bind(ctx)
	defer release()
	for {
		response, address, err := try(bound, c, deadline, call)
		if err == nil {
			return response, nil
		}
		if ended := c.endError(ctx, op.name); ended != nil {
			return none, ended
		}
		if retry.failures > 0 && err.Reason == op.doneBefore {
			return none, nil
		}
		if !err.Retryable() || err.Reason == ReasonDeadlineExceeded {
			return none, err
		}
		delay, ok := c.retryDelay(retry, err, address, op.name)
		if !ok || time.Now().Add(delay).After(deadline) {
			return none, err
		}
		pause(bound, delay)
	}
}

func try[Response any](
	ctx context.Context,
	c *connection,
	deadline time.Time,
	call func(context.Context, *grpc.ClientConn) (Response, error),
) (response Response, address string, failure *Error) {
	conn, address, err := c.use(lanePublish)
	if err != nil {
		return response, address, asError(err)
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	response, err = call(ctx, conn)
	if err == nil {
		return response, address, nil
	}
	// A time that is over before there was a connection says nothing of the broker's work.
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && conn.GetState() != connectivity.Ready {
		return response, address, newError(ReasonUnreachable, "broker %s is unreachable: no connection in time", address)
	}
	return response, address, fromStatus(err, address)
}
