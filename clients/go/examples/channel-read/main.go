// Command channel-read prints a channel from its first message on, until it is closed, and verifies that it is whole.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	playhead "github.com/playhead/playhead/clients/go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := playhead.Connect(os.Getenv("PLAYHEAD_ADDRESS"), playhead.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	reader, err := client.Channel("some_chan").Subscribe(ctx, playhead.SubscribeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for message := range reader.Messages() {
		fmt.Printf("%s  %s\n", message.Time().Format("15:04:05.000000000"), message.Value)
	}
	// The loop ends at an error, too.
	if err := reader.Err(); err != nil {
		log.Fatal(err)
	}
	isVerified, _ := reader.Verified()
	log.Printf("%d messages, closed: %s, verified: %t", reader.MessageCount(), reader.Closed().Reason, isVerified)
	if err := client.Close(); err != nil {
		log.Fatal(err)
	}
}
