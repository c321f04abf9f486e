package io.millstream.e2e;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// SQS in its JSON protocol without a library: nothing is retried behind the caller's back, so that
/// each call has one known end, or an unknown one if it throws an [IOException].
final class RawSqs {
    static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI address;

    record Received(String body, String handle, int receives) {}

    /// The server answered, and not with a 200. A 503 asks to try later.
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String answer;

        private RefusedException(String action, HttpResponse<String> answer) {
            super(action + " was answered with " + answer.statusCode() + ": " + answer.body());
            this.status = answer.statusCode();
            this.answer = answer.body();
        }

        boolean isBusy() {
            return status == 503;
        }

        /// The lease had ended already.
        boolean isLate() {
            return answer.contains("MessageNotInflight");
        }
    }

    RawSqs(int port) {
        address = URI.create("http://127.0.0.1:" + port + "/");
    }

    void createQueue(String name, Map<String, String> attributes)
            throws IOException, InterruptedException {
        call("CreateQueue", Map.of("QueueName", name, "Attributes", attributes));
    }

    void send(String queue, String body) throws IOException, InterruptedException {
        call("SendMessage", Map.of("QueueUrl", url(queue), "MessageBody", body));
    }

    /// @return which of the bodies were acknowledged
    List<Integer> sendBatch(String queue, List<String> bodies)
            throws IOException, InterruptedException {
        return batch("SendMessageBatch", queue, "MessageBody", bodies);
    }

    List<Received> receive(String queue, int most, int waitSeconds)
            throws IOException, InterruptedException {
        JsonNode answer =
                call(
                        "ReceiveMessage",
                        Map.of(
                                "QueueUrl",
                                url(queue),
                                "MaxNumberOfMessages",
                                most,
                                "WaitTimeSeconds",
                                waitSeconds,
                                "AttributeNames",
                                List.of("ApproximateReceiveCount")));
        List<Received> messages = new ArrayList<>();
        for (JsonNode message : answer.path("Messages")) {
            messages.add(
                    new Received(
                            message.path("Body").asString(),
                            message.path("ReceiptHandle").asString(),
                            message.path("Attributes").path("ApproximateReceiveCount").asInt()));
        }
        return messages;
    }

    void delete(String queue, String handle) throws IOException, InterruptedException {
        call("DeleteMessage", Map.of("QueueUrl", url(queue), "ReceiptHandle", handle));
    }

    /// @return which of the handles' messages are acknowledged to be deleted
    List<Integer> deleteBatch(String queue, List<String> handles)
            throws IOException, InterruptedException {
        return batch("DeleteMessageBatch", queue, "ReceiptHandle", handles);
    }

    void changeVisibility(String queue, String handle, int seconds)
            throws IOException, InterruptedException {
        call(
                "ChangeMessageVisibility",
                Map.of(
                        "QueueUrl",
                        url(queue),
                        "ReceiptHandle",
                        handle,
                        "VisibilityTimeout",
                        seconds));
    }

    /// How many messages are in the queue, whether they can be seen or not.
    int count(String queue) throws IOException, InterruptedException {
        JsonNode attributes =
                call(
                                "GetQueueAttributes",
                                Map.of("QueueUrl", url(queue), "AttributeNames", List.of("All")))
                        .path("Attributes");
        return List.of("", "NotVisible", "Delayed").stream()
                .mapToInt(kind ->
                        Integer.parseInt(
                                attributes.path("ApproximateNumberOfMessages" + kind).asString()))
                .sum();
    }

    String arn(String queue) throws IOException, InterruptedException {
        return call(
                        "GetQueueAttributes",
                        Map.of("QueueUrl", url(queue), "AttributeNames", List.of("QueueArn")))
                .path("Attributes")
                .path("QueueArn")
                .asString();
    }

    private List<Integer> batch(String action, String queue, String field, List<String> values)
            throws IOException, InterruptedException {
        var entries =
                IntStream.range(0, values.size())
                        .mapToObj(i -> Map.of("Id", String.valueOf(i), field, values.get(i)))
                        .toList();
        JsonNode answer = call(action, Map.of("QueueUrl", url(queue), "Entries", entries));
        List<Integer> done = new ArrayList<>();
        for (JsonNode entry : answer.path("Successful")) {
            done.add(Integer.parseInt(entry.path("Id").asString()));
        }
        return done;
    }

    private String url(String queue) {
        return address + "000000000000/" + queue;
    }

    private JsonNode call(String action, Map<String, Object> arguments)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(address)
                        .timeout(TIMEOUT)
                        .header("Content-Type", "application/x-amz-json-1.0")
                        .header("X-Amz-Target", "AmazonSQS." + action)
                        .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(arguments)))
                        .build();
        HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new RefusedException(action, answer);
        }
        return JSON.readTree(answer.body());
    }
}
