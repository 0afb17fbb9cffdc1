package playhead

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	playheadv1 "github.com/playhead/playhead/clients/go/gen/playhead/v1"
)

// listingBroker has a page "a" and "b", and behind it a page "c" or an error.
func listingBroker(failure error) *fakeBroker {
	return &fakeBroker{listTopics: func(question *playheadv1.ListTopicsRequest) (*playheadv1.ListTopicsResponse, error) {
		if question.GetPageToken() == "" {
			return &playheadv1.ListTopicsResponse{
				Topics: []*playheadv1.Topic{{Topic: "a"}, {Topic: "b"}}, NextPageToken: "b",
			}, nil
		}
		return &playheadv1.ListTopicsResponse{Topics: []*playheadv1.Topic{{Topic: "c"}}}, failure
	}}
}

func namesOf(listing *Listing[*Topic]) (names string) {
	for topic := range listing.All() {
		names += topic.Name
	}
	return names
}

func TestAListHasAllPagesAndBeginsAnewWithEachLoop(t *testing.T) {
	client := connectTo(t, listingBroker(nil).start(t), ClientOptions{})
	topics := client.Topics(testContext(t), "")
	for topic := range topics.All() {
		want(t, "first", topic.Name, "a")
		break
	}
	noError(t, topics.Err())
	for range 2 {
		want(t, "names", namesOf(topics), "abc")
		noError(t, topics.Err())
	}
}

func TestAnErrorEndsAListAndHasNoItem(t *testing.T) {
	client := connectTo(t, listingBroker(status.Error(codes.InvalidArgument, "no")).start(t), ClientOptions{})
	topics := client.Topics(testContext(t), "")
	want(t, "names", namesOf(topics), "ab")
	wantReason(t, topics.Err(), ReasonInvalidArgument)
}
