package io.millstream.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lifecycle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Retention;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// Whatever is told, an index knows what who follows it plainly knows.
class FollowingTest extends IndexFixture {

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 50, 20_000})
    void it_knows_what_was_told_however_much_it_takes_in_at_once(int batch) {
        options = options.withBatch(batch);
        Histories histories = new Histories(batch);

        for (int i = 0; i < 4; i++) {
            tell(histories.next(250));
            assertSound();
            if (i % 2 == 1) {
                closeIndex();
            }
        }
    }

    @Test
    void a_file_that_was_deleted_is_made_anew() throws IOException {
        Path file = told();
        Files.delete(file);

        assertSound();
    }

    @Test
    void a_file_that_was_cut_is_made_anew() throws IOException {
        Path file = told();
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength(bytes.length() / 2);
        }

        assertSound();
    }

    @Test
    void a_file_that_is_something_else_is_made_anew() throws IOException {
        Path file = told();
        Files.writeString(file, "Dear diary, ".repeat(10_000));

        assertSound();
    }

    @Test
    void a_file_with_damage_inside_is_made_anew() throws IOException {
        Path file = told();
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (long at = 8192; at < bytes.length(); at += 4096) {
                bytes.seek(at);
                bytes.write(new byte[100]);
            }
        }

        assertSound();
    }

    @Test
    void a_topic_that_is_another_one_is_followed_from_its_beginning() {
        tell(new Histories(1).next(100));
        caughtUp();
        millstream.commit(new Operation.Remove(HISTORY, Expect.Anything.ANYTHING));
        define_the_topic();
        tell(new Histories(2).next(50));

        assertSound();
    }

    @Test
    void a_file_that_was_not_closed_goes_on_from_what_it_has() throws IOException {
        Histories histories = new Histories(6);
        tell(histories.next(500));
        caughtUp();
        Path copy = Files.createDirectory(directory.resolve("copy"));
        for (String name : List.of("jobs.sqlite", "jobs.sqlite-wal")) {
            Files.copy(directory.resolve(name), copy.resolve(name));
        }
        closeIndex();
        directory = copy;
        tell(histories.next(100));

        assertSound();
    }

    @Test
    void what_was_dropped_before_it_was_read_has_it_begin_anew() {
        millstream.commit(
                new Operation.Define(
                        Definition.Topic.of(HISTORY).withRetention(Retention.ofBytes(100_000)),
                        Expect.Anything.ANYTHING));
        Histories histories = new Histories(7);
        tell(histories.next(200));
        caughtUp();
        closeIndex();
        for (int i = 0; i < 20; i++) {
            tell(histories.next(500));
        }
        await().atMost(LONG).until(() -> records().getFirst().offset() > 1000);

        assertSound();
    }

    @Test
    void what_is_in_the_topic_besides_is_passed_over() {
        millstream.commit(
                new Operation.Append(
                        HISTORY,
                        0,
                        List.of(
                                Message.of("no history"),
                                new Lifecycle.Done(place("mail", 99)).message(),
                                stored("mail", 1, job("a")).message()),
                        null));

        assertThat(ids(caughtUp().search(JobSearch.ALL).jobs())).containsExactly("a");
    }

    @Test
    void a_delay_is_over_when_its_time_has_come() {
        tell(stored("mail", 1, job("a").delay(Duration.ofMillis(50))));
        caughtUp();

        await().until(() -> !all(JobSearch.ALL.state(IndexedState.WAITING)).isEmpty());
        assertThat(all(JobSearch.ALL.state(IndexedState.DELAYED))).isEmpty();
    }

    private Path told() throws IOException {
        tell(new Histories(5).next(500));
        caughtUp();
        closeIndex();
        return directory.resolve("jobs.sqlite");
    }

    private void assertSound() {
        Oracle oracle = new Oracle();
        records().forEach(oracle::add);
        caughtUp();
        List<IndexedJob> found = all(JobSearch.ALL.limit(37));

        List<String> expected = oracle.lines(_ -> true);
        List<String> lines = found.stream().map(Oracle.Job::line).toList();
        for (int i = 0; i < Math.min(lines.size(), expected.size()); i++) {
            assertThat(lines.get(i)).isEqualTo(expected.get(i));
        }
        assertThat(lines).hasSameSizeAs(expected);
        assertThat(index().counts().stream().mapToLong(JobCount::jobs).sum())
                .isEqualTo(oracle.jobs().size());
        for (JobCount count : index().counts()) {
            assertThat(
                            oracle.jobs().stream()
                                    .filter(job ->
                                            job.queue.equals(count.queue().name())
                                                    && job.state == count.state()
                                                    && Objects.equals(job.type, count.type()))
                                    .count())
                    .as(count.toString())
                    .isEqualTo(count.jobs());
        }
        assertHistories(oracle);
    }

    private void assertHistories(Oracle oracle) {
        var byId = oracle.jobs().stream().collect(Collectors.groupingBy(job -> job.id));
        byId.forEach((id, jobs) -> {
            JobHistory history = index().history(id).orElseThrow();
            List<String> events = jobs.getLast().events;
            if (events.size() <= JobHistory.FIRST_STEPS + JobHistory.LAST_STEPS) {
                assertThat(history.steps().stream().map(step -> step.event().name()).toList())
                        .as(id)
                        .isEqualTo(events);
            }
        });
    }
}
