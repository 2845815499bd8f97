package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// sendAnnotated returns the message as it comes back.
func (f *fixture) sendAnnotated(queue string, message *azservicebus.AMQPAnnotatedMessage) *azservicebus.AMQPAnnotatedMessage {
	f.t.Helper()
	f.check(f.sender(queue).SendAMQPAnnotatedMessage(f.soon(), message, nil))
	receiver := f.receiver(queue, nil)
	received := f.receive(receiver, 1)[0]
	f.check(receiver.CompleteMessage(f.soon(), received, nil))
	return received.RawAMQPMessage
}

func TestEverySectionComesBack(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	at := time.Now().Truncate(time.Millisecond).UTC()
	sent := &azservicebus.AMQPAnnotatedMessage{
		Header:                &azservicebus.AMQPAnnotatedMessageHeader{Durable: true, FirstAcquirer: true, Priority: 7, TTL: time.Hour},
		DeliveryAnnotations:   map[any]any{"delivery": "annotation"},
		MessageAnnotations:    map[any]any{"message": "annotation", "x-opt-partition-key": "group"},
		ApplicationProperties: map[string]any{"byte": uint8(1), "when": at, "float": float32(1.5), "none": nil},
		Properties: &azservicebus.AMQPAnnotatedMessageProperties{
			ContentEncoding: to.Ptr("utf-8"),
			ContentType:     to.Ptr("text/plain"),
			CorrelationID:   uint64(7),
			CreationTime:    to.Ptr(at),
			GroupID:         to.Ptr("group"),
			GroupSequence:   to.Ptr(uint32(3)),
			MessageID:       "id",
			ReplyTo:         to.Ptr("reply"),
			ReplyToGroupID:  to.Ptr("reply-group"),
			Subject:         to.Ptr("subject"),
			To:              to.Ptr("to"),
			UserID:          []byte("user"),
		},
		Body:   azservicebus.AMQPAnnotatedMessageBody{Data: [][]byte{[]byte("one"), []byte("two")}},
		Footer: map[any]any{"foot": "note"},
	}
	got := f.sendAnnotated(queue, sent)
	want(t, "the header", *got.Header, *sent.Header)
	want(t, "the application properties", shown(got.ApplicationProperties), shown(sent.ApplicationProperties))
	want(t, "the footer", shown(got.Footer), shown(sent.Footer))
	want(t, "the body", shown(got.Body.Data), shown(sent.Body.Data))
	want(t, "the delivery annotation", got.DeliveryAnnotations["delivery"], any("annotation"))
	want(t, "the message annotation", got.MessageAnnotations["message"], any("annotation"))
	p := got.Properties
	want(t, "the identities", shown(p.MessageID, p.CorrelationID, *p.GroupID, *p.GroupSequence, *p.ReplyToGroupID), "[id 7 group 3 reply-group]")
	want(t, "the addresses", shown(*p.To, *p.ReplyTo, *p.Subject, string(p.UserID)), "[to reply subject user]")
	want(t, "the content", shown(*p.ContentType, *p.ContentEncoding, p.CreationTime.UTC()), shown("text/plain", "utf-8", at))
	want(t, "the expiry", p.AbsoluteExpiryTime.Sub(*p.CreationTime) > 0, true)
}

func TestBodiesOfValuesAndSequencesComeBack(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	for _, body := range []azservicebus.AMQPAnnotatedMessageBody{
		{Value: "text"},
		{Value: int64(-7)},
		{Value: []any{int32(1), "two", true}},
		{Value: map[string]any{"key": "value"}},
		{Sequence: [][]any{{int64(1), "two"}, {true}}},
	} {
		got := f.sendAnnotated(queue, &azservicebus.AMQPAnnotatedMessage{Body: body})
		want(t, "the body", shown(got.Body), shown(body))
	}
}

func shown(values ...any) string {
	return fmt.Sprintf("%v", values)
}
