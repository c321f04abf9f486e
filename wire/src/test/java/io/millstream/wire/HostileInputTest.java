package io.millstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.View;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

class HostileInputTest {

    /// Single quotes stand for quotation marks.
    @ParameterizedTest
    @CsvFileSource(resources = "wrong-operations.csv", delimiter = '|', quoteCharacter = '`')
    void what_is_wrong_is_refused_with_its_place_and_what_would_be_right(
            String json, String path, String says) {
        MalformedException wrong = refusalOf(Forms.OPERATION, json.replace('\'', '"'));

        assertThat(wrong.path()).isEqualTo(path);
        assertThat(wrong).hasMessageContaining(says).message().startsWith(path).endsWith(".");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'queue':'m','messages':0} | $.messages",
                "{'queue':'m','bytes':0} | $.bytes",
                "{'queue':'m','lease_ms':0} | $",
                "{'queue':'m','lease_ms':1,'lease':'auto'} | $.lease",
                "{'queue':'m','lease':'forever'} | $.lease",
                "{'queue':'m','types':['a','b',3]} | $.types[2]",
                "{'queue':'m','types':['a',null]} | $.types[1]",
            })
    void takes_are_read_as_strictly(String json, String path) {
        assertThat(refusalOf(Forms.TAKE, json.replace('\'', '"')).path()).isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'query':'queues','limit':0} | $.limit",
                "{'query':'queues','limit':1001} | $.limit",
                "{'query':'queue_named','name':'a','limit':1} | $.limit",
                "{'query':'browse','queue':'q','body_bytes_max':-1} | $.body_bytes_max",
            })
    void looks_are_read_as_strictly(String json, String path) {
        assertThat(refusalOf(Forms.QUERY, json.replace('\'', '"')).path()).isEqualTo(path);
    }

    @Test
    void a_commit_has_a_bounded_id_and_at_least_one_operation() {
        assertThat(refusalOf(Forms.COMMIT, "{\"operations\":[]}"))
                .hasMessage(
                        "$ makes no sense. The reason: A commit has 1 to 10000 operations, this one"
                                + " has 0.");
        assertThat(refusalOf(Forms.COMMIT, "{\"id\":\"" + "i".repeat(256) + "\"}"))
                .hasMessageContaining("Give a text of 1 to 255 characters, or one like");
        assertThat(refusalOf(Forms.COMMIT, "{\"id\":{\"sender\":\"\",\"number\":1}}").path())
                .isEqualTo("$.id");
        assertThat(refusalOf(Forms.COMMIT, "{\"id\":{\"sender\":\"s\",\"number\":-1}}").path())
                .isEqualTo("$.id.number");
        assertThat(refusalOf(Forms.COMMIT, "{\"id\":{\"sender\":\"s\",\"number\":1,\"from\":2}}"))
                .hasMessageContaining("not 1 and 2");
    }

    @Test
    void a_view_that_a_query_does_not_ask_for_is_refused() {
        Query<View.CursorView> query = new Query.Cursors(ChannelName.of("t"), "", null, 1);
        String json =
                """
                {"found": "page", "as_of": "2026-01-31T12:00:00Z",
                 "items": [{"view": "row", "key": "k", "version": 1, "value": "v"}]}
                """;

        assertThat(refusalOf(Forms.found(query), json))
                .hasMessage(
                        "$.items[0] is an object. Give a view of the type that was asked for,"
                                + " CursorView.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | is empty",
                "` ` | is empty",
                "{} {} | followed",
                "{}, | cannot be read",
                "{ | cannot be read",
                "{\"text\":\"a | cannot be read",
                "{'text':'a'} | cannot be read",
                "{text:\"a\"} | cannot be read",
                "{\"text\":\"a\",} | cannot be read",
                "{\"priority\":NaN} | cannot be read",
                "{\"priority\":01} | cannot be read",
                "{\"priority\":+1} | cannot be read",
                "{\"text\":\"\\x\"} | cannot be read",
                "{/**/} | cannot be read",
            })
    void what_is_no_json_is_refused(String text, String says) {
        assertThat(refusalOf(Forms.MESSAGE, text).path()).isEqualTo("$");
        assertThat(refusalOf(Forms.MESSAGE, text)).hasMessageContaining(says);
    }

    @Test
    void other_encodings_than_utf8_are_refused() {
        for (var charset :
                List.of(
                        StandardCharsets.UTF_16,
                        StandardCharsets.UTF_16LE,
                        StandardCharsets.UTF_32BE,
                        StandardCharsets.UTF_32LE)) {
            assertThat(refusalOf("{\"text\":\"a\"}".getBytes(charset)))
                    .hasMessageContaining("is not UTF-8 at byte")
                    .hasMessageEndingWith("Send JSON in UTF-8.");
        }
        assertThat(refusalOf("{\"text\":\"ü\"}".getBytes(StandardCharsets.ISO_8859_1)))
                .hasMessageStartingWith("$ is not UTF-8 at byte 9.");
    }

    @Test
    void what_is_too_deep_is_refused() {
        String deep = "[".repeat(100_000);
        assertThat(refusalOf(Forms.MESSAGE, deep)).hasMessageContaining("256");
        String rules = "{\"rule\":\"inside\",\"name\":\"a\",\"is\":".repeat(10_000);
        assertThat(refusalOf(Forms.OPERATION, rules)).hasMessageContaining("256");
    }

    @Test
    void what_is_too_long_or_has_too_many_parts_is_refused() {
        byte[] large = new byte[Bounds.REQUEST.bytes() + 1];
        assertThat(refusalOf(large))
                .hasMessage("$ has 33554433 bytes. Send at most 33554432 at once.");

        String many = "[" + "{},".repeat(600_000) + "{}]";
        assertThat(refusalOf(Forms.MESSAGE.list(), many)).hasMessageContaining("1000000");
        assertThat(Forms.MESSAGE.list().read(many.getBytes(StandardCharsets.UTF_8), Bounds.ANSWER))
                .hasSize(600_001);
    }

    @Test
    void a_number_of_too_many_digits_is_refused() {
        assertThat(refusalOf(Forms.MESSAGE, "{\"delay_ms\":" + "9".repeat(1001) + "}"))
                .hasMessageContaining("1000");
    }

    @Test
    void an_error_shows_no_more_than_a_little_of_what_was_sent() {
        String long1 = "x".repeat(10_000);
        assertThat(refusalOf(Forms.MESSAGE, "{\"" + long1 + "\":1}").getMessage())
                .hasSizeLessThan(400);
        assertThat(refusalOf(Forms.MESSAGE, "{\"priority\":\"" + long1 + "\"}").getMessage())
                .hasSizeLessThan(200);
        assertThat(refusalOf(Forms.MESSAGE, long1).getMessage()).hasSizeLessThan(400);
    }

    @Test
    void what_could_not_be_read_again_is_not_written() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Forms.MESSAGE.write(Message.builder("a").id("\ud800").build()))
                .withMessageStartingWith("It cannot be sent as JSON: ");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Forms.MESSAGE.write(Message.builder("a").id("\udc00b").build()));
    }

    @Test
    void the_longest_commit_fits_into_the_bounds_of_a_request() {
        Commit commit =
                new Commit(
                        null,
                        Collections.nCopies(
                                Commit.OPERATIONS_MAX,
                                new Operation.Put(
                                        ChannelName.of("mail"),
                                        Message.builder("hi")
                                                .id("id")
                                                .header("tenant", "blue")
                                                .build())));
        assertThat(Forms.COMMIT.read(Forms.COMMIT.write(commit))).isEqualTo(commit);
    }

    private static MalformedException refusalOf(byte[] json) {
        return catchThrowableOfType(MalformedException.class, () -> Forms.MESSAGE.read(json));
    }

    private static MalformedException refusalOf(Form<?> form, String json) {
        return catchThrowableOfType(
                MalformedException.class, () -> form.read(json.getBytes(StandardCharsets.UTF_8)));
    }
}
