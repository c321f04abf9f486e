package io.millstream.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.awspring.cloud.sns.core.SnsHeaders;
import io.awspring.cloud.sns.core.SnsTemplate;
import io.awspring.cloud.sqs.annotation.SnsNotificationMessage;
import io.awspring.cloud.sqs.annotation.SnsNotificationSubject;
import io.awspring.cloud.sqs.annotation.SqsListener;
import io.awspring.cloud.sqs.annotation.SqsListenerAcknowledgementMode;
import io.awspring.cloud.sqs.config.SqsBootstrapConfiguration;
import io.awspring.cloud.sqs.config.SqsMessageListenerContainerFactory;
import io.awspring.cloud.sqs.listener.ListenerMode;
import io.awspring.cloud.sqs.listener.MessageListener;
import io.awspring.cloud.sqs.listener.MessageListenerContainerRegistry;
import io.awspring.cloud.sqs.listener.QueueNotFoundStrategy;
import io.awspring.cloud.sqs.listener.SqsContainerOptionsBuilder;
import io.awspring.cloud.sqs.listener.SqsHeaders;
import io.awspring.cloud.sqs.listener.SqsHeaders.MessageSystemAttributes;
import io.awspring.cloud.sqs.listener.SqsMessageListenerContainer;
import io.awspring.cloud.sqs.listener.Visibility;
import io.awspring.cloud.sqs.listener.acknowledgement.Acknowledgement;
import io.awspring.cloud.sqs.listener.errorhandler.ImmediateRetryAsyncErrorHandler;
import io.awspring.cloud.sqs.operations.SendResult;
import io.awspring.cloud.sqs.operations.SqsTemplate;
import io.awspring.cloud.sqs.operations.SqsTemplateParameters;
import io.awspring.cloud.sqs.operations.TemplateAcknowledgementMode;
import io.awspring.cloud.sqs.support.converter.SnsNotification;
import io.awspring.cloud.sqs.support.converter.SqsMessagingMessageConverter;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.messaging.Message;
import org.springframework.messaging.converter.JacksonJsonMessageConverter;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.support.MessageBuilder;

import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

/// What a user of Spring does with Spring Cloud AWS, whose templates send and whose listeners work:
/// as anybody, and signed, over plain HTTP and over TLS.
@ParameterizedClass
@EnumSource
class SpringCloudAwsTest {
    private static final String ARN = "arn:aws:sqs:us-east-1:000000000000:";
    private static final String TOPIC_ARN = "arn:aws:sns:us-east-1:000000000000:";
    private static final String GROUP = MessageSystemAttributes.SQS_MESSAGE_GROUP_ID_HEADER;
    private static final String RECEIVES = MessageSystemAttributes.SQS_APPROXIMATE_RECEIVE_COUNT;
    private static final String SUBJECT = SnsHeaders.NOTIFICATION_SUBJECT_HEADER;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    // A listener that is stopped waits for the end of its last poll.
    private static final Duration POLL = Duration.ofSeconds(1);
    // What was worked is deleted together, once in this time.
    private static final Duration ACKNOWLEDGE = Duration.ofMillis(100);

    @TempDir static Path folder;
    private static GuardedServer server;
    // Asynchronous clients share threads that take two seconds to end: once, if one is held open.
    private static SqsAsyncClient holder;
    private static SqsClient sqs;
    private static AnnotationConfigApplicationContext spring;
    private static Workers workers;

    @Parameter GuardedServer.Door door;

    /// What is sent as JSON.
    record Order(String customer, int number) {}

    /// What a listener noticed of a message.
    record Seen(Order order, String header) {}

    @BeforeAll
    static void holdThreads() {
        holder = SqsAsyncClient.builder().region(Region.US_EAST_1).build();
    }

    @AfterAll
    static void endThreads() {
        holder.close();
    }

    @BeforeParameterizedClassInvocation
    static void start(GuardedServer.Door door) throws Exception {
        server = new GuardedServer(Files.createTempDirectory(folder, "server"), door);
        sqs = server.sqs();
        // The other queues are made by Spring, for the first who asks for them.
        queue("dead", Map.of());
        String policy = "{\"deadLetterTargetArn\":\"" + ARN + "dead\",\"maxReceiveCount\":3}";
        queue("work", Map.of(QueueAttributeName.REDRIVE_POLICY, policy));
        queue(
                "ten.fifo",
                Map.of(
                        QueueAttributeName.FIFO_QUEUE, "true",
                        QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"));
        spring = new AnnotationConfigApplicationContext();
        spring.registerBean(SqsAsyncClient.class, server::asyncSqs);
        spring.registerBean(SnsClient.class, server::sns);
        spring.register(Application.class);
        spring.refresh();
        workers = spring.getBean(Workers.class);
        subscribe("events", "paid", true, "{\"kind\":[\"paid\"]}");
        subscribe("events", "dear", false, "{\"price\":[{\"numeric\":[\">=\",100]}]}");
        subscribe("ledger.fifo", "ledger-0.fifo", true, "{}");
        subscribe("ledger.fifo", "ledger-1.fifo", true, "{}");
    }

    @AfterParameterizedClassInvocation
    static void stop() throws InterruptedException {
        try (GuardedServer stopped = server) {
            spring.close();
            sqs.close();
            stopped.stop();
        }
    }

    @Test
    void a_group_is_worked_in_order_and_a_duplicate_not_at_all() {
        SendResult<Order> first = sendInGroup(new Order("ann", 1));
        SendResult<Order> duplicate = sendInGroup(new Order("ann", 1));
        for (int number = 2; number <= 6; number++) {
            sendInGroup(new Order("bob", number));
            sendInGroup(new Order("ann", number));
        }

        awaitEmpty("orders.fifo");

        assertThat(duplicate.additionalInformation()).isEqualTo(first.additionalInformation());
        assertThat(first.additionalInformation())
                .containsKey(SqsTemplateParameters.SEQUENCE_NUMBER_PARAMETER_NAME);
        assertThat(workers.inGroups)
                .filteredOn(seen -> seen.header.equals("ann"))
                .extracting(Seen::order)
                .containsExactlyElementsOf(orders("ann", 1, 6));
        assertThat(workers.inGroups)
                .filteredOn(seen -> seen.header.equals("bob"))
                .extracting(Seen::order)
                .containsExactlyElementsOf(orders("bob", 2, 6));
    }

    @Test
    void ten_are_sent_worked_and_acknowledged_at_once() {
        List<Order> ten = orders("ann", 1, 10);

        SendResult.Batch<Order> sent = template().sendMany("ten", messages(ten, Map.of()));
        awaitEmpty("ten");

        assertThat(sent.successful()).hasSize(10);
        assertThat(sent.failed()).isEmpty();
        assertThat(workers.batches)
                .flatExtracting(batch -> batch)
                .containsExactlyInAnyOrderElementsOf(ten);
    }

    @Test
    void ten_of_one_group_are_one_batch_in_order_however_often_they_are_sent() {
        List<Order> ten = orders("ann", 1, 10);
        Queue<List<Order>> batches = new ConcurrentLinkedQueue<>();
        SqsMessageListenerContainer<Order> container =
                SqsMessageListenerContainer.<Order>builder()
                        .id("ten in order")
                        .sqsAsyncClient(spring.getBean(SqsAsyncClient.class))
                        .queueNames("ten.fifo")
                        .messageListener(addingTo(batches))
                        .configure(SpringCloudAwsTest::listenToBatches)
                        .build();
        // With what is registered it is stopped at the end.
        spring.getBean(MessageListenerContainerRegistry.class).registerListenerContainer(container);

        template().sendMany("ten.fifo", messages(ten, Map.of(GROUP, "ann")));
        template().sendMany("ten.fifo", messages(ten, Map.of(GROUP, "ann")));
        container.start();
        awaitEmpty("ten.fifo");

        assertThat(batches).containsExactly(ten);
    }

    @Test
    void a_listener_that_throws_makes_dead_letters_which_go_back_once_it_is_mended() {
        Order order = new Order("ann", 1);
        workers.broken = true;
        template().send("work", order);
        await().atMost(PATIENCE).until(() -> count("dead") == 1);
        List<String> attempts = workers.attempts.stream().map(Seen::header).toList();
        Message<Order> letter =
                looker().receive(
                                from -> from.queue("dead").visibilityTimeout(Duration.ZERO),
                                Order.class)
                        .orElseThrow();

        workers.broken = false;
        workers.attempts.clear();
        spring.getBean(SqsAsyncClient.class)
                .startMessageMoveTask(move -> move.sourceArn(ARN + "dead"))
                .join();
        await().atMost(PATIENCE).until(() -> !workers.attempts.isEmpty());
        awaitEmpty("work");

        assertThat(attempts).containsExactly("1", "2", "3");
        assertThat(letter.getPayload()).isEqualTo(order);
        assertThat(letter.getHeaders())
                .containsEntry("Sqs_Msa_DeadLetterQueueSourceArn", ARN + "work")
                .containsEntry(SqsHeaders.SQS_DEFAULT_TYPE_HEADER, Order.class.getName());
        assertThat(workers.attempts).containsExactly(new Seen(order, "1"));
        assertThat(count("dead")).isZero();
    }

    @Test
    void a_listener_gives_back_what_it_does_not_acknowledge() {
        Order order = new Order("ann", 1);

        template().send(to -> to.queue("slow").payload(order).header("weight", 2.5));
        await().atMost(PATIENCE).until(() -> workers.weighed.size() == 2);
        awaitEmpty("slow");

        assertThat(workers.weighed)
                .containsExactly(new Seen(order, "1: 2.5"), new Seen(order, "2: 2.5"));
    }

    @Test
    void a_queue_that_is_not_there_is_named() {
        SqsTemplate careful =
                SqsTemplate.builder()
                        .sqsAsyncClient(spring.getBean(SqsAsyncClient.class))
                        .configure(o -> o.queueNotFoundStrategy(QueueNotFoundStrategy.FAIL))
                        .build();

        assertThatThrownBy(() -> careful.send("none", new Order("ann", 1)))
                .hasMessageContaining("none")
                .hasRootCauseInstanceOf(QueueDoesNotExistException.class);
    }

    @Test
    void a_topic_reaches_the_queues_whose_filters_match_raw_and_in_letters() {
        SnsTemplate sns = spring.getBean(SnsTemplate.class);
        List<Order> three = orders("ann", 1, 3);

        sns.convertAndSend("events", three.get(0), Map.of("kind", "paid", "price", 10));
        Map<String, Object> large = Map.of("kind", "sent", "price", 250L, SUBJECT, "a large one");
        sns.convertAndSend("events", three.get(1), large);
        sns.convertAndSend("events", three.get(2), Map.of("kind", "lost", "price", 20.5));
        sns.convertAndSend("events", three.get(2), Map.of("kind", List.of("new", "paid")));
        await().atMost(PATIENCE)
                .until(() -> workers.paid.size() == 2 && workers.letters.size() == 1);
        awaitEmpty("paid");
        awaitEmpty("dear");

        assertThat(sns.topicExists(TOPIC_ARN + "events")).isTrue();
        assertThat(sns.topicExists(TOPIC_ARN + "none")).isFalse();
        assertThat(workers.paid)
                .containsExactlyInAnyOrder(
                        new Seen(three.get(0), "paid"),
                        new Seen(three.get(2), "[\"new\", \"paid\"]"));
        assertThat(workers.letters).containsExactly(new Seen(three.get(1), "a large one"));
        assertThat(workers.envelopes)
                .singleElement()
                .satisfies(envelope -> {
                    assertThat(envelope.getTopicArn()).isEqualTo(TOPIC_ARN + "events");
                    var price = envelope.getMessageAttributes().get("price");
                    assertThat(price.getType()).isEqualTo("Number.java.lang.Long");
                    assertThat(price.getValue()).isEqualTo("250");
                });
    }

    @Test
    void a_fifo_topic_reaches_each_queue_in_order_and_once() {
        SnsTemplate sns = spring.getBean(SnsTemplate.class);
        for (int number : List.of(1, 2, 2, 3)) {
            sns.convertAndSend(
                    "ledger.fifo",
                    new Order("ann", number),
                    Map.of(
                            SnsHeaders.MESSAGE_GROUP_ID_HEADER,
                            "ann",
                            SnsHeaders.MESSAGE_DEDUPLICATION_ID_HEADER,
                            "ann" + number));
        }
        awaitEmpty("ledger-0.fifo");
        awaitEmpty("ledger-1.fifo");

        for (String queue : List.of("ledger-0.fifo", "ledger-1.fifo")) {
            assertThat(workers.ledgers)
                    .filteredOn(seen -> seen.header.equals(queue))
                    .extracting(Seen::order)
                    .containsExactlyElementsOf(orders("ann", 1, 3));
        }
    }

    private static void queue(String name, Map<QueueAttributeName, String> attributes) {
        sqs.createQueue(queue -> queue.queueName(name).attributes(attributes));
    }

    private static void subscribe(String topic, String queue, boolean raw, String filter) {
        SnsClient sns = spring.getBean(SnsClient.class);
        Map<String, String> kind = topic.endsWith(".fifo") ? Map.of("FifoTopic", "true") : Map.of();
        sns.createTopic(make -> make.name(topic).attributes(kind));
        sns.subscribe(subscribe ->
                subscribe
                        .topicArn(TOPIC_ARN + topic)
                        .protocol("sqs")
                        .endpoint(ARN + queue)
                        .attributes(
                                Map.of(
                                        "RawMessageDelivery",
                                        Boolean.toString(raw),
                                        "FilterPolicy",
                                        filter)));
    }

    private static SqsTemplate template() {
        return spring.getBean(SqsTemplate.class);
    }

    /// A template that deletes nothing of what it receives.
    private static SqsTemplate looker() {
        return SqsTemplate.builder()
                .sqsAsyncClient(spring.getBean(SqsAsyncClient.class))
                .configure(o -> o.acknowledgementMode(TemplateAcknowledgementMode.MANUAL))
                .build();
    }

    private static SendResult<Order> sendInGroup(Order order) {
        return template()
                .send(to ->
                        to.queue("orders.fifo")
                                .payload(order)
                                .messageGroupId(order.customer)
                                .messageDeduplicationId(order.customer + order.number));
    }

    private static List<Order> orders(String customer, int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(n -> new Order(customer, n)).toList();
    }

    private static List<Message<Order>> messages(List<Order> orders, Map<String, Object> headers) {
        return orders.stream()
                .map(order -> MessageBuilder.withPayload(order).copyHeaders(headers).build())
                .toList();
    }

    private static void listenToBatches(SqsContainerOptionsBuilder options) {
        options.listenerMode(ListenerMode.BATCH)
                .pollTimeout(POLL)
                // The default one is shared, and listeners of annotations change it.
                .messageConverter(new SqsMessagingMessageConverter());
    }

    private static MessageListener<Order> addingTo(Queue<List<Order>> batches) {
        return new MessageListener<>() {
            @Override
            public void onMessage(Message<Order> message) {
                throw new AssertionError("It listens to batches: " + message);
            }

            @Override
            public void onMessage(Collection<Message<Order>> messages) {
                batches.add(messages.stream().map(Message::getPayload).toList());
            }
        };
    }

    /// Waits until all that was in the queue has been worked and deleted.
    private static void awaitEmpty(String queue) {
        await().atMost(PATIENCE).until(() -> count(queue) == 0);
    }

    /// How many messages are in the queue: visible, delayed and in flight.
    private static int count(String queue) {
        String url = sqs.getQueueUrl(q -> q.queueName(queue)).queueUrl();
        var counts =
                List.of(
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED,
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE);
        return sqs
                .getQueueAttributes(a -> a.queueUrl(url).attributeNames(counts))
                .attributes()
                .values()
                .stream()
                .mapToInt(Integer::parseInt)
                .sum();
    }

    /// What a user of Spring Boot would be given, but for the error handler.
    @Configuration(proxyBeanMethods = false)
    @Import(SqsBootstrapConfiguration.class)
    static class Application {
        @Bean
        SqsMessageListenerContainerFactory<Object> defaultSqsListenerContainerFactory(
                SqsAsyncClient client) {
            return SqsMessageListenerContainerFactory.builder()
                    .sqsAsyncClient(client)
                    .errorHandler(new ImmediateRetryAsyncErrorHandler<>())
                    .configure(o -> o.pollTimeout(POLL).acknowledgementInterval(ACKNOWLEDGE))
                    .build();
        }

        @Bean
        SqsTemplate sqsTemplate(SqsAsyncClient client) {
            return SqsTemplate.newTemplate(client);
        }

        @Bean
        SnsTemplate snsTemplate(SnsClient client) {
            var json = new JacksonJsonMessageConverter();
            json.setSerializedPayloadClass(String.class);
            return new SnsTemplate(client, json);
        }

        @Bean
        Workers workers() {
            return new Workers();
        }
    }

    /// The listeners, and what they saw.
    static class Workers {
        final Queue<Seen> inGroups = new ConcurrentLinkedQueue<>();
        final Queue<List<Order>> batches = new ConcurrentLinkedQueue<>();
        final Queue<Seen> attempts = new ConcurrentLinkedQueue<>();
        final Queue<Seen> weighed = new ConcurrentLinkedQueue<>();
        final Queue<Seen> paid = new ConcurrentLinkedQueue<>();
        final Queue<Seen> letters = new ConcurrentLinkedQueue<>();
        final Queue<SnsNotification<String>> envelopes = new ConcurrentLinkedQueue<>();
        final Queue<Seen> ledgers = new ConcurrentLinkedQueue<>();
        volatile boolean broken;

        @SqsListener("orders.fifo")
        void workInGroups(Order order, @Header(GROUP) String group) {
            inGroups.add(new Seen(order, group));
        }

        @SqsListener("ten")
        void workBatch(List<Order> orders) {
            batches.add(orders);
        }

        @SqsListener("work")
        void work(Order order, @Header(RECEIVES) String receives) {
            attempts.add(new Seen(order, receives));
            if (broken) {
                throw new IllegalStateException("broken");
            }
        }

        @SqsListener(value = "slow", acknowledgementMode = SqsListenerAcknowledgementMode.MANUAL)
        void weigh(
                Order order,
                @Header("weight") double weight,
                @Header(RECEIVES) String receives,
                Visibility visibility,
                Acknowledgement acknowledgement) {
            weighed.add(new Seen(order, receives + ": " + weight));
            if (receives.equals("1")) {
                visibility.changeTo(0);
            } else {
                acknowledgement.acknowledge();
            }
        }

        @SqsListener("paid")
        void earn(Order order, @Header("kind") String kind) {
            paid.add(new Seen(order, kind));
        }

        @SqsListener("dear")
        void open(
                @SnsNotificationMessage Order order,
                @SnsNotificationSubject String subject,
                SnsNotification<String> envelope) {
            letters.add(new Seen(order, subject));
            envelopes.add(envelope);
        }

        @SqsListener({"ledger-0.fifo", "ledger-1.fifo"})
        void enter(Order order, @Header(SqsHeaders.SQS_QUEUE_NAME_HEADER) String queue) {
            ledgers.add(new Seen(order, queue));
        }
    }
}
