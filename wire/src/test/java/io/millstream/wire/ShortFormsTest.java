package io.millstream.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BindingName;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Filter;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Take;
import io.millstream.api.Target;
import io.millstream.api.Term;

import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a person may write who has only curl.
class ShortFormsTest {
    private static final ChannelName MAIL = ChannelName.of("mail");

    @Test
    void a_put_needs_a_queue_and_a_text() {
        assertThat(
                        read(
                                Forms.COMMIT,
                                """
                                {"operations": [
                                  {"op": "put", "queue": "mail", "message": {"text": "hi"}}
                                ]}
                                """))
                .isEqualTo(Commit.of(new Operation.Put(MAIL, Message.of("hi"))));
    }

    @Test
    void an_id_is_a_text_or_a_number_of_its_sender() {
        String commit = "{\"id\":%s,\"operations\":[{\"op\":\"remove\",\"name\":\"mail\"}]}";

        assertThat(read(Forms.COMMIT, commit.formatted("\"c-1\"")).id())
                .isEqualTo(new CommitId("c-1", 0, 0));
        assertThat(read(Forms.COMMIT, commit.formatted("{\"sender\":\"s\",\"number\":7}")).id())
                .isEqualTo(new CommitId("s", 7, 7));
        assertThat(read(Forms.COMMIT, commit.formatted("{\"sender\":\"c-1\",\"number\":0}")).id())
                .isEqualTo(CommitId.of("c-1"));
    }

    @Test
    void members_may_stand_in_any_order() {
        assertThat(read(Forms.OPERATION, "{\"message\":{},\"queue\":\"mail\",\"op\":\"put\"}"))
                .isEqualTo(new Operation.Put(MAIL, Message.of("")));
    }

    @Test
    void a_queue_is_defined_by_its_name() {
        assertThat(
                        read(
                                Forms.OPERATION,
                                """
                                {"op": "define", "definition": {"type": "queue", "name": "mail"}}
                                """))
                .isEqualTo(
                        new Operation.Define(Definition.Queue.of(MAIL), Expect.Anything.ANYTHING));
    }

    @Test
    void a_take_needs_a_queue() {
        assertThat(read(Forms.TAKE, "{\"queue\":\"mail\"}"))
                .isEqualTo(Take.of(MAIL, 1, new Term.Timed(Duration.ofSeconds(30)), Duration.ZERO));
    }

    @Test
    void a_look_at_all_queues_needs_nothing_more() {
        assertThat(read(Forms.QUERY, "{\"query\":\"queues\"}"))
                .isEqualTo(new Query.Queues("/", "", null, 100));
    }

    @Test
    void defaults_may_be_said() {
        assertThat(
                        read(
                                Forms.MESSAGE,
                                """
                                {"text": "", "priority": 0, "delay_ms": 0.0, "headers": []}
                                """))
                .isEqualTo(Message.of(""));
    }

    @Test
    void a_text_may_be_said_in_base64() {
        assertThat(read(Forms.MESSAGE, "{\"base64\":\"aGk=\"}")).isEqualTo(Message.of("hi"));
        assertThat(read(Forms.MESSAGE, "{\"key_base64\":\"aGk=\"}").key())
                .isEqualTo(Bytes.utf8("hi"));
    }

    @Test
    void a_time_may_be_said_with_an_offset() {
        assertThat(read(Forms.MESSAGE, "{\"time\":\"2026-01-31T13:00:00+01:00\"}").time())
                .isEqualTo(Instant.parse("2026-01-31T12:00:00Z"));
    }

    @Test
    void a_filter_may_be_said_as_a_policy_of_sns() {
        String json =
                """
                {"type": "binding",
                 "binding": {"exchange": "orders", "target": {"channel": "mail"}},
                 "filter": {"scope": "body", "policy": {
                   "event": ["new", {"anything-but": ["test"]}, null],
                   "total": [{"numeric": [">", 0, "<=", 150.5]}],
                   "customer": {"vip": [true]}}}}
                """;
        Definition.Binding expected =
                Definition.Binding.of(
                                new BindingName(
                                        ChannelName.of("orders"), new Target.Channel(MAIL), "", ""))
                        .withFilter(Filter.onBody(policy()));

        assertThat(read(Forms.DEFINITION, json)).isEqualTo(expected);
    }

    private static Map<String, Object> policy() {
        Map<String, Object> policy = new LinkedHashMap<>();
        policy.put("event", Arrays.asList("new", Map.of("anything-but", List.of("test")), null));
        policy.put(
                "total",
                List.of(Map.of("numeric", List.of(">", 0, "<=", new BigDecimal("150.5")))));
        policy.put("customer", Map.of("vip", List.of(true)));
        return policy;
    }

    private static <T> T read(Form<T> form, String json) {
        return form.read(json.getBytes(StandardCharsets.UTF_8));
    }
}
