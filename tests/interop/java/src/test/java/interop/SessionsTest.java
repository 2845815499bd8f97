package interop;

import static interop.Emulator.body;
import static interop.Emulator.receive;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.azure.messaging.servicebus.ServiceBusMessage;
import com.azure.messaging.servicebus.ServiceBusProcessorClient;
import com.azure.messaging.servicebus.ServiceBusReceivedMessage;
import com.azure.messaging.servicebus.ServiceBusReceiverClient;
import com.azure.messaging.servicebus.ServiceBusSenderClient;
import com.azure.messaging.servicebus.ServiceBusSessionReceiverClient;
import com.azure.messaging.servicebus.administration.models.CreateQueueOptions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private static Emulator emulator;

    @BeforeAll
    static void start() throws Exception {
        emulator = new Emulator();
    }

    @AfterAll
    static void stop() throws Exception {
        emulator.close();
    }

    /** A queue in which the first letter of a message names its session. */
    private static void fill(String queue, String... bodies) {
        emulator.administration.createQueue(queue, new CreateQueueOptions().setSessionRequired(true));
        try (ServiceBusSenderClient sender = emulator.client().sender().queueName(queue).buildClient()) {
            for (String body : bodies) {
                sender.sendMessage(new ServiceBusMessage(body).setSessionId(body.substring(0, 1)));
            }
        }
    }

    private static ServiceBusSessionReceiverClient sessions(String queue) {
        return emulator.client().sessionReceiver().queueName(queue).buildClient();
    }

    @Test
    void sessionsAreAcceptedByNameAndAsTheNext() {
        fill("named", "a1", "b1", "a2");
        try (ServiceBusSessionReceiverClient sessions = sessions("named")) {
            try (ServiceBusReceiverClient receiver = sessions.acceptSession("a")) {
                List<ServiceBusReceivedMessage> messages = receive(receiver, 2);
                assertEquals(List.of("a1", "a2"), messages.stream().map(Emulator::body).toList());
                assertNotNull(receiver.renewSessionLock());
                receiver.complete(messages.get(0));
                receiver.defer(messages.get(1));
                receiver.complete(receiver.receiveDeferredMessage(messages.get(1).getSequenceNumber()));
            }
            try (ServiceBusReceiverClient receiver = sessions.acceptNextSession()) {
                assertEquals("b", receiver.getSessionId());
                receiver.complete(receive(receiver));
            }
        }
        assertEquals(0, emulator.administration.getQueueRuntimeProperties("named").getTotalMessageCount());
    }

    @Test
    void aStateIsKeptUntilItIsCleared() {
        fill("stateful");
        // The SDK may hand out the link that it is closing to whoever accepts the same session next.
        try (ServiceBusSessionReceiverClient sessions = sessions("stateful");
            ServiceBusReceiverClient receiver = sessions.acceptSession("a")) {
            assertNull(receiver.getSessionState());
            receiver.setSessionState("kept".getBytes());
        }
        try (ServiceBusSessionReceiverClient sessions = sessions("stateful");
            ServiceBusReceiverClient receiver = sessions.acceptSession("a")) {
            assertEquals("kept", new String(receiver.getSessionState()));
            receiver.setSessionState(null);
            assertNull(receiver.getSessionState());
        }
    }

    @Test
    void aProcessorGoesThroughAllSessions() throws Exception {
        fill("processed", "a1", "b1", "a2", "c1", "c2", "d1");
        CountDownLatch seen = new CountDownLatch(6);
        ServiceBusProcessorClient processor = emulator.client().sessionProcessor().queueName("processed")
            .maxConcurrentSessions(4)
            .processMessage(context -> {
                assertTrue(body(context.getMessage()).startsWith(context.getMessage().getSessionId()));
                seen.countDown();
            })
            .processError(context -> { })
            .buildProcessorClient();
        processor.start();
        assertTrue(seen.await(30, TimeUnit.SECONDS), () -> seen.getCount() + " messages did not come");
        processor.close();
    }
}
