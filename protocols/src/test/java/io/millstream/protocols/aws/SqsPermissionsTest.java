package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.protocols.access.Verifier.AwsKey;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import software.amazon.awssdk.services.sqs.SqsClient;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What each action of SQS needs, as the table in `docs/users.md` says: every row is sent by users
/// that have each verb alone, in both protocols.
class SqsPermissionsTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String COLUMNS = "| verb | on | actions |";
    private static final List<String> VERBS = List.of("read", "write", "manage");

    private static GuardedServer server;
    private static final Map<String, AwsKey> USERS = new HashMap<>();

    /// A row, one action of it.
    record Row(String verb, String place, String action) {}

    @BeforeAll
    static void start() {
        server = GuardedServer.start();
        AwsKey admin = server.user("admin", "all:*");
        for (String queue : List.of("mail", "mail-2", "other")) {
            server.json(admin, "CreateQueue", "{\"QueueName\":\"" + queue + "\"}");
        }
        for (String verb : VERBS) {
            USERS.put(verb, server.user("mail-" + verb, verb + ":mail*"));
            USERS.put(verb + " everywhere", server.user("all-" + verb, verb + ":*"));
        }
        USERS.put("nothing", server.user("nobody"));
    }

    @AfterAll
    static void close() {
        server.close();
    }

    static Stream<Row> rows() throws IOException {
        return page().stream()
                .dropWhile(line -> !line.equals(COLUMNS))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> line.substring(2, line.length() - 2).split(" \\| "))
                .flatMap(cells ->
                        Arrays.stream(cells[2].split(", "))
                                .map(action -> new Row(cells[0], cells[1], action)));
    }

    private static List<String> page() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/users.md"))) {
            root = root.getParent();
        }
        return Files.readAllLines(root.resolve("docs/users.md"));
    }

    @Test
    void the_table_has_every_action_of_aws() throws IOException {
        List<String> all =
                Stream.of(SqsClient.class.getMethods())
                        .map(method -> method.getReturnType().getSimpleName())
                        .filter(type -> type.endsWith("Response"))
                        .map(type -> type.substring(0, type.length() - 8))
                        .toList();

        assertThat(new TreeSet<>(rows().map(Row::action).toList())).isEqualTo(new TreeSet<>(all));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void an_action_needs_its_verb_and_no_other(Row row) {
        for (String verb : VERBS) {
            boolean allowed = row.verb().equals(verb) || row.verb().equals("any");
            boolean everywhere = row.place().equals("every queue");
            check(row, verb, "mail", allowed && !everywhere);
            check(row, verb + " everywhere", "mail", allowed);
            check(row, verb + " everywhere", "other", allowed);
            if (!row.action().equals("ListQueues")) {
                check(row, verb, "other", false);
            }
        }
        check(row, "nothing", "mail", row.action().equals("ListQueues"));
    }

    /// Not all requests succeed, but those that are not allowed fail for that reason.
    private static void check(Row row, String user, String queue, boolean allowed) {
        String body =
                row.place().equals("its queue")
                        ? "{\"QueueUrl\":\"" + server.url(queue) + "\"}"
                        : "{}";
        if (row.place().equals("its queue's name")) {
            body = "{\"QueueName\":\"" + queue + "\"}";
        }
        if (allowed && List.of("DeleteQueue", "PurgeQueue").contains(row.action())) {
            body = body.replace(queue, queue + "-none");
        }
        AwsKey key = USERS.get(user);
        HttpResponse<String> json = server.json(key, row.action(), body);
        HttpResponse<String> query =
                server.query(key, QueryForm.of(row.action(), JSON.readTree(body)));

        String as = row + " by " + user + " on " + queue + ": ";
        assertThat(json.statusCode() != 403).as(as + json.body()).isEqualTo(allowed);
        assertThat(query.statusCode() != 403).as(as + query.body()).isEqualTo(allowed);
        if (!allowed) {
            assertThat(json.headers().firstValue("x-amzn-query-error"))
                    .contains("AccessDenied;Sender");
            assertThat(query.body())
                    .contains("<Code>AccessDenied</Code>")
                    .contains("is not authorized to perform: sqs:" + row.action());
        }
    }

    @Test
    void a_denied_request_says_who_may_not_do_what_with_what() {
        String body = "{\"QueueUrl\":\"" + server.url("mail") + "\",\"MessageBody\":\"x\"}";

        HttpResponse<String> answer = server.json(USERS.get("read"), "SendMessage", body);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body())
                .contains("com.amazon.coral.service#AccessDeniedException")
                .contains(
                        "User: arn:aws:iam::000000000000:user/mail-read is not authorized to"
                                + " perform: sqs:SendMessage on resource:"
                                + " arn:aws:sqs:eu-west-1:000000000000:mail because no grant of"
                                + " this user allows to write it.");
    }

    @Test
    void a_list_shows_the_queues_with_which_its_caller_may_do_something() {
        try (SqsClient mail = server.client(USERS.get("read"));
                SqsClient all = server.client(USERS.get("write everywhere"));
                SqsClient none = server.client(USERS.get("nothing"))) {
            assertThat(mail.listQueues().queueUrls())
                    .containsExactly(server.url("mail"), server.url("mail-2"));
            assertThat(all.listQueues().queueUrls())
                    .contains(server.url("mail"), server.url("mail-2"), server.url("other"));
            assertThat(none.listQueues().queueUrls()).isEmpty();
        }
    }

    @Test
    void a_list_is_found_behind_any_number_of_queues_that_are_not_for_its_caller() {
        try (GuardedServer many = GuardedServer.start()) {
            AwsKey admin = many.user("admin", "all:*");
            AwsKey key = many.user("owner", "read:zebra");
            for (int i = 0; i < 1_050; i++) {
                many.json(admin, "CreateQueue", "{\"QueueName\":\"hidden-" + i + "\"}");
            }
            many.json(admin, "CreateQueue", "{\"QueueName\":\"zebra\"}");

            try (SqsClient sqs = many.client(key)) {
                assertThat(sqs.listQueues().queueUrls()).containsExactly(many.url("zebra"));
                assertThat(sqs.listQueuesPaginator(list -> list.maxResults(100)).queueUrls())
                        .containsExactly(many.url("zebra"));
            }
        }
    }

    @Test
    void dead_letters_go_only_where_who_says_so_may_write() {
        AwsKey key = server.user("owner", "manage:mine", "write:failed");
        server.json(USERS.get("manage everywhere"), "CreateQueue", "{\"QueueName\":\"failed\"}");

        assertThat(createMine(key, "other").statusCode()).isEqualTo(403);
        assertThat(createMine(key, "other").body()).contains("0000:other because no grant");
        assertThat(createMine(key, "failed").statusCode()).isEqualTo(200);
    }

    private static HttpResponse<String> createMine(AwsKey key, String deadLetter) {
        return server.json(
                key,
                "CreateQueue",
                ("{'QueueName':'mine','Attributes':{'RedrivePolicy':'{\\'deadLetterTargetArn\\':"
                                + "\\'arn:aws:sqs:eu-west-1:000000000000:%s\\',"
                                + "\\'maxReceiveCount\\':2}'}}")
                        .formatted(deadLetter)
                        .replace('\'', '"'));
    }
}
