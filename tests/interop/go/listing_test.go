package interop

import (
	"fmt"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus/admin"
)

func TestEntitiesAreListedInPages(t *testing.T) {
	f := newFixture(t)
	var expected, queues, topics, subscriptions []string
	for number := range 5 {
		name := fmt.Sprintf("e%d", number)
		expected = append(expected, name)
		f.createQueue(name, nil)
		f.createTopic("t-" + name)
		_, err := f.admin.CreateSubscription(f.soon(), "t-e0", name, nil)
		f.check(err)
	}
	pager := f.admin.NewListQueuesPager(&admin.ListQueuesOptions{MaxPageSize: 2})
	for pager.More() {
		page, err := pager.NextPage(f.soon())
		f.check(err)
		for _, queue := range page.Queues {
			queues = append(queues, queue.QueueName)
		}
	}
	wantAll(t, "the queues", queues, expected)
	topicPager := f.admin.NewListTopicsPager(&admin.ListTopicsOptions{MaxPageSize: 5})
	for topicPager.More() {
		page, err := topicPager.NextPage(f.soon())
		f.check(err)
		for _, topic := range page.Topics {
			topics = append(topics, topic.TopicName)
		}
	}
	wantAll(t, "the topics", topics, []string{"t-e0", "t-e1", "t-e2", "t-e3", "t-e4"})
	subscriptionPager := f.admin.NewListSubscriptionsPager("t-e0", nil)
	for subscriptionPager.More() {
		page, err := subscriptionPager.NextPage(f.soon())
		f.check(err)
		for _, subscription := range page.Subscriptions {
			want(t, "the topic", subscription.TopicName, "t-e0")
			subscriptions = append(subscriptions, subscription.SubscriptionName)
		}
	}
	wantAll(t, "the subscriptions", subscriptions, expected)
}

func TestRuntimePropertiesCount(t *testing.T) {
	f := newFixture(t)
	queue := f.createQueue("orders", nil)
	topic := f.createTopic("news", "all", "other")
	f.sendTexts(queue, "active", "dead", "deferred")
	receiver := f.receiver(queue, nil)
	messages := f.receive(receiver, 3)
	f.check(receiver.AbandonMessage(f.soon(), messages[0], nil))
	f.check(receiver.DeadLetterMessage(f.soon(), messages[1], nil))
	f.check(receiver.DeferMessage(f.soon(), messages[2], nil))
	f.check(receiver.Close(f.soon()))
	f.send(queue, &azservicebus.Message{Body: []byte("scheduled"), ScheduledEnqueueTime: to.Ptr(f.inAnHour())})
	f.sendTexts(topic, "a", "b")
	pager := f.admin.NewListQueuesRuntimePropertiesPager(nil)
	page, err := pager.NextPage(f.soon())
	f.check(err)
	counts := page.QueueRuntimeProperties[0].QueueRuntimeProperties
	want(t, "what a list has", counts, f.counts(queue))
	want(t, "the total", counts.TotalMessageCount, 4)
	want(t, "the active", counts.ActiveMessageCount+counts.DeadLetterMessageCount+counts.ScheduledMessageCount, 4)
	want(t, "the dead", counts.DeadLetterMessageCount, 1)
	want(t, "the scheduled", counts.ScheduledMessageCount, 1)
	want(t, "its creation is known", counts.CreatedAt.IsZero() || counts.UpdatedAt.IsZero() || counts.AccessedAt.IsZero(), false)
	if counts.SizeInBytes == 0 {
		t.Fatal("messages have no size")
	}

	ofTopic, err := f.admin.GetTopicRuntimeProperties(f.soon(), topic, nil)
	f.check(err)
	want(t, "the number of subscriptions", ofTopic.SubscriptionCount, 2)
	ofSubscription, err := f.admin.GetSubscriptionRuntimeProperties(f.soon(), topic, "all", nil)
	f.check(err)
	want(t, "the messages of a subscription", ofSubscription.ActiveMessageCount, 2)
	topics, err := f.admin.NewListTopicsRuntimePropertiesPager(nil).NextPage(f.soon())
	f.check(err)
	want(t, "the topics", topics.TopicRuntimeProperties[0].TopicRuntimeProperties, ofTopic.TopicRuntimeProperties)
	subscriptions, err := f.admin.NewListSubscriptionsRuntimePropertiesPager(topic, nil).NextPage(f.soon())
	f.check(err)
	want(t, "the subscriptions", len(subscriptions.SubscriptionRuntimeProperties), 2)
}

func TestTheNamespaceIsDescribed(t *testing.T) {
	f := newFixture(t, "--tier", "premium")
	properties, err := f.admin.GetNamespaceProperties(f.soon(), nil)
	f.check(err)
	want(t, "the tier", properties.SKU, "Premium")
	if properties.Name == "" || properties.CreatedTime.IsZero() || properties.MessagingUnits == nil {
		t.Fatalf("%+v", properties)
	}
}

func TestOlderVersionsOfTheManagementAPI(t *testing.T) {
	f := newFixture(t)
	f.createTopic("news", "all")
	for _, version := range []string{"2017-04", "2021-05"} {
		options := adminOptions(f.emulator)
		options.ClientOptions.APIVersion = version
		client, err := admin.NewClientFromConnectionString(f.connectionString, options)
		f.check(err)
		topic, err := client.GetTopicRuntimeProperties(f.soon(), "news", nil)
		f.check(err)
		want(t, "the number of subscriptions", topic.SubscriptionCount, 1)
		_, err = client.CreateQueue(f.soon(), "made-by-"+version, nil)
		f.check(err)
	}
}
