package playhead

import "iter"

// Listing is a list that the broker gives page by page. It is read by one goroutine at a time.
type Listing[T any] struct {
	fetch func(pageToken string) (page []T, nextPageToken string, err error)
	err   error
}

// All is for a range loop. Pages are fetched as the loop comes to them; another loop begins at the first one. It ends behind
// the last page, and also at an error: after the loop look at Err, which alone tells whether the list is whole.
func (l *Listing[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		l.err = nil
		pageToken := ""
		for {
			page, next, err := l.fetch(pageToken)
			if err != nil {
				l.err = err
				return
			}
			for _, item := range page {
				if !yield(item) {
					return
				}
			}
			if next == "" {
				return
			}
			pageToken = next
		}
	}
}

// Err is the error that the last loop ended with; nil if it came to the end, or was left.
func (l *Listing[T]) Err() error { return l.err }
