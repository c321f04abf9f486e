package io.millstream.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Lifecycle;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What has ended is forgotten after a time, and when there is too much of it.
class RetirementTest extends IndexFixture {

    @Test
    void what_has_ended_goes_after_its_time_and_what_has_not_stays() {
        options = options.withKeepEnded(Duration.ofMillis(1));
        List<Lifecycle> events = new ArrayList<>();
        for (int i = 1; i <= 2000; i++) {
            events.add(stored("mail", i, job("i" + i).group("k" + i)));
            events.add(new Lifecycle.Failed(place("mail", i), 1, "broken", "f"));
            events.add(new Lifecycle.Logged(place("mail", i), 1, "a line"));
            if (i % 2 == 0) {
                events.add(new Lifecycle.Done(place("mail", i)));
            }
        }
        tell(events);
        caughtUp();

        await().atMost(LONG).until(() -> index().status().jobs() == 1000);

        assertThat(all(JobSearch.ALL.limit(1000))).hasSize(1000);
        assertThat(all(JobSearch.ALL.error("broken").limit(1000))).hasSize(1000);
        assertThat(all(JobSearch.ALL.fingerprint("f").limit(1000))).hasSize(1000);
        assertThat(all(JobSearch.ALL.key("k2"))).isEmpty();
        assertThat(index().history("i2")).isEmpty();
        assertThat(index().counts()).hasSize(1);
    }

    @Test
    void when_the_file_is_full_the_oldest_that_have_ended_go() {
        options = options.withBytesMax(2 << 20);
        tell(stored("mail", 1, job("waits")));
        for (int round = 0; round < 10; round++) {
            List<Lifecycle> events = new ArrayList<>();
            for (int i = 2; i <= 3000; i++) {
                long place = round * 3000L + i;
                events.add(stored("mail", place, job("i" + place)));
                events.add(new Lifecycle.Done(place("mail", place)));
            }
            tell(events);
        }
        caughtUp();

        await().atMost(LONG).until(() -> index().status().bytes() <= 2 << 20);

        List<IndexedJob> left = all(JobSearch.ALL.limit(1000));
        assertThat(left.size()).isBetween(1000, 29_000);
        assertThat(left.getFirst().id()).isEqualTo("i30000");
        assertThat(left.getLast().id()).isEqualTo("waits");
    }
}
