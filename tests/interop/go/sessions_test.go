package interop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus/admin"
)

func newSessionFixture(t *testing.T) (*fixture, string) {
	t.Helper()
	f := newFixture(t)
	f.recordFrames()
	return f, f.createQueue("jobs", &admin.QueueProperties{
		RequiresSession: to.Ptr(true),
		LockDuration:    to.Ptr("PT1M"),
	})
}

func inSession(session, body string) *azservicebus.Message {
	return &azservicebus.Message{Body: []byte(body), SessionID: to.Ptr(session)}
}

func (f *fixture) accept(queue, session string) *azservicebus.SessionReceiver {
	f.t.Helper()
	receiver, err := f.client.AcceptSessionForQueue(f.soon(), queue, session, nil)
	f.check(err)
	return receiver
}

func TestASessionIsReceivedInOrder(t *testing.T) {
	f, queue := newSessionFixture(t)
	f.send(queue, inSession("a", "a1"), inSession("b", "b1"), inSession("a", "a2"))
	receiver := f.accept(queue, "a")
	want(t, "the session", receiver.SessionID(), "a")
	if !receiver.LockedUntil().After(time.Now()) {
		t.Fatalf("locked until %v", receiver.LockedUntil())
	}
	messages := f.receive(receiver, 2)
	wantAll(t, "the bodies", texts(messages), []string{"a1", "a2"})
	want(t, "a message's session", *messages[0].SessionID, "a")
	f.check(receiver.CompleteMessage(f.soon(), messages[0], nil))
	f.check(receiver.AbandonMessage(f.soon(), messages[1], nil))
	wantAll(t, "the abandoned", f.complete(receiver, 1), []string{"a2"})
	f.wantNothing(receiver)
}

func TestASessionHasOneHolder(t *testing.T) {
	f, queue := newSessionFixture(t)
	first := f.accept(queue, "")
	want(t, "the session", first.SessionID(), "")
	stranger := newClient(t, f.connectionString, nil)
	_, err := stranger.AcceptSessionForQueue(f.soon(), queue, "", nil)
	if err == nil {
		t.Fatal("a second holder was let in")
	}
	f.check(first.Close(f.soon()))
	second, err := stranger.AcceptSessionForQueue(f.soon(), queue, "", nil)
	f.check(err)
	f.check(second.Close(f.soon()))
}

func TestTheNextSessionIsOneWithMessages(t *testing.T) {
	f, queue := newSessionFixture(t)
	f.send(queue, inSession("a", "a1"), inSession("b", "b1"))
	var bodies []string
	for range 2 {
		receiver, err := f.client.AcceptNextSessionForQueue(f.soon(), queue, nil)
		f.check(err)
		bodies = append(bodies, f.complete(receiver, 1)...)
	}
	slices.Sort(bodies)
	wantAll(t, "the bodies", bodies, []string{"a1", "b1"})
}

func TestNoNextSessionIsATimeout(t *testing.T) {
	f, queue := newSessionFixture(t)
	client := newClient(t, f.connectionString, oneTry())
	// The SDK asks the service to answer a little earlier.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := client.AcceptNextSessionForQueue(ctx, queue, nil)
	f.wantCode(err, azservicebus.CodeTimeout)
}

func TestACallerWhoLeftIsGivenNoSession(t *testing.T) {
	f, queue := newSessionFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		_, err := f.client.AcceptNextSessionForQueue(ctx, queue, nil)
		waiting <- err
	}()
	f.waitForRecord("-> attach", `receiver source Some("jobs")`)
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Fatalf("expected the cancellation, got %v", err)
	}
	f.send(queue, inSession("late", "l1"))
	receiver, err := f.client.AcceptNextSessionForQueue(f.soon(), queue, nil)
	f.check(err)
	want(t, "the session", receiver.SessionID(), "late")
	wantAll(t, "the bodies", f.complete(receiver, 1), []string{"l1"})
}

func TestASessionThatComesLaterEndsTheWait(t *testing.T) {
	f, queue := newSessionFixture(t)
	accepted := make(chan *azservicebus.SessionReceiver, 1)
	go func() {
		receiver, err := f.client.AcceptNextSessionForQueue(f.soon(), queue, nil)
		if err != nil {
			t.Error(err)
		}
		accepted <- receiver
	}()
	f.waitForRecord("-> attach", `receiver source Some("jobs")`)
	f.send(queue, inSession("late", "l1"))
	if receiver := <-accepted; receiver != nil {
		want(t, "the session", receiver.SessionID(), "late")
	}
}

func TestSessionStateOutlivesItsHolder(t *testing.T) {
	f, queue := newSessionFixture(t)
	first := f.accept(queue, "s")
	state, err := first.GetSessionState(f.soon(), nil)
	f.check(err)
	if state != nil {
		t.Fatalf("a new session has the state %q", state)
	}
	f.check(first.SetSessionState(f.soon(), []byte("kept"), nil))
	f.check(first.Close(f.soon()))
	second := f.accept(queue, "s")
	state, err = second.GetSessionState(f.soon(), nil)
	f.check(err)
	want(t, "the state", string(state), "kept")
	f.check(second.SetSessionState(f.soon(), nil, nil))
	state, err = second.GetSessionState(f.soon(), nil)
	f.check(err)
	if state != nil {
		t.Fatalf("a cleared session has the state %q", state)
	}
}

func TestASessionsLockIsRenewedAndLost(t *testing.T) {
	f, queue := newSessionFixture(t)
	f.freeze()
	f.send(queue, inSession("s", "m"))
	receiver := f.accept(queue, "s")
	until := receiver.LockedUntil()
	f.advance("PT40S")
	f.check(receiver.RenewSessionLock(f.soon(), nil))
	want(t, "the renewal", receiver.LockedUntil().Sub(until), 40*time.Second)
	want(t, "the delivery count", f.receive(receiver, 1)[0].DeliveryCount, 1)
	f.advance("PT61S")
	f.waitForRecord("<- detach", "com.microsoft:session-lock-lost")
	// The SDK accepts the session once more by itself.
	again := f.receive(receiver, 1)[0]
	want(t, "the delivery count", again.DeliveryCount, 2)
	f.check(receiver.CompleteMessage(f.soon(), again, nil))
}

func TestSettlingInASession(t *testing.T) {
	f, queue := newSessionFixture(t)
	f.send(queue, inSession("s", "defer"), inSession("s", "bury"))
	receiver := f.accept(queue, "s")
	messages := f.receive(receiver, 2)
	f.check(receiver.DeferMessage(f.soon(), messages[0], nil))
	f.check(receiver.DeadLetterMessage(f.soon(), messages[1], nil))
	peeked, err := receiver.PeekMessages(f.soon(), 5, nil)
	f.check(err)
	wantAll(t, "the messages left", texts(peeked), []string{"defer"})
	want(t, "their state", peeked[0].State, azservicebus.MessageStateDeferred)
	deferred, err := receiver.ReceiveDeferredMessages(f.soon(), []int64{*messages[0].SequenceNumber}, nil)
	f.check(err)
	f.check(receiver.CompleteMessage(f.soon(), deferred[0], nil))
	graves := f.receiver(queue, &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter})
	wantAll(t, "the dead", f.complete(graves, 1), []string{"bury"})
}

func TestSessionsOfASubscription(t *testing.T) {
	f := newFixture(t)
	topic := f.createTopic("news")
	sessions := &admin.SubscriptionProperties{RequiresSession: to.Ptr(true)}
	_, err := f.admin.CreateSubscription(f.soon(), topic, "all", &admin.CreateSubscriptionOptions{Properties: sessions})
	f.check(err)
	f.send(topic, inSession("a", "a1"), inSession("b", "b1"))
	named, err := f.client.AcceptSessionForSubscription(f.soon(), topic, "all", "b", nil)
	f.check(err)
	wantAll(t, "the named session", f.complete(named, 1), []string{"b1"})
	next, err := f.client.AcceptNextSessionForSubscription(f.soon(), topic, "all", nil)
	f.check(err)
	wantAll(t, "the next session", f.complete(next, 1), []string{"a1"})
	listed := f.sessions(f.client.NewListSessionsForSubscriptionPager(topic, "all", nil))
	want(t, "the number listed", len(listed), 0)
}

func TestSessionsAreListedInPages(t *testing.T) {
	f, queue := newSessionFixture(t)
	sender := f.sender(queue)
	batch, err := sender.NewMessageBatch(f.soon(), nil)
	f.check(err)
	expected := []string{"with state"}
	for number := range 150 {
		session := fmt.Sprintf("s%03d", number)
		expected = append(expected, session)
		f.check(batch.AddMessage(inSession(session, "m"), nil))
	}
	f.check(sender.SendMessageBatch(f.soon(), batch, nil))
	since := time.Now().Add(-time.Minute)
	f.check(f.accept(queue, "with state").SetSessionState(f.soon(), []byte("kept"), nil))
	listed := f.sessions(f.client.NewListSessionsForQueuePager(queue, nil))
	slices.Sort(listed)
	slices.Sort(expected)
	wantAll(t, "all", listed, expected)
	updated := &azservicebus.ListSessionsOptions{SessionStateUpdatedAfter: to.Ptr(since)}
	listed = f.sessions(f.client.NewListSessionsForQueuePager(queue, updated))
	wantAll(t, "the updated", listed, []string{"with state"})
	updated.SessionStateUpdatedAfter = to.Ptr(time.Now().Add(time.Hour))
	listed = f.sessions(f.client.NewListSessionsForQueuePager(queue, updated))
	wantAll(t, "those of the future", listed, nil)
	_, err = f.client.NewListSessionsForQueuePager("no-such-queue", nil).NextPage(f.soon())
	f.wantCode(err, azservicebus.CodeNotFound)
}

func TestSessionsAndPlainReceiversDoNotMix(t *testing.T) {
	f, queue := newSessionFixture(t)
	plain := f.createQueue("plain", nil)
	if _, err := f.client.AcceptSessionForQueue(f.soon(), plain, "s", nil); err == nil {
		t.Fatal("a session of a queue without sessions was accepted")
	}
	if _, err := f.receiver(queue, nil).ReceiveMessages(f.soon(), 1, nil); err == nil {
		t.Fatal("a receiver without a session was let in")
	}
	if err := f.sender(queue).SendMessage(f.soon(), text("nowhere"), nil); err == nil {
		t.Fatal("a message without a session was taken")
	}
}

func (f *fixture) sessions(pager *runtime.Pager[azservicebus.ListSessionsResponse]) []string {
	f.t.Helper()
	var all []string
	for pager.More() {
		page, err := pager.NextPage(f.soon())
		f.check(err)
		all = append(all, page.Sessions...)
	}
	return all
}
