package playhead

import (
	"context"

	"google.golang.org/grpc"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// Durability says when a publish is acknowledged.
type Durability string

const (
	// DurabilityFsync: once it is on disk.
	DurabilityFsync Durability = "fsync"
	// DurabilityOS: once the operating system has it; survives a crash of the broker, not of the machine.
	DurabilityOS Durability = "os"
	// DurabilityMemory: once it is in the broker's memory.
	DurabilityMemory Durability = "memory"
)

var durabilities = map[playheadv1.Durability]Durability{
	playheadv1.Durability_DURABILITY_FSYNC:  DurabilityFsync,
	playheadv1.Durability_DURABILITY_OS:     DurabilityOS,
	playheadv1.Durability_DURABILITY_MEMORY: DurabilityMemory,
}

// ServerInfo describes a broker.
type ServerInfo struct {
	Version    string
	Durability Durability
	// MaxMessageBytes is the largest message, as the length of its protobuf encoding, where the topic does not set its own.
	MaxMessageBytes int
	// MaxRequestBytes is the largest request.
	MaxRequestBytes int
	// ClockNs is the broker's clock: nanoseconds since 1970, UTC.
	ClockNs int64
	// LastTimestampNs is that of the last message of all topics; 0 if there never was one.
	LastTimestampNs int64
}

func (c *connection) serverInfo(ctx context.Context, name string) (*playheadv1.GetServerInfoResponse, error) {
	return request(ctx, c, operation{name: name},
		func(ctx context.Context, conn *grpc.ClientConn) (*playheadv1.GetServerInfoResponse, error) {
			return playheadv1.NewBrokerServiceClient(conn).GetServerInfo(ctx, &playheadv1.GetServerInfoRequest{})
		})
}

// resolve gives the timestamp that an end stands for now, by the broker's clock and not by this machine's; nil if it has
// none.
func (c *connection) resolve(ctx context.Context, until Until) (*int64, error) {
	switch until.kind {
	case untilTimestamp:
		return &until.ns, nil
	case untilAgo:
		info, err := c.serverInfo(ctx, "ask for the broker's clock")
		if err != nil {
			return nil, err
		}
		timestampNs := max(info.GetClockNs()-until.ns, 0)
		return &timestampNs, nil
	}
	return nil, nil
}

// ServerInfo asks for version, limits, durability and clock of the broker.
func (c *Client) ServerInfo(ctx context.Context) (*ServerInfo, error) {
	info, err := c.connection.serverInfo(ctx, "describe the broker")
	if err != nil {
		return nil, err
	}
	return &ServerInfo{
		Version:         info.GetVersion(),
		Durability:      durabilities[info.GetDurability()],
		MaxMessageBytes: int(info.GetMaxMessageBytes()),
		MaxRequestBytes: int(info.GetMaxRequestBytes()),
		ClockNs:         info.GetClockNs(),
		LastTimestampNs: info.GetLastTimestampNs(),
	}, nil
}
