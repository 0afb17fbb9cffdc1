// Command nats-go publishes and reads for the benchmark by the Go client of NATS. It is called with the address of the
// server, takes one task per line of standard input, answers each with a line when it is done, and ends with its input.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	text           = "one tape, many playheads; "
	indexBytes     = 4
	idleHeartbeat  = 5 * time.Second
	controlMessage = "100"
	stalledHeader  = "Nats-Consumer-Stalled"
	noResponders   = "503"
)

// task is a line of standard input.
type task struct {
	Do     string `json:"do"`
	Stream string `json:"stream"`
	Bytes  int    `json:"bytes"`
	Count  int    `json:"count"`
	// Window is how many messages may be without an acknowledgement.
	Window int `json:"window"`
	// Batch is how many messages are committed at once.
	Batch int `json:"batch"`
}

// answer is a line of standard output. The first one, without a task, has the version.
type answer struct {
	Version string `json:"version,omitempty"`
	Error   string `json:"error,omitempty"`
}

func main() {
	answers := json.NewEncoder(os.Stdout)
	if err := run(os.Args[1], answers); err != nil {
		_ = answers.Encode(answer{Error: err.Error()})
		os.Exit(1)
	}
}

func run(address string, answers *json.Encoder) error {
	closed := make(chan struct{})
	onClosed := nats.ClosedHandler(func(*nats.Conn) { close(closed) })
	connection, err := nats.Connect(address, nats.NoReconnect(), onClosed)
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := answers.Encode(answer{Version: nats.Version}); err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var next task
		if err := json.Unmarshal(lines.Bytes(), &next); err != nil {
			return err
		}
		var done answer
		if err := do(connection, closed, next); err != nil {
			done.Error = err.Error()
		}
		if err := answers.Encode(done); err != nil {
			return err
		}
	}
	return nil
}

func do(connection *nats.Conn, closed <-chan struct{}, next task) error {
	switch next.Do {
	case "publish":
		return publish(connection, closed, next)
	case "read":
		return read(connection, closed, next)
	}
	return fmt.Errorf("unknown task %q", next.Do)
}

// publish sends the messages and returns when the last one is acknowledged.
func publish(connection *nats.Conn, closed <-chan struct{}, next task) error {
	var acknowledged atomic.Int64
	progress := make(chan struct{}, 1)
	failed := make(chan error, 1)
	inbox := nats.NewInbox()
	subscription, err := connection.Subscribe(inbox, func(message *nats.Msg) {
		count, err := acknowledgedBy(message)
		if err != nil {
			offer(failed, err)
			return
		}
		acknowledged.Add(count)
		offer(progress, struct{}{})
	})
	if err != nil {
		return err
	}
	defer func() { _ = subscription.Unsubscribe() }()

	waitWhile := func(isFull func() bool) error {
		for isFull() {
			select {
			case <-progress:
			case err := <-failed:
				return err
			case <-closed:
				return errors.New("the connection to NATS has ended")
			}
		}
		return nil
	}
	value := newValue(next.Bytes)
	for sent := 0; sent < next.Count; {
		if err := waitWhile(func() bool { return sent-int(acknowledged.Load()) >= next.Window }); err != nil {
			return err
		}
		size := min(next.Batch, next.Count-sent)
		if err := publishBatch(connection, next.Stream, inbox, value, sent, size); err != nil {
			return err
		}
		sent += size
	}
	return waitWhile(func() bool { return int(acknowledged.Load()) < next.Count })
}

// publishBatch sends messages that the last one commits. Only that one is acknowledged. A single one is no batch.
func publishBatch(connection *nats.Conn, stream, inbox string, value []byte, first, size int) error {
	if size == 1 {
		setIndex(value, first)
		return connection.PublishRequest(stream, inbox, value)
	}
	id := "go" + strconv.Itoa(first)
	for sequence := 1; sequence <= size; sequence++ {
		setIndex(value, first+sequence-1)
		message := &nats.Msg{Subject: stream, Data: value, Header: nats.Header{
			"Nats-Batch-Id":       {id},
			"Nats-Batch-Sequence": {strconv.Itoa(sequence)},
		}}
		if sequence == size {
			message.Header["Nats-Batch-Commit"] = []string{"1"}
			message.Reply = inbox
		}
		if err := connection.PublishMsg(message); err != nil {
			return err
		}
	}
	return nil
}

func acknowledgedBy(message *nats.Msg) (int64, error) {
	if message.Header.Get("Status") == noResponders {
		return 0, errors.New("NATS: no stream takes the message")
	}
	var acknowledgement struct {
		Seq   uint64 `json:"seq"`
		Count int64  `json:"count"`
		Error *struct {
			Description string `json:"description"`
		} `json:"error"`
	}
	if err := json.Unmarshal(message.Data, &acknowledgement); err != nil {
		return 0, err
	}
	if acknowledgement.Error != nil {
		return 0, fmt.Errorf("NATS: %s", acknowledgement.Error.Description)
	}
	if acknowledgement.Seq == 0 {
		return 0, fmt.Errorf("NATS: not an acknowledgement: %s", message.Data)
	}
	return max(1, acknowledgement.Count), nil
}

// read has the server push the stream from its beginning, checks each message and returns behind the last one.
func read(connection *nats.Conn, closed <-chan struct{}, next task) error {
	stream, err := connection.JetStream()
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	inbox := nats.NewInbox()
	taken := 0
	subscription, err := connection.Subscribe(inbox, func(message *nats.Msg) {
		if message.Header.Get("Status") == controlMessage {
			answerControl(connection, message)
			return
		}
		if taken == next.Count {
			return
		}
		if !isLike(message.Data, next.Bytes, taken) {
			offer(ended, fmt.Errorf("message %d is not what was published (%d bytes)", taken, len(message.Data)))
			return
		}
		taken++
		if taken == next.Count {
			offer(ended, nil)
		}
	})
	if err != nil {
		return err
	}
	defer func() { _ = subscription.Unsubscribe() }()
	consumer, err := stream.AddConsumer(next.Stream, &nats.ConsumerConfig{
		DeliverSubject: inbox,
		AckPolicy:      nats.AckNonePolicy,
		FlowControl:    true,
		Heartbeat:      idleHeartbeat,
		MemoryStorage:  true,
		Replicas:       1,
	})
	if err != nil {
		return err
	}
	defer func() { _ = stream.DeleteConsumer(next.Stream, consumer.Name) }()
	select {
	case err := <-ended:
		return err
	case <-closed:
		return errors.New("the connection to NATS has ended")
	}
}

// answerControl lets the server go on that waits for the reader.
func answerControl(connection *nats.Conn, message *nats.Msg) {
	if stalled := message.Header.Get(stalledHeader); stalled != "" {
		_ = connection.Publish(stalled, nil)
	}
	if message.Reply != "" {
		_ = connection.Publish(message.Reply, nil)
	}
}

// offer keeps what it is given unless something waits to be taken already.
func offer[T any](channel chan<- T, value T) {
	select {
	case channel <- value:
	default:
	}
}

// newValue is a message as `Payloads` of the benchmark makes it, but for the index.
func newValue(bytes int) []byte {
	value := make([]byte, bytes)
	for i := range value {
		value[i] = text[i%len(text)]
	}
	return value
}

func setIndex(value []byte, index int) {
	binary.LittleEndian.PutUint32(value, uint32(index))
	binary.LittleEndian.PutUint32(value[len(value)-indexBytes:], scramble(uint32(index)))
}

func isLike(value []byte, bytes, index int) bool {
	return len(value) == bytes &&
		binary.LittleEndian.Uint32(value) == uint32(index) &&
		binary.LittleEndian.Uint32(value[bytes-indexBytes:]) == scramble(uint32(index))
}

func scramble(index uint32) uint32 {
	return (index ^ 0x5bd1e995) * 0x9e3779b1
}
