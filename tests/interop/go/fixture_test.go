package interop

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus/admin"
)

const (
	// patience is how long a call may take that should succeed.
	patience = 20 * time.Second
	// briefly is how long a receiver looks for a message that should not be there.
	briefly = 300 * time.Millisecond
)

// A fixture is what one test works with: an emulator of its own, and both clients of the SDK.
type fixture struct {
	*emulator
	client *azservicebus.Client
	admin  *admin.Client
}

func newFixture(t *testing.T, flags ...string) *fixture {
	t.Helper()
	t.Parallel()
	e := startEmulator(t, flags...)
	return &fixture{emulator: e, client: newClient(t, e.connectionString, nil), admin: newAdmin(e, e.connectionString)}
}

func newClient(t *testing.T, connectionString string, options *azservicebus.ClientOptions) *azservicebus.Client {
	t.Helper()
	if options == nil {
		options = &azservicebus.ClientOptions{}
	}
	if options.RetryOptions == (azservicebus.RetryOptions{}) {
		options.RetryOptions = azservicebus.RetryOptions{MaxRetries: 3, RetryDelay: 10 * time.Millisecond}
	}
	client, err := azservicebus.NewClientFromConnectionString(connectionString, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := client.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return client
}

// oneTry reports what is refused at once.
func oneTry() *azservicebus.ClientOptions {
	return &azservicebus.ClientOptions{RetryOptions: azservicebus.RetryOptions{MaxRetries: -1}}
}

// plainHTTP carries requests for https to the emulator's management API, which has no TLS.
type plainHTTP struct {
	address string
}

func (p plainHTTP) Do(request *http.Request) (*http.Response, error) {
	target, err := url.Parse(p.address)
	if err != nil {
		return nil, err
	}
	request.URL.Scheme, request.URL.Host = target.Scheme, target.Host
	return http.DefaultClient.Do(request)
}

// adminOptions leave retries out: what is refused is reported at once.
func adminOptions(e *emulator) *admin.ClientOptions {
	return &admin.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: plainHTTP{e.httpAddress},
		Retry:     policy.RetryOptions{MaxRetries: -1},
	}}
}

func newAdmin(e *emulator, connectionString string) *admin.Client {
	e.t.Helper()
	client, err := admin.NewClientFromConnectionString(connectionString, adminOptions(e))
	e.check(err)
	return client
}

// soon is the context of a call that should succeed.
func (e *emulator) soon() context.Context {
	ctx, cancel := context.WithTimeout(e.t.Context(), patience)
	e.t.Cleanup(cancel)
	return ctx
}

func (e *emulator) check(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// wantCode checks that the SDK tells a failure by its code.
func (e *emulator) wantCode(err error, code azservicebus.Code) {
	e.t.Helper()
	var told *azservicebus.Error
	if !errors.As(err, &told) || told.Code != code {
		e.t.Fatalf("expected %s, got %v", code, err)
	}
}

func want[T comparable](t *testing.T, what string, got, expected T) {
	t.Helper()
	if got != expected {
		t.Fatalf("%s is %v, not %v", what, got, expected)
	}
}

func wantAll[T comparable](t *testing.T, what string, got, expected []T) {
	t.Helper()
	if !slices.Equal(got, expected) {
		t.Fatalf("%s: %v, not %v", what, got, expected)
	}
}

func (f *fixture) createQueue(name string, properties *admin.QueueProperties) string {
	f.t.Helper()
	_, err := f.admin.CreateQueue(f.soon(), name, &admin.CreateQueueOptions{Properties: properties})
	f.check(err)
	return name
}

func (f *fixture) createTopic(name string, subscriptions ...string) string {
	f.t.Helper()
	_, err := f.admin.CreateTopic(f.soon(), name, nil)
	f.check(err)
	for _, subscription := range subscriptions {
		_, err := f.admin.CreateSubscription(f.soon(), name, subscription, nil)
		f.check(err)
	}
	return name
}

// url names an entity as a target of forwarding: the SDK signs the proof that it may for just this text.
func (e *emulator) url(entity string) *string {
	url := "sb://" + e.host() + "/" + entity
	return &url
}

func text(body string) *azservicebus.Message {
	return &azservicebus.Message{Body: []byte(body)}
}

func (f *fixture) sender(entity string) *azservicebus.Sender {
	f.t.Helper()
	sender, err := f.client.NewSender(entity, nil)
	f.check(err)
	return sender
}

// send sends each message by itself.
func (f *fixture) send(entity string, messages ...*azservicebus.Message) {
	f.t.Helper()
	sender := f.sender(entity)
	for _, message := range messages {
		f.check(sender.SendMessage(f.soon(), message, nil))
	}
	f.check(sender.Close(f.soon()))
}

func (f *fixture) sendTexts(entity string, bodies ...string) {
	f.t.Helper()
	for _, body := range bodies {
		f.send(entity, text(body))
	}
}

func (f *fixture) receiver(queue string, options *azservicebus.ReceiverOptions) *azservicebus.Receiver {
	f.t.Helper()
	receiver, err := f.client.NewReceiverForQueue(queue, options)
	f.check(err)
	return receiver
}

func (f *fixture) subscriber(topic, subscription string, options *azservicebus.ReceiverOptions) *azservicebus.Receiver {
	f.t.Helper()
	receiver, err := f.client.NewReceiverForSubscription(topic, subscription, options)
	f.check(err)
	return receiver
}

// A source is a receiver of either kind.
type source interface {
	ReceiveMessages(context.Context, int, *azservicebus.ReceiveMessagesOptions) ([]*azservicebus.ReceivedMessage, error)
	CompleteMessage(context.Context, *azservicebus.ReceivedMessage, *azservicebus.CompleteMessageOptions) error
}

// receive returns as many messages as are wanted, unsettled.
func (e *emulator) receive(from source, count int) []*azservicebus.ReceivedMessage {
	e.t.Helper()
	var all []*azservicebus.ReceivedMessage
	for len(all) < count {
		some, err := from.ReceiveMessages(e.soon(), count-len(all), nil)
		if err != nil {
			e.t.Fatalf("after %d of %d messages: %v", len(all), count, err)
		}
		all = append(all, some...)
	}
	return all
}

// complete receives as many messages as are wanted, completes them, and returns their bodies.
func (e *emulator) complete(from source, count int) []string {
	e.t.Helper()
	messages := e.receive(from, count)
	for _, message := range messages {
		e.check(from.CompleteMessage(e.soon(), message, nil))
	}
	return texts(messages)
}

func (e *emulator) wantNothing(from source) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(e.t.Context(), briefly)
	defer cancel()
	messages, err := from.ReceiveMessages(ctx, 1, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		e.t.Fatalf("expected nothing, got %q and %v", texts(messages), err)
	}
}

func texts(messages []*azservicebus.ReceivedMessage) []string {
	bodies := []string{}
	for _, message := range messages {
		bodies = append(bodies, string(message.Body))
	}
	return bodies
}
