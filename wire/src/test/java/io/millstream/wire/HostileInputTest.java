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
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

class HostileInputTest {

    /// Single quotes stand for quotation marks.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | $ | is an array",
                "5 | $ | is the number 5",
                "null | $ | is null",
                "{} | $.op | is missing. Give one of define, remove, put, append, publish",
                "{'op':'pot'} | $.op | is the text \"pot\". Give one of define, remove, put",
                "{'op':'PUT'} | $.op | Give one of define, remove, put",
                "{'op':5} | $.op | is the number 5",
                "{'op':'put','queue':'mail'} | $.message | is missing. Give a message, such as",
                "{'op':'put','queue':null,'message':{}} | $.queue | is null. Leave it out, or give",
                "{'op':'put','queue':'','message':{}} | $.queue | is the text \"\". Give a name of"
                        + " 1",
                "{'op':'put','queue':{'host':'','name':'a'},'message':{}} | $.queue | 1 to 255",
                "{'op':'put','queue':{'nam':'a'},'message':{}} | $.queue.name | is missing",
                "{'op':'put','queue':'m','message':'hi'} | $.message | is the text \"hi\". Give a"
                        + " me",
                "{'op':'put','queue':'m','message':{'txt':'a'}} | $.message.txt | is not known"
                        + " here. Leave it out, or give one of id, type, content_type",
                "{'op':'put','queue':'m','message':{'text':'a','base64':'YQ=='}} |"
                        + " $.message.base64 | is there beside text. Give one of the two",
                "{'op':'put','queue':'m','message':{'base64':'%'}} | $.message.base64 | in base64",
                "{'op':'put','queue':'m','message':{'priority':32}} | $.message.priority |"
                        + " is the number 32. Give a whole number from 0 to 31",
                "{'op':'put','queue':'m','message':{'priority':1.0}} | $.message.priority |"
                        + " is the number 1.0",
                "{'op':'put','queue':'m','message':{'priority':'1'}} | $.message.priority |"
                        + " is the text \"1\"",
                "{'op':'put','queue':'m','message':{'delay_ms':-1}} | $.message.delay_ms |"
                        + " Give a number of milliseconds, 0 or more",
                "{'op':'put','queue':'m','message':{'delay_ms':0.0000001}} | $.message.delay_ms |"
                        + " with at most 6 decimals",
                "{'op':'put','queue':'m','message':{'delay_ms':1e30}} | $.message.delay_ms | is"
                        + " the",
                "{'op':'put','queue':'m','message':{'delay_ms':1e99999}} | $.message.delay_ms |"
                        + " is a number with an exponent of more than 1000",
                "{'op':'put','queue':'m','message':{'delay_ms':1e99999999999}} |"
                        + " $.message.delay_ms | is a number with an exponent of more",
                "{'op':'put','queue':'m','message':{'delay_ms':'PT1S'}} | $.message.delay_ms |"
                        + " Give",
                "{'op':'put','queue':'m','message':{'time':'today'}} | $.message.time | ISO 8601",
                "{'op':'put','queue':'m','message':{'time':'+1000000000-01-01T00:00:00Z'}} |"
                        + " $.message | A time can be told in milliseconds",
                "{'op':'put','queue':'m','message':{'headers':{'a':'b'}}} | $.message.headers |"
                        + " is an object. Give an array",
                "{'op':'put','queue':'m','message':{'headers':[{'name':'a'}]}} |"
                        + " $.message.headers[0].value | is missing. Give a text, or value_base64",
                "{'op':'put','queue':'m','message':{'headers':[{'name':'','value':''}]}} |"
                        + " $.message.headers[0] | A header's name has 1 to 256 characters",
                "{'op':'put','queue':'m','queue':'n','message':{}} | $.queue | is there twice",
                "{'op':'put','queue':'\\ud800','message':{}} | $.queue | half of a surrogate pair",
                "{'op':'put','\\udc00':'m','message':{}} | $ | surrogate",
                "{'op':'write','table':'t','key':'k'} | $.value | is missing",
                "{'op':'write','table':'t','key':'k','remove':true,'value':'v'} | $.value |"
                        + " is not known here",
                "{'op':'write','table':'t','key':'k','value':'v','if_version':1,'if_absent':true} |"
                        + " $.if_version | is there beside if_absent",
                "{'op':'write','table':'','key':'k','value':'v'} | $ | 1 to 255 characters",
                "{'op':'append','topic':'t','messages':[]} | $ | at least one message",
                "{'op':'append','topic':'t','partition':-1,'messages':[{}]} | $.partition | 0 to",
                "{'op':'move','from':'a','messages':99999999999} | $.messages | 1 to 2147483647",
                "{'op':'drop','queue':'a','sequence':9223372036854775808} | $.sequence | 64 bits",
                "{'op':'extend','handle':'x','length_ms':1} | $.handle | Give a handle as it came",
                "{'op':'define','definition':{'type':'queue','name':'q','paused':'yes'}} |"
                        + " $.definition.paused | is the text \"yes\". Give true or false",
                "{'op':'define','definition':{'type':'queue','name':'q','weights':{'a':0}}} |"
                        + " $.definition.weights.a | 1 to 1000",
                "{'op':'define','definition':{'type':'queue','name':'q','capacity':{'overflow':"
                        + "'dead_letter'}}} | $.definition | has a deadLetter. Name one.",
                "{'op':'define','definition':{'type':'queue','name':'q','limits':{'rate':{'permits'"
                        + ":5,'per_ms':0}}}} | $.definition.limits.rate | A rate is 1 or more",
                "{'op':'define','definition':{'type':'queue','name':'q','ageing_ms':1e18}} |"
                        + " $.definition | ageing is a millisecond to 36500 days",
                "{'op':'define','definition':{'type':'binding','binding':{'exchange':'e','target':"
                        + "{'channel':'q'}},'filter':{'policy':{'a':[null,{'prefix':5}]}}}} |"
                        + " $.definition.filter | Give one in quotation marks",
                "{'op':'define','definition':{'type':'binding','binding':{'exchange':'e','target':"
                        + "{'channel':'q'}},'filter':{}}} | $.definition.filter | Give a policy",
            })
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
                .hasMessageContaining("Give a text of 1 to 255 characters.");
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
