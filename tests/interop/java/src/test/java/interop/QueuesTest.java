package interop;

import static interop.Emulator.body;
import static interop.Emulator.receive;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.azure.messaging.servicebus.ServiceBusException;
import com.azure.messaging.servicebus.ServiceBusFailureReason;
import com.azure.messaging.servicebus.ServiceBusMessage;
import com.azure.messaging.servicebus.ServiceBusMessageBatch;
import com.azure.messaging.servicebus.ServiceBusProcessorClient;
import com.azure.messaging.servicebus.ServiceBusReceivedMessage;
import com.azure.messaging.servicebus.ServiceBusReceiverAsyncClient;
import com.azure.messaging.servicebus.ServiceBusReceiverClient;
import com.azure.messaging.servicebus.ServiceBusSenderAsyncClient;
import com.azure.messaging.servicebus.ServiceBusSenderClient;
import com.azure.messaging.servicebus.models.DeadLetterOptions;
import com.azure.messaging.servicebus.models.ServiceBusReceiveMode;
import com.azure.messaging.servicebus.models.SubQueue;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueuesTest {
    private static Emulator emulator;
    private String queue;

    @BeforeAll
    static void start() throws Exception {
        emulator = new Emulator();
    }

    @AfterAll
    static void stop() throws Exception {
        emulator.close();
    }

    @BeforeEach
    void createQueue() {
        queue = emulator.createQueue();
    }

    private ServiceBusSenderClient sender() {
        return emulator.client().sender().queueName(queue).buildClient();
    }

    private ServiceBusReceiverClient receiver() {
        return emulator.client().receiver().queueName(queue).buildClient();
    }

    private void send(String... bodies) {
        try (ServiceBusSenderClient sender = sender()) {
            for (String body : bodies) {
                sender.sendMessage(new ServiceBusMessage(body));
            }
        }
    }

    @Test
    void messagesAreSettledInEveryWay() {
        send("complete", "abandon", "bury", "defer");
        try (ServiceBusReceiverClient receiver = receiver()) {
            List<ServiceBusReceivedMessage> messages = receive(receiver, 4);
            assertEquals("defer", body(messages.get(3)));
            receiver.complete(messages.get(0));
            receiver.abandon(messages.get(1));
            receiver.deadLetter(messages.get(2), new DeadLetterOptions().setDeadLetterReason("why"));
            receiver.defer(messages.get(3));
            ServiceBusReceivedMessage again = receive(receiver);
            assertEquals(1, again.getDeliveryCount());
            receiver.renewMessageLock(again);
            receiver.complete(again);
            receiver.complete(receiver.receiveDeferredMessage(messages.get(3).getSequenceNumber()));
            assertEquals(List.of(), emulator.bodies(queue));
        }
        try (ServiceBusReceiverClient graves = emulator.client().receiver().queueName(queue)
            .subQueue(SubQueue.DEAD_LETTER_QUEUE).buildClient()) {
            assertEquals("why", receive(graves).getDeadLetterReason());
        }
    }

    @Test
    void aBatchIsReceivedAndDeleted() {
        try (ServiceBusSenderClient sender = sender();
            ServiceBusReceiverClient receiver = emulator.client().receiver().queueName(queue)
                .receiveMode(ServiceBusReceiveMode.RECEIVE_AND_DELETE).buildClient()) {
            ServiceBusMessageBatch batch = sender.createMessageBatch();
            IntStream.range(0, 50).forEach(number -> assertTrue(batch.tryAddMessage(new ServiceBusMessage("m"))));
            sender.sendMessages(batch);
            receive(receiver, 50);
            assertEquals(List.of(), emulator.bodies(queue));
        }
    }

    @Test
    void aScheduledMessageComesAtItsTime() throws Exception {
        try (ServiceBusSenderClient sender = sender(); ServiceBusReceiverClient receiver = receiver()) {
            OffsetDateTime due = OffsetDateTime.now().plusDays(2);
            sender.scheduleMessage(new ServiceBusMessage("due"), due);
            sender.cancelScheduledMessage(sender.scheduleMessage(new ServiceBusMessage("never"), due));
            emulator.advance("P3D");
            ServiceBusReceivedMessage message = receive(receiver);
            assertEquals("due", body(message));
            receiver.complete(message);
            assertEquals(List.of(), emulator.bodies(queue));
        }
    }

    @Test
    void aProcessorCompletesWhatItWasGiven() throws Exception {
        CountDownLatch seen = new CountDownLatch(20);
        ServiceBusProcessorClient processor = emulator.client().processor().queueName(queue)
            .maxConcurrentCalls(4)
            .prefetchCount(5)
            .processMessage(context -> seen.countDown())
            .processError(context -> { })
            .buildProcessorClient();
        processor.start();
        send(IntStream.range(0, 20).mapToObj(Integer::toString).toArray(String[]::new));
        assertTrue(seen.await(20, TimeUnit.SECONDS), () -> seen.getCount() + " messages did not come");
        for (int attempt = 0; attempt < 100 && !emulator.bodies(queue).isEmpty(); attempt++) {
            Thread.sleep(50);
        }
        processor.close();
        assertEquals(List.of(), emulator.bodies(queue));
    }

    @Test
    void theAsynchronousClientsDoTheSame() {
        Duration patience = Duration.ofSeconds(20);
        try (ServiceBusSenderAsyncClient sender = emulator.client().sender().queueName(queue).buildAsyncClient();
            ServiceBusReceiverAsyncClient receiver = emulator.client().receiver().queueName(queue)
                .disableAutoComplete().buildAsyncClient()) {
            List<String> bodies = List.of("a", "b", "c");
            sender.sendMessages(bodies.stream().map(ServiceBusMessage::new).toList()).block(patience);
            List<String> received = receiver.receiveMessages()
                .concatMap(message -> receiver.complete(message).thenReturn(body(message)), 1)
                .take(3)
                .collectList()
                .block(patience);
            assertEquals(bodies, received);
        }
        assertEquals(List.of(), emulator.bodies(queue));
    }

    @Test
    void aLockThatRanOutIsLost() throws Exception {
        send("m");
        try (ServiceBusReceiverClient receiver = receiver()) {
            ServiceBusReceivedMessage message = receive(receiver);
            emulator.advance("PT2M");
            assertReason(ServiceBusFailureReason.MESSAGE_LOCK_LOST, () -> receiver.renewMessageLock(message));
            assertReason(ServiceBusFailureReason.MESSAGE_LOCK_LOST, () -> receiver.complete(message));
        }
    }

    @Test
    void whatIsRefusedIsToldByItsReason() {
        try (ServiceBusSenderClient nowhere = emulator.client().sender().queueName("no-such-queue").buildClient()) {
            assertReason(ServiceBusFailureReason.MESSAGING_ENTITY_NOT_FOUND,
                () -> nowhere.sendMessage(new ServiceBusMessage("m")));
        }
        String wrongKey = emulator.connectionString.replaceFirst("SharedAccessKey=[^;]+", "SharedAccessKey=d3Jvbmc=");
        try (ServiceBusSenderClient stranger = emulator.client().connectionString(wrongKey)
            .sender().queueName(queue).buildClient()) {
            assertReason(ServiceBusFailureReason.UNAUTHORIZED, () -> stranger.sendMessage(new ServiceBusMessage("m")));
        }
        try (ServiceBusSenderClient sender = sender()) {
            ServiceBusMessage large = new ServiceBusMessage(new byte[300_000]);
            assertReason(ServiceBusFailureReason.MESSAGE_SIZE_EXCEEDED, () -> sender.sendMessage(large));
        }
    }

    private static void assertReason(ServiceBusFailureReason reason, Runnable call) {
        assertEquals(reason, assertThrows(ServiceBusException.class, call::run).getReason());
    }

    @Test
    void aSendOutlivesALostConnection() throws Exception {
        try (ServiceBusSenderClient sender = sender()) {
            sender.sendMessage(new ServiceBusMessage("before"));
            for (String fault : List.of(
                "{\"kind\": \"detach-link\", \"condition\": \"amqp:link:detach-forced\", \"times\": 1}",
                "{\"kind\": \"close-connection\", \"condition\": \"amqp:connection:forced\", \"times\": 1}",
                "{\"kind\": \"cut-stream\", \"times\": 1}")) {
                emulator.fault(fault);
                sender.sendMessage(new ServiceBusMessage("after"));
            }
        }
        assertTrue(emulator.bodies(queue).size() >= 4, () -> emulator.bodies(queue).toString());
    }
}
