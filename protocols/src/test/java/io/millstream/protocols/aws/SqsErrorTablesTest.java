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

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import software.amazon.awssdk.services.sqs.SqsClient;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Sends every row of the tables in `docs/sqs.md` in both protocols. A row that cannot be sent
/// fails.
class SqsErrorTablesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern RUN = Pattern.compile("\\{x (\\d+)}");
    private static final String COLUMNS = "| request | code | status | text | source |";
    private static final String DEAD = "arn:aws:sqs:us-east-1:000000000000:dead";
    private static final List<String> PAGE = page();

    private static AwsServer server;
    private static String ended;
    private static String lost;
    private static String task;
    private static String handle;

    /// A row of the tables below "What each action refuses".
    record Row(
            String section,
            String action,
            String request,
            String code,
            String status,
            String text) {
        @Override
        public String toString() {
            return action + ' ' + request;
        }

        String status(int protocol) {
            String[] statuses = status.split(" / ");
            return statuses[Math.min(protocol, statuses.length - 1)];
        }
    }

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
            assertThat(body.get("__type").asString()).isEqualTo(types().get(row.code()));
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
        assertThat(answer.body()).contains("<Code>" + row.code() + "</Code>");
        String told = answer.body().replace("&quot;", "\"").replace("&lt;", "<");
        assertThat(told.replace("&gt;", ">")).contains(row.text());
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
        long tables = PAGE.stream().filter(COLUMNS::equals).count();
        long lines =
                PAGE.stream()
                        .dropWhile(line -> !line.equals("### What each action refuses"))
                        .filter(line -> line.startsWith("|"))
                        .count();

        assertThat(rows().count()).isEqualTo(lines - 2 * tables);
    }

    static Stream<Row> rows() {
        List<Row> rows = new ArrayList<>();
        String section = "";
        boolean inTable = false;
        for (String line : PAGE) {
            if (line.startsWith("#### ")) {
                section = line.substring(5);
            }
            inTable = line.equals(COLUMNS) || (inTable && line.startsWith("|"));
            if (inTable && line.startsWith("| `")) {
                rows.add(row(section, line));
            }
        }
        return rows.stream();
    }

    private static Row row(String section, String line) {
        String[] cells = line.substring(2, line.length() - 2).split(" \\| ");
        assertThat(cells).as(line).hasSize(5);
        String request = cells[0].substring(1, cells[0].length() - 1);
        int space = request.indexOf(' ');
        return new Row(
                section,
                request.substring(0, space),
                request.substring(space + 1),
                cells[1],
                cells[2],
                cells[3]);
    }

    private static Map<String, String> types() {
        return PAGE.stream()
                .map(line -> line.split(" \\| "))
                .filter(cells -> cells.length == 3 && cells[1].startsWith("com.amazon"))
                .collect(Collectors.toMap(cells -> cells[0].substring(2), cells -> cells[1]));
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
        String filled = request;
        for (Map.Entry<String, String> value : values.entrySet()) {
            filled = filled.replace(value.getKey(), value.getValue());
        }
        return RUN.matcher(filled)
                .replaceAll(run ->
                        Matcher.quoteReplacement("x".repeat(Integer.parseInt(run.group(1)))));
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

    private static List<String> page() {
        try {
            return Files.readAllLines(Path.of("").toAbsolutePath().resolve(root() + "docs/sqs.md"));
        } catch (IOException e) {
            throw new AssertionError("docs/sqs.md cannot be read", e);
        }
    }

    /// The tests run in their module's folder, some development environments in the root.
    private static String root() {
        return Files.exists(Path.of("docs/sqs.md")) ? "" : "../";
    }
}
