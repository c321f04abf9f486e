package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.protocols.aws.ErrorTables.Row;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import software.amazon.awssdk.services.sns.SnsClient;

import tools.jackson.databind.json.JsonMapper;

import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Sends every row of the tables in `docs/sns.md`. A row that cannot be sent fails.
class SnsErrorTablesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String TOPIC = "arn:aws:sns:us-east-1:000000000000:";
    private static final String QUEUE = "arn:aws:sqs:us-east-1:000000000000:";
    private static final ErrorTables TABLES = new ErrorTables("docs/sns.md");

    private static AwsServer server;
    private static String subscription;
    private static String endpoint;
    private static String replayed;

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
        row.assertToldBy(answer.body());
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
        Set<String> listed = TABLES.types().keySet();
        Set<String> shared = Set.of("MissingParameter", "InvalidAction", "InvalidParameterValue");

        assertThat(rows().map(Row::code).filter(code -> !shared.contains(code)))
                .allMatch(listed::contains);
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
        values.put("{subscription}", subscription);
        values.put("{endpoint}", endpoint);
        values.put("{replayed}", replayed);
        values.put("{{51 tags}}", '{' + numbered(51, i -> "\"key" + i + "\":\"x\"") + '}');
        values.put("{{11 entries}}", numbered(11, i -> "{\"Id\":\"" + i + "\",\"Message\":\"x\"}"));
        return ErrorTables.filled(request, values);
    }

    private static String numbered(int count, IntFunction<String> one) {
        return IntStream.rangeClosed(1, count).mapToObj(one).collect(Collectors.joining(","));
    }
}
