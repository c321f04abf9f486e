package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millstream.protocols.access.Verifier.AwsKey;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.SqsException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/// Clients with keys at the SQS door: who comes in, and what the others are told.
class SignedSqsTest {
    private GuardedServer server;
    private AwsKey admin;

    @BeforeEach
    void start() {
        server = GuardedServer.start(Kept.IN_THE_ENGINE);
        admin = server.user("admin", "all:*");
        try (SqsClient sqs = server.client(admin)) {
            sqs.createQueue(request -> request.queueName("mail"));
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static AwsServiceException refused(SqsClient sqs) {
        return catchThrowableOfType(SqsException.class, sqs::listQueues);
    }

    private static void assertRefused(
            HttpResponse<String> answer, int status, String code, String type, String text) {
        assertThat(answer.statusCode()).isEqualTo(status);
        if (answer.headers().firstValue("Content-Type").orElse("").contains("json")) {
            assertThat(answer.headers().firstValue("x-amzn-query-error"))
                    .contains(code + ";Sender");
            assertThat(answer.body()).contains("com.amazon.coral.service#" + type + '"');
        } else {
            assertThat(answer.body()).contains("<Code>" + code + "</Code>", "<Type>Sender</Type>");
        }
        assertThat(answer.body().replace("&quot;", "\"")).contains(text);
    }

    @Test
    void the_sdk_with_a_users_key_does_everything_it_is_granted() {
        try (SqsClient sqs = server.client(admin)) {
            String mail = server.url("mail");
            sqs.sendMessage(request -> request.queueUrl(mail).messageBody("hello é 😀"));
            var message =
                    sqs.receiveMessage(request -> request.queueUrl(mail)).messages().getFirst();
            sqs.deleteMessage(
                    request -> request.queueUrl(mail).receiptHandle(message.receiptHandle()));

            assertThat(message.body()).isEqualTo("hello é 😀");
            assertThat(sqs.listQueues().queueUrls()).containsExactly(mail);
        }
    }

    @Test
    void the_query_protocol_is_signed_in_the_same_way() {
        assertThat(server.query(admin, "Action=ListQueues&Version=2012-11-05").body())
                .contains("<QueueUrl>" + server.url("mail") + "</QueueUrl>");
        assertThat(server.json(admin, "ListQueues", "{}").body()).contains(server.url("mail"));
    }

    @Test
    void a_presigned_address_can_be_used_by_whoever_has_it() {
        SdkHttpRequest address =
                server.presigned(
                        admin,
                        "/000000000000/mail",
                        Map.of("Action", "SendMessage", "MessageBody", "a b+c&d=é"));

        HttpResponse<String> answer = server.send(HttpRequest.newBuilder(address.getUri()).GET());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        try (SqsClient sqs = server.client(admin)) {
            assertThat(sqs.receiveMessage(r -> r.queueUrl(server.url("mail"))).messages())
                    .singleElement()
                    .extracting(message -> message.body())
                    .isEqualTo("a b+c&d=é");
        }
    }

    @Test
    void a_presigned_address_is_refused_when_it_is_changed_or_too_old() {
        SdkHttpRequest address =
                server.presigned(
                        admin,
                        "/000000000000/mail",
                        Map.of("Action", "SendMessage", "MessageBody", "x"));
        SdkHttpRequest changed =
                address.toBuilder().putRawQueryParameter("Action", "PurgeQueue").build();

        assertRefused(
                server.send(HttpRequest.newBuilder(changed.getUri())),
                403,
                "SignatureDoesNotMatch",
                "",
                "does not match the signature you provided");
        server.runAheadBy(Duration.ofMinutes(6));
        assertRefused(
                server.send(HttpRequest.newBuilder(address.getUri())),
                400,
                "RequestExpired",
                "",
                "Request has expired");
    }

    @Test
    void a_wrong_secret_is_told_so() {
        AwsKey wrong = new AwsKey(admin.id(), AwsKey.generate().secret());

        try (SqsClient sqs = server.client(wrong)) {
            AwsServiceException fault = refused(sqs);
            assertThat(fault.statusCode()).isEqualTo(403);
            assertThat(fault.awsErrorDetails().errorCode()).isEqualTo("SignatureDoesNotMatch");
            assertThat(fault.awsErrorDetails().errorMessage())
                    .contains("Check your AWS Secret Access Key and signing method");
        }
        assertRefused(
                server.query(wrong, "Action=ListQueues"),
                403,
                "SignatureDoesNotMatch",
                "",
                "The Canonical String for this request should have been 'POST");
    }

    @Test
    void an_unknown_key_is_told_so() {
        AwsKey unknown = AwsKey.generate();

        try (SqsClient sqs = server.client(unknown)) {
            AwsServiceException fault = refused(sqs);
            assertThat(fault.statusCode()).isEqualTo(403);
            assertThat(fault.awsErrorDetails().errorCode()).isEqualTo("InvalidClientTokenId");
        }
        assertRefused(
                server.query(unknown, "Action=ListQueues"),
                403,
                "InvalidClientTokenId",
                "",
                "The security token included in the request is invalid.");
        assertRefused(
                server.json(unknown, "ListQueues", "{}"),
                403,
                "InvalidClientTokenId",
                "UnrecognizedClientException",
                "The security token included in the request is invalid.");
    }

    @Test
    void a_request_without_a_signature_is_told_so_in_both_protocols() {
        HttpRequest.Builder json =
                HttpRequest.newBuilder(server.uri("/"))
                        .header("Content-Type", AwsServer.JSON)
                        .header("X-Amz-Target", "AmazonSQS.ListQueues")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"));
        HttpRequest.Builder query = HttpRequest.newBuilder(server.uri("/?Action=ListQueues"));

        assertRefused(
                server.send(json),
                403,
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
                "Request is missing Authentication Token");
        assertRefused(
                server.send(query),
                403,
                "MissingAuthenticationToken",
                "",
                "Request is missing Authentication Token");
        assertRefused(
                server.send(query.header("Authorization", "Basic eDp5")),
                400,
                "IncompleteSignature",
                "",
                "does not begin with AWS4-HMAC-SHA256");
    }

    @Test
    void a_clock_that_is_wrong_is_told_the_time() {
        server.runAheadBy(Duration.ofHours(1));

        HttpResponse<String> answer = server.query(admin, "Action=ListQueues");

        assertRefused(answer, 403, "SignatureDoesNotMatch", "", "Signature expired: ");
        assertThat(answer.headers().firstValue("Date")).isPresent();
        // By that date the SDK corrects itself and asks again.
        try (SqsClient sqs = server.client(admin)) {
            assertThat(sqs.listQueues().queueUrls()).hasSize(1);
        }
    }

    @Test
    void a_large_request_of_a_stranger_is_refused_before_its_body_is_read() {
        String large = "{\"x\":\"" + "x".repeat(1 << 20) + "\"}";

        assertRefused(
                server.json(AwsKey.generate(), "SendMessage", large),
                403,
                "InvalidClientTokenId",
                "UnrecognizedClientException",
                "is invalid");
    }

    @Test
    void a_removed_user_is_refused_at_once() {
        AwsKey worker = server.user("worker", "read:mail");
        try (SqsClient sqs = server.client(worker)) {
            sqs.receiveMessage(request -> request.queueUrl(server.url("mail")));

            GuardedServer.await(server.users().remove("worker"));

            assertThat(refused(sqs).awsErrorDetails().errorCode())
                    .isEqualTo("InvalidClientTokenId");
        }
    }

    @Test
    void a_new_key_and_a_new_grant_count_at_once() {
        AwsKey key = AwsKey.generate();
        GuardedServer.await(
                server.users().change("admin", user -> user.orElseThrow().withKey(key)));

        try (SqsClient sqs = server.client(key)) {
            assertThat(sqs.listQueues().queueUrls()).hasSize(1);
        }
    }

    @Test
    void without_users_everybody_comes_in_unless_others_can_reach_the_door() {
        HttpRequest.Builder unsigned = HttpRequest.newBuilder(server.uri("/?Action=ListQueues"));
        assertThat(server.send(unsigned).statusCode()).isEqualTo(403);

        GuardedServer.await(server.users().remove("admin"));

        assertThat(server.send(unsigned).statusCode()).isEqualTo(200);
        assertThat(server.query(admin, "Action=ListQueues").statusCode()).isEqualTo(200);
        try (GuardedServer shut =
                new GuardedServer(
                        Kept.IN_A_MODEL.open(new io.millstream.testkit.ManualClock()),
                        false,
                        java.util.Optional.empty())) {
            assertThat(shut.send(HttpRequest.newBuilder(shut.uri("/?Action=ListQueues"))))
                    .extracting(HttpResponse::statusCode)
                    .isEqualTo(403);
        }
    }

    @Test
    void a_request_that_began_before_the_first_user_came_is_asked_when_its_body_is_there()
            throws IOException {
        GuardedServer.await(server.users().remove("admin"));
        String body = "{\"QueueName\":\"late\"}";
        try (Socket slow = new Socket("localhost", server.uri("/").getPort());
                BufferedReader answers =
                        new BufferedReader(
                                new InputStreamReader(
                                        slow.getInputStream(), StandardCharsets.UTF_8))) {
            slow.setSoTimeout(30_000);
            send(
                    slow,
                    "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: "
                            + AwsServer.JSON
                            + "\r\nX-Amz-Target: AmazonSQS.CreateQueue\r\nContent-Length: "
                            + body.length()
                            + "\r\n\r\n");
            assertThat(answers.readLine()).isEqualTo("HTTP/1.1 100 Continue");
            AwsKey first = server.user("admin", "all:*");

            send(slow, body);

            assertThat(answers.readLine()).isEmpty();
            assertThat(answers.readLine()).isEqualTo("HTTP/1.1 403 Forbidden");
            assertThat(server.json(first, "ListQueues", "{}").body()).doesNotContain("late");
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }
}
