package playhead_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"time"

	playhead "github.com/playhead/playhead/clients/go"
)

func Example() {
	ctx := context.Background()
	client, err := playhead.Connect("127.0.0.1:17777", playhead.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	channel := client.Channel("some_chan")
	if _, err := channel.Publish(ctx, playhead.Message{Value: []byte("hello")}); err != nil {
		log.Fatal(err)
	}
	if _, err := channel.Close(ctx, "done"); err != nil {
		log.Fatal(err)
	}

	reader, err := channel.Subscribe(ctx, playhead.SubscribeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for message := range reader.Messages() {
		fmt.Println(string(message.Value))
	}
	if err := reader.Err(); err != nil {
		log.Fatal(err)
	}
}

func ExamplePublisher_PublishExpecting() {
	ctx := context.Background()
	client, err := playhead.Connect("", playhead.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	publisher, err := client.Publisher("ledger", playhead.PublisherOptions{})
	if err != nil {
		log.Fatal(err)
	}
	topic, err := client.Topic(ctx, "ledger")
	if err != nil {
		log.Fatal(err)
	}
	_, err = publisher.PublishExpecting(ctx, topic.LastTimestampNs, playhead.Message{Value: []byte("entry")})
	var failure *playhead.Error
	if errors.As(err, &failure) && failure.Reason == playhead.ReasonConflict {
		fmt.Println("somebody was faster: the last is", failure.Metadata["last_timestamp_ns"])
	}
}

func ExampleConsumption_Deliveries() {
	ctx := context.Background()
	client, err := playhead.Connect("", playhead.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	consumption, err := client.Durable("orders", "billing").Consume(ctx, playhead.ConsumeOptions{MaxInFlight: 100})
	if err != nil {
		log.Fatal(err)
	}
	var workers sync.WaitGroup
	for range 10 {
		workers.Go(func() {
			for delivery := range consumption.Deliveries() {
				var err error
				if len(delivery.Message.Value) == 0 {
					err = delivery.NackAfter(ctx, 5*time.Second)
				} else {
					err = delivery.Ack(ctx)
				}
				if err != nil {
					log.Print(err)
				}
			}
		})
	}
	workers.Wait()
	if err := consumption.Err(); err != nil {
		log.Fatal(err)
	}
}
