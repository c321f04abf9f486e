package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.protocols.aws.ErrorTables.Row;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import software.amazon.awssdk.services.sqs.SqsClient;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Sends every row of the tables in `docs/sqs.md` in both protocols. A row that cannot be sent
/// fails.
class SqsErrorTablesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String DEAD = "arn:aws:sqs:us-east-1:000000000000:dead";
    private static final ErrorTables TABLES = new ErrorTables("docs/sqs.md");

    private static AwsServer server;
    private static String ended;
    private static String lost;
    private static String task;
    private static String handle;

    @BeforeAll
    static void open_the_queues_that_the_tables_name() {
        server = AwsServer.start();
        server.json("CreateQueue", "{\"QueueName\":\"mail\"}");
        server.json("CreateQueue", "{\"QueueName\":\"other\"}");
        server.json(
                "CreateQueue",
                "{\"QueueName\":\"small\",\"Attributes\":{\"MaximumMessageSize\":\"1024\"}}");
        openQueuesOfMoreKinds();
        ended = handleOf("mail", "");
        lost =
                handleOf(
                        "orders.fifo",
                        "\"MessageGroupId\":\"g\",\"MessageDeduplicationId\":\"d\",");
        server.advance(Duration.ofSeconds(31));
        handle = handleOf("mail", "");
        handleOf("full", "");
    }

    private static void openQueuesOfMoreKinds() {
        create("orders.fifo", "\"FifoQueue\":\"true\"");
        create("dead", "");
        create("closed", "\"RedriveAllowPolicy\":\"{\\\"redrivePermission\\\":\\\"denyAll\\\"}\"");
        create(
                "source",
                "\"RedrivePolicy\":\"{\\\"deadLetterTargetArn\\\":\\\""
                        + DEAD
                        + "\\\",\\\"maxReceiveCount\\\":3}\"");
        server.json(
                "AddPermission",
                "{\"QueueUrl\":\""
                        + server.url("mail")
                        + "\",\"Label\":\"known\","
                        + "\"AWSAccountIds\":[\"111122223333\"],\"Actions\":[\"SendMessage\"]}");
        String started =
                server.json("StartMessageMoveTask", "{\"SourceArn\":\"" + DEAD + "\"}").body();
        task = JSON.readTree(started).get("TaskHandle").asString();
        await().until(() ->
                server.json("ListMessageMoveTasks", "{\"SourceArn\":\"" + DEAD + "\"}")
                        .body()
                        .contains("COMPLETED"));
        try (Session session = server.backend().session(SessionSpec.of("test"))) {
            Definition.Queue full = Definition.Queue.of(ChannelName.of("full")).withMaxInFlight(1);
            session.commit(Commit.of(new Operation.Define(full, Expect.Anything.ANYTHING)))
                    .toCompletableFuture()
                    .join();
        }
    }

    private static void create(String name, String attributes) {
        server.json(
                "CreateQueue",
                "{\"QueueName\":\"" + name + "\",\"Attributes\":{" + attributes + "}}");
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void a_row_holds_in_json(Row row) {
        HttpResponse<String> answer = server.json(row.action(), filled(row.request()));

        assertThat(answer.statusCode() + "").isEqualTo(row.status(0));
        JsonNode body = JSON.readTree(answer.body());
        if (answer.statusCode() == 200) {
            JsonNode failed = body.get("Failed").get(0);
            assertThat(failed.get("Code").asString()).isEqualTo(row.code());
            assertThat(failed.get("Message").asString()).contains(row.text());
            assertThat(failed.get("Id").asString()).isEqualTo("bad");
            assertThat(failed.get("SenderFault").asBoolean()).isTrue();
        } else {
            assertThat(answer.headers().firstValue("x-amzn-query-error"))
                    .contains(row.code() + ";Sender");
            assertThat(body.get("__type").asString()).isEqualTo(TABLES.types().get(row.code()));
            assertThat(body.get("message").asString()).contains(row.text());
        }
        assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void a_row_holds_in_the_query_protocol(Row row) {
        JsonNode request = JSON.readTree(filled(row.request()));

        HttpResponse<String> answer = server.query(QueryForm.of(row.action(), request));

        assertThat(answer.statusCode() + "").isEqualTo(row.status(1));
        row.assertToldBy(answer.body());
    }

    @Test
    void every_action_of_aws_has_a_table() {
        assertThat(rows().map(Row::section).distinct().toList())
                .containsAll(
                        Stream.of(SqsClient.class.getMethods())
                                .map(method -> method.getReturnType().getSimpleName())
                                .filter(type -> type.endsWith("Response"))
                                .map(type -> type.substring(0, type.length() - 8))
                                .toList());
    }

    @Test
    void every_table_is_read_to_its_end() {
        TABLES.assertReadToTheirEnds();
    }

    static Stream<Row> rows() {
        return TABLES.rows();
    }

    private static String filled(String request) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("{mail}", server.url("mail"));
        values.put("{other}", server.url("other"));
        values.put("{small}", server.url("small"));
        values.put("{handle}", handle);
        values.put("{ended}", ended);
        values.put("{fifo}", server.url("orders.fifo"));
        values.put("{full}", server.url("full"));
        values.put("{lost}", lost);
        values.put("{task}", task);
        values.put(
                "{{51 tags}}",
                IntStream.rangeClosed(1, 51)
                        .mapToObj(i -> "\"key" + i + "\":\"x\"")
                        .collect(Collectors.joining(",", "{", "}")));
        values.put(
                "{{11 attributes}}",
                numbered(
                        i -> "\"a" + i + "\":{\"DataType\":\"String\",\"StringValue\":\"b\"}",
                        "{"));
        values.put(
                "{{11 entries}}",
                numbered(i -> "{\"Id\":\"" + i + "\",\"MessageBody\":\"x\"}", ""));
        return ErrorTables.filled(request, values);
    }

    private static String numbered(IntFunction<String> one, String brace) {
        String all = IntStream.rangeClosed(1, 11).mapToObj(one).collect(Collectors.joining(","));
        return brace.isEmpty() ? all : brace + all + '}';
    }

    private static String handleOf(String queue, String members) {
        String url = server.url(queue);
        server.json(
                "SendMessage",
                "{\"QueueUrl\":\"" + url + "\"," + members + "\"MessageBody\":\"x\"}");
        JsonNode answer =
                JSON.readTree(
                        server.json("ReceiveMessage", "{\"QueueUrl\":\"" + url + "\"}").body());
        return answer.get("Messages").get(0).get("ReceiptHandle").asString();
    }
}
