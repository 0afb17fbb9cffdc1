package playhead

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	defaultAddress = "127.0.0.1:17777"
	defaultPort    = "17777"
	maxPort        = 65535
)

var (
	addressWithScheme = regexp.MustCompile(`^(?:unix|dns|passthrough):`)
	addressOfHost     = regexp.MustCompile(`^(?:[^\s/:]+|\[[0-9a-fA-F:.]+\])$`)
	addressWithPort   = regexp.MustCompile(`^(?:[^\s/:]+|\[[0-9a-fA-F:.]+\]):(\d+)$`)
)

// parseAddresses splits and completes addresses: host, host:port, [::1]:port, unix:path, several parted by commas.
func parseAddresses(text string) ([]string, error) {
	if text == "" {
		text = defaultAddress
	}
	var addresses []string
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		switch {
		case part == "":
		case addressWithScheme.MatchString(part):
			addresses = append(addresses, part)
		case addressOfHost.MatchString(part):
			addresses = append(addresses, part+":"+defaultPort)
		default:
			match := addressWithPort.FindStringSubmatch(part)
			if match == nil {
				return nil, newError(ReasonInvalidArgument, "%q is no address such as %s", part, defaultAddress)
			}
			if port, err := strconv.Atoi(match[1]); err != nil || port > maxPort {
				return nil, newError(ReasonInvalidArgument, "%q has no port up to %d", part, maxPort)
			}
			addresses = append(addresses, part)
		}
	}
	if len(addresses) == 0 {
		return nil, newError(ReasonInvalidArgument, "an address such as %s is needed", defaultAddress)
	}
	return addresses, nil
}
