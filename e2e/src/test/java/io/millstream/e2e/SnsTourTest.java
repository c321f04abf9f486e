package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// SNS with AWS's SDK for Java against the built jar: queues, an endpoint, a FIFO topic, all of it
/// there after a restart.
class SnsTourTest {
    private static final String QUEUE = "arn:aws:sqs:us-east-1:000000000000:";
    private static final Pattern SUBSCRIBE_URL = Pattern.compile("\"SubscribeURL\":\"([^\"]+)\"");

    @TempDir private Path folder;

    @Test
    void topics_reach_queues_and_endpoints_before_and_after_a_restart() throws Exception {
        BlockingQueue<String> posted = new LinkedBlockingQueue<>();
        HttpServer endpoint = endpoint(posted);
        try {
            String topic;
            String fifo;
            String number;
            try (Launched server = Launched.serve(folder).awaitReady();
                    SqsClient sqs = sqs(server);
                    SnsClient sns = sns(server)) {
                topic = sns.createTopic(r -> r.name("orders")).topicArn();
                fifo = fifo(sqs, sns);
                sqs.createQueue(r -> r.queueName("mail"));
                sns.subscribe(r ->
                        r.topicArn(topic)
                                .protocol("sqs")
                                .endpoint(QUEUE + "mail")
                                .attributes(
                                        Map.of(
                                                "RawMessageDelivery", "true",
                                                "FilterPolicy", "{\"kind\":[\"a\"]}")));
                String url = "http://127.0.0.1:" + endpoint.getAddress().getPort() + "/in";
                sns.subscribe(r -> r.topicArn(topic).protocol("http").endpoint(url));
                confirm(next(posted));
                publish(sns, topic, "one", "a");
                publish(sns, topic, "two", "b");
                number = publishInOrder(sns, fifo, "first");

                assertThat(texts(sqs, server, "mail")).containsExactly("one");
                assertThat(List.of(next(posted), next(posted)))
                        .anyMatch(body -> body.contains("\"Message\":\"one\""))
                        .anyMatch(body -> body.contains("\"Message\":\"two\""));
                assertThat(server.stop()).isZero();
                assertThat(server.complaints()).isEmpty();
            }
            try (Launched server = Launched.serve(folder).awaitReady();
                    SqsClient sqs = sqs(server);
                    SnsClient sns = sns(server)) {
                publish(sns, topic, "three", "a");

                assertThat(texts(sqs, server, "mail")).containsExactly("three");
                assertThat(next(posted)).contains("\"Message\":\"three\"");
                assertThat(publishInOrder(sns, fifo, "first")).isEqualTo(number);
                assertThat(publishInOrder(sns, fifo, "second")).isGreaterThan(number);
                assertThat(texts(sqs, server, "ledger.fifo")).containsExactly("first", "second");
                assertThat(server.stop()).isZero();
                assertThat(server.complaints()).isEmpty();
            }
        } finally {
            endpoint.stop(0);
        }
    }

    private static HttpServer endpoint(BlockingQueue<String> posted) throws IOException {
        var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer endpoint = HttpServer.create(here, 0);
        endpoint.createContext(
                "/in",
                exchange -> {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    posted.add(new String(body, StandardCharsets.UTF_8));
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        endpoint.start();
        return endpoint;
    }

    private static String next(BlockingQueue<String> posted) throws InterruptedException {
        String next = posted.poll(30, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    private static void confirm(String question) throws IOException, InterruptedException {
        Matcher url = SUBSCRIBE_URL.matcher(question);
        assertThat(url.find()).as(question).isTrue();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest visit = HttpRequest.newBuilder(URI.create(url.group(1))).build();
            assertThat(http.send(visit, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
    }

    private static String fifo(SqsClient sqs, SnsClient sns) {
        sqs.createQueue(r ->
                r.queueName("ledger.fifo")
                        .attributes(Map.of(QueueAttributeName.FIFO_QUEUE, "true")));
        String fifo =
                sns.createTopic(r -> r.name("ledger.fifo").attributes(Map.of("FifoTopic", "true")))
                        .topicArn();
        sns.subscribe(r ->
                r.topicArn(fifo)
                        .protocol("sqs")
                        .endpoint(QUEUE + "ledger.fifo")
                        .attributes(Map.of("RawMessageDelivery", "true")));
        return fifo;
    }

    private static void publish(SnsClient sns, String topic, String message, String kind) {
        var attribute =
                MessageAttributeValue.builder().dataType("String").stringValue(kind).build();
        sns.publish(r ->
                r.topicArn(topic).message(message).messageAttributes(Map.of("kind", attribute)));
    }

    private static String publishInOrder(SnsClient sns, String topic, String message) {
        return sns.publish(r ->
                        r.topicArn(topic)
                                .message(message)
                                .messageGroupId("g")
                                .messageDeduplicationId(message))
                .sequenceNumber();
    }

    /// Receives and deletes what is in a queue.
    private static List<String> texts(SqsClient sqs, Launched server, String queue)
            throws IOException {
        String url = "http://127.0.0.1:" + server.port("aws") + "/000000000000/" + queue;
        List<Message> messages =
                sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(5))
                        .messages();
        messages.forEach(message ->
                sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle())));
        return messages.stream().map(Message::body).toList();
    }

    private static URI address(Launched server) throws IOException {
        return URI.create("http://127.0.0.1:" + server.port("aws"));
    }

    private static StaticCredentialsProvider anybody() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any"));
    }

    private static SqsClient sqs(Launched server) throws IOException {
        return SqsClient.builder()
                .endpointOverride(address(server))
                .region(Region.US_EAST_1)
                .credentialsProvider(anybody())
                .build();
    }

    private static SnsClient sns(Launched server) throws IOException {
        return SnsClient.builder()
                .endpointOverride(address(server))
                .region(Region.US_EAST_1)
                .credentialsProvider(anybody())
                .build();
    }
}
