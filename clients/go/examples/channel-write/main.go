// Command channel-write sends each line of standard input over a channel, and closes it.
package main

import (
	"bufio"
	"context"
	"log"
	"os"

	playhead "github.com/playhead/playhead/clients/go"
)

// maxLineBytes is what a broker takes as one message, unless it is told otherwise.
const maxLineBytes = 1 << 20

func main() {
	ctx := context.Background()
	client, err := playhead.Connect(os.Getenv("PLAYHEAD_ADDRESS"), playhead.ClientOptions{})
	if err != nil {
		log.Fatal(err)
	}
	channel := client.Channel("some_chan")
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() {
		if _, err := channel.PublishAsync(ctx, playhead.Message{Value: lines.Bytes()}); err != nil {
			log.Fatal(err)
		}
	}
	// A scanner stops at an error without a word, such as at a line that is too long.
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	closed, err := channel.Close(ctx, "that is all")
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("closed after %d messages, MD5 %s", closed.MessageCount, closed.Checksum)
	if err := client.Close(); err != nil {
		log.Fatal(err)
	}
}
