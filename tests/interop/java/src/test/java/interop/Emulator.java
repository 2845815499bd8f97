package interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.azure.core.amqp.AmqpRetryOptions;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.HttpPipelinePolicy;
import com.azure.core.http.policy.RetryOptions;
import com.azure.messaging.servicebus.ServiceBusClientBuilder;
import com.azure.messaging.servicebus.ServiceBusReceivedMessage;
import com.azure.messaging.servicebus.ServiceBusReceiverClient;
import com.azure.messaging.servicebus.administration.ServiceBusAdministrationClient;
import com.azure.messaging.servicebus.administration.ServiceBusAdministrationClientBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One running emulator, and the clients of it. */
final class Emulator implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AtomicInteger queues = new AtomicInteger();
    private final Process process;
    final String connectionString;
    final String httpAddress;
    final ServiceBusAdministrationClient administration;

    Emulator() throws IOException {
        String given = System.getenv("SERVICEBUS_EMULATOR");
        String path = given == null ? "../../../target/debug/servicebus-emulator" : given;
        process = new ProcessBuilder(path, "--port", "0", "--http-port", "0")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream()));
        connectionString = lines.readLine();
        httpAddress = lines.readLine();
        administration = new ServiceBusAdministrationClientBuilder()
            .connectionString(connectionString)
            .addPolicy(overPlainHttp())
            .retryOptions(new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1))))
            .buildClient();
    }

    /** The SDK knows https on the AMQP port alone. */
    private HttpPipelinePolicy overPlainHttp() {
        return (context, next) -> {
            String file = context.getHttpRequest().getUrl().getFile();
            context.getHttpRequest().setUrl(httpAddress + file);
            return next.process();
        };
    }

    /** A client with a connection of its own for each sender and receiver. */
    ServiceBusClientBuilder client() {
        return new ServiceBusClientBuilder()
            .connectionString(connectionString)
            .retryOptions(new AmqpRetryOptions().setTryTimeout(PATIENCE).setDelay(Duration.ofMillis(50)));
    }

    /** A queue that no other test has. */
    String createQueue() {
        return administration.createQueue("queue-" + queues.incrementAndGet()).getName();
    }

    /** Moves message time by an ISO 8601 span. */
    void advance(String span) throws IOException, InterruptedException {
        post("clock", "{\"advance\": \"" + span + "\"}");
    }

    /** Scripts something that goes wrong. */
    void fault(String text) throws IOException, InterruptedException {
        post("faults", text);
    }

    private void post(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(httpAddress + "/%24emulator/" + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertTrue(answer.statusCode() < 300, answer.body());
    }

    /** The bodies of the messages that are in a queue without sessions, whatever their state. */
    List<String> bodies(String queue) {
        try (ServiceBusReceiverClient receiver = client().receiver().queueName(queue).buildClient()) {
            return receiver.peekMessages(100).stream().map(Emulator::body).toList();
        }
    }

    static String body(ServiceBusReceivedMessage message) {
        return message.getBody().toString();
    }

    /** As many messages as are wanted, under locks. */
    static List<ServiceBusReceivedMessage> receive(ServiceBusReceiverClient receiver, int count) {
        List<ServiceBusReceivedMessage> received = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (received.size() < count && System.nanoTime() < end) {
            receiver.receiveMessages(count - received.size(), Duration.ofSeconds(2)).forEach(received::add);
        }
        assertEquals(count, received.size(), "messages received");
        return received;
    }

    static ServiceBusReceivedMessage receive(ServiceBusReceiverClient receiver) {
        return receive(receiver, 1).get(0);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), "the emulator ends when it is asked to");
        assertEquals(0, process.exitValue());
    }
}
