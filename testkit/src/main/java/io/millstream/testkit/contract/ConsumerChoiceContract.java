package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Credit;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Pending;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Taken;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.stream.IntStream;

/// Which of several consumers gets a message: by priority, one alone, or one at a time.
public abstract class ConsumerChoiceContract extends BackendContract {

    private static final long PLENTY = 1L << 30;

    private final ChannelName mail = ChannelName.of("mail");
    private final Consumer first = new Consumer();
    private final Consumer second = new Consumer();
    private final Consumer third = new Consumer();

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.CONSUME, Feature.CONSUMER_CHOICE);
        define("mail");
    }

    private Subscription consume(Consumer consumer, int credit, int priority) {
        return consume(session(), consumer, session().credit(credit, PLENTY), priority, false);
    }

    private Subscription consumeAlone(Consumer consumer) {
        return consume(session(), consumer, session().credit(10, PLENTY), 0, true);
    }

    private Subscription consume(
            Session by, Consumer consumer, Credit credit, int priority, boolean exclusive) {
        return by.consume(
                new Subscribe(mail, WHILE_OPEN, credit, priority, exclusive, "test"), consumer);
    }

    private void putOneByOne(int messages) {
        IntStream.rangeClosed(1, messages).forEach(number -> put(mail, "" + number));
    }

    private static void awaitDelivered(Consumer consumer, String... texts) {
        eventually(
                () -> consumer.leases().size() >= texts.length,
                () -> consumer.texts() + " instead of " + texts.length + " messages");
        assertThat(consumer.texts()).containsExactly(texts);
    }

    private static void awaitStanding(Consumer consumer, Boolean... standings) {
        eventually(
                () -> consumer.standings().size() >= standings.length,
                () -> consumer.standings() + " instead of " + standings.length + " standings");
        assertThat(consumer.standings()).containsExactly(standings);
    }

    private Refusal awaitEnd(Consumer consumer) {
        eventually(() -> !consumer.ends().isEmpty());
        assertThat(consumer.ends()).hasSize(1);
        return consumer.ends().getFirst();
    }

    private void defineSingleActive(boolean singleActive) {
        define(Definition.Queue.builder(mail).singleActive(singleActive).build());
    }

    // Priority.

    @Test
    void the_highest_priority_is_served_first_while_it_has_credit() {
        consume(first, 10, 0);
        consume(second, 2, 5);
        consume(third, 2, -5);
        putOneByOne(3);

        awaitDelivered(second, "1", "2");
        awaitDelivered(first, "3");
        assertThat(third.leases()).isEmpty();
    }

    @Test
    void a_higher_priority_that_has_credit_again_comes_first_again() {
        consume(first, 10, 0);
        consume(second, 1, 5);
        putOneByOne(2);
        awaitDelivered(second, "1");
        awaitDelivered(first, "2");

        finish(second.leases().getFirst());
        put(mail, "3");

        awaitDelivered(second, "1", "3");
        assertThat(first.texts()).containsExactly("2");
    }

    @Test
    void a_backlog_goes_to_the_highest_priority_that_has_credit() {
        put(mail, "1", "2", "3", "4", "5");
        Credit closed = session().credit(0, PLENTY);
        consume(session(), first, closed, 0, false);
        consume(session(), second, closed, 1, false);
        closed.resize(4, PLENTY);

        awaitDelivered(second, "1", "2", "3", "4");
        assertThat(first.leases()).isEmpty();
        assertThat(counts(mail).ready()).isEqualTo(1);
    }

    @Test
    void equal_priorities_are_served_in_turn() {
        consume(first, 10, 7);
        consume(second, 10, 7);
        consume(third, 10, 6);
        putOneByOne(6);
        eventually(() -> first.leases().size() + second.leases().size() == 6);

        assertThat(first.leases()).hasSize(3);
        assertThat(third.leases()).isEmpty();
    }

    @Test
    void turns_go_on_evenly_when_a_consumer_has_ended() {
        Consumer fourth = new Consumer();
        Subscription leaving = consume(fourth, 10, 0);
        consume(first, 10, 0);
        consume(second, 10, 0);
        putOneByOne(1);
        eventually(() -> counts(mail).leased() == 1);
        leaving.close();
        int before = first.leases().size() + second.leases().size();
        for (int number = 2; number <= 9; number++) put(mail, "" + number);
        eventually(() -> first.leases().size() + second.leases().size() == before + 8);

        assertThat(Math.abs(first.leases().size() - second.leases().size())).isLessThanOrEqualTo(1);
    }

    @Test
    void when_the_highest_priority_has_ended_the_next_one_is_served() {
        consume(first, 10, 0);
        Subscription high = consume(second, 10, 5);
        putOneByOne(1);
        awaitDelivered(second, "1");
        high.close();
        put(mail, "2");

        awaitDelivered(first, "2");
    }

    @Test
    void a_take_that_waits_comes_before_any_consumer() {
        consume(first, 0, 100);
        Pending<Taken> waiting = waitFor(mail, 1);
        consume(second, 10, 100);
        put(mail, "1", "2");

        assertThat(texts(leased(waiting))).containsExactly("1");
        awaitDelivered(second, "2");
    }

    // Exclusive.

    @Test
    void an_exclusive_consumer_is_refused_where_there_is_another() {
        Subscription other = consume(first, 10, 0);
        consumeAlone(second);
        assertThat(awaitEnd(second)).isInstanceOf(Refusal.Invalid.class);
        assertThat(awaitEnd(second).text()).contains("mail");

        put(mail, "1");
        awaitDelivered(first, "1");
        other.close();
        consumeAlone(third);
        put(mail, "2");

        awaitDelivered(third, "2");
        assertThat(second.leases()).isEmpty();
    }

    @Test
    void beside_an_exclusive_consumer_others_are_refused_until_it_ends() {
        Subscription alone = consumeAlone(first);
        consume(second, 10, 9);
        assertThat(awaitEnd(second)).isInstanceOf(Refusal.Invalid.class);
        consumeAlone(third);
        assertThat(awaitEnd(third)).isInstanceOf(Refusal.Invalid.class);
        put(mail, "1");
        awaitDelivered(first, "1");

        alone.close();
        Consumer fourth = new Consumer();
        consume(fourth, 10, 0);
        put(mail, "2");

        awaitDelivered(fourth, "2");
        assertThat(first.ends()).isEmpty();
        assertThat(second.leases()).isEmpty();
    }

    @Test
    void beside_an_exclusive_consumer_takes_are_refused_until_it_ends() {
        Subscription alone = consumeAlone(first);
        assertThat(refusedTake(waitFor(mail, 1))).isInstanceOf(Refusal.Invalid.class);
        put(mail, "1");
        awaitDelivered(first, "1");

        alone.close();
        put(mail, "2");

        assertThat(takeOne(mail).message().text()).isEqualTo("2");
    }

    @Test
    void a_take_that_waits_is_refused_when_an_exclusive_consumer_begins() {
        Pending<Taken> waiting = waitFor(mail, 1);
        consumeAlone(first);

        assertThat(refusedTake(waiting)).isInstanceOf(Refusal.Invalid.class);
        put(mail, "1");
        awaitDelivered(first, "1");
    }

    @Test
    void closing_a_subscription_that_was_refused_ends_nobody_else() {
        consumeAlone(first);
        Subscription refused = consumeAlone(second);
        awaitEnd(second);
        refused.close();
        consume(third, 10, 0);
        assertThat(awaitEnd(third)).isInstanceOf(Refusal.Invalid.class);
        put(mail, "1");

        awaitDelivered(first, "1");
    }

    @Test
    void exclusiveness_ends_with_the_session() {
        Session connection = newSession("connection");
        consume(connection, first, connection.credit(10, PLENTY), 0, true);
        put(mail, "1");
        awaitDelivered(first, "1");
        connection.close();
        consume(second, 10, 0);

        awaitDelivered(second, "1");
    }

    @Test
    void leases_of_others_do_not_hinder_an_exclusive_consumer() {
        put(mail, "1", "2");
        takeOne(mail);
        consumeAlone(first);

        awaitDelivered(first, "2");
    }

    // Single active.

    @Test
    void only_the_consumer_that_began_first_gets_messages() {
        defineSingleActive(true);
        consume(first, 1, 0);
        consume(second, 10, 0);
        putOneByOne(2);
        awaitDelivered(first, "1");
        assertThat(counts(mail).ready()).isEqualTo(1);

        finish(first.leases().getFirst());

        awaitDelivered(first, "1", "2");
        assertThat(second.leases()).isEmpty();
        awaitStanding(first, true);
        awaitStanding(second, false);
    }

    @Test
    void when_the_active_consumer_ends_the_next_one_takes_over() {
        defineSingleActive(true);
        Subscription active = consume(first, 1, 0);
        consume(second, 1, 0);
        consume(third, 10, 0);
        putOneByOne(3);
        awaitDelivered(first, "1");
        active.close();

        awaitDelivered(second, "2");
        awaitStanding(second, false, true);
        awaitStanding(third, false);
        assertThat(third.leases()).isEmpty();
        assertThat(counts(mail).leased()).isEqualTo(2);
        finish(first.leases().getFirst());
    }

    @Test
    void a_higher_priority_takes_over_only_when_the_active_consumer_ends() {
        defineSingleActive(true);
        Subscription active = consume(first, 1, 0);
        consume(second, 10, 1);
        consume(third, 10, 2);
        putOneByOne(2);
        awaitDelivered(first, "1");
        assertThat(counts(mail).ready()).isEqualTo(1);
        active.close();

        awaitDelivered(third, "2");
        assertThat(second.leases()).isEmpty();
        awaitStanding(third, false, true);
    }

    @Test
    void a_session_that_closes_hands_over_to_another_one() {
        defineSingleActive(true);
        Session connection = newSession("connection");
        consume(connection, first, connection.credit(10, PLENTY), 0, false);
        consume(connection, second, connection.credit(10, PLENTY), 0, false);
        consume(third, 10, 0);
        put(mail, "1", "2");
        awaitDelivered(first, "1", "2");
        connection.close();

        awaitDelivered(third, "1", "2");
        assertThat(second.leases()).isEmpty();
        awaitStanding(second, false);
    }

    @Test
    void takes_are_served_beside_the_active_consumer() {
        defineSingleActive(true);
        consume(first, 0, 0);
        put(mail, "1");

        assertThat(takeOne(mail).message().text()).isEqualTo("1");
    }

    @Test
    void a_queue_that_becomes_single_active_has_one_active_consumer_at_once() {
        consume(first, 2, 0);
        consume(second, 10, 3);
        consume(third, 10, 3);
        putOneByOne(2);
        eventually(() -> second.leases().size() + third.leases().size() == 2);
        int held = third.leases().size();
        defineSingleActive(true);
        awaitStanding(first, false);
        awaitStanding(second, true);
        awaitStanding(third, false);
        put(mail, "3", "4", "5");
        eventually(() -> counts(mail).leased() == 5);

        assertThat(first.leases()).isEmpty();
        assertThat(third.leases()).hasSize(held);
        eventually(() -> second.leases().size() == 5 - held);
        finish(third.leases().toArray(Lease[]::new));
    }

    @Test
    void a_queue_that_is_single_active_no_more_serves_all_again() {
        defineSingleActive(true);
        consume(first, 1, 0);
        consume(second, 1, 0);
        awaitStanding(second, false);
        put(mail, "1", "2");
        awaitDelivered(first, "1");
        defineSingleActive(false);

        awaitDelivered(second, "2");
        awaitStanding(second, false, true);
        awaitStanding(first, true);
    }

    @Test
    void an_ordinary_queue_tells_nobody_whether_they_are_active() {
        consume(first, 10, 0);
        consume(second, 10, 0);
        put(mail, "1", "2");
        eventually(() -> counts(mail).leased() == 2);

        assertThat(first.standings()).isEmpty();
        assertThat(second.standings()).isEmpty();
    }
}
