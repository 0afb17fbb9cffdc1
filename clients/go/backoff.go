package playhead

import (
	"math/rand/v2"
	"time"
)

// maxDoublings keeps the shift of a pause within 64 bits; the longest pause is reached long before.
const maxDoublings = 20

// forever is how long a subscription tries.
const forever = time.Duration(1<<63 - 1)

// backoff makes the pauses between tries: doubling, half of each random, so that many clients of a broker that restarts
// do not come back in step. The first tries, one for each further address, follow without a pause.
type backoff struct {
	initial     time.Duration
	max         time.Duration
	giveUpAfter time.Duration // From the first failure in a row.

	failures int
	since    time.Time
}

// fail counts a failure. It returns how long to wait before the next try, or false when it is time to give up. Each of
// the addresses is tried once before the first pause.
func (b *backoff) fail(addresses int, now time.Time) (time.Duration, bool) {
	if b.failures == 0 {
		b.since = now
	}
	b.failures++
	if b.failures < addresses {
		return 0, true
	}
	left := b.giveUpAfter - now.Sub(b.since)
	if left <= 0 {
		return 0, false
	}
	full := min(b.initial<<min(b.failures-addresses, maxDoublings), b.max)
	pause := time.Duration(float64(full) * (0.5 + rand.Float64()/2))
	// The last try is made at the end of the time, not given up before it.
	return min(pause, left), true
}

// succeed makes the next failure a first one again.
func (b *backoff) succeed() { b.failures = 0 }
