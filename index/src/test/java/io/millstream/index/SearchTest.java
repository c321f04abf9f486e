package io.millstream.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.ChannelName;
import io.millstream.api.Lifecycle;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// What is asked for is found, in its order, page by page.
class SearchTest extends IndexFixture {

    @Test
    void whatever_is_asked_for_all_of_it_and_nothing_else_is_found() {
        Histories histories = new Histories(42);
        for (int i = 0; i < 10; i++) {
            tell(histories.next(150));
        }
        Oracle oracle = new Oracle();
        records().forEach(oracle::add);
        caughtUp();
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);

        int found = 0;
        for (int i = 0; i < 300; i++) {
            Asking asking = asking(random, oracle);
            List<String> expected = oracle.lines(asking.matches);
            JobSearch search = asking.search.limit(1 + random.nextInt(20));
            if (random.nextBoolean()) {
                search = search.fromOldest();
                expected = expected.reversed();
            }
            assertThat(all(search).stream().map(Oracle.Job::line).toList())
                    .as(search.toString())
                    .isEqualTo(expected);
            found += expected.size();
        }
        assertThat(found).isGreaterThan(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"हिन्दी", "ภาษาไทย", "חָבֵר", "naïve", "ошибка", "エラー", "x\u0301y"})
    void words_of_any_script_are_found(String word) {
        tell(
                stored("mail", 1, job("a")),
                new Lifecycle.Failed(place("mail", 1), 1, "before " + word + ", after", ""),
                stored("mail", 2, job("b")),
                new Lifecycle.Failed(place("mail", 2), 1, "before, after", ""));
        caughtUp();

        assertThat(ids(all(JobSearch.ALL.error(word)))).containsExactly("a");
        assertThat(ids(all(JobSearch.ALL.error(word + " bef*")))).containsExactly("a");
    }

    @Test
    void times_beyond_all_that_can_be_counted_are_times() {
        tell(stored("mail", 1, job("a")));
        caughtUp();

        assertThat(all(JobSearch.ALL.between(Instant.MIN, Instant.MAX))).hasSize(1);
        assertThat(all(JobSearch.ALL.between(Instant.MAX, Instant.MAX))).isEmpty();
    }

    /// What is asked for, in both languages.
    private record Asking(JobSearch search, Predicate<Oracle.Job> matches) {
        Asking and(JobSearch more, Predicate<Oracle.Job> also) {
            return new Asking(more, matches.and(also));
        }
    }

    private Asking asking(RandomGenerator random, Oracle oracle) {
        Asking asking = new Asking(JobSearch.ALL, _ -> true);
        if (random.nextInt(2) == 0) {
            IndexedState[] states = IndexedState.values();
            IndexedState one = states[random.nextInt(states.length)];
            IndexedState other = states[random.nextInt(states.length)];
            asking =
                    asking.and(
                            asking.search.state(one, other),
                            job -> job.state == one || job.state == other);
        }
        if (random.nextInt(3) == 0) {
            String queue = random.nextBoolean() ? "mail" : "reports";
            asking = asking.and(asking.search.queue(queue), job -> job.queue.equals(queue));
        }
        if (random.nextInt(3) == 0) {
            String type = "type." + random.nextInt(5);
            asking = asking.and(asking.search.type(type), job -> type.equals(job.type));
        }
        if (random.nextInt(3) == 0) {
            String tag = random.nextBoolean() ? "a" : "b";
            asking =
                    asking.and(
                            asking.search.tag(tag),
                            job -> List.of(job.tags.split(",")).contains(tag));
        }
        if (random.nextInt(4) == 0) {
            String key = "key" + random.nextInt(11);
            asking = asking.and(asking.search.key(key), job -> key.equals(job.key));
        }
        if (random.nextInt(5) == 0) {
            String fingerprint = "f" + random.nextInt(6);
            asking =
                    asking.and(
                            asking.search.fingerprint(fingerprint),
                            job -> fingerprint.equals(job.fingerprint));
        }
        if (random.nextInt(4) == 0) {
            String words =
                    List.of("timeout", "REFUSED disk", "conn*", "java ill* x")
                            .get(random.nextInt(4));
            asking = asking.and(asking.search.error(words), job -> hasAll(job.reason, words));
        }
        if (random.nextInt(4) == 0) {
            long from = at(random, oracle);
            long to = at(random, oracle);
            asking =
                    asking.and(
                            asking.search.between(
                                    Instant.ofEpochMilli(from), Instant.ofEpochMilli(to)),
                            job -> job.stored >= from && job.stored < to);
        }
        if (random.nextInt(8) == 0) {
            String id = "id" + random.nextInt(50);
            asking = asking.and(asking.search.id(id), job -> id.equals(job.id));
        }
        return asking;
    }

    private static long at(RandomGenerator random, Oracle oracle) {
        return oracle.jobs().get(random.nextInt(oracle.jobs().size())).stored
                + random.nextInt(3)
                - 1;
    }

    private static boolean hasAll(String text, String words) {
        List<String> there = List.of(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"));
        for (String word : words.toLowerCase(Locale.ROOT).split(" ")) {
            boolean has =
                    word.endsWith("*")
                            ? there.stream()
                                    .anyMatch(one ->
                                            one.startsWith(word.substring(0, word.length() - 1)))
                            : there.contains(word);
            if (!has) {
                return false;
            }
        }
        return true;
    }

    @Test
    void what_may_not_be_read_is_not_found() {
        tell(stored("mail", 1, job("a")), stored("secret", 1, job("b")));

        FoundJobs found = caughtUp().search(JobSearch.ALL, ChannelName.of("mail")::equals);

        assertThat(ids(found.jobs())).containsExactly("a");
    }

    @Test
    void a_search_that_takes_long_ends_its_page_early_and_goes_on_with_the_next() {
        List<Lifecycle> events = new ArrayList<>();
        for (int i = 1; i <= 5000; i++) {
            var header = io.millstream.api.Header.text("millstream-tags", i % 2 == 0 ? "a" : "b");
            events.add(stored("mail", i, job("i" + i).group("k" + i % 2).header(header)));
        }
        tell(events);
        options = options.withSearchTime(Duration.ofNanos(1));
        caughtUp();
        JobSearch nothing = JobSearch.ALL.tag("a").key("k1");

        FoundJobs first = index().search(nothing);

        assertThat(first.jobs()).isEmpty();
        assertThat(first.next()).isNotNull();
        assertThat(all(nothing)).isEmpty();
        assertThat(all(JobSearch.ALL.tag("a").limit(1000))).hasSize(2500);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"",
                "timeout OR NEAR(",
                "\"timeout\" NOT x",
                "text:timeout",
                "rowid:1",
                "time*out",
                "^timeout",
                "{timeout}",
                "timeout); DROP TABLE job; --",
                "'timeout'",
                "tim* -connect",
                "\u0000timeout",
                "\ud83d\ude00 timeout"
            })
    void what_is_looked_for_in_errors_is_words_and_no_language(String text) {
        tell(stored("mail", 1, job("a")), failed("a timeout, to connect"));
        caughtUp();

        try {
            List<IndexedJob> found = index().search(JobSearch.ALL.error(text)).jobs();
            assertThat(found).hasSizeLessThan(2);
        } catch (IllegalArgumentException wrong) {
            assertThat(wrong).hasMessageContaining("words are looked for");
        }
        assertThat(ids(index().search(JobSearch.ALL.error("TIMEOUT con*")).jobs()))
                .containsExactly("a");
    }

    @Test
    void an_open_end_with_too_short_a_beginning_is_refused() {
        assertThatThrownBy(() -> JobSearch.ALL.error("a*"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("begins with 3 characters");
    }

    @Test
    void an_error_of_300_kilobytes_is_cut_and_found() {
        String error = "Disaster struck. " + "x".repeat(300_000);
        tell(stored("mail", 1, job("a")), failed(error));
        caughtUp();

        List<IndexedJob> found = index().search(JobSearch.ALL.error("disaster")).jobs();

        assertThat(ids(found)).containsExactly("a");
        assertThat(found.getFirst().reason()).hasSize(Lifecycle.NOTE_CHARS_MAX);
        assertThat(index().history("a").orElseThrow().steps().getLast().text()).hasSize(255);
    }

    @Test
    void a_log_is_cut_at_its_beginning_and_steps_in_their_middle() {
        List<Lifecycle> events = new ArrayList<>();
        events.add(stored("mail", 1, job("a")));
        for (int i = 1; i <= 100; i++) {
            events.add(new Lifecycle.Taken(place("mail", 1), i, null));
            events.add(new Lifecycle.Logged(place("mail", 1), i, i + "x".repeat(1000)));
            events.add(new Lifecycle.Progressed(place("mail", 1), i, i, 100, "at it"));
        }
        tell(events);

        JobHistory history = caughtUp().history("a").orElseThrow();

        assertThat(history.log().getLast().text()).startsWith("100x");
        assertThat(history.log().stream().mapToInt(line -> line.text().length()).sum())
                .isBetween(60_000, JobHistory.LOG_CHARS_MAX);
        assertThat(history.linesLeftOut()).isEqualTo(100 - history.log().size());
        assertThat(history.steps()).hasSize(50);
        assertThat(history.stepsLeftOut()).isEqualTo(51);
        assertThat(history.steps().get(9).attempt()).isEqualTo(9);
        assertThat(history.steps().get(10).attempt()).isEqualTo(61);
        assertThat(history.job().progress()).isEqualTo(new IndexedJob.Progress(100, 100, "at it"));
    }

    private static Lifecycle failed(String error) {
        return new Lifecycle.Failed(place("mail", 1), 1, error, "f");
    }
}
