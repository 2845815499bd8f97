package interop

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus/admin"
)

// Each of these breaks off a send once, and the SDK sends again by itself.
func TestASendOutlivesWhatGoesWrongOnce(t *testing.T) {
	for name, fault := range map[string]string{
		"a busy service":       `{"kind": "reject-message", "condition": "com.microsoft:server-busy", "times": 1}`,
		"a timeout":            `{"kind": "reject-message", "condition": "com.microsoft:timeout", "times": 1}`,
		"a detached link":      `{"kind": "detach-link", "condition": "amqp:link:detach-forced", "role": "sender", "entity": "orders", "times": 1}`,
		"an ended session":     `{"kind": "end-session", "condition": "amqp:internal-error", "times": 1}`,
		"a closed connection":  `{"kind": "close-connection", "condition": "amqp:connection:forced", "times": 1}`,
		"a lost connection":    `{"kind": "cut-stream", "times": 1}`,
		"a cut at a transfer":  `{"kind": "cut-at-frame", "direction": "inbound", "frameKind": "transfer", "skip": 2, "times": 1}`,
		"a refused connection": `{"kind": "refuse-open", "condition": "amqp:internal-error", "times": 1}`,
		"a refused link":       `{"kind": "refuse-attach", "condition": "com.microsoft:server-busy", "entity": "orders", "times": 1}`,
		"a corrupt frame":      `{"kind": "corrupt-frame", "offset": 5, "frameKind": "disposition", "times": 1}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			queue := f.createQueue("orders", nil)
			sender := f.sender(queue)
			f.fault(fault)
			f.check(sender.SendMessage(f.soon(), text("through"), nil))
			f.check(sender.SendMessage(f.soon(), text("again"), nil))
			messages := f.receive(f.receiver(queue, nil), 2)
			want(t, "the first", string(messages[0].Body), "through")
		})
	}
}

func TestAReceiverOutlivesWhatGoesWrongOnce(t *testing.T) {
	for name, fault := range map[string]string{
		"a detached link":     `{"kind": "detach-link", "condition": "amqp:link:detach-forced", "role": "receiver", "entity": "orders", "times": 1}`,
		"an ended session":    `{"kind": "end-session", "condition": "amqp:internal-error", "times": 1}`,
		"a closed connection": `{"kind": "close-connection", "condition": "amqp:connection:forced", "times": 1}`,
		"a lost connection":   `{"kind": "cut-stream", "times": 1}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			queue := f.createQueue("orders", nil)
			f.sendTexts(queue, "a", "b")
			receiver := f.receiver(queue, nil)
			before := f.receive(receiver, 1)[0]
			f.fault(fault)
			// By its lock token alone, now that its link is gone.
			before = &azservicebus.ReceivedMessage{LockToken: before.LockToken}
			f.check(receiver.CompleteMessage(f.soon(), before, nil))
			wantAll(t, "the next", f.complete(receiver, 1), []string{"b"})
			f.wantNothing(receiver)
		})
	}
}

func TestAnOutageIsAConnectionLost(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	sender := f.sender(queue)
	f.check(sender.SendMessage(f.soon(), text("before"), nil))
	f.fault(`{"kind": "refuse-open", "condition": "amqp:connection:forced"}`)
	f.fault(`{"kind": "cut-stream", "times": 1}`)
	f.wantCode(sender.SendMessage(f.soon(), text("during"), nil), azservicebus.CodeConnectionLost)
}

func TestWhatRetriesCannotMendIsReportedAtOnce(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	f.fault(`{"kind": "reject-message", "condition": "amqp:resource-limit-exceeded", "times": 1}`)
	if err := f.sender(queue).SendMessage(f.soon(), text("m"), nil); err == nil {
		t.Fatal("a full queue took a message")
	}
	f.sendTexts(queue, "m")
	receiver := f.receiver(queue, nil)
	message := f.receive(receiver, 1)[0]
	f.fault(`{"kind": "refuse-settlement", "condition": "com.microsoft:message-lock-lost", "times": 1}`)
	f.wantCode(receiver.CompleteMessage(f.soon(), message, nil), azservicebus.CodeLockLost)
}

func TestADisabledEntityTakesNothing(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	sender := f.sender(queue)
	f.check(sender.SendMessage(f.soon(), text("before"), nil))
	_, err := f.admin.UpdateQueue(f.soon(), queue, admin.QueueProperties{Status: to.Ptr(admin.EntityStatusDisabled)}, nil)
	f.check(err)
	if err := sender.SendMessage(f.soon(), text("during"), nil); err == nil {
		t.Fatal("a disabled queue took a message")
	}
	_, err = f.admin.UpdateQueue(f.soon(), queue, admin.QueueProperties{Status: to.Ptr(admin.EntityStatusActive)}, nil)
	f.check(err)
	f.sendTexts(queue, "after")
	wantAll(t, "the bodies", f.complete(f.receiver(queue, nil), 2), []string{"before", "after"})
}

func TestACallEndsWithItsContext(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	sender := f.sender(queue)
	f.check(sender.SendMessage(f.soon(), text("before"), nil))
	f.fault(`{"kind": "drop-outcome", "times": 1}`)
	ctx, cancel := context.WithTimeout(t.Context(), briefly)
	defer cancel()
	if err := sender.SendMessage(ctx, text("unanswered"), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("expected the deadline, got %v", err)
	}
	f.fault(`{"kind": "drop-request", "operation": "com.microsoft:peek-message", "times": 1}`)
	receiver := f.receiver(queue, nil)
	ctx, cancel = context.WithTimeout(t.Context(), briefly)
	defer cancel()
	if _, err := receiver.PeekMessages(ctx, 1, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("expected the deadline, got %v", err)
	}
	peeked, err := receiver.PeekMessages(f.soon(), 1, nil)
	f.check(err)
	wantAll(t, "what is there", texts(peeked), []string{"before"})
}

func TestAClosedReceiverSaysSo(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	receiver, sender := f.receiver(queue, nil), f.sender(queue)
	f.check(receiver.Close(f.soon()))
	f.check(sender.Close(f.soon()))
	_, err := receiver.ReceiveMessages(f.soon(), 1, nil)
	f.wantCode(err, azservicebus.CodeClosed)
	f.wantCode(sender.SendMessage(f.soon(), text("m"), nil), azservicebus.CodeClosed)
}

// A link that nobody uses is detached after ten minutes; the SDK attaches again.
func TestAnIdleLinkIsAttachedAgain(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	sender := f.sender(queue)
	f.check(sender.SendMessage(f.soon(), text("before"), nil))
	f.post("transport-clock", `{"advance": "PT11M"}`)
	f.check(sender.SendMessage(f.soon(), text("after"), nil))
	wantAll(t, "the bodies", f.complete(f.receiver(queue, nil), 2), []string{"before", "after"})
}

// Messages come while a day of message time passes on the same links.
func TestADayOfMessageTimeLeavesLinksAlone(t *testing.T) {
	f := newFixture(t)
	f.freeze()
	queue := f.createQueue("orders", nil)
	sender, receiver := f.sender(queue), f.receiver(queue, nil)
	for hour := range 24 {
		due := time.Now().Add(time.Duration(hour+1) * time.Hour)
		_, err := sender.ScheduleMessages(f.soon(), []*azservicebus.Message{text("due")}, due, nil)
		f.check(err)
		f.advance("PT1H1S")
		wantAll(t, "the bodies", f.complete(receiver, 1), []string{"due"})
	}
}
