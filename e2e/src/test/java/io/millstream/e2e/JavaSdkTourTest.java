package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.batchmanager.SqsAsyncBatchManager;
import software.amazon.awssdk.services.sqs.model.BatchEntryIdsNotDistinctException;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ListQueuesResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.TooManyEntriesInBatchRequestException;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// SQS with AWS's SDK for Java, which compares the MD5 sums of bodies and attributes by itself. The
/// blocking and the asynchronous client do the same.
class JavaSdkTourTest {
    private static final Map<String, MessageAttributeValue> ATTRIBUTES =
            Map.of(
                    "text", text("String", "grüße, 世界 🌍"),
                    "count", text("Number", "-12.50"),
                    "whole.int", text("Number.int", "42"),
                    "note.json", text("String.json", "{\"a\":\"<&>\"}"),
                    "bytes", bytes("Binary", new byte[] {0, -1, 127, -128}),
                    "bytes.png", bytes("Binary.png", "\u0089PNG".getBytes(StandardCharsets.UTF_8)));

    @TempDir static Path folder;
    private static Launched server;
    private static SqsClient blocking;
    private static SqsAsyncClient async;
    private static final AtomicInteger QUEUES = new AtomicInteger();

    enum Client {
        BLOCKING,
        ASYNC;

        SqsClient sqs() {
            return switch (this) {
                case BLOCKING -> blocking;
                case ASYNC -> joining(async);
            };
        }
    }

    @BeforeAll
    static void start() throws IOException {
        server = Launched.serve(folder).awaitReady();
        URI endpoint = URI.create("http://127.0.0.1:" + server.port("aws"));
        var anybody = StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any"));
        blocking =
                SqsClient.builder()
                        .endpointOverride(endpoint)
                        .region(Region.US_EAST_1)
                        .credentialsProvider(anybody)
                        .build();
        async =
                SqsAsyncClient.builder()
                        .endpointOverride(endpoint)
                        .region(Region.US_EAST_1)
                        .credentialsProvider(anybody)
                        .build();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        blocking.close();
        async.close();
        try (Launched stopped = server) {
            assertThat(stopped.stop()).isZero();
            assertThat(stopped.complaints()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_message_comes_back_as_it_was_sent_until_it_is_deleted(Client client) {
        SqsClient sqs = client.sqs();
        String url = queue(sqs, Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30"));
        String body = "line one\r\nline <two> & \"three\" \t grüße 世界 🌍";
        String id =
                sqs.sendMessage(m ->
                                m.queueUrl(url).messageBody(body).messageAttributes(ATTRIBUTES))
                        .messageId();

        Message first = receive(sqs, url).getFirst();
        sqs.changeMessageVisibility(
                c -> c.queueUrl(url).receiptHandle(first.receiptHandle()).visibilityTimeout(0));
        Message again = receive(sqs, url).getFirst();
        sqs.deleteMessage(d -> d.queueUrl(url).receiptHandle(again.receiptHandle()));

        assertThat(first.messageId()).isEqualTo(id);
        assertThat(first.body()).isEqualTo(body);
        assertThat(first.messageAttributes()).isEqualTo(ATTRIBUTES);
        assertThat(receives(first)).isEqualTo("1");
        assertThat(receives(again)).isEqualTo("2");
        assertThat(counts(sqs, url)).containsExactly("0", "0");
    }

    @ParameterizedTest
    @EnumSource
    void who_waits_gets_a_message_when_it_comes(Client client) {
        SqsClient sqs = client.sqs();
        String url = queue(sqs, Map.of());
        var waiting =
                CompletableFuture.supplyAsync(() ->
                        sqs.receiveMessage(r -> r.queueUrl(url).waitTimeSeconds(20)).messages());

        sqs.sendMessage(m -> m.queueUrl(url).messageBody("awaited"));

        assertThat(waiting.join()).extracting(Message::body).containsExactly("awaited");
    }

    @ParameterizedTest
    @EnumSource
    void a_batch_says_of_each_entry_what_became_of_it(Client client) {
        SqsClient sqs = client.sqs();
        String url = queue(sqs, Map.of());
        List<String> bodies = IntStream.range(0, 10).mapToObj(i -> "body " + i).toList();

        var sent =
                sqs.sendMessageBatch(batch ->
                        batch.queueUrl(url)
                                .entries(
                                        bodies.stream()
                                                .map(body -> entry(body.replace(' ', '-'), body))
                                                .toList()));
        List<Message> received = receive(sqs, url);
        var deleted =
                sqs.deleteMessageBatch(batch ->
                        batch.queueUrl(url)
                                .entries(
                                        List.of(
                                                delete("good", received.getFirst().receiptHandle()),
                                                delete("bad", "none"))));

        assertThat(sent.successful()).hasSize(10);
        assertThat(received).extracting(Message::body).containsExactlyInAnyOrderElementsOf(bodies);
        assertThat(deleted.successful()).extracting(e -> e.id()).containsExactly("good");
        assertThat(deleted.failed()).hasSize(1);
        assertThat(deleted.failed().getFirst().id()).isEqualTo("bad");
        assertThat(deleted.failed().getFirst().code()).isEqualTo("ReceiptHandleIsInvalid");
        assertThat(deleted.failed().getFirst().senderFault()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void what_fails_too_often_becomes_a_dead_letter(Client client) {
        SqsClient sqs = client.sqs();
        String dead = queue(sqs, Map.of());
        String arn =
                sqs.getQueueAttributes(
                                a -> a.queueUrl(dead).attributeNames(QueueAttributeName.QUEUE_ARN))
                        .attributes()
                        .get(QueueAttributeName.QUEUE_ARN);
        String policy = "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":2}";
        String work = queue(sqs, Map.of(QueueAttributeName.REDRIVE_POLICY, policy));
        String id = sqs.sendMessage(m -> m.queueUrl(work).messageBody("poison")).messageId();

        for (int i = 0; i < 2; i++) {
            String handle = receive(sqs, work).getFirst().receiptHandle();
            sqs.changeMessageVisibility(
                    c -> c.queueUrl(work).receiptHandle(handle).visibilityTimeout(0));
        }

        assertThat(receive(sqs, dead)).extracting(Message::messageId).containsExactly(id);
        assertThat(counts(sqs, work)).containsExactly("0", "0");
    }

    @ParameterizedTest
    @EnumSource
    void queues_are_listed_by_pages_purged_and_deleted(Client client) {
        SqsClient sqs = client.sqs();
        String prefix = "listed-" + client + "-";
        List<String> urls =
                IntStream.range(0, 5)
                        .mapToObj(i -> sqs.createQueue(q -> q.queueName(prefix + i)).queueUrl())
                        .toList();
        String purged = urls.getFirst();
        sqs.sendMessage(m -> m.queueUrl(purged).messageBody("x"));

        List<String> listed = new ArrayList<>();
        String token = null;
        do {
            String from = token;
            ListQueuesResponse page =
                    sqs.listQueues(l -> l.queueNamePrefix(prefix).maxResults(2).nextToken(from));
            assertThat(page.queueUrls()).hasSizeLessThanOrEqualTo(2);
            listed.addAll(page.queueUrls());
            token = page.nextToken();
        } while (token != null);
        sqs.purgeQueue(p -> p.queueUrl(purged));

        assertThat(listed).containsExactlyInAnyOrderElementsOf(urls);
        assertThat(counts(sqs, purged)).containsExactly("0", "0");
        urls.forEach(url -> sqs.deleteQueue(d -> d.queueUrl(url)));
        assertThat(sqs.listQueues(l -> l.queueNamePrefix(prefix)).queueUrls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void errors_have_their_types(Client client) {
        SqsClient sqs = client.sqs();
        String url = queue(sqs, Map.of());

        assertThatExceptionOfType(QueueDoesNotExistException.class)
                .isThrownBy(() -> sqs.sendMessage(m -> m.queueUrl(url + "-none").messageBody("x")));
        assertThatExceptionOfType(QueueDoesNotExistException.class)
                .isThrownBy(() -> sqs.getQueueUrl(q -> q.queueName("none")));
        assertThatExceptionOfType(ReceiptHandleIsInvalidException.class)
                .isThrownBy(() -> sqs.deleteMessage(d -> d.queueUrl(url).receiptHandle("none")));
        assertThatExceptionOfType(BatchEntryIdsNotDistinctException.class)
                .isThrownBy(() ->
                        sqs.sendMessageBatch(
                                b -> b.queueUrl(url).entries(entry("a", "x"), entry("a", "x"))));
        var eleven = IntStream.range(0, 11).mapToObj(i -> entry("e" + i, "x")).toList();
        assertThatExceptionOfType(TooManyEntriesInBatchRequestException.class)
                .isThrownBy(() -> sqs.sendMessageBatch(b -> b.queueUrl(url).entries(eleven)));
    }

    @Test
    void the_sdk_s_own_batching_loses_nothing() {
        String url = queue(blocking, Map.of());
        List<String> bodies = IntStream.range(0, 200).mapToObj(i -> "body " + i).toList();
        List<String> received = new ArrayList<>();
        try (SqsAsyncBatchManager batches = async.batchManager()) {
            bodies.stream()
                    .map(body -> batches.sendMessage(m -> m.queueUrl(url).messageBody(body)))
                    .toList()
                    .forEach(CompletableFuture::join);

            while (received.size() < bodies.size()) {
                List<Message> messages =
                        batches.receiveMessage(r -> r.queueUrl(url)).join().messages();
                messages.stream()
                        .map(message ->
                                batches.deleteMessage(d ->
                                        d.queueUrl(url).receiptHandle(message.receiptHandle())))
                        .toList()
                        .forEach(CompletableFuture::join);
                messages.forEach(message -> received.add(message.body()));
            }
        }

        assertThat(received).containsExactlyInAnyOrderElementsOf(bodies);
        assertThat(counts(blocking, url)).containsExactly("0", "0");
    }

    private static String queue(SqsClient sqs, Map<QueueAttributeName, String> attributes) {
        String name = "tour-" + QUEUES.incrementAndGet();
        return sqs.createQueue(q -> q.queueName(name).attributes(attributes)).queueUrl();
    }

    private static List<Message> receive(SqsClient sqs, String url) {
        return sqs.receiveMessage(r ->
                        r.queueUrl(url)
                                .maxNumberOfMessages(10)
                                .waitTimeSeconds(5)
                                .messageAttributeNames("All")
                                .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
                .messages();
    }

    private static String receives(Message message) {
        return message.attributes().get(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT);
    }

    /// How many messages can be seen, and how many are in flight.
    private static List<String> counts(SqsClient sqs, String url) {
        var attributes =
                sqs.getQueueAttributes(a -> a.queueUrl(url).attributeNames(QueueAttributeName.ALL))
                        .attributes();
        return List.of(
                attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES),
                attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
    }

    private static SendMessageBatchRequestEntry entry(String id, String body) {
        return SendMessageBatchRequestEntry.builder().id(id).messageBody(body).build();
    }

    private static DeleteMessageBatchRequestEntry delete(String id, String handle) {
        return DeleteMessageBatchRequestEntry.builder().id(id).receiptHandle(handle).build();
    }

    private static MessageAttributeValue text(String type, String value) {
        return MessageAttributeValue.builder().dataType(type).stringValue(value).build();
    }

    private static MessageAttributeValue bytes(String type, byte[] value) {
        return MessageAttributeValue.builder()
                .dataType(type)
                .binaryValue(SdkBytes.fromByteArray(value))
                .build();
    }

    /// The asynchronous client with the face of the blocking one; both have the same methods.
    private static SqsClient joining(SqsAsyncClient async) {
        return (SqsClient)
                Proxy.newProxyInstance(
                        SqsClient.class.getClassLoader(),
                        new Class<?>[] {SqsClient.class},
                        (_, method, arguments) -> {
                            var same =
                                    SqsAsyncClient.class.getMethod(
                                            method.getName(), method.getParameterTypes());
                            try {
                                return ((CompletableFuture<?>) same.invoke(async, arguments))
                                        .join();
                            } catch (CompletionException e) {
                                throw e.getCause();
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
