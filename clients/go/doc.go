// Package playhead is the client of playhead, a log broker with rewindable channels: append-only topics keyed by
// nanoseconds since 1970 that are read from any moment on, channels that can be closed, and durable subscriptions that
// many workers consume as a queue.
//
//	client, err := playhead.Connect("127.0.0.1:17777", playhead.ClientOptions{})
//	...
//	defer client.Close()
//	channel := client.Channel("some_chan")
//	_, err = channel.Publish(ctx, playhead.Message{Value: []byte("hello")})
//	closed, err := channel.Close(ctx, "done")
//
// What is ranged over, such as Subscription.Messages, ends at an error as it does at its proper end: after the loop look at
// Err, which tells them apart.
//
// Every error that the broker or the connection causes is an *Error, whose Reason programs decide by. A context ends what
// it was given to; that of a Subscription or a Consumption is for its whole life.
package playhead

//go:generate sh -c "cd ../.. && npx buf generate --template clients/go/buf.gen.yaml"
