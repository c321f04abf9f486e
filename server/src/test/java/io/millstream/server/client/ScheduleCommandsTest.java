package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.schedule.Cron;
import io.millstream.jobs.schedule.Every;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

class ScheduleCommandsTest {
    @SuppressWarnings("unchecked") // A map is what it is given.
    private static final JobType<Map<String, Object>, Void> REPORT =
            JobType.of("report", (Class<Map<String, Object>>) (Class<?>) Map.class);

    @TempDir Path folder;

    private ServedTerminal terminal;

    @BeforeEach
    void serve() {
        terminal = new ServedTerminal(folder);
        try (Millstream program = terminal.program();
                Jobs jobs = Jobs.over(program)) {
            jobs.schedules()
                    .declare(
                            "nightly",
                            Cron.of("0 3 * * *").zone("Europe/Berlin"),
                            REPORT,
                            Map.of("day", "last"));
            jobs.schedules().declare("often", Every.of(Duration.ofHours(6)), REPORT, Map.of());
        }
    }

    @AfterEach
    void close() {
        terminal.close();
    }

    @Test
    void schedules_are_listed_and_shown() {
        assertThat(terminal.done("schedules", "list"))
                .containsPattern("(?m)^nightly  0 3 \\* \\* \\* Europe/Berlin  report  jobs +20")
                .containsPattern("(?m)^often +every 6h +report  jobs +20\\S+ +0  -$");
        assertThat(terminal.done("schedules", "list", "--json")).hasLineCount(2);
        assertThat(terminal.done("schedules", "show", "nightly", "--json"))
                .startsWith(
                        "{\"name\":\"nightly\",\"timetable\":{\"cron\":\"0 3 * * *\","
                                + "\"zone\":\"Europe/Berlin\"")
                .contains(
                        "\"misfire\":{\"policy\":\"last\"}",
                        "\"still_running\":\"skip\"",
                        "\"job\":{\"type\":\"report\",\"queue\":\"jobs\","
                                + "\"payload\":{\"day\":\"last\"}}");
        assertThat(terminal.done("schedules", "show", "often"))
                .containsPattern("(?m)^when +every 6h$")
                .containsPattern("(?m)^paused +false$");
    }

    @Test
    void a_schedule_is_paused_resumed_and_removed() {
        assertThat(terminal.done("schedules", "pause", "nightly", "often"))
                .isEqualTo("nightly is paused.\noften is paused.\n");
        assertThat(terminal.done("schedules", "pause", "often"))
                .isEqualTo("often was paused already.\n");
        assertThat(terminal.done("schedules", "list")).containsPattern("nightly .* paused\n");
        assertThat(terminal.done("schedules", "resume", "often", "--json"))
                .isEqualTo("{\"name\":\"often\",\"paused\":false}\n");
        assertThat(terminal.done("schedules", "remove", "often")).isEqualTo("Removed often.\n");

        for (String verb : new String[] {"show", "pause", "resume", "trigger", "remove"}) {
            assertThat(terminal.run("schedules", verb, "often")).as(verb).isEqualTo(1);
            assertThat(terminal.err()).as(verb).contains("There is no schedule").hasLineCount(1);
        }
    }

    @Test
    void a_run_is_begun_by_hand() {
        String id = terminal.done("schedules", "trigger", "nightly").strip();

        assertThat(terminal.done("jobs", "show", id, "--json"))
                .contains("\"type\":\"report\"", "\"payload\":{\"day\":\"last\"}");
        assertThat(terminal.run("schedules", "trigger", "nightly"))
                .as("still running")
                .isEqualTo(1);
        assertThat(terminal.err()).contains("is not triggered").hasLineCount(1);
    }

    @Test
    void what_would_run_is_shown_before_it_does() {
        assertThat(terminal.done("schedules", "preview", "often", "-n", "3"))
                .matches("(20\\S+T(00|06|12|18):00:00Z\n){3}");
        assertThat(terminal.done("schedules", "preview", "nightly", "-n", "1"))
                .matches("20\\S+Z  20\\S+T03:00\\+0[12]:00\n");
        assertThat(
                        terminal.done(
                                "schedules",
                                "preview",
                                "--cron",
                                "0 12 29 2 *",
                                "-n",
                                "2",
                                "--json"))
                .matches("(\\{\"at\":\"20\\d\\d-02-29T12:00:00Z\"}\n){2}");
        assertThat(terminal.done("schedules", "preview", "--every", "15m", "-n", "4"))
                .hasLineCount(4);
        assertThat(terminal.run("schedules", "preview", "nobody")).isEqualTo(1);
    }
}
