package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Backend;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.MillstreamException;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.StoppedException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.services.sqs.model.SqsException;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// A backend that is busy, full or stopped: clients learn whether to send again.
class UnwillingBackendTest {
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicInteger conflicts = new AtomicInteger();
    private MillstreamException failing;
    private AwsServer server;

    @BeforeEach
    void open() {
        server = AwsServer.start(this::unwilling);
        server.json("CreateQueue", "{\"QueueName\":\"mail\"}");
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void a_busy_backend_is_a_503_which_the_client_sends_again() {
        busy.set(2);

        server.sqs().sendMessage(r -> r.queueUrl(server.url("mail")).messageBody("x"));

        assertThat(busy).hasNegativeValue();
    }

    @Test
    void a_batch_of_which_nothing_was_stored_is_sent_again_as_a_whole() {
        busy.set(1);
        String request =
                "{\"QueueUrl\":\""
                        + server.url("mail")
                        + "\",\"Entries\":[{\"Id\":\"a\",\"MessageBody\":\"x\"}]}";

        var refused = server.json("SendMessageBatch", request);
        var stored = server.json("SendMessageBatch", request);

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("x-amzn-query-error"))
                .contains("ServiceUnavailable;Receiver");
        assertThat(stored.statusCode()).isEqualTo(200);
    }

    @Test
    void attributes_are_changed_however_often_others_were_faster() {
        conflicts.set(50);
        String request =
                "{\"QueueUrl\":\""
                        + server.url("mail")
                        + "\",\"Attributes\":{\"VisibilityTimeout\":\"5\"}}";

        assertThat(server.json("SetQueueAttributes", request).statusCode()).isEqualTo(200);
        assertThat(conflicts).hasNegativeValue();
    }

    @Test
    void an_attempt_that_cannot_be_noted_gets_its_messages_all_the_same() {
        server.json(
                "CreateQueue",
                "{\"QueueName\":\"a.fifo\",\"Attributes\":{\"FifoQueue\":\"true\"}}");
        String url = "{\"QueueUrl\":\"" + server.url("a.fifo") + "\"";
        server.json(
                "SendMessage",
                url
                        + ",\"MessageBody\":\"x\",\"MessageGroupId\":\"g\","
                        + "\"MessageDeduplicationId\":\"d\"}");
        busy.set(1);

        var received = server.json("ReceiveMessage", url + ",\"ReceiveRequestAttemptId\":\"1\"}");

        assertThat(busy).hasValue(0);
        assertThat(received.statusCode()).isEqualTo(200);
        assertThat(received.body()).contains("\"Body\":\"x\"");
    }

    @Test
    void a_stopped_backend_is_a_500_as_nobody_knows_what_was_done() {
        failing = new StoppedException("Stopped.");

        assertThatThrownBy(() ->
                        server.sqs()
                                .sendMessage(r -> r.queueUrl(server.url("mail")).messageBody("x")))
                .isInstanceOfSatisfying(
                        SqsException.class, e -> assertThat(e.statusCode()).isEqualTo(500));
        failing = null;
    }

    @Test
    void a_lost_connection_is_a_500_which_the_client_sends_again() {
        failing = new ConnectionLostException("Lost.");
        String request = "{\"QueueUrl\":\"" + server.url("mail") + "\",\"MessageBody\":\"x\"}";

        var lost = server.json("SendMessage", request);
        failing = null;
        var sent = server.json("SendMessage", request);

        assertThat(lost.statusCode()).isEqualTo(500);
        assertThat(lost.body()).contains("may have been done or not");
        assertThat(sent.statusCode()).isEqualTo(200);
    }

    @Test
    void requests_are_counted_by_action_and_outcome() {
        String url = "{\"QueueUrl\":\"" + server.url("mail") + "\"";
        server.json("SendMessage", url + ",\"MessageBody\":\"x\"}");
        server.json("SendMessage", url + ",\"MessageBody\":\"\"}");
        server.json("Nonsense-1", "{}");
        server.json("Nonsense-2", "{}");

        assertThat(count("SendMessage", "ok")).isEqualTo(1);
        assertThat(count("SendMessage", "MissingParameter")).isEqualTo(1);
        assertThat(count("other", "InvalidAction")).isEqualTo(2);
        assertThat(server.meters().get("millstream.sqs.messages.sent").counter().count())
                .isEqualTo(1);
    }

    private long count(String action, String outcome) {
        return server.meters()
                .get("millstream.sqs.requests")
                .tags("action", action, "outcome", outcome)
                .timer()
                .count();
    }

    private Backend unwilling(Backend willing) {
        return proxy(
                Backend.class,
                (self, method, arguments) -> {
                    Object result = method.invoke(willing, arguments);
                    return result instanceof Session session ? unwilling(session) : result;
                });
    }

    private Session unwilling(Session willing) {
        return proxy(
                Session.class,
                (self, method, arguments) -> {
                    if (method.getName().equals("commit")) {
                        boolean many = arguments[0] instanceof List<?>;
                        if (failing != null) {
                            return CompletableFuture.failedStage(failing);
                        }
                        Refusal refusal = null;
                        if (busy.getAndDecrement() > 0) {
                            refusal = new Refusal.Busy("The log is full. Wait.");
                        } else if (conflicts.getAndDecrement() > 0) {
                            refusal = new Refusal.Conflict("Queue mail", 7);
                        }
                        if (refusal != null) {
                            Receipt refused = new Receipt.Refused(Instant.EPOCH, 0, refusal);
                            return CompletableFuture.completedStage(
                                    many ? List.of(refused) : refused);
                        }
                    }
                    return method.invoke(willing, arguments);
                });
    }

    private static <T> T proxy(Class<T> seam, InvocationHandler handler) {
        return seam.cast(
                Proxy.newProxyInstance(seam.getClassLoader(), new Class<?>[] {seam}, handler));
    }
}
