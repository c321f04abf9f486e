package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/// The form in which jobs lie in an outbox. What is here was written by a release: a later one
/// reads it, so these texts are never changed.
class DraftJsonTest {
    private static final String FIRST =
            """
            {"queue":"mail","type":"mail.send#2",\
            "payload":{"to":"M\\u00FCller \\uD83D\\uDE00","sum":1.10},\
            "group":"7","priority":3,"delay":"PT1S","time_to_live":"PT5M1S",\
            "headers":[["millstream-keep-result","text","PT1H"],\
            ["millstream-unique","text","done mail/mail.send/=7"]],\
            "unique":{"key":"mail/mail.send/=7","until":"done"}}\
            """;

    record Mail(String to, BigDecimal sum) {}

    private static final JobType<Mail, String> SEND =
            JobType.of("mail.send", Mail.class, String.class)
                    .version(2)
                    .with(options -> options.queue("mail"));

    private static Draft draft(UnaryOperator<JobOptions.Builder> change) {
        Mail mail = new Mail("Müller \ud83d\ude00", new BigDecimal("1.10"));
        return Draft.of("id-1", SEND, mail, change.apply(SEND.options().with()).build());
    }

    @Test
    void the_first_form_is_read_and_written_as_it_was() throws Exception {
        Draft draft =
                draft(options ->
                        options.key("7")
                                .priority(3)
                                .delay(Duration.ofSeconds(1))
                                .startWithin(Duration.ofMinutes(5))
                                .unique(Unique.untilDone().by("7")));

        assertThat(DraftJson.write(draft)).isEqualTo(FIRST);
        assertThat(DraftJson.read("id-1", FIRST)).isEqualTo(draft);
    }

    @Test
    void what_is_kept_is_read_as_it_was_whatever_makes_it_unique() throws Exception {
        List<Unique> all =
                List.of(
                        Unique.untilStarted(),
                        Unique.untilDone(),
                        Unique.within(Duration.ofMinutes(2)),
                        Unique.debounced(Duration.ofSeconds(1), Duration.ofHours(1)));
        for (Unique unique : all) {
            Draft draft = draft(options -> options.unique(unique));

            assertThat(DraftJson.read("id-1", DraftJson.write(draft))).isEqualTo(draft);
        }
    }

    @Test
    void the_least_that_anybody_may_write_is_a_job() throws Exception {
        Draft draft =
                DraftJson.read(
                        "id-1",
                        """
                        {"queue": "mail", "type": "mail.send", "payload": {"to": "Ann"}}
                        """);

        assertThat(draft.queue()).isEqualTo(ChannelName.of("mail"));
        assertThat(draft.message().id()).isEqualTo("id-1");
        assertThat(draft.message().type()).isEqualTo("mail.send");
        assertThat(draft.message().body()).isEqualTo(Bytes.utf8("{\"to\":\"Ann\"}"));
        assertThat(draft.scope()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"queue\":\"mail\",\"type\":\"t\"}",
                "{\"queue\":\"mail\",\"payload\":{}}",
                "{\"type\":\"t\",\"payload\":{}}",
                "{\"queue\":\"\",\"type\":\"t\",\"payload\":{}}",
                "{\"queue\":\"mail\",\"type\":\"t\",\"payload\":[]}",
                "{\"queue\":\"mail\",\"type\":\"t\",\"payload\":{},\"delay\":\"soon\"}",
                "{\"queue\":\"mail\",\"type\":\"t\",\"payload\":{},\"priority\":99}",
                "{\"queue\":\"mail\",\"type\":\"t\",\"payload\":{},"
                        + "\"headers\":[[\"h\",\"b\",\"!\"]]}",
                "{\"queue\":\"mail\",\"type\":\"t\",\"payload\":{},\"unique\":{\"key\":\"k\"}}",
                "{\"queue\":\"mail\",\"type\":\"t\",\"payload\":{},"
                        + "\"unique\":{\"key\":\"k\",\"until\":\"noon\"}}",
            })
    void what_is_no_job_is_unreadable_and_nothing_worse(String text) {
        assertThatThrownBy(() -> DraftJson.read("id-1", text)).isInstanceOf(Json.Unreadable.class);
    }
}
