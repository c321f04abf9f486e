package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millstream.protocols.aws.PostBox.Posted;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.Subscription;
import software.amazon.awssdk.services.sqs.model.Message;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// Endpoints that topics post to.
@ParameterizedClass
@EnumSource
class SnsHttpTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:000000000000:";
    private static final JsonMapper JSON = new JsonMapper();

    @Parameter private Kept kept;
    private AwsServer server;
    private SnsClient sns;
    private String topic;
    private PostBox box;

    @BeforeEach
    void open_a_topic_and_an_endpoint() {
        server = AwsServer.start(kept);
        sns = server.sns();
        topic = sns.createTopic(r -> r.name("orders")).topicArn();
        server.sqs().createQueue(r -> r.queueName("dead"));
        box = PostBox.open();
    }

    @AfterEach
    void close() {
        box.close();
        server.close();
    }

    @Test
    void an_endpoint_confirms_and_gets_signed_messages() throws GeneralSecurityException {
        String told = subscribe(box.url("/in?x=1"), Map.of(), false);
        sns.publish(r -> r.topicArn(topic).message("too early"));

        Posted asked = box.next();
        JsonNode question = asked.json();
        assertThat(told).isEqualTo("pending confirmation");
        assertThat(asked.path()).isEqualTo("/in?x=1");
        assertThat(asked.type()).isEqualTo("SubscriptionConfirmation");
        assertThat(asked.headers())
                .containsEntry("x-amz-sns-topic-arn", topic)
                .containsEntry("content-type", "text/plain; charset=UTF-8");
        assertThat(question.get("TopicArn").asString()).isEqualTo(topic);
        assertThat(question.get("Token").asString()).hasSize(64);
        verify(
                question,
                "SHA1withRSA",
                List.of(
                        "Message",
                        "MessageId",
                        "SubscribeURL",
                        "Timestamp",
                        "Token",
                        "TopicArn",
                        "Type"));
        assertThat(onlySubscription().subscriptionArn()).isEqualTo("PendingConfirmation");

        assertThat(visit(question.get("SubscribeURL").asString()).statusCode()).isEqualTo(200);
        String subscription = onlySubscription().subscriptionArn();
        sns.publish(r ->
                r.topicArn(topic)
                        .subject("New")
                        .message("gr\u00fc\u00df dich")
                        .messageAttributes(Map.of("kind", text("a"))));

        Posted notified = box.next();
        JsonNode notification = notified.json();
        assertThat(notified.headers())
                .containsEntry("x-amz-sns-message-type", "Notification")
                .containsEntry("x-amz-sns-subscription-arn", subscription);
        assertThat(notification.get("Message").asString()).isEqualTo("gr\u00fc\u00df dich");
        assertThat(notification.get("MessageAttributes").get("kind").get("Value").asString())
                .isEqualTo("a");
        verify(
                notification,
                "SHA1withRSA",
                List.of("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"));
        assertThat(box.waiting()).isZero();
    }

    @Test
    void a_topic_may_have_its_messages_signed_with_sha_256() throws GeneralSecurityException {
        setTopic("SignatureVersion", "2");
        confirmed(box, box.url("/"), Map.of());

        sns.publish(r -> r.topicArn(topic).message("x"));

        JsonNode notification = box.next().json();
        assertThat(notification.get("SignatureVersion").asString()).isEqualTo("2");
        verify(
                notification,
                "SHA256withRSA",
                List.of("Message", "MessageId", "Timestamp", "TopicArn", "Type"));
    }

    @Test
    void an_endpoint_ends_its_subscription_and_gets_it_back() {
        String subscription = confirmed(box, box.url("/"), Map.of());
        sns.publish(r -> r.topicArn(topic).message("one"));
        String unsubscribe = box.next().json().get("UnsubscribeURL").asString();

        assertThat(visit(unsubscribe).statusCode()).isEqualTo(200);

        Posted asked = box.next();
        assertThat(asked.type()).isEqualTo("UnsubscribeConfirmation");
        assertThat(sns.listSubscriptions().subscriptions()).isEmpty();
        assertThat(sns.getTopicAttributes(r -> r.topicArn(topic)).attributes())
                .containsEntry("SubscriptionsDeleted", "1");
        sns.publish(r -> r.topicArn(topic).message("goes nowhere"));
        visit(asked.json().get("SubscribeURL").asString());
        assertThat(onlySubscription().subscriptionArn()).isEqualTo(subscription);
        sns.publish(r -> r.topicArn(topic).message("two"));
        assertThat(box.next().json().get("Message").asString()).isEqualTo("two");
    }

    @Test
    void an_endpoint_that_confirms_so_is_unsubscribed_by_signed_requests_only() {
        subscribe(box.url("/"), Map.of(), false);
        String token = box.next().json().get("Token").asString();
        String subscription =
                sns.confirmSubscription(r ->
                                r.topicArn(topic).token(token).authenticateOnUnsubscribe("true"))
                        .subscriptionArn();

        String address = "/?Action=Unsubscribe&SubscriptionArn=" + subscription;
        assertThat(visit(server.uri(address).toString()).statusCode()).isEqualTo(403);
        sns.unsubscribe(r -> r.subscriptionArn(subscription));
        assertThat(sns.listSubscriptions().subscriptions()).isEmpty();
    }

    @Test
    void a_wrong_or_old_token_confirms_nothing() {
        subscribe(box.url("/"), Map.of(), true);
        String token = box.next().json().get("Token").asString();

        assertThatThrownBy(() -> sns.confirmSubscription(r -> r.topicArn(topic).token("x")))
                .isInstanceOf(InvalidParameterException.class);
        server.advance(Duration.ofDays(2).plusMinutes(1));
        assertThatThrownBy(() -> sns.confirmSubscription(r -> r.topicArn(topic).token(token)))
                .isInstanceOf(InvalidParameterException.class);
        await().until(() -> sns.listSubscriptions().subscriptions().isEmpty());
    }

    @Test
    void a_subscription_that_waits_is_asked_again_and_not_made_twice() {
        String first = subscribe(box.url("/"), Map.of(), true);
        box.next();
        String second = subscribe(box.url("/"), Map.of(), true);

        assertThat(second).isEqualTo(first);
        String token = box.next().json().get("Token").asString();
        sns.confirmSubscription(r -> r.topicArn(topic).token(token));
        assertThat(subscribe(box.url("/"), Map.of(), false)).isEqualTo(first);
        assertThat(onlySubscription().subscriptionArn()).isEqualTo(first);
    }

    @Test
    void what_an_endpoint_does_not_take_comes_again_after_its_policys_delays() {
        confirmed(
                box,
                box.url("/"),
                Map.of(
                        "DeliveryPolicy",
                        "{\"healthyRetryPolicy\":{\"numRetries\":3,\"numNoDelayRetries\":1,"
                                + "\"minDelayTarget\":5,\"maxDelayTarget\":5}}"));
        box.answer(500, 503, 200);

        sns.publish(r -> r.topicArn(topic).message("x"));

        String id = box.next().json().get("MessageId").asString();
        assertThat(box.next().json().get("MessageId").asString()).isEqualTo(id);
        awaitRetry();
        server.advance(Duration.ofSeconds(4));
        assertThat(box.waiting()).isZero();
        server.advance(Duration.ofSeconds(1));
        assertThat(box.next().json().get("MessageId").asString()).isEqualTo(id);
    }

    @Test
    void what_an_endpoint_never_takes_becomes_a_dead_letter() {
        confirmed(
                box,
                box.url("/"),
                Map.of(
                        "RedrivePolicy", "{\"deadLetterTargetArn\":\"" + QUEUE + "dead\"}",
                        "DeliveryPolicy",
                                "{\"healthyRetryPolicy\":{\"numRetries\":2,"
                                        + "\"numNoDelayRetries\":2}}"));
        box.answer(500, 500, 500);

        sns.publish(
                r -> r.topicArn(topic).message("x").messageAttributes(Map.of("kind", text("a"))));

        JsonNode dead = JSON.readTree(awaitDead().body());
        assertThat(dead.get("Message").asString()).isEqualTo("x");
        assertThat(dead.get("TopicArn").asString()).isEqualTo(topic);
        assertThat(box.waiting()).isEqualTo(3);
    }

    @Test
    void what_an_endpoint_rejects_is_not_sent_again() {
        confirmed(
                box,
                box.url("/"),
                Map.of("RedrivePolicy", "{\"deadLetterTargetArn\":\"" + QUEUE + "dead\"}"));
        box.answer(404);

        sns.publish(r -> r.topicArn(topic).message("x"));

        awaitDead();
        assertThat(box.waiting()).isEqualTo(1);
    }

    @Test
    void a_redirect_is_not_followed() {
        confirmed(
                box,
                box.url("/"),
                Map.of("RedrivePolicy", "{\"deadLetterTargetArn\":\"" + QUEUE + "dead\"}"));
        box.answer(302);

        sns.publish(r -> r.topicArn(topic).message("x"));

        awaitDead();
        assertThat(box.next().path()).isEqualTo("/");
        assertThat(box.waiting()).isZero();
    }

    @Test
    void a_raw_message_is_posted_as_it_was_published() {
        confirmed(
                box,
                box.url("/"),
                Map.of(
                        "RawMessageDelivery",
                        "true",
                        "DeliveryPolicy",
                        "{\"requestPolicy\":{\"headerContentType\":"
                                + "\"application/json; charset=\\\"UTF-8\\\"\"}}"));

        sns.publish(r -> r.topicArn(topic).message("{\"a\":1}"));

        Posted posted = box.next();
        assertThat(posted.body()).isEqualTo("{\"a\":1}");
        assertThat(posted.headers())
                .containsEntry("x-amz-sns-rawdelivery", "true")
                .containsEntry("content-type", "application/json; charset=\"UTF-8\"");
    }

    @Test
    void each_protocol_gets_its_own_text() {
        server.sqs().createQueue(r -> r.queueName("mail"));
        sns.subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(QUEUE + "mail"));
        confirmed(box, box.url("/"), Map.of());

        sns.publish(r ->
                r.topicArn(topic)
                        .messageStructure("json")
                        .message("{\"default\":\"d\",\"http\":\"web\",\"sqs\":\"queue\"}"));

        assertThat(box.next().json().get("Message").asString()).isEqualTo("web");
        String body =
                server.sqs()
                        .receiveMessage(r -> r.queueUrl(server.url("mail")))
                        .messages()
                        .getFirst()
                        .body();
        assertThat(JSON.readTree(body).get("Message").asString()).isEqualTo("queue");
    }

    @Test
    void a_filter_holds_for_endpoints_too() {
        String subscription = confirmed(box, box.url("/"), Map.of());
        sns.setSubscriptionAttributes(r ->
                r.subscriptionArn(subscription)
                        .attributeName("FilterPolicy")
                        .attributeValue("{\"kind\":[\"a\"]}"));

        sns.publish(
                r -> r.topicArn(topic).message("no").messageAttributes(Map.of("kind", text("b"))));
        sns.publish(
                r -> r.topicArn(topic).message("yes").messageAttributes(Map.of("kind", text("a"))));

        assertThat(box.next().json().get("Message").asString()).isEqualTo("yes");
    }

    @Test
    void a_slow_endpoint_delays_no_other() {
        try (PostBox slow = PostBox.open();
                PostBox slower = PostBox.open()) {
            confirmed(slow, slow.url("/"), Map.of());
            confirmed(slower, slower.url("/"), Map.of());
            confirmed(box, box.url("/"), Map.of());
            slow.hold();
            slower.hold();

            for (int i = 0; i < 50; i++) {
                sns.publish(r -> r.topicArn(topic).message("x"));
            }

            for (int i = 0; i < 50; i++) {
                assertThat(box.next().type()).isEqualTo("Notification");
            }
            // There are fewer posts than endpoints could have, and each has its share.
            assertThat(slow.waiting()).isBetween(1, AwsServer.PUSH.postsOfOneMax());
        }
    }

    @Test
    void an_endpoint_gets_no_more_messages_a_second_than_it_wants() {
        confirmed(
                box,
                box.url("/"),
                Map.of("DeliveryPolicy", "{\"throttlePolicy\":{\"maxReceivesPerSecond\":10}}"));
        long begin = System.nanoTime();

        for (int i = 0; i < 6; i++) {
            sns.publish(r -> r.topicArn(topic).message("x"));
        }
        for (int i = 0; i < 6; i++) {
            box.next();
        }

        // The first one comes at once, each other a tenth of a second later at least.
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isGreaterThan(Duration.ofMillis(490));
    }

    @Test
    void the_policy_of_a_topic_holds_for_its_endpoints() {
        String subscription = confirmed(box, box.url("/"), Map.of());
        setTopic("DeliveryPolicy", "{\"http\":{\"defaultHealthyRetryPolicy\":{\"numRetries\":0}}}");
        sns.setSubscriptionAttributes(r ->
                r.subscriptionArn(subscription)
                        .attributeName("RedrivePolicy")
                        .attributeValue("{\"deadLetterTargetArn\":\"" + QUEUE + "dead\"}"));
        box.answer(500);

        sns.publish(r -> r.topicArn(topic).message("x"));

        awaitDead();
        assertThat(box.waiting()).isEqualTo(1);
        assertThat(
                        sns.getSubscriptionAttributes(r -> r.subscriptionArn(subscription))
                                .attributes()
                                .get("EffectiveDeliveryPolicy"))
                .contains("\"numRetries\":0");
    }

    @Test
    void a_name_and_a_password_in_an_address_are_sent_and_not_shown() {
        String address = box.url("/").replace("http://", "http://me:s3cret@");

        confirmed(box, address, Map.of());
        sns.publish(r -> r.topicArn(topic).message("x"));

        assertThat(box.next().headers())
                .containsEntry(
                        "authorization",
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString(
                                                "me:s3cret".getBytes(StandardCharsets.UTF_8)));
        assertThat(onlySubscription().endpoint()).contains("me:****@").doesNotContain("s3cret");
    }

    @Test
    void a_secret_that_stands_alone_for_a_user_is_not_shown() {
        sns.subscribe(r ->
                r.topicArn(topic).protocol("http").endpoint("http://s3cret@localhost:9/a?b:c@d"));

        assertThat(onlySubscription().endpoint()).isEqualTo("http://****@localhost:9/a?b:c@d");
    }

    @Test
    void an_address_without_a_user_is_shown_as_it_is() {
        String address = "http://localhost:9?b:c@d";
        sns.subscribe(r -> r.topicArn(topic).protocol("http").endpoint(address));

        assertThat(onlySubscription().endpoint()).isEqualTo(address);
    }

    @Test
    void a_topic_goes_with_what_is_on_its_way_to_endpoints() {
        confirmed(box, box.url("/"), Map.of());
        box.answer(500);
        sns.publish(r -> r.topicArn(topic).message("x"));
        box.next();

        sns.deleteTopic(r -> r.topicArn(topic));
        server.advance(Duration.ofMinutes(1));

        assertThat(sns.listSubscriptions().subscriptions()).isEmpty();
        assertThat(box.waiting()).isZero();
    }

    private Subscription onlySubscription() {
        List<Subscription> all = sns.listSubscriptions().subscriptions();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private void setTopic(String name, String value) {
        sns.setTopicAttributes(r -> r.topicArn(topic).attributeName(name).attributeValue(value));
    }

    private static MessageAttributeValue text(String value) {
        return MessageAttributeValue.builder().dataType("String").stringValue(value).build();
    }

    private String subscribe(String endpoint, Map<String, String> attributes, boolean arn) {
        return sns.subscribe(r ->
                        r.topicArn(topic)
                                .protocol(endpoint.replaceFirst(":.*", ""))
                                .endpoint(endpoint)
                                .attributes(attributes)
                                .returnSubscriptionArn(arn))
                .subscriptionArn();
    }

    /// Subscribes an address of an endpoint and confirms for it.
    private String confirmed(PostBox asked, String endpoint, Map<String, String> attributes) {
        subscribe(endpoint, attributes, false);
        String token = asked.next().json().get("Token").asString();
        return sns.confirmSubscription(r -> r.topicArn(topic).token(token)).subscriptionArn();
    }

    private void awaitRetry() {
        await().until(() ->
                server.meters().counter("millstream.sns.deliveries", "outcome", "retry").count()
                        >= 2);
    }

    private Message awaitDead() {
        return await().until(
                        () ->
                                server.sqs()
                                        .receiveMessage(r -> r.queueUrl(server.url("dead")))
                                        .messages(),
                        messages -> !messages.isEmpty())
                .getFirst();
    }

    private HttpResponse<String> visit(String address) {
        return server.send(HttpRequest.newBuilder(URI.create(address)).GET());
    }

    /// Checks a signature as receivers do, with the certificate that the message names.
    private void verify(JsonNode message, String algorithm, List<String> signed)
            throws GeneralSecurityException {
        String pem = visit(message.get("SigningCertURL").asString()).body();
        var certificate =
                (X509Certificate)
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(
                                        new ByteArrayInputStream(
                                                pem.getBytes(StandardCharsets.US_ASCII)));
        certificate.checkValidity();
        certificate.verify(certificate.getPublicKey());
        StringBuilder text = new StringBuilder();
        for (String name : signed) {
            text.append(name).append('\n').append(message.get(name).asString()).append('\n');
        }
        Signature signature = Signature.getInstance(algorithm);
        signature.initVerify(certificate.getPublicKey());
        signature.update(text.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(
                        signature.verify(
                                Base64.getDecoder().decode(message.get("Signature").asString())))
                .isTrue();
    }
}
