package interop

import (
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus/admin"
)

// inAnHour is an instant as precise as messages carry it.
func (e *emulator) inAnHour() time.Time {
	return time.Now().Add(time.Hour).Truncate(time.Millisecond).UTC()
}

func TestAScheduledMessageComesAtItsTime(t *testing.T) {
	f := newFixture(t)
	f.freeze()
	queue := f.createQueue("orders", nil)
	sender := f.sender(queue)
	due := f.inAnHour()
	numbers, err := sender.ScheduleMessages(f.soon(), []*azservicebus.Message{text("a"), text("b"), text("never")}, due, nil)
	f.check(err)
	want(t, "the number of sequence numbers", len(numbers), 3)
	f.check(sender.SendMessage(f.soon(), &azservicebus.Message{Body: []byte("c"), ScheduledEnqueueTime: to.Ptr(due)}, nil))
	annotated := &azservicebus.AMQPAnnotatedMessage{Body: azservicebus.AMQPAnnotatedMessageBody{Value: "d"}}
	_, err = sender.ScheduleAMQPAnnotatedMessages(f.soon(), []*azservicebus.AMQPAnnotatedMessage{annotated}, due, nil)
	f.check(err)
	f.check(sender.CancelScheduledMessages(f.soon(), numbers[2:], nil))
	if err := sender.CancelScheduledMessages(f.soon(), numbers[2:], nil); err == nil {
		t.Fatal("a schedule was cancelled twice")
	}
	receiver := f.receiver(queue, nil)
	peeked, err := receiver.PeekMessages(f.soon(), 5, nil)
	f.check(err)
	want(t, "the number scheduled", len(peeked), 4)
	want(t, "a state", peeked[0].State, azservicebus.MessageStateScheduled)
	want(t, "the number counted", f.counts(queue).ScheduledMessageCount, 4)
	f.wantNothing(receiver)
	f.advance("PT1H1S")
	messages := f.receive(receiver, 4)
	wantAll(t, "the bodies", texts(messages), []string{"a", "b", "c", ""})
	want(t, "when it was enqueued", messages[0].EnqueuedTime.UTC(), due)
	want(t, "the schedule", messages[0].ScheduledEnqueueTime.UTC(), due)
	want(t, "the value", messages[3].RawAMQPMessage.Body.Value, any("d"))
}

func TestADeferredMessageIsReceivedByItsNumber(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	f.sendTexts(queue, "complete", "abandon", "defer", "bury", "renew")
	receiver := f.receiver(queue, nil)
	var numbers []int64
	for _, message := range f.receive(receiver, 5) {
		changed := &azservicebus.DeferMessageOptions{PropertiesToModify: map[string]any{"deferred": true}}
		f.check(receiver.DeferMessage(f.soon(), message, changed))
		numbers = append(numbers, *message.SequenceNumber)
	}
	f.wantNothing(receiver)
	messages, err := receiver.ReceiveDeferredMessages(f.soon(), numbers, nil)
	f.check(err)
	want(t, "the number received", len(messages), 5)
	for _, message := range messages {
		want(t, "a state", message.State, azservicebus.MessageStateDeferred)
		want(t, "the changed property", message.ApplicationProperties["deferred"], any(true))
	}
	f.check(receiver.CompleteMessage(f.soon(), messages[0], nil))
	f.check(receiver.AbandonMessage(f.soon(), messages[1], nil))
	f.check(receiver.DeferMessage(f.soon(), messages[2], nil))
	f.check(receiver.DeadLetterMessage(f.soon(), messages[3], &azservicebus.DeadLetterOptions{Reason: to.Ptr("why")}))
	f.check(receiver.RenewMessageLock(f.soon(), messages[4], nil))
	peeked, err := receiver.PeekMessages(f.soon(), 5, nil)
	f.check(err)
	wantAll(t, "the messages left", texts(peeked), []string{"abandon", "defer", "renew"})
	graves := f.receiver(queue, &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter})
	want(t, "the reason", *f.receive(graves, 1)[0].DeadLetterReason, "why")

	deleting := &azservicebus.ReceiverOptions{ReceiveMode: azservicebus.ReceiveModeReceiveAndDelete}
	deleted, err := f.receiver(queue, deleting).ReceiveDeferredMessages(f.soon(), numbers[1:3], nil)
	f.check(err)
	wantAll(t, "the deleted", texts(deleted), []string{"abandon", "defer"})
	_, err = receiver.ReceiveDeferredMessages(f.soon(), numbers[:1], nil)
	f.wantCode(err, azservicebus.CodeNotFound)
}

func TestALockIsRenewedAndLost(t *testing.T) {
	f := newFixture(t)
	f.freeze()
	queue := f.createQueue("orders", &admin.QueueProperties{LockDuration: to.Ptr("PT30S")})
	f.sendTexts(queue, "a")
	receiver := f.receiver(queue, nil)
	message := f.receive(receiver, 1)[0]
	until := *message.LockedUntil
	f.advance("PT20S")
	f.check(receiver.RenewMessageLock(f.soon(), message, nil))
	want(t, "the renewal", message.LockedUntil.Sub(until), 20*time.Second)
	f.advance("PT29S")
	f.wantNothing(f.receiver(queue, nil))
	f.advance("PT2S")
	f.wantCode(receiver.RenewMessageLock(f.soon(), message, nil), azservicebus.CodeLockLost)
	f.wantCode(receiver.CompleteMessage(f.soon(), message, nil), azservicebus.CodeLockLost)
	// As somebody does who kept nothing but the token.
	bare := &azservicebus.ReceivedMessage{LockToken: message.LockToken}
	f.wantCode(receiver.CompleteMessage(f.soon(), bare, nil), azservicebus.CodeLockLost)
	again := f.receive(receiver, 1)[0]
	want(t, "the delivery count", again.DeliveryCount, 2)
	f.check(receiver.CompleteMessage(f.soon(), &azservicebus.ReceivedMessage{LockToken: again.LockToken}, nil))
	want(t, "the messages left", f.counts(queue).TotalMessageCount, 0)
}

func TestExpiredMessagesAreDeadLettered(t *testing.T) {
	f := newFixture(t)
	f.freeze()
	queue := f.createQueue("orders", &admin.QueueProperties{
		DeadLetteringOnMessageExpiration: to.Ptr(true),
		DefaultMessageTimeToLive:         to.Ptr("PT1H"),
	})
	f.send(queue, &azservicebus.Message{Body: []byte("short"), TimeToLive: to.Ptr(time.Minute)}, text("long"))
	receiver := f.receiver(queue, nil)
	graves := f.receiver(queue, &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter})
	f.advance("PT2M")
	dead := f.receive(graves, 1)[0]
	want(t, "the body", string(dead.Body), "short")
	want(t, "the reason", *dead.DeadLetterReason, "TTLExpiredException")
	f.check(graves.CompleteMessage(f.soon(), dead, nil))
	f.advance("PT1H")
	f.wantNothing(receiver)
	wantAll(t, "the dead", f.complete(graves, 1), []string{"long"})
}

func TestADuplicateIsAcceptedAndDropped(t *testing.T) {
	f := newFixture(t)
	f.freeze()
	queue := f.createQueue("orders", &admin.QueueProperties{
		RequiresDuplicateDetection:          to.Ptr(true),
		DuplicateDetectionHistoryTimeWindow: to.Ptr("PT1M"),
	})
	named := func(body, id string) *azservicebus.Message {
		return &azservicebus.Message{Body: []byte(body), MessageID: to.Ptr(id)}
	}
	f.send(queue, named("first", "1"), named("again", "1"), named("other", "2"))
	f.advance("PT61S")
	f.send(queue, named("later", "1"))
	wantAll(t, "the bodies", f.complete(f.receiver(queue, nil), 3), []string{"first", "other", "later"})
}

func TestMessagesAreForwarded(t *testing.T) {
	f := newFixture(t)
	target := f.createQueue("target", nil)
	source := f.createQueue("source", &admin.QueueProperties{ForwardTo: f.url(target)})
	burying := f.createQueue("burying", &admin.QueueProperties{ForwardDeadLetteredMessagesTo: f.url(target)})
	f.sendTexts(source, "forwarded")
	f.sendTexts(burying, "bad")
	receiver := f.receiver(burying, nil)
	f.check(receiver.DeadLetterMessage(f.soon(), f.receive(receiver, 1)[0], nil))
	messages := f.receive(f.receiver(target, nil), 2)
	wantAll(t, "the bodies", texts(messages), []string{"forwarded", "bad"})
	want(t, "where the second died", *messages[1].DeadLetterSource, burying)
	if _, err := f.receiver(source, nil).ReceiveMessages(f.soon(), 1, nil); err == nil {
		t.Fatal("a receiver of a forwarding queue was let in")
	}
}
