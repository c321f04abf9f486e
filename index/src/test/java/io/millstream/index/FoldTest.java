package io.millstream.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Header;
import io.millstream.api.Lifecycle;
import io.millstream.api.Message;
import io.millstream.api.TopicRecord;
import io.millstream.api.Via;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;

/// What was told at times of which much else passes in between.
class FoldTest {
    private static final Instant BEGIN = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir Path directory;

    private IndexFile file;
    private Fold fold;
    private long offset;

    @BeforeEach
    void open() throws Exception {
        file = IndexFile.open(directory);
        fold = new Fold(file.connection());
        fold.of(ChannelName.of("jobs.history"), 1);
    }

    @AfterEach
    void close() throws Exception {
        file.close();
    }

    /// Each in a batch of its own.
    private void told(long second, Lifecycle... events) throws SQLException {
        for (Lifecycle event : events) {
            fold.add(new TopicRecord(0, offset++, BEGIN.plusSeconds(second), event.message()));
            fold.commit();
        }
    }

    private long count(String sql) throws SQLException {
        return IndexFile.number(file.connection(), "SELECT count(*) FROM " + sql);
    }

    private static Lifecycle.Place place(String queue, long sequence) {
        return IndexFixture.place(queue, sequence);
    }

    private static Message.Builder job(String id) {
        return Message.builder("{}").id(id).type("mail.send");
    }

    @Test
    void a_job_whose_workers_died_is_one_row_however_late_somebody_sees_to_it() throws Exception {
        told(
                0,
                Lifecycle.Stored.put(place("mail", 1), job("a").build()),
                new Lifecycle.Taken(place("mail", 1), 1, null));
        told(
                30,
                new Lifecycle.Dead(
                        place("mail", 1), Via.Cause.ATTEMPTS, "", place("jobs.ended", 5)),
                Lifecycle.Stored.from(place("jobs.ended", 5), place("mail", 1)));
        Message dead =
                job("a").header(Header.text("millstream-dead-reason", "Its workers died")).build();

        told(
                3600,
                new Lifecycle.Taken(place("jobs.ended", 5), 1, null),
                new Lifecycle.Done(place("jobs.ended", 5)),
                Lifecycle.Stored.put(place("jobs.dead", 9), dead));

        assertThat(count("job")).isEqualTo(1);
        assertThat(count("job WHERE reason = 'Its workers died' AND place = 9")).isEqualTo(1);
        assertThat(count("kind WHERE state = 'dead' AND jobs = 1")).isEqualTo(1);
    }

    @Test
    void who_comes_nowhere_is_not_waited_for_though_others_leave_all_the_time() throws Exception {
        for (int second = 0; second < 60; second++) {
            told(
                    second,
                    Lifecycle.Stored.put(place("mail", second), job("j" + second).build()),
                    new Lifecycle.Dead(
                            place("mail", second), Via.Cause.EXPIRED, "", place("quiet", second)));
        }

        assertThat(count("gone")).isBetween(1L, 2L);
        assertThat(count("kind WHERE state = 'expired' AND jobs = 60")).isEqualTo(1);
    }

    @Test
    void a_purged_dead_set_is_waited_for_by_nobody() throws Exception {
        for (int i = 0; i < 50; i++) {
            told(0, Lifecycle.Stored.put(place("jobs.dead", i), job("j" + i).build()));
        }

        told(1, new Lifecycle.Purged(place("jobs.dead", 0).life(), 50));

        assertThat(count("gone")).isZero();
        assertThat(count("kind WHERE state = 'discarded' AND jobs = 50")).isEqualTo(1);
    }
}
