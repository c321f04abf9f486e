package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.jobs.schedule.Cron;
import io.millstream.jobs.schedule.Misfire;
import io.millstream.jobs.schedule.StillRunning;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// The form in which schedules are stored. What is here was written by a release: a later one reads
/// it, so these texts are never changed.
class ScheduleJsonTest {
    private static final String FIRST =
            """
            {"version":1,\
            "timetable":{"cron":"0 3 * * *","zone":"Europe/Berlin",\
            "gap":"at_end","overlap":"first"},\
            "misfire":{"policy":"all","most":10,"late":"PT1H"},\
            "still_running":"one_waits",\
            "job":{"queue":"mail","type":"report#2","payload":{"of":"all","sum":1.10},\
            "group":"7","deduplication":"x","priority":3,"delay":"PT1S","time_to_live":"PT5M",\
            "headers":[["millstream-keep-result","text","PT1H"],["raw","bytes","AP8="]]},\
            "created":"2026-01-01T00:00:00Z","reckoned":"2026-01-02T02:00:00Z","paused":false,\
            "runs":17,"left_out":2,"waiting":["2026-01-02T02:00:00Z"],\
            "last":{"id":"nightly#mjuohs00.17","number":17,"at":"2026-01-01T02:00:00Z",\
            "begun":"2026-01-01T02:00:00.003Z"},\
            "failing":{"tries":3,"since":"2026-01-02T02:00:00Z","again":"2026-01-02T02:00:04Z",\
            "reason":"mail is full"},\
            "next":"2026-01-03T02:00:00Z"}\
            """;

    private static final String LEAST =
            """
            {"version":1,"timetable":{"every":"PT10S","first":"1970-01-01T00:00:00Z"},
             "misfire":{"policy":"skip"},"still_running":"beside",
             "job":{"queue":"mail","type":"report","payload":{}},
             "created":"2026-01-01T00:00:00Z","reckoned":"2026-01-01T00:00:00Z"}
            """;

    @Test
    void the_first_form_is_read_and_written_as_it_was() throws Exception {
        ScheduleRow row = ScheduleJson.read("nightly", Bytes.utf8(FIRST));

        assertThat(row.plan().timetable()).isEqualTo(Cron.of("0 3 * * *").zone("Europe/Berlin"));
        assertThat(row.plan().misfire()).isEqualTo(new Misfire.All(10, Duration.ofHours(1)));
        assertThat(row.plan().stillRunning()).isEqualTo(StillRunning.ONE_WAITS);
        assertThat(row.plan().queue()).isEqualTo(ChannelName.of("mail"));
        assertThat(row.plan().envelope().header("raw").orElseThrow().value())
                .isEqualTo(Bytes.of(new byte[] {0, (byte) 0xff}));
        assertThat(row.progress().waiting()).containsExactly(Instant.parse("2026-01-02T02:00:00Z"));
        assertThat(ScheduleJson.write(row).utf8()).isEqualTo(FIRST);
    }

    @Test
    void what_may_be_left_out_is_left_out() throws Exception {
        ScheduleRow row = ScheduleJson.read("pulse", Bytes.utf8(LEAST));

        assertThat(row.plan().misfire()).isEqualTo(new Misfire.Skip(Misfire.EVER));
        assertThat(row.progress())
                .isEqualTo(ScheduleRow.Progress.begin(Instant.parse("2026-01-01T00:00:00Z")));
        assertThat(ScheduleJson.read("pulse", ScheduleJson.write(row))).isEqualTo(row);
    }

    @Test
    void whatever_is_wrong_is_said_and_nothing_worse() {
        List<String> wrong =
                List.of(
                        "",
                        "[]",
                        "{}",
                        "{\"version\":2}",
                        LEAST.replace("PT10S", "ten"),
                        LEAST.replace("PT10S", "PT0S"),
                        LEAST.replace("skip", "hope"),
                        LEAST.replace("beside", "besides"),
                        LEAST.replace("\"mail\"", "\"\""),
                        LEAST.replace("\"payload\":{}", "\"payload\":7"),
                        LEAST.replace("\"type\":\"report\",", ""),
                        LEAST.replace("2026-01-01T00:00:00Z", "2026-13-01T00:00:00Z"),
                        FIRST.replace("0 3 * * *", "0 25 * * *"),
                        FIRST.replace("Europe/Berlin", "Europe/Berln"),
                        FIRST.replace("AP8=", "?"),
                        FIRST.replace("\"priority\":3", "\"priority\":99"));
        for (String text : wrong) {
            assertThatThrownBy(() -> ScheduleJson.read("s", Bytes.utf8(text)))
                    .as(text)
                    .isInstanceOf(Json.Unreadable.class)
                    .hasMessageMatching("(?s).{10,}");
        }
    }
}
