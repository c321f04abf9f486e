package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BackOff;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Subscribe;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What those who share a queue are promised about each other: the last priority is served within
/// its age, a tenant does not wait for what another one has queued, and a group that does not get
/// on holds up nobody else.
public abstract class SharingContract extends BackendContract {
    private static final Duration STEP = Duration.ofMillis(100);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int LAST = 9;
    private static final int MANY = 3000;

    private final ChannelName mail = ChannelName.of("mail");

    private void define(Groups groups) {
        needs(Feature.QUEUES, Feature.GROUPS);
        define(Definition.Queue.builder(mail).groups(groups).build());
    }

    private void putMany(String group, int count) {
        commit(
                IntStream.range(0, count)
                        .mapToObj(i -> putting(mail, grouped(group, group + i)))
                        .toArray(Operation[]::new));
    }

    // The last priority, while there is always something of the first.

    /// Puts and serves as much of the first priority in each step as there is time for, and now and
    /// then one of the last; notes how long each waited.
    private final class Stream {
        private static final int WAITING = 10;
        private static final int SERVED = 5;

        private final Map<String, Instant> put = new HashMap<>();
        private final List<Duration> ofFirst = new ArrayList<>();
        private final List<Duration> ofLast = new ArrayList<>();
        private int lasts;
        private int firsts;

        private void putOne(int priority, String text) {
            put.put(text, now());
            SharingContract.this.put(mail, urgent(priority, text));
        }

        void step() {
            while (counts(mail).ready() < WAITING + lasts - ofLast.size()) {
                putOne(0, "first" + firsts++);
            }
            for (Lease lease : takeNow(mail, SERVED)) {
                String text = lease.message().text();
                Duration waited = Duration.between(put.getOrDefault(text, now()), now());
                (text.startsWith("last") ? ofLast : ofFirst).add(waited);
                finish(lease);
            }
            advance(STEP);
        }

        void steps(int count) {
            for (int i = 0; i < count; i++) {
                if (i % 4 == 0) {
                    putOne(LAST, "last" + lasts++);
                }
                step();
            }
        }
    }

    private static Duration longest(List<Duration> waits) {
        return waits.stream().max(Duration::compareTo).orElse(Duration.ZERO);
    }

    @Test
    void with_ageing_the_last_priority_waits_for_its_age_and_what_the_first_waits() {
        needs(Feature.QUEUES, Feature.PRIORITY);
        define(Definition.Queue.builder(mail).ageing(STEP).build());
        Stream stream = new Stream();

        stream.steps(60);

        assertThat(stream.ofLast).hasSizeGreaterThan(10);
        assertThat(longest(stream.ofLast))
                .isLessThanOrEqualTo(STEP.multipliedBy(LAST).plus(longest(stream.ofFirst)));
        assertThat(stream.lasts - stream.ofLast.size()).isLessThan(4);
    }

    @Test
    void the_last_priority_keeps_its_age_over_a_restart_in_the_middle_of_the_stream() {
        needs(Feature.QUEUES, Feature.PRIORITY);
        define(Definition.Queue.builder(mail).ageing(STEP).build());
        Stream stream = new Stream();
        stream.steps(30);
        restart();
        stream.steps(30);

        assertThat(stream.ofLast).hasSizeGreaterThan(10);
        assertThat(longest(stream.ofLast))
                .isLessThanOrEqualTo(STEP.multipliedBy(LAST).plus(longest(stream.ofFirst)));
    }

    @Test
    void without_ageing_the_last_priority_is_not_served_while_there_is_one_of_the_first() {
        needs(Feature.QUEUES, Feature.PRIORITY);
        define("mail");
        Stream stream = new Stream();

        stream.steps(60);

        assertThat(stream.ofLast).isEmpty();
        assertThat(stream.ofFirst).hasSize(60 * Stream.SERVED);
    }

    // A tenant with little beside one with much.

    @Test
    void each_message_of_a_tenant_is_next_however_much_another_has_waiting_and_in_flight() {
        define(Groups.FAIR);
        putMany("much", MANY);
        takeNow(mail, 100);

        for (int i = 0; i < 20; i++) {
            put(mail, grouped("little", "little" + i));
            Lease next = takeNow(mail, 1).getFirst();
            assertThat(next.message().text()).isEqualTo("little" + i);
            finish(next);
            finish(takeNow(mail, 1).getFirst());
        }
    }

    @Test
    void two_tenants_take_turns_whatever_each_has_waiting() {
        define(Groups.FAIR);
        putMany("much", MANY);
        putMany("little", 20);

        List<String> served = texts(takeNow(mail, 40));

        for (int i = 0; i < served.size(); i += 2) {
            assertThat(served.subList(i, i + 2))
                    .containsExactlyInAnyOrder("much" + i / 2, "little" + i / 2);
        }
    }

    @Test
    void a_worker_gets_a_tenants_message_as_soon_as_it_is_free() {
        define(Groups.FAIR);
        needs(Feature.CONSUME);
        putMany("much", MANY);
        Consumer worker = new Consumer();
        session()
                .consume(
                        Subscribe.of(mail, WHILE_OPEN, session().credit(1, Long.MAX_VALUE)),
                        worker);
        for (int i = 1; i <= 10; i++) {
            int delivered = 2 * i;
            eventually(() -> worker.leases().size() == delivered - 1);
            put(mail, grouped("little", "little"));
            finish(worker.leases().getLast());
            eventually(() -> worker.leases().size() == delivered);
            assertThat(worker.texts().getLast()).isEqualTo("little");
            finish(worker.leases().getLast());
        }
    }

    @Test
    void a_tenant_is_next_after_a_restart_too() {
        define(Groups.FAIR);
        putMany("much", MANY);
        takeNow(mail, 100);
        restart();

        put(mail, grouped("little", "little"));

        assertThat(texts(takeNow(mail, 2))).contains("little");
    }

    // A group that does not get on.

    /// Puts one message of another group and takes it, at the same moment.
    private void assertAnotherGetsOn(int number) {
        Message other = grouped("other" + number % 7, "other" + number);
        put(mail, other);
        Lease lease = takeNow(mail, 1).getFirst();
        assertThat(lease.message().text()).isEqualTo(other.text());
        finish(lease);
    }

    private Lease takeHead() {
        List<Lease> leases = takeNow(mail, 1);
        assertThat(texts(leases)).containsExactly("failing0");
        return leases.getFirst();
    }

    @Test
    void while_the_head_of_a_group_fails_for_an_hour_no_other_group_waits() {
        define(Groups.ORDERED_SINGLY);
        needs(Feature.RETRY_AFTER);
        putMany("failing", MANY);
        for (int minute = 0; minute < 60; minute++) {
            settle(takeHead(), Outcome.retry(MINUTE));
            assertAnotherGetsOn(minute);
            advance(MINUTE.dividedBy(2));
            assertAnotherGetsOn(60 + minute);
            assertNothingToTake(mail);
            advance(MINUTE.dividedBy(2));
        }

        finish(takeHead());
        assertThat(texts(takeNow(mail, 1))).containsExactly("failing1");
    }

    @Test
    void while_the_head_of_a_group_is_worked_on_for_an_hour_no_other_group_waits() {
        define(Groups.ORDERED_SINGLY);
        putMany("slow", MANY);
        Lease slow = takeOne(session(), mail, WHILE_OPEN);
        for (int minute = 0; minute < 60; minute++) {
            assertAnotherGetsOn(minute);
            assertNothingToTake(mail);
            advance(MINUTE);
        }

        finish(slow);
        assertThat(texts(takeNow(mail, 1))).containsExactly("slow1");
    }

    @Test
    void while_the_worker_of_a_head_dies_again_and_again_no_other_group_waits() {
        needs(Feature.QUEUES, Feature.GROUPS, Feature.BACK_OFF);
        define(
                Definition.Queue.builder(mail)
                        .groups(Groups.ORDERED_SINGLY)
                        .backOff(new BackOff(MINUTE, 1, MINUTE))
                        .build());
        putMany("failing", MANY);
        for (int turn = 0; turn < 40; turn++) {
            takeHead();
            assertAnotherGetsOn(turn);
            advance(LEASE);
            awaitCounts(mail, counts -> counts.delayed() == 1);
            assertAnotherGetsOn(40 + turn);
            assertNothingToTake(mail);
            advance(MINUTE);
            awaitReady(mail, MANY);
        }

        finish(takeHead());
    }

    @Test
    void a_failing_head_holds_up_its_group_and_no_other_over_a_restart() {
        define(Groups.ORDERED_SINGLY);
        needs(Feature.RETRY_AFTER);
        putMany("failing", MANY);
        settle(takeHead(), Outcome.retry(Duration.ofHours(1)));
        restart();

        assertAnotherGetsOn(1);
        assertNothingToTake(mail);

        advance(Duration.ofHours(1));
        awaitReady(mail, MANY);
        finish(takeHead());
        assertThat(texts(takeNow(mail, 1))).containsExactly("failing1");
    }
}
