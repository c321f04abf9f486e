package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import software.amazon.awssdk.services.sns.SnsClient;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Sends every row of the tables in `docs/sns.md`. A row that cannot be sent fails.
class SnsErrorTablesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern RUN = Pattern.compile("\\{x (\\d+)}");
    private static final String COLUMNS = "| request | code | status | text | source |";
    private static final String TOPIC = "arn:aws:sns:us-east-1:000000000000:";
    private static final String QUEUE = "arn:aws:sqs:us-east-1:000000000000:";
    private static final List<String> PAGE = page();

    private static AwsServer server;
    private static String subscription;
    private static String endpoint;
    private static String replayed;

    /// A row of the tables below "What each action refuses".
    record Row(String action, String request, String code, String status, String text) {
        @Override
        public String toString() {
            return action + ' ' + request;
        }
    }

    @BeforeAll
    static void open_what_the_tables_name() {
        server = AwsServer.start();
        for (String queue : List.of("mail", "other")) {
            server.json("CreateQueue", "{\"QueueName\":\"" + queue + "\"}");
        }
        server.json(
                "CreateQueue",
                "{\"QueueName\":\"mail.fifo\",\"Attributes\":{\"FifoQueue\":\"true\"}}");
        done("CreateTopic", "{\"Name\":\"orders\"}");
        done("CreateTopic", "{\"Name\":\"plain.fifo\",\"Attributes\":{\"FifoTopic\":\"true\"}}");
        done(
                "CreateTopic",
                "{\"Name\":\"orders.fifo\",\"Attributes\":{\"FifoTopic\":\"true\","
                        + "\"ArchivePolicy\":\"{\\\"MessageRetentionPeriod\\\":1}\"}}");
        done(
                "AddPermission",
                "{\"TopicArn\":\""
                        + TOPIC
                        + "orders\",\"Label\":\"known\",\"AWSAccountId\":[\"111122223333\"],"
                        + "\"ActionName\":[\"Publish\"]}");
        subscription = subscribed("orders", "sqs", QUEUE + "mail");
        replayed = subscribed("orders.fifo", "sqs", QUEUE + "mail.fifo");
        endpoint = subscribed("orders", "http", "http://localhost:9/");
    }

    private static String subscribed(String topic, String protocol, String where) {
        String answer =
                done(
                        "Subscribe",
                        "{\"ReturnSubscriptionArn\":\"true\",\"TopicArn\":\""
                                + TOPIC
                                + topic
                                + "\",\"Protocol\":\""
                                + protocol
                                + "\",\"Endpoint\":\""
                                + where
                                + "\"}");
        return answer.replaceFirst("(?s).*<SubscriptionArn>(.*)</SubscriptionArn>.*", "$1");
    }

    private static String done(String action, String request) {
        HttpResponse<String> answer = server.query(SnsForm.of(action, JSON.readTree(request)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void a_row_holds(Row row) {
        String form = SnsForm.of(row.action(), JSON.readTree(filled(row.request())));

        HttpResponse<String> answer = server.query(form);

        assertThat(answer.statusCode() + "").as(answer.body()).isEqualTo(row.status());
        assertThat(answer.body()).contains("<Code>" + row.code() + "</Code>");
        String told = answer.body().replace("&quot;", "\"").replace("&lt;", "<");
        assertThat(told.replace("&gt;", ">")).contains(row.text());
        if (answer.statusCode() == 200) {
            assertThat(answer.body()).contains("<Failed><member><Id>bad</Id>");
            assertThat(answer.body()).contains("<SenderFault>true</SenderFault>");
        } else {
            assertThat(answer.body()).contains("<Type>Sender</Type>");
        }
    }

    @Test
    void every_action_of_aws_has_a_row() {
        assertThat(rows().map(row -> row.action().toLowerCase(Locale.ROOT)).distinct().toList())
                .containsAll(
                        Stream.of(SnsClient.class.getMethods())
                                .map(method -> method.getReturnType().getSimpleName())
                                .filter(type -> type.endsWith("Response"))
                                .map(type -> type.substring(0, type.length() - 8))
                                .map(action -> action.toLowerCase(Locale.ROOT))
                                .toList());
    }

    @Test
    void every_code_of_the_tables_is_in_the_list_of_codes() {
        Set<String> listed =
                PAGE.stream()
                        .map(line -> line.split(" \\| "))
                        .filter(cells -> cells.length == 3 && cells[1].startsWith("com.amazon"))
                        .map(cells -> cells[0].substring(2))
                        .collect(Collectors.toSet());
        Set<String> shared = Set.of("MissingParameter", "InvalidAction", "InvalidParameterValue");

        assertThat(rows().map(Row::code).filter(code -> !shared.contains(code)))
                .allMatch(listed::contains);
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
        boolean inTable = false;
        for (String line : PAGE) {
            inTable = line.equals(COLUMNS) || (inTable && line.startsWith("|"));
            if (inTable && line.startsWith("| `")) {
                rows.add(row(line));
            }
        }
        return rows.stream();
    }

    private static Row row(String line) {
        String[] cells = line.substring(2, line.length() - 2).split(" \\| ");
        assertThat(cells).as(line).hasSize(5);
        String request = cells[0].substring(1, cells[0].length() - 1);
        int space = request.indexOf(' ');
        return new Row(
                request.substring(0, space),
                request.substring(space + 1),
                cells[1],
                cells[2],
                cells[3]);
    }

    private static String filled(String request) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("{subscription}", subscription);
        values.put("{endpoint}", endpoint);
        values.put("{replayed}", replayed);
        values.put("{{51 tags}}", '{' + numbered(51, i -> "\"key" + i + "\":\"x\"") + '}');
        values.put("{{11 entries}}", numbered(11, i -> "{\"Id\":\"" + i + "\",\"Message\":\"x\"}"));
        String filled = request;
        for (Map.Entry<String, String> value : values.entrySet()) {
            filled = filled.replace(value.getKey(), value.getValue());
        }
        return RUN.matcher(filled)
                .replaceAll(run ->
                        Matcher.quoteReplacement("x".repeat(Integer.parseInt(run.group(1)))));
    }

    private static String numbered(int count, IntFunction<String> one) {
        return IntStream.rangeClosed(1, count).mapToObj(one).collect(Collectors.joining(","));
    }

    private static List<String> page() {
        try {
            return Files.readAllLines(Path.of("").toAbsolutePath().resolve(root() + "docs/sns.md"));
        } catch (IOException e) {
            throw new AssertionError("docs/sns.md cannot be read", e);
        }
    }

    /// The tests run in their module's folder, some development environments in the root.
    private static String root() {
        return Files.exists(Path.of("docs/sns.md")) ? "" : "../";
    }
}
