package interop

import (
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus/admin"
)

// subscribeWith makes a subscription whose only rule is the one given.
func (f *fixture) subscribeWith(topic, name string, filter admin.RuleFilter, action admin.RuleAction) {
	f.t.Helper()
	rule := &admin.RuleProperties{Name: "only", Filter: filter, Action: action}
	options := &admin.CreateSubscriptionOptions{Properties: &admin.SubscriptionProperties{DefaultRule: rule}}
	_, err := f.admin.CreateSubscription(f.soon(), topic, name, options)
	f.check(err)
}

func TestEverySubscriptionGetsItsOwnCopy(t *testing.T) {
	f := newFixture(t)
	topic := f.createTopic("news", "first", "second")
	f.sendTexts(topic, "a", "b")
	first := f.subscriber(topic, "first", nil)
	messages := f.receive(first, 2)
	wantAll(t, "the bodies", texts(messages), []string{"a", "b"})
	want(t, "a sequence number", *messages[0].SequenceNumber, 1)
	f.check(first.CompleteMessage(f.soon(), messages[0], nil))
	f.check(first.DeadLetterMessage(f.soon(), messages[1], &azservicebus.DeadLetterOptions{Reason: to.Ptr("why")}))
	dead := f.subscriber(topic, "first", &azservicebus.ReceiverOptions{SubQueue: azservicebus.SubQueueDeadLetter})
	want(t, "the reason", *f.receive(dead, 1)[0].DeadLetterReason, "why")
	wantAll(t, "the other's", f.complete(f.subscriber(topic, "second", nil), 2), []string{"a", "b"})
}

func TestFiltersChoose(t *testing.T) {
	f := newFixture(t)
	topic := f.createTopic("news")
	f.subscribeWith(topic, "sql", &admin.SQLFilter{
		Expression: "size > @least AND sys.Label LIKE @label",
		Parameters: map[string]any{"@least": int64(2), "@label": "re%"},
	}, nil)
	f.subscribeWith(topic, "correlation", &admin.CorrelationFilter{
		Subject:               to.Ptr("red"),
		ApplicationProperties: map[string]any{"size": int64(1)},
	}, nil)
	f.subscribeWith(topic, "all", &admin.TrueFilter{}, nil)
	f.subscribeWith(topic, "none", &admin.FalseFilter{}, nil)
	for _, one := range []struct {
		body, subject string
		size          int64
	}{{"small red", "red", 1}, {"large red", "red", 3}, {"large blue", "blue", 3}} {
		f.send(topic, &azservicebus.Message{
			Body:                  []byte(one.body),
			Subject:               to.Ptr(one.subject),
			ApplicationProperties: map[string]any{"size": one.size},
		})
	}
	for name, bodies := range map[string][]string{
		"sql":         {"large red"},
		"correlation": {"small red"},
		"all":         {"small red", "large red", "large blue"},
		"none":        {},
	} {
		peeked, err := f.subscriber(topic, name, nil).PeekMessages(f.soon(), 5, nil)
		f.check(err)
		wantAll(t, name, texts(peeked), bodies)
	}
}

func TestEachActionMakesACopy(t *testing.T) {
	f := newFixture(t)
	topic := f.createTopic("news", "all")
	for name, value := range map[string]any{"one": int64(1), "text": "a"} {
		_, err := f.admin.CreateRule(f.soon(), topic, "all", &admin.CreateRuleOptions{
			Name:   to.Ptr(name),
			Filter: &admin.SQLFilter{Expression: "1=1"},
			Action: &admin.SQLAction{Expression: "SET added = @value SET sys.Label = 'changed' REMOVE gone", Parameters: map[string]any{"@value": value}},
		})
		f.check(err)
	}
	f.send(topic, &azservicebus.Message{Body: []byte("m"), ApplicationProperties: map[string]any{"gone": true}})
	var names []string
	for _, message := range f.receive(f.subscriber(topic, "all", nil), 3) {
		rule, named := message.ApplicationProperties["RuleName"].(string)
		names = append(names, rule)
		_, kept := message.ApplicationProperties["gone"]
		changed := message.Subject != nil && *message.Subject == "changed"
		if kept == named || changed != named {
			t.Fatalf("rule %q made %+v", rule, message)
		}
	}
	slices.Sort(names)
	wantAll(t, "the rules", names, []string{"", "one", "text"})
}

func TestAScheduledMessageOfATopicIsFannedOutAtItsTime(t *testing.T) {
	f := newFixture(t)
	f.freeze()
	topic := f.createTopic("news", "all")
	sender := f.sender(topic)
	batch, err := sender.NewMessageBatch(f.soon(), nil)
	f.check(err)
	f.check(batch.AddMessage(text("now"), nil))
	f.check(batch.AddMessage(text("as well"), nil))
	f.check(sender.SendMessageBatch(f.soon(), batch, nil))
	later := f.inAnHour()
	_, err = sender.ScheduleMessages(f.soon(), []*azservicebus.Message{text("later")}, later, nil)
	f.check(err)
	properties, err := f.admin.GetTopicRuntimeProperties(f.soon(), topic, nil)
	f.check(err)
	want(t, "the number scheduled", properties.ScheduledMessageCount, 1)
	receiver := f.subscriber(topic, "all", nil)
	peeked, err := receiver.PeekMessages(f.soon(), 5, nil)
	f.check(err)
	wantAll(t, "what is there now", texts(peeked), []string{"now", "as well"})
	f.advance("PT1H1S")
	wantAll(t, "what is there later", f.complete(receiver, 3), []string{"now", "as well", "later"})
}
