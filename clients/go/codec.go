package playhead

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// rawRequest is a request that is encoded already, in parts that follow each other.
type rawRequest [][]byte

// rawResponse is a response as bytes, for those who decode it themselves.
type rawResponse []byte

// codec passes bytes through where there are very many messages, and is gRPC's own for everything else: making an object
// for each message of a batch costs several times what sending it does.
type codec struct{ fallback encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

func (c codec) Name() string { return proto.Name }

func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	request, ok := v.(rawRequest)
	if !ok {
		return c.fallback.Marshal(v)
	}
	buffers := make(mem.BufferSlice, 0, len(request))
	for _, part := range request {
		if len(part) > 0 {
			// Not from a pool: a part is sent again after a lost connection.
			buffers = append(buffers, mem.SliceBuffer(part))
		}
	}
	return buffers, nil
}

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	switch response := v.(type) {
	case *rawResponse:
		// Messages are views of these bytes for as long as somebody keeps them.
		*response = data.Materialize()
		return nil
	case rawRequest:
		return fmt.Errorf("playhead: a %T is not to be received", v)
	}
	return c.fallback.Unmarshal(data, v)
}
