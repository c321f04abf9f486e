package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Subscribe;
import io.millstream.api.Taken;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The better priority is served first, always or until the others have waited long enough; in one
/// priority the order is the ready order.
public abstract class PriorityContract extends BackendContract {

    private final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.PRIORITY);
        define("mail");
    }

    private void age(@Nullable Duration step) {
        define(Definition.Queue.of(mail).with().ageing(step).build());
    }

    private void put(int priority, String... texts) {
        for (String text : texts) put(mail, urgent(priority, text));
    }

    // Strictly.

    @Test
    void the_smaller_number_is_served_first() {
        put(5, "five");
        put(0, "zero");
        put(Message.PRIORITY_MAX, "last");
        put(1, "one");

        assertReadyInOrder(mail, "zero", "one", "five", "last");
    }

    @Test
    void in_one_priority_the_order_is_that_of_arrival() {
        put(3, "3a", "3b");
        put(1, "1a");
        put(3, "3c");
        put(1, "1b");

        assertReadyInOrder(mail, "1a", "1b", "3a", "3b", "3c");
    }

    @Test
    void a_message_without_a_priority_has_the_best() {
        put(1, "one");
        put(mail, "none");

        assertReadyInOrder(mail, "none", "one");
    }

    @Test
    void a_better_one_that_comes_later_overtakes_what_waits() {
        put(9, "a", "b", "c");
        assertThat(texts(takeNow(mail, 1))).containsExactly("a");
        put(2, "better");
        assertThat(texts(takeNow(mail, 1))).containsExactly("better");
        put(0, "best");

        assertReadyInOrder(mail, "best", "b", "c");
    }

    @Test
    void strictly_nothing_overtakes_a_better_one_however_long_it_waits() {
        put(1, "old");
        advance(Duration.ofDays(1000));
        put(0, "young");

        assertReadyInOrder(mail, "young", "old");
    }

    @Test
    void a_waiting_take_gets_the_best_of_what_is_put_together() {
        Pending<Taken> waiting = waitFor(mail, 1);
        commit(putting(mail, urgent(7, "worse")), putting(mail, urgent(2, "better")));

        assertThat(texts(leased(waiting))).containsExactly("better");
    }

    @Test
    void a_consumer_is_pushed_the_better_ones_first() {
        needs(Feature.CONSUME);
        put(4, "4");
        put(2, "2");
        put(0, "0");
        Consumer consumer = new Consumer();
        session()
                .consume(
                        Subscribe.of(mail, WHILE_OPEN, session().credit(1, Long.MAX_VALUE)),
                        consumer);
        for (int i = 0; i < 3; i++) {
            int delivered = i + 1;
            eventually(() -> consumer.leases().size() == delivered);
            finish(consumer.leases().getLast());
        }

        assertThat(consumer.texts()).containsExactly("0", "2", "4");
    }

    @Test
    void a_returned_message_stands_in_its_old_place_in_its_priority() {
        put(1, "1a", "1b");
        put(0, "0a", "0b");
        List<Lease> leases = takeNow(mail, 3);

        retry(leases.get(2), leases.get(0));

        assertReadyInOrder(mail, "0a", "1a", "1b");
    }

    @Test
    void a_message_that_has_waited_joins_at_the_end_of_its_priority() {
        needs(Feature.RETRY_AFTER);
        put(0, "0a", "0b");
        put(1, "1a");
        settle(takeNow(mail, 1).getFirst(), Outcome.retry(SECOND));
        advance(SECOND);
        awaitReady(mail, 3);

        assertReadyInOrder(mail, "0b", "0a", "1a");
    }

    @Test
    void priorities_are_kept_over_a_restart() {
        put(2, "2a");
        put(1, "1a", "1b");
        put(0, "0a");
        Lease best = takeNow(mail, 1).getFirst();
        retry(takeNow(mail, 1).getFirst());
        restart();

        finish(best);

        assertReadyInOrder(mail, "1a", "1b", "2a");
    }

    // Ageing.

    @Test
    void a_message_is_served_as_if_it_were_better_by_one_for_each_step_it_has_waited() {
        age(SECOND);
        put(3, "old");
        advance(SECOND.multipliedBy(3).minus(MILLISECOND));
        put(0, "before");
        advance(MILLISECOND);
        put(0, "at the same time");
        advance(MILLISECOND);
        put(0, "after");

        assertReadyInOrder(mail, "before", "at the same time", "old", "after");
    }

    @Test
    void a_worse_one_waits_no_longer_than_its_steps_under_an_endless_stream_of_better_ones() {
        Duration step = Duration.ofMillis(100);
        age(step);
        put(9, "patient");
        List<String> served = new ArrayList<>();
        while (!served.contains("patient") && served.size() < 100) {
            put(0, "urgent");
            Lease lease = takeNow(mail, 1).getFirst();
            served.add(lease.message().text());
            finish(lease);
            advance(step);
        }

        assertThat(served).hasSizeBetween(10, 11).endsWith("patient");
    }

    @Test
    void in_the_long_run_worse_ones_are_served_in_order_too() {
        age(SECOND);
        put(2, "2a", "2b");
        advance(SECOND);
        put(2, "2c");
        put(1, "1a");
        advance(SECOND);
        put(0, "0a");

        assertReadyInOrder(mail, "0a", "1a", "2a", "2b", "2c");
    }

    @Test
    void a_returned_message_keeps_its_age() {
        age(SECOND);
        put(5, "old");
        advance(Duration.ofSeconds(6));
        put(0, "young");
        retry(takeOne(mail));

        assertReadyInOrder(mail, "old", "young");
    }

    @Test
    void a_message_that_has_waited_for_its_time_ages_from_then_on() {
        needs(Feature.RETRY_AFTER);
        age(SECOND);
        put(2, "old");
        settle(takeOne(mail), Outcome.retry(Duration.ofSeconds(5)));
        advance(Duration.ofSeconds(5));
        awaitReady(mail, 1);
        put(1, "young");
        advance(SECOND);
        put(0, "younger");

        assertReadyInOrder(mail, "younger", "young", "old");
    }

    @Test
    void ageing_begins_and_ends_with_the_definition() {
        put(1, "old");
        advance(Duration.ofSeconds(10));
        put(0, "young");
        age(SECOND);
        Lease first = takeNow(mail, 1).getFirst();
        assertThat(first.message().text()).isEqualTo("old");
        retry(first);

        age(null);

        assertReadyInOrder(mail, "young", "old");
    }

    @Test
    void ages_are_kept_over_a_restart() {
        age(SECOND);
        put(3, "old");
        advance(Duration.ofSeconds(10));
        restart();
        put(0, "young");

        assertReadyInOrder(mail, "old", "young");
    }
}
