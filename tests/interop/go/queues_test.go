package interop

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus/admin"
)

func TestMessagesKeepTheirOrderAndNumbers(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	f.sendTexts(queue, "a", "b", "c")
	receiver := f.receiver(queue, nil)
	for index, message := range f.receive(receiver, 3) {
		want(t, "a body", string(message.Body), []string{"a", "b", "c"}[index])
		want(t, "a sequence number", *message.SequenceNumber, int64(index+1))
		want(t, "a delivery count", message.DeliveryCount, 1)
		if message.LockedUntil == nil || message.LockToken == [16]byte{} || message.EnqueuedTime == nil {
			t.Fatalf("not locked: %+v", message)
		}
		f.check(receiver.CompleteMessage(f.soon(), message, nil))
	}
	f.wantNothing(receiver)
}

func TestABatchFillsUpToTheLimitOfTheLink(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	sender := f.sender(queue)
	batch, err := sender.NewMessageBatch(f.soon(), nil)
	f.check(err)
	body := bytes.Repeat([]byte("x"), 10_000)
	for {
		if err := batch.AddMessage(&azservicebus.Message{Body: body}, nil); err != nil {
			if !errors.Is(err, azservicebus.ErrMessageTooLarge) {
				t.Fatal(err)
			}
			break
		}
	}
	want(t, "the batch's number of messages", batch.NumMessages(), 26)
	f.check(sender.SendMessageBatch(f.soon(), batch, nil))
	want(t, "the number received", len(f.complete(f.receiver(queue, nil), 26)), 26)

	small, err := sender.NewMessageBatch(f.soon(), &azservicebus.MessageBatchOptions{MaxBytes: 1024})
	f.check(err)
	if err := small.AddMessage(&azservicebus.Message{Body: body}, nil); !errors.Is(err, azservicebus.ErrMessageTooLarge) {
		t.Fatalf("a message over the batch's own limit: %v", err)
	}
}

func TestALargeMessageComesInManyFrames(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	body := bytes.Repeat([]byte("0123456789"), 25_000)
	f.send(queue, &azservicebus.Message{Body: body})
	receiver := f.receiver(queue, nil)
	if received := f.receive(receiver, 1)[0]; !bytes.Equal(received.Body, body) {
		t.Fatalf("%d bytes came back", len(received.Body))
	}
	err := f.sender(queue).SendMessage(f.soon(), &azservicebus.Message{Body: make([]byte, 300_000)}, nil)
	if !errors.Is(err, azservicebus.ErrMessageTooLarge) {
		t.Fatalf("a message over the limit: %v", err)
	}
}

func TestEveryPropertyComesBack(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	f.send(queue, &azservicebus.Message{
		Body:                  []byte("body"),
		ApplicationProperties: map[string]any{"text": "t", "number": int64(-7), "truth": true, "double": 1.5},
		ContentType:           to.Ptr("text/plain"),
		CorrelationID:         to.Ptr("correlation"),
		MessageID:             to.Ptr("id"),
		PartitionKey:          to.Ptr("session"),
		ReplyTo:               to.Ptr("reply"),
		ReplyToSessionID:      to.Ptr("reply-session"),
		SessionID:             to.Ptr("session"),
		Subject:               to.Ptr("subject"),
		TimeToLive:            to.Ptr(time.Hour),
		To:                    to.Ptr("to"),
	})
	m := f.receive(f.receiver(queue, nil), 1)[0]
	want(t, "the id", m.MessageID, "id")
	fields := []*string{m.ContentType, m.CorrelationID, m.PartitionKey, m.ReplyTo, m.ReplyToSessionID, m.SessionID, m.Subject, m.To}
	values := []string{"text/plain", "correlation", "session", "reply", "reply-session", "session", "subject", "to"}
	for index, field := range fields {
		if field == nil || *field != values[index] {
			t.Fatalf("%s is missing in %+v", values[index], m)
		}
	}
	want(t, "the time to live", *m.TimeToLive, time.Hour)
	want(t, "the expiry", *m.ExpiresAt, m.EnqueuedTime.Add(time.Hour))
	want(t, "the application properties", fmt.Sprint(m.ApplicationProperties), "map[double:1.5 number:-7 text:t truth:true]")
}

func TestReceiveAndDelete(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	f.sendTexts(queue, "a", "b", "c")
	receiver := f.receiver(queue, &azservicebus.ReceiverOptions{ReceiveMode: azservicebus.ReceiveModeReceiveAndDelete})
	messages := f.receive(receiver, 3)
	wantAll(t, "the bodies", texts(messages), []string{"a", "b", "c"})
	if messages[0].LockedUntil != nil {
		t.Fatalf("a deleted message is locked until %v", messages[0].LockedUntil)
	}
	if err := receiver.CompleteMessage(f.soon(), messages[0], nil); err == nil {
		t.Fatal("a deleted message was completed")
	}
	want(t, "the messages left", f.counts(queue).TotalMessageCount, 0)
}

func TestMessagesThatNobodyTookAreReleased(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	receiver := f.receiver(queue, nil)
	// Its credit stays on the link when the call has ended.
	f.wantNothing(receiver)
	f.sendTexts(queue, "c")
	other := f.receiver(queue, nil)
	message := f.receive(other, 1)[0]
	want(t, "the body", string(message.Body), "c")
	want(t, "the delivery count", message.DeliveryCount, 1)
	f.check(other.CompleteMessage(f.soon(), message, nil))
}

func TestAbandonedMessagesComeAgainUntilTheyAreDeadLettered(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", &admin.QueueProperties{MaxDeliveryCount: to.Ptr(int32(2))})
	f.sendTexts(queue, "again")
	receiver := f.receiver(queue, nil)
	for count := range 2 {
		message := f.receive(receiver, 1)[0]
		want(t, "the delivery count", message.DeliveryCount, uint32(count+1))
		changed := map[string]any{"seen": int64(count)}
		f.check(receiver.AbandonMessage(f.soon(), message, &azservicebus.AbandonMessageOptions{PropertiesToModify: changed}))
	}
	dead := f.receive(f.receiver(queue, &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter}), 1)[0]
	want(t, "the reason", *dead.DeadLetterReason, "MaxDeliveryCountExceeded")
	want(t, "the changed property", dead.ApplicationProperties["seen"], any(int64(1)))
}

func TestDeadLetteredMessagesTellWhy(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	f.send(queue, &azservicebus.Message{Body: []byte("bad"), ApplicationProperties: map[string]any{"kept": true}})
	receiver := f.receiver(queue, nil)
	f.check(receiver.DeadLetterMessage(f.soon(), f.receive(receiver, 1)[0], &azservicebus.DeadLetterOptions{
		Reason:             to.Ptr("why"),
		ErrorDescription:   to.Ptr("in detail"),
		PropertiesToModify: map[string]any{"added": "by settlement"},
	}))
	f.wantNothing(receiver)
	graves := f.receiver(queue, &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter})
	dead := f.receive(graves, 1)[0]
	want(t, "the reason", *dead.DeadLetterReason, "why")
	want(t, "the description", *dead.DeadLetterErrorDescription, "in detail")
	want(t, "a kept property", dead.ApplicationProperties["kept"], any(true))
	want(t, "an added property", dead.ApplicationProperties["added"], any("by settlement"))
	f.check(graves.AbandonMessage(f.soon(), dead, nil))
	again := f.receive(graves, 1)[0]
	want(t, "the delivery count", again.DeliveryCount, dead.DeliveryCount)
	f.check(graves.CompleteMessage(f.soon(), again, nil))
	want(t, "the messages left", f.counts(queue).TotalMessageCount, 0)
}

func TestPeekLeavesMessagesWhereTheyAre(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	f.sendTexts(queue, "a", "b", "c")
	receiver := f.receiver(queue, nil)
	peek := func(count int, options *azservicebus.PeekMessagesOptions) []string {
		messages, err := receiver.PeekMessages(f.soon(), count, options)
		f.check(err)
		return texts(messages)
	}
	wantAll(t, "the first", peek(2, nil), []string{"a", "b"})
	wantAll(t, "the next", peek(2, nil), []string{"c"})
	wantAll(t, "then", peek(2, nil), []string{})
	from := &azservicebus.PeekMessagesOptions{FromSequenceNumber: to.Ptr(int64(2))}
	wantAll(t, "from number two", peek(5, from), []string{"b", "c"})
	wantAll(t, "the bodies", f.complete(receiver, 3), []string{"a", "b", "c"})
}

// counts is what the management API tells about a queue.
func (f *fixture) counts(queue string) admin.QueueRuntimeProperties {
	f.t.Helper()
	answer, err := f.admin.GetQueueRuntimeProperties(f.soon(), queue, nil)
	f.check(err)
	if answer == nil {
		f.t.Fatalf("there is no %s", queue)
	}
	return answer.QueueRuntimeProperties
}
