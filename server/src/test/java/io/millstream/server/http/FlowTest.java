package io.millstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.View.QueueCounts;
import io.millstream.api.View.QueueView;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;

class FlowTest {
    private static final long SECOND = 1_000_000_000L;

    private final Flow flow = new Flow();

    private static QueueCounts counts(long stored, long done) {
        return new QueueCounts(0, 0, 0, 0, stored, done, 0, 0, 0);
    }

    private static QueueLook look(long life, long stored, long done, QueueCounts rest) {
        Definition.Queue mail = Definition.Queue.of(ChannelName.of("mail"));
        QueueView view =
                new QueueView(mail, life, 1, Instant.EPOCH, Instant.EPOCH, counts(stored, done));
        return new QueueLook(List.of(view), 0, rest, counts(0, 0), 0);
    }

    private void see(long second, long life, long stored, long done) {
        flow.add(look(life, stored, done, counts(0, 0)), second * SECOND);
    }

    @Test
    void nothing_is_known_after_one_look() {
        see(1, 1, 100, 50);

        assertThat(flow.ofAll()).isNull();
        assertThat(flow.of("mail")).isNull();
        assertThat(flow.course()).isEmpty();
    }

    @Test
    void rates_are_those_of_the_last_five_seconds() {
        see(0, 1, 0, 0);
        for (int second = 1; second <= 10; second++) {
            see(second, 1, second * 100L, second * 40L);
        }
        see(11, 1, 2000, 440);

        assertThat(flow.of("mail")).isEqualTo(new Flow.Rate((2000 - 600) / 5.0, 40));
        assertThat(flow.ofAll()).isEqualTo(new Flow.Rate((2000 - 600) / 5.0, 40));
        assertThat(flow.of("other")).isNull();
    }

    @Test
    void queues_that_are_not_shown_by_name_count_in_all() {
        flow.add(look(1, 10, 0, counts(1000, 500)), 0);
        flow.add(look(1, 20, 0, counts(1030, 500)), SECOND);

        assertThat(flow.ofAll()).isEqualTo(new Flow.Rate(40, 0));
    }

    @Test
    void another_life_of_a_queue_is_not_compared_with_the_last_one() {
        see(0, 1, 1000, 1000);
        see(1, 2, 5000, 5000);

        assertThat(flow.of("mail")).isNull();
    }

    @Test
    void removed_queues_make_no_rate_below_zero() {
        see(0, 1, 1000, 1000);
        flow.add(new QueueLook(List.of(), 0, counts(0, 0), counts(0, 0), 0), SECOND);

        assertThat(flow.ofAll()).isNull();
        assertThat(flow.course()).isEmpty();
    }

    @Test
    void looks_that_follow_each_other_closely_are_one() {
        see(0, 1, 0, 0);
        flow.add(look(1, 999, 0, counts(0, 0)), SECOND / 2);
        see(1, 1, 10, 0);

        assertThat(flow.course()).containsExactly(new Flow.Step(0, new Flow.Rate(10, 0)));
    }

    @Test
    void a_minute_is_remembered_and_no_more() {
        for (int second = 0; second < 1000; second++) {
            see(second, 1, second, 0);
        }

        assertThat(flow.course()).hasSize(Flow.SECONDS);
        assertThat(flow.course().getFirst().secondsAgo()).isEqualTo(Flow.SECONDS - 1.0);
    }

    @Test
    void after_nobody_looked_for_long_nothing_is_known() {
        see(0, 1, 0, 0);
        see(500, 1, 1000, 0);

        assertThat(flow.of("mail")).isNull();
        assertThat(flow.course()).isEmpty();
    }
}
