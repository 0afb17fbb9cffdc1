// Command bench measures how fast this client publishes to a broker that runs, and reads back.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	playhead "github.com/playhead/playhead/clients/go"
)

func main() {
	address := flag.String("address", "", "of the broker; 127.0.0.1:17777 by default")
	count := flag.Int("messages", 2_000_000, "number of messages")
	size := flag.Int("bytes", 100, "size of a message's value")
	flag.Parse()
	if err := run(*address, *count, *size); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(address string, count, size int) error {
	ctx := context.Background()
	client, err := playhead.Connect(address, playhead.ClientOptions{})
	if err != nil {
		return err
	}
	topic := fmt.Sprintf("bench/go/%d", time.Now().UnixNano())
	steps := []struct {
		name string
		run  func(context.Context, *playhead.Client, string, int, int) error
	}{
		{"publish, acknowledged", publish},
		{"subscribe, range", readRange},
		{"subscribe, channel", readChan},
		{"consume, acknowledged", consume},
	}
	for _, step := range steps {
		start := time.Now()
		if err := step.run(ctx, client, topic, count, size); err != nil {
			return err
		}
		seconds := time.Since(start).Seconds()
		fmt.Printf("%-22s %9.0f messages/s of %d bytes, %6.1f MB/s\n",
			step.name, float64(count)/seconds, size, float64(count*size)/seconds/1e6)
	}
	if err := client.DeleteTopic(ctx, topic); err != nil {
		return err
	}
	return client.Close()
}

func publish(ctx context.Context, client *playhead.Client, topic string, count, size int) error {
	publisher, err := client.Publisher(topic, playhead.PublisherOptions{})
	if err != nil {
		return err
	}
	value := bytes.Repeat([]byte{'x'}, size)
	for range count {
		if _, err := publisher.PublishAsync(ctx, playhead.Message{Value: value}); err != nil {
			return err
		}
	}
	return publisher.Close()
}

func readRange(ctx context.Context, client *playhead.Client, topic string, count, _ int) error {
	subscription, err := client.Subscribe(ctx, topic, playhead.SubscribeOptions{
		From:  playhead.Earliest,
		Until: playhead.Now,
	})
	if err != nil {
		return err
	}
	read := 0
	for range subscription.Messages() {
		read++
	}
	return check(subscription, read, count)
}

func readChan(ctx context.Context, client *playhead.Client, topic string, count, _ int) error {
	subscription, err := client.Subscribe(ctx, topic, playhead.SubscribeOptions{
		From:  playhead.Earliest,
		Until: playhead.Now,
	})
	if err != nil {
		return err
	}
	read := 0
	for range subscription.Chan() {
		read++
	}
	return check(subscription, read, count)
}

func consume(ctx context.Context, client *playhead.Client, topic string, count, _ int) error {
	durable := client.Durable(topic, "bench")
	if _, err := durable.Create(ctx, playhead.CreateOptions{From: playhead.Earliest}); err != nil {
		return err
	}
	consumption, err := durable.Consume(ctx, playhead.ConsumeOptions{MaxInFlight: 10_000})
	if err != nil {
		return err
	}
	for delivery := range consumption.Deliveries() {
		delivery.AckAsync()
		if count--; count == 0 {
			break
		}
	}
	if err := consumption.Err(); err != nil {
		return err
	}
	if err := consumption.Close(); err != nil {
		return err
	}
	info, err := durable.Info(ctx)
	if err == nil && info.PendingCount > 0 {
		err = fmt.Errorf("%d messages are not acknowledged", info.PendingCount)
	}
	return err
}

func check(subscription *playhead.Subscription, read, count int) error {
	if err := subscription.Err(); err != nil {
		return err
	}
	if got := subscription.MessageCount(); read != count || got != int64(count) {
		return fmt.Errorf("read %d messages, counted as %d, and not %d", read, got, count)
	}
	return nil
}
