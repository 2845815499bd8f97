package interop

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus/admin"
)

// wantStatus checks that a request was refused, and how.
func (e *emulator) wantStatus(err error, status int) {
	e.t.Helper()
	var refused *azcore.ResponseError
	if !errors.As(err, &refused) || refused.StatusCode != status {
		e.t.Fatalf("expected status %d, got %v", status, err)
	}
}

func TestAQueueIsCreatedReadChangedAndDeleted(t *testing.T) {
	f := newFixture(t)
	f.createQueue("target", nil)
	properties := &admin.QueueProperties{
		LockDuration:                        to.Ptr("PT45S"),
		MaxSizeInMegabytes:                  to.Ptr(int32(2048)),
		RequiresDuplicateDetection:          to.Ptr(true),
		RequiresSession:                     to.Ptr(true),
		DefaultMessageTimeToLive:            to.Ptr("PT6H"),
		DeadLetteringOnMessageExpiration:    to.Ptr(true),
		DuplicateDetectionHistoryTimeWindow: to.Ptr("PT4M"),
		MaxDeliveryCount:                    to.Ptr(int32(5)),
		EnableBatchedOperations:             to.Ptr(false),
		Status:                              to.Ptr(admin.EntityStatusSendDisabled),
		AutoDeleteOnIdle:                    to.Ptr("P1D"),
		ForwardDeadLetteredMessagesTo:       f.url("target"),
		UserMetadata:                        to.Ptr("about <it>"),
	}
	created, err := f.admin.CreateQueue(f.soon(), "orders", &admin.CreateQueueOptions{Properties: properties})
	f.check(err)
	read, err := f.admin.GetQueue(f.soon(), "orders", nil)
	f.check(err)
	want(t, "what is read", asText(read.QueueProperties), asText(created.QueueProperties))
	want(t, "the lock duration", *read.LockDuration, "PT45S")
	want(t, "the size", *read.MaxSizeInMegabytes, 2048)
	want(t, "the duplicate detection", *read.RequiresDuplicateDetection, true)
	want(t, "the window", *read.DuplicateDetectionHistoryTimeWindow, "PT4M")
	want(t, "the sessions", *read.RequiresSession, true)
	want(t, "the time to live", *read.DefaultMessageTimeToLive, "PT6H")
	want(t, "the dead-lettering", *read.DeadLetteringOnMessageExpiration, true)
	want(t, "the delivery count", *read.MaxDeliveryCount, 5)
	want(t, "the batched operations", *read.EnableBatchedOperations, false)
	want(t, "the status", *read.Status, admin.EntityStatusSendDisabled)
	want(t, "the idle limit", *read.AutoDeleteOnIdle, "P1D")
	want(t, "the metadata", *read.UserMetadata, "about <it>")

	changed := read.QueueProperties
	changed.MaxDeliveryCount = to.Ptr(int32(7))
	changed.Status = to.Ptr(admin.EntityStatusActive)
	updated, err := f.admin.UpdateQueue(f.soon(), "orders", changed, nil)
	f.check(err)
	want(t, "the changed delivery count", *updated.MaxDeliveryCount, 7)
	changed.RequiresSession = to.Ptr(false)
	_, err = f.admin.UpdateQueue(f.soon(), "orders", changed, nil)
	f.wantStatus(err, http.StatusBadRequest)

	_, err = f.admin.DeleteQueue(f.soon(), "orders", nil)
	f.check(err)
	gone, err := f.admin.GetQueue(f.soon(), "orders", nil)
	f.check(err)
	if gone != nil {
		t.Fatalf("a deleted queue is still there: %+v", gone)
	}
	_, err = f.admin.DeleteQueue(f.soon(), "orders", nil)
	f.wantStatus(err, http.StatusNotFound)
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	f := newFixture(t)
	f.createQueue("orders", nil)
	_, err := f.admin.CreateQueue(f.soon(), "orders", nil)
	f.wantStatus(err, http.StatusConflict)
	_, err = f.admin.UpdateQueue(f.soon(), "no-such-queue", admin.QueueProperties{}, nil)
	f.wantStatus(err, http.StatusNotFound)
	_, err = f.admin.CreateQueue(f.soon(), "slow", &admin.CreateQueueOptions{
		Properties: &admin.QueueProperties{LockDuration: to.Ptr("PT6M")},
	})
	f.wantStatus(err, http.StatusBadRequest)
	_, err = f.admin.CreateQueue(f.soon(), "nowhere", &admin.CreateQueueOptions{
		Properties: &admin.QueueProperties{ForwardTo: f.url("no-such-queue")},
	})
	f.wantStatus(err, http.StatusBadRequest)
	_, err = f.admin.CreateSubscription(f.soon(), "no-such-topic", "all", nil)
	f.wantStatus(err, http.StatusNotFound)
	f.createTopic("news", "all")
	_, err = f.admin.CreateRule(f.soon(), "news", "all", &admin.CreateRuleOptions{
		Name: to.Ptr("broken"), Filter: &admin.SQLFilter{Expression: "size >"},
	})
	f.wantStatus(err, http.StatusBadRequest)
	name, _ := f.key()
	_, err = newAdmin(f.emulator, f.withKey(name, "d3Jvbmc=")).GetQueue(f.soon(), "orders", nil)
	f.wantStatus(err, http.StatusUnauthorized)
	// What is not there is no error when it is asked for.
	topic, err := f.admin.GetTopic(f.soon(), "no-such-topic", nil)
	f.check(err)
	subscription, err := f.admin.GetSubscription(f.soon(), "news", "none", nil)
	f.check(err)
	rule, err := f.admin.GetRule(f.soon(), "news", "all", "none", nil)
	f.check(err)
	counts, err := f.admin.GetQueueRuntimeProperties(f.soon(), "no-such-queue", nil)
	f.check(err)
	if topic != nil || subscription != nil || rule != nil || counts != nil {
		t.Fatalf("found %v, %v, %v, %v", topic, subscription, rule, counts)
	}
}

func TestATopicAndASubscriptionAreCreatedReadAndChanged(t *testing.T) {
	f := newFixture(t)
	f.createQueue("target", nil)
	created, err := f.admin.CreateTopic(f.soon(), "news", &admin.CreateTopicOptions{Properties: &admin.TopicProperties{
		DefaultMessageTimeToLive: to.Ptr("PT3H"),
		SupportOrdering:          to.Ptr(true),
		UserMetadata:             to.Ptr("about it"),
	}})
	f.check(err)
	topic, err := f.admin.GetTopic(f.soon(), "news", nil)
	f.check(err)
	want(t, "the topic", asText(topic.TopicProperties), asText(created.TopicProperties))
	topic.Status = to.Ptr(admin.EntityStatusSendDisabled)
	updated, err := f.admin.UpdateTopic(f.soon(), "news", topic.TopicProperties, nil)
	f.check(err)
	want(t, "the status", *updated.Status, admin.EntityStatusSendDisabled)

	_, err = f.admin.CreateSubscription(f.soon(), "news", "all", &admin.CreateSubscriptionOptions{
		Properties: &admin.SubscriptionProperties{
			LockDuration:     to.Ptr("PT40S"),
			MaxDeliveryCount: to.Ptr(int32(4)),
			ForwardTo:        f.url("target"),
			EnableDeadLetteringOnFilterEvaluationExceptions: to.Ptr(false),
		},
	})
	f.check(err)
	subscription, err := f.admin.GetSubscription(f.soon(), "news", "all", nil)
	f.check(err)
	want(t, "the lock duration", *subscription.LockDuration, "PT40S")
	want(t, "the target", *subscription.ForwardTo, "sb://localhost/target")
	subscription.ForwardTo = nil
	subscription.MaxDeliveryCount = to.Ptr(int32(9))
	changed, err := f.admin.UpdateSubscription(f.soon(), "news", "all", subscription.SubscriptionProperties, nil)
	f.check(err)
	want(t, "the delivery count", *changed.MaxDeliveryCount, 9)
	want(t, "the target", changed.ForwardTo, nil)
	_, err = f.admin.DeleteSubscription(f.soon(), "news", "all", nil)
	f.check(err)
	_, err = f.admin.DeleteTopic(f.soon(), "news", nil)
	f.check(err)
}

func TestRulesAreCreatedListedChangedAndDeleted(t *testing.T) {
	f := newFixture(t)
	f.createTopic("news", "all")
	filters := map[string]admin.RuleFilter{
		"a-sql":         &admin.SQLFilter{Expression: "a = @b", Parameters: map[string]any{"@b": int64(1), "@c": "text", "@d": true, "@e": 1.5}},
		"b-correlation": &admin.CorrelationFilter{CorrelationID: to.Ptr("c"), ApplicationProperties: map[string]any{"n": int64(1), "s": "t"}},
		"c-true":        &admin.TrueFilter{},
		"d-false":       &admin.FalseFilter{},
	}
	action := &admin.SQLAction{Expression: "SET a = @b", Parameters: map[string]any{"@b": "text"}}
	for name, filter := range filters {
		_, err := f.admin.CreateRule(f.soon(), "news", "all", &admin.CreateRuleOptions{Name: to.Ptr(name), Filter: filter, Action: action})
		f.check(err)
		rule, err := f.admin.GetRule(f.soon(), "news", "all", name, nil)
		f.check(err)
		want(t, name, asText(rule.Filter), asText(filter))
		want(t, "its action", asText(rule.Action), asText(action))
	}
	var names []string
	pages := 0
	pager := f.admin.NewListRulesPager("news", "all", &admin.ListRulesOptions{MaxPageSize: 2})
	for pager.More() {
		page, err := pager.NextPage(f.soon())
		f.check(err)
		pages++
		for _, rule := range page.Rules {
			names = append(names, rule.Name)
		}
	}
	wantAll(t, "the rules", names, []string{"$Default", "a-sql", "b-correlation", "c-true", "d-false"})
	want(t, "the number of pages", pages, 3)
	_, err := f.admin.UpdateRule(f.soon(), "news", "all", admin.RuleProperties{Name: "a-sql", Filter: &admin.FalseFilter{}})
	f.check(err)
	rule, err := f.admin.GetRule(f.soon(), "news", "all", "a-sql", nil)
	f.check(err)
	want(t, "the changed rule", fmt.Sprintf("%T %v", rule.Filter, rule.Action), "*admin.FalseFilter <nil>")
	_, err = f.admin.DeleteRule(f.soon(), "news", "all", "$Default", nil)
	f.check(err)
	_, err = f.admin.DeleteRule(f.soon(), "news", "all", "$Default", nil)
	f.wantStatus(err, http.StatusNotFound)
}

// asText follows pointers, which a comparison would take for themselves.
func asText(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
