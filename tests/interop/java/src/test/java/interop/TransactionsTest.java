package interop;

import static interop.Emulator.receive;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.azure.messaging.servicebus.ServiceBusClientBuilder;
import com.azure.messaging.servicebus.ServiceBusException;
import com.azure.messaging.servicebus.ServiceBusMessage;
import com.azure.messaging.servicebus.ServiceBusReceivedMessage;
import com.azure.messaging.servicebus.ServiceBusReceiverClient;
import com.azure.messaging.servicebus.ServiceBusSenderClient;
import com.azure.messaging.servicebus.ServiceBusSessionReceiverClient;
import com.azure.messaging.servicebus.ServiceBusTransactionContext;
import com.azure.messaging.servicebus.administration.models.CreateQueueOptions;
import com.azure.messaging.servicebus.models.AbandonOptions;
import com.azure.messaging.servicebus.models.CompleteOptions;
import com.azure.messaging.servicebus.models.DeadLetterOptions;
import com.azure.messaging.servicebus.models.DeferOptions;
import com.azure.messaging.servicebus.models.SubQueue;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Transactions, which of the SDKs only this one and that for .NET have. */
class TransactionsTest {
    private static Emulator emulator;

    @BeforeAll
    static void start() throws Exception {
        emulator = new Emulator();
    }

    @AfterAll
    static void stop() throws Exception {
        emulator.close();
    }

    private static ServiceBusMessage message(String body) {
        return new ServiceBusMessage(body);
    }

    private static CompleteOptions completeIn(ServiceBusTransactionContext transaction) {
        return new CompleteOptions().setTransactionContext(transaction);
    }

    @Test
    void nothingIsVisibleBeforeTheCommit() {
        String queue = emulator.createQueue();
        try (ServiceBusSenderClient sender = emulator.client().sender().queueName(queue).buildClient()) {
            ServiceBusTransactionContext transaction = sender.createTransaction();
            sender.sendMessage(message("a"), transaction);
            sender.sendMessages(List.of(message("b"), message("c")), transaction);
            assertEquals(List.of(), emulator.bodies(queue));
            sender.commitTransaction(transaction);
            assertEquals(List.of("a", "b", "c"), emulator.bodies(queue));
        }
    }

    @Test
    void rolledBackMessagesWereNeverSent() {
        String queue = emulator.createQueue();
        try (ServiceBusSenderClient sender = emulator.client().sender().queueName(queue).buildClient()) {
            ServiceBusTransactionContext transaction = sender.createTransaction();
            sender.sendMessage(message("a"), transaction);
            sender.rollbackTransaction(transaction);
            assertEquals(List.of(), emulator.bodies(queue));
        }
    }

    @Test
    void everyWayOfSettlingIsPartOfATransaction() {
        String queue = emulator.createQueue();
        try (ServiceBusSenderClient sender = emulator.client().sender().queueName(queue).buildClient();
            ServiceBusReceiverClient receiver = emulator.client().receiver().queueName(queue).buildClient()) {
            sender.sendMessages(List.of(message("complete"), message("bury"), message("defer"), message("abandon")));
            List<ServiceBusReceivedMessage> messages = receive(receiver, 4);
            ServiceBusTransactionContext transaction = receiver.createTransaction();
            receiver.complete(messages.get(0), completeIn(transaction));
            receiver.deadLetter(messages.get(1),
                new DeadLetterOptions().setDeadLetterReason("why").setTransactionContext(transaction));
            receiver.defer(messages.get(2), new DeferOptions().setTransactionContext(transaction));
            receiver.abandon(messages.get(3), new AbandonOptions().setTransactionContext(transaction));
            assertEquals(List.of("complete", "bury", "defer", "abandon"), emulator.bodies(queue));
            receiver.commitTransaction(transaction);
            assertEquals(List.of("defer", "abandon"), emulator.bodies(queue));
            assertEquals(1, receive(receiver).getDeliveryCount());
        }
        try (ServiceBusReceiverClient graves = emulator.client().receiver().queueName(queue)
            .subQueue(SubQueue.DEAD_LETTER_QUEUE).buildClient()) {
            assertEquals("why", receive(graves).getDeadLetterReason());
        }
    }

    @Test
    void aMessageWhoseSettlementIsRolledBackStaysLocked() throws Exception {
        String queue = emulator.createQueue();
        try (ServiceBusSenderClient sender = emulator.client().sender().queueName(queue).buildClient();
            ServiceBusReceiverClient receiver = emulator.client().receiver().queueName(queue).buildClient()) {
            sender.sendMessage(message("kept"));
            ServiceBusReceivedMessage first = receive(receiver);
            ServiceBusTransactionContext transaction = receiver.createTransaction();
            receiver.complete(first, completeIn(transaction));
            receiver.rollbackTransaction(transaction);
            assertEquals(List.of("kept"), emulator.bodies(queue));
            emulator.advance("PT2M");
            ServiceBusReceivedMessage second = receive(receiver);
            assertEquals(1, second.getDeliveryCount());
            receiver.complete(second);
        }
    }

    @Test
    void schedulesAndDeferredMessagesAreHandledByRequestsInATransaction() throws Exception {
        String queue = emulator.createQueue();
        try (ServiceBusSenderClient sender = emulator.client().sender().queueName(queue).buildClient();
            ServiceBusReceiverClient receiver = emulator.client().receiver().queueName(queue).buildClient()) {
            ServiceBusTransactionContext scheduling = sender.createTransaction();
            long number = sender.scheduleMessage(message("later"), OffsetDateTime.now().plusHours(1), scheduling);
            assertEquals(List.of(), emulator.bodies(queue));
            sender.commitTransaction(scheduling);
            assertEquals(List.of("later"), emulator.bodies(queue));
            sender.cancelScheduledMessage(number);

            sender.sendMessage(message("deferred"));
            ServiceBusReceivedMessage first = receive(receiver);
            receiver.defer(first);
            ServiceBusReceivedMessage deferred = receiver.receiveDeferredMessage(first.getSequenceNumber());
            ServiceBusTransactionContext settling = receiver.createTransaction();
            receiver.complete(deferred, completeIn(settling));
            assertEquals(List.of("deferred"), emulator.bodies(queue));
            receiver.commitTransaction(settling);
            assertEquals(List.of(), emulator.bodies(queue));
        }
    }

    @Test
    void aTransactionGoesAcrossEntitiesWhereTheClientAsksForIt() {
        String source = emulator.createQueue();
        String target = emulator.createQueue();
        try (ServiceBusSenderClient sender = emulator.client().sender().queueName(source).buildClient()) {
            sender.sendMessages(List.of(message("first"), message("second")));
        }
        ServiceBusClientBuilder shared = emulator.client().enableCrossEntityTransactions();
        try (ServiceBusReceiverClient receiver = shared.receiver().queueName(source).buildClient();
            ServiceBusSenderClient sender = shared.sender().queueName(target).buildClient()) {
            List<ServiceBusReceivedMessage> messages = receive(receiver, 2);
            ServiceBusTransactionContext committed = receiver.createTransaction();
            receiver.complete(messages.get(0), completeIn(committed));
            sender.sendMessage(message("moved"), committed);
            assertEquals(List.of(), emulator.bodies(target));
            receiver.commitTransaction(committed);
            assertEquals(List.of("second"), emulator.bodies(source));
            assertEquals(List.of("moved"), emulator.bodies(target));

            ServiceBusTransactionContext rolledBack = sender.createTransaction();
            receiver.complete(messages.get(1), completeIn(rolledBack));
            sender.sendMessage(message("lost"), rolledBack);
            sender.rollbackTransaction(rolledBack);
            assertEquals(List.of("second"), emulator.bodies(source));
            assertEquals(List.of("moved"), emulator.bodies(target));
        }
    }

    @Test
    void messagesOfASessionAreSettledInATransaction() {
        String queue = "of-sessions";
        emulator.administration.createQueue(queue, new CreateQueueOptions().setSessionRequired(true));
        try (ServiceBusSenderClient sender = emulator.client().sender().queueName(queue).buildClient();
            ServiceBusSessionReceiverClient sessions = emulator.client().sessionReceiver()
                .queueName(queue).buildClient()) {
            ServiceBusTransactionContext sending = sender.createTransaction();
            sender.sendMessage(message("m").setSessionId("s"), sending);
            sender.commitTransaction(sending);
            try (ServiceBusReceiverClient receiver = sessions.acceptSession("s")) {
                ServiceBusReceivedMessage received = receive(receiver);
                ServiceBusTransactionContext settling = receiver.createTransaction();
                receiver.complete(received, completeIn(settling));
                receiver.commitTransaction(settling);
            }
        }
        assertEquals(0, emulator.administration.getQueueRuntimeProperties(queue).getTotalMessageCount());
    }

    @Test
    void aTransactionEndsOnce() {
        String queue = emulator.createQueue();
        try (ServiceBusSenderClient sender = emulator.client().sender().queueName(queue).buildClient()) {
            ServiceBusTransactionContext transaction = sender.createTransaction();
            sender.sendMessage(message("m"), transaction);
            sender.commitTransaction(transaction);
            assertThrows(ServiceBusException.class, () -> sender.commitTransaction(transaction));
            assertThrows(ServiceBusException.class, () -> sender.rollbackTransaction(transaction));
            assertEquals(List.of("m"), emulator.bodies(queue));
        }
    }
}
