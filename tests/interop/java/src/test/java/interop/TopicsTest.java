package interop;

import static interop.Emulator.receive;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.azure.core.exception.ResourceExistsException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.messaging.servicebus.ServiceBusException;
import com.azure.messaging.servicebus.ServiceBusFailureReason;
import com.azure.messaging.servicebus.ServiceBusMessage;
import com.azure.messaging.servicebus.ServiceBusReceivedMessage;
import com.azure.messaging.servicebus.ServiceBusReceiverClient;
import com.azure.messaging.servicebus.ServiceBusRuleManagerClient;
import com.azure.messaging.servicebus.ServiceBusSenderClient;
import com.azure.messaging.servicebus.administration.ServiceBusAdministrationClient;
import com.azure.messaging.servicebus.administration.models.AccessRights;
import com.azure.messaging.servicebus.administration.models.CorrelationRuleFilter;
import com.azure.messaging.servicebus.administration.models.CreateQueueOptions;
import com.azure.messaging.servicebus.administration.models.CreateRuleOptions;
import com.azure.messaging.servicebus.administration.models.CreateSubscriptionOptions;
import com.azure.messaging.servicebus.administration.models.QueueProperties;
import com.azure.messaging.servicebus.administration.models.RuleProperties;
import com.azure.messaging.servicebus.administration.models.SharedAccessAuthorizationRule;
import com.azure.messaging.servicebus.administration.models.SqlRuleAction;
import com.azure.messaging.servicebus.administration.models.SqlRuleFilter;
import com.azure.messaging.servicebus.administration.models.TrueRuleFilter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Topics, their rules by both ways of managing them, and the management client. */
class TopicsTest {
    private static Emulator emulator;
    private static ServiceBusAdministrationClient administration;

    @BeforeAll
    static void start() throws Exception {
        emulator = new Emulator();
        administration = emulator.administration;
    }

    @AfterAll
    static void stop() throws Exception {
        emulator.close();
    }

    @Test
    void rulesAreManagedOverAmqp() {
        administration.createTopic("news");
        administration.createSubscription("news", "all", "red", new CreateSubscriptionOptions(),
            new CreateRuleOptions(new SqlRuleFilter("color = 'red'")).setAction(new SqlRuleAction("SET done = 1")));
        try (ServiceBusRuleManagerClient rules = emulator.client().ruleManager()
            .topicName("news").subscriptionName("all").buildClient()) {
            rules.createRule("wanted", new CreateRuleOptions(new CorrelationRuleFilter("wanted")));
            rules.createRule("other", new CreateRuleOptions(new TrueRuleFilter()));
            rules.deleteRule("other");
            List<String> names = rules.listRules().stream().map(RuleProperties::getName).sorted().toList();
            assertEquals(List.of("red", "wanted"), names);
            ServiceBusException twice = assertThrows(ServiceBusException.class,
                () -> rules.createRule("wanted", new CreateRuleOptions(new TrueRuleFilter())));
            assertEquals(ServiceBusFailureReason.MESSAGING_ENTITY_ALREADY_EXISTS, twice.getReason());
        }
        try (ServiceBusSenderClient sender = emulator.client().sender().topicName("news").buildClient();
            ServiceBusReceiverClient receiver = emulator.client().receiver()
                .topicName("news").subscriptionName("all").buildClient()) {
            ServiceBusMessage red = new ServiceBusMessage("red");
            red.getApplicationProperties().put("color", "red");
            ServiceBusMessage wanted = new ServiceBusMessage("c").setCorrelationId("wanted");
            sender.sendMessages(List.of(red, new ServiceBusMessage("blue"), wanted));
            List<ServiceBusReceivedMessage> messages = receive(receiver, 2);
            assertEquals("red", messages.get(0).getApplicationProperties().get("RuleName"));
            assertEquals(1L, messages.get(0).getApplicationProperties().get("done"));
            assertEquals("c", Emulator.body(messages.get(1)));
        }
    }

    @Test
    void rulesAreManagedOverHttp() {
        administration.createTopic("weather");
        administration.createSubscription("weather", "all");
        administration.createRule("weather", "hot", "all", new CreateRuleOptions(new SqlRuleFilter("degrees > 30")));
        assertEquals(2, administration.listRules("weather", "all").stream().count());
        RuleProperties rule = administration.getRule("weather", "all", "hot");
        rule.setFilter(new CorrelationRuleFilter("c"));
        administration.updateRule("weather", "all", rule);
        RuleProperties changed = administration.getRule("weather", "all", "hot");
        assertEquals(CorrelationRuleFilter.class, changed.getFilter().getClass());
        administration.deleteRule("weather", "all", "hot");
        assertEquals(1, administration.getTopicRuntimeProperties("weather").getSubscriptionCount());
        assertEquals(0, administration.getSubscriptionRuntimeProperties("weather", "all").getActiveMessageCount());
        administration.deleteTopic("weather");
        assertFalse(administration.getTopicExists("weather"));
    }

    @Test
    void aQueueIsCreatedChangedAndDeleted() {
        CreateQueueOptions options = new CreateQueueOptions()
            .setLockDuration(Duration.ofSeconds(40))
            .setAutoDeleteOnIdle(Duration.ofDays(1))
            .setUserMetadata("about it");
        QueueProperties queue = administration.createQueue("orders", options);
        assertEquals(Duration.ofSeconds(40), queue.getLockDuration());
        queue.setMaxDeliveryCount(5);
        queue.getAuthorizationRules().add(new SharedAccessAuthorizationRule("sending", List.of(AccessRights.SEND)));
        QueueProperties changed = administration.updateQueue(queue);
        assertEquals(5, changed.getMaxDeliveryCount());
        assertEquals("sending", changed.getAuthorizationRules().get(0).getKeyName());
        assertTrue(administration.listQueues().stream().anyMatch(one -> one.getName().equals("orders")));
        assertThrows(ResourceExistsException.class, () -> administration.createQueue("orders"));
        administration.deleteQueue("orders");
        assertThrows(ResourceNotFoundException.class, () -> administration.getQueue("orders"));
        assertEquals("Standard", administration.getNamespaceProperties().getMessagingSku().toString());
    }
}
