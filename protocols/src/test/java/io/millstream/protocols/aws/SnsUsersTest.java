package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.protocols.access.Verifier.AwsKey;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.AuthorizationErrorException;
import software.amazon.awssdk.services.sns.model.SnsException;
import software.amazon.awssdk.services.sns.model.Subscription;

import tools.jackson.databind.JsonNode;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/// Topics where there are users.
class SnsUsersTest {
    private static final String QUEUE = "arn:aws:sqs:eu-west-1:000000000000:";

    private GuardedServer server;
    private SnsClient admin;
    private String topic;

    @BeforeEach
    void open_a_topic() {
        server = GuardedServer.start();
        AwsKey key = server.user("admin", "all:*");
        admin = sns(key);
        topic = admin.createTopic(r -> r.name("orders")).topicArn();
        server.json(key, "CreateQueue", "{\"QueueName\":\"mail\"}");
        server.json(key, "CreateQueue", "{\"QueueName\":\"orders-dead\"}");
    }

    @AfterEach
    void close() {
        admin.close();
        server.close();
    }

    @Test
    void who_may_write_publishes_and_does_nothing_else() {
        try (SnsClient writer = sns(server.user("writer", "write:orders"))) {
            assertThat(writer.publish(r -> r.topicArn(topic).message("x")).messageId())
                    .isNotEmpty();
            assertThat(writer.getTopicAttributes(r -> r.topicArn(topic)).attributes())
                    .containsKey("Owner");
            assertDenied(() -> writer.deleteTopic(r -> r.topicArn(topic)));
            assertDenied(() -> writer.createTopic(r -> r.name("other")));
            assertDenied(() ->
                    writer.subscribe(
                            r -> r.topicArn(topic).protocol("sqs").endpoint(QUEUE + "mail")));
        }
    }

    @Test
    void who_may_not_write_does_not_publish() {
        try (SnsClient reader = sns(server.user("reader", "read:orders", "manage:other"))) {
            assertDenied(() -> reader.publish(r -> r.topicArn(topic).message("x")));
            assertThat(reader.listTopics().topics()).hasSize(1);
        }
        try (SnsClient stranger = sns(server.user("stranger", "all:else"))) {
            assertDenied(() -> stranger.getTopicAttributes(r -> r.topicArn(topic)));
            assertThat(stranger.listTopics().topics()).isEmpty();
            assertThat(stranger.listSubscriptions().subscriptions()).isEmpty();
        }
    }

    @Test
    void nobody_fills_a_queue_of_others() {
        try (SnsClient owner = sns(server.user("owner", "manage:orders*"))) {
            assertDenied(() ->
                    owner.subscribe(
                            r -> r.topicArn(topic).protocol("sqs").endpoint(QUEUE + "mail")));
            String subscription =
                    owner.subscribe(r ->
                                    r.topicArn(topic)
                                            .protocol("sqs")
                                            .endpoint(QUEUE + "orders-dead"))
                            .subscriptionArn();
            assertDenied(() ->
                    owner.setSubscriptionAttributes(r ->
                            r.subscriptionArn(subscription)
                                    .attributeName("RedrivePolicy")
                                    .attributeValue(
                                            "{\"deadLetterTargetArn\":\"" + QUEUE + "mail\"}")));
        }
    }

    @Test
    void a_request_that_is_not_signed_is_refused() {
        String form = "Action=Publish&Version=2010-03-31&Message=x&TopicArn=" + topic;

        HttpResponse<String> answer =
                server.send(
                        HttpRequest.newBuilder(server.uri("/"))
                                .header("Content-Type", AwsServer.FORM)
                                .POST(HttpRequest.BodyPublishers.ofString(form)));
        HttpResponse<String> visit = visit(server.uri("/?" + form).toString());

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("MissingAuthenticationToken");
        assertThat(visit.body()).contains("MissingAuthenticationToken");
    }

    @Test
    void an_endpoint_signs_nothing() {
        try (PostBox box = PostBox.open()) {
            admin.subscribe(r -> r.topicArn(topic).protocol("http").endpoint(box.url("/")));
            JsonNode question = box.next().json();
            assertThat(visit(question.get("SigningCertURL").asString()).body())
                    .startsWith("-----BEGIN CERTIFICATE-----");

            assertThat(visit(question.get("SubscribeURL").asString()).statusCode()).isEqualTo(200);
            String subscription = onlySubscription().subscriptionArn();
            assertThat(
                            admin.getSubscriptionAttributes(r -> r.subscriptionArn(subscription))
                                    .attributes())
                    .containsEntry("ConfirmationWasAuthenticated", "false");
            admin.publish(r -> r.topicArn(topic).message("x"));
            String ends = box.next().json().get("UnsubscribeURL").asString();
            assertThat(visit(ends).statusCode()).isEqualTo(200);
            assertThat(admin.listSubscriptions().subscriptions()).isEmpty();
        }
    }

    @Test
    void a_visit_by_a_wrong_token_or_for_another_action_is_refused() {
        String confirm = "/?Action=ConfirmSubscription&Token=x&TopicArn=" + topic;
        String delete = "/?Action=DeleteTopic&Version=2010-03-31&TopicArn=" + topic;

        assertThat(visit(server.uri(confirm).toString()).statusCode()).isEqualTo(400);
        assertThat(visit(server.uri(delete).toString()).statusCode()).isEqualTo(403);
        assertThat(admin.listTopics().topics()).hasSize(1);
    }

    @Test
    void nobody_ends_the_subscription_of_a_queue_without_a_signature() {
        String subscription =
                admin.subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(QUEUE + "mail"))
                        .subscriptionArn();
        String address = "/?Action=Unsubscribe&SubscriptionArn=" + subscription;

        assertThat(visit(server.uri(address).toString()).statusCode()).isEqualTo(403);
        assertThat(visit(server.uri(address + "&Token=").toString()).statusCode()).isEqualTo(403);
        assertThat(onlySubscription().subscriptionArn()).isEqualTo(subscription);
    }

    @Test
    void who_knows_the_name_of_a_subscription_alone_does_not_end_it() {
        try (PostBox box = PostBox.open();
                SnsClient reader = sns(server.user("reader", "read:orders"))) {
            admin.subscribe(r -> r.topicArn(topic).protocol("http").endpoint(box.url("/")));
            visit(box.next().json().get("SubscribeURL").asString());
            String subscription =
                    reader.listSubscriptionsByTopic(r -> r.topicArn(topic))
                            .subscriptions()
                            .getFirst()
                            .subscriptionArn();
            admin.publish(r -> r.topicArn(topic).message("x"));
            String ends = box.next().json().get("UnsubscribeURL").asString();

            String address = "/?Action=Unsubscribe&SubscriptionArn=" + subscription;
            for (String token : List.of("", "&Token=", "&Token=x", "&Token=" + "0".repeat(65))) {
                assertThat(visit(server.uri(address + token).toString()).statusCode())
                        .as(token)
                        .isBetween(400, 403);
            }
            assertThat(onlySubscription().subscriptionArn()).isEqualTo(subscription);
            assertThat(visit(ends).statusCode()).isEqualTo(200);
            assertThat(admin.listSubscriptions().subscriptions()).isEmpty();
        }
    }

    @Test
    void an_endpoint_that_wants_so_is_unsubscribed_by_those_who_may() {
        try (PostBox box = PostBox.open();
                SnsClient other = sns(server.user("other", "write:orders"))) {
            admin.subscribe(r -> r.topicArn(topic).protocol("http").endpoint(box.url("/")));
            String token = box.next().json().get("Token").asString();
            String subscription =
                    other.confirmSubscription(r ->
                                    r.topicArn(topic)
                                            .token(token)
                                            .authenticateOnUnsubscribe("true"))
                            .subscriptionArn();

            String address = "/?Action=Unsubscribe&SubscriptionArn=" + subscription;
            assertThat(visit(server.uri(address).toString()).statusCode()).isEqualTo(403);
            assertDenied(() -> other.unsubscribe(r -> r.subscriptionArn(subscription)));
            admin.unsubscribe(r -> r.subscriptionArn(subscription));
            assertThat(admin.listSubscriptions().subscriptions()).isEmpty();
        }
    }

    private static void assertDenied(Runnable request) {
        assertThatThrownBy(request::run)
                .isInstanceOf(AuthorizationErrorException.class)
                .asInstanceOf(InstanceOfAssertFactories.type(SnsException.class))
                .matches(denied -> denied.statusCode() == 403);
    }

    private Subscription onlySubscription() {
        assertThat(admin.listSubscriptions().subscriptions()).hasSize(1);
        return admin.listSubscriptions().subscriptions().getFirst();
    }

    private HttpResponse<String> visit(String address) {
        return server.send(HttpRequest.newBuilder(URI.create(address)).GET());
    }

    private SnsClient sns(AwsKey key) {
        return SnsClient.builder()
                .endpointOverride(server.uri("/"))
                .region(Region.EU_WEST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(key.id(), key.secret())))
                .build();
    }
}
