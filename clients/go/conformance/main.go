// Command conformance is the driver of this client for the cases in test/conformance: it reads requests from standard
// input and writes answers to standard output, one JSON object a line.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	playhead "github.com/playhead/playhead/clients/go"
)

// reasonDriver is for what goes wrong in the driver and not in the client.
const reasonDriver = "DRIVER"

type answer struct {
	ID     int64         `json:"id"`
	Result any           `json:"result,omitempty"`
	Error  *errorInWords `json:"error,omitempty"`
}

type errorInWords struct {
	Reason    string            `json:"reason"`
	Message   string            `json:"message"`
	Retryable bool              `json:"retryable"`
	Metadata  map[string]string `json:"metadata,omitempty"`
}

func toWords(err error) *errorInWords {
	var failure *playhead.Error
	if errors.As(err, &failure) {
		return &errorInWords{string(failure.Reason), failure.Message, failure.Retryable(), failure.Metadata}
	}
	return &errorInWords{Reason: reasonDriver, Message: err.Error()}
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve begins requests in the order in which they come and answers each when it is done.
func serve(input io.Reader, output io.Writer) error {
	var mu sync.Mutex
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	respond := func(id int64, result any, err error) {
		mu.Lock()
		defer mu.Unlock()
		response := answer{ID: id, Result: result}
		if err != nil {
			response = answer{ID: id, Error: toWords(err)}
		}
		if err := encoder.Encode(response); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	d := newDriver()
	decoder := json.NewDecoder(input)
	for {
		var r request
		if err := decoder.Decode(&r); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		later, err := d.begin(&r)
		if err != nil {
			respond(r.ID, nil, err)
			continue
		}
		go func() {
			result, err := later()
			respond(r.ID, result, err)
		}()
	}
}
