package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;

/// A paused queue hands out nothing and does everything else.
public abstract class PauseContract extends BackendContract {

    private final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.PAUSE);
        define("mail");
    }

    private void pause(boolean paused) {
        define(Definition.Queue.of(mail).with().paused(paused).build());
    }

    @Test
    void while_a_queue_is_paused_takes_wait_and_then_get_what_is_there() {
        put(mail, "1");
        pause(true);
        assertNothingToTake(mail);
        Pending<Taken> waiting = waitFor(mail, 10);
        put(mail, "2");
        assertThat(counts(mail).ready()).isEqualTo(2);
        assertThat(waiting.stage().toCompletableFuture()).isNotDone();

        pause(false);

        assertThat(texts(leased(waiting))).containsExactly("1", "2");
    }

    @Test
    void a_take_that_waits_at_a_paused_queue_ends_empty_in_its_time() {
        pause(true);
        put(mail, "1");
        Pending<Taken> waiting = session().take(Take.of(mail, 1, TIMED, SECOND));

        advance(SECOND);

        assertThat(leased(waiting)).isEmpty();
        pause(false);
        assertThat(takeOne(mail).deliveries()).isEqualTo(1);
    }

    @Test
    void a_take_that_was_waiting_when_the_pause_began_gets_nothing_meanwhile() {
        Pending<Taken> waiting = waitFor(mail, 1);
        pause(true);
        put(mail, "1");
        assertThat(counts(mail).ready()).isEqualTo(1);
        assertThat(waiting.stage().toCompletableFuture()).isNotDone();

        pause(false);

        assertThat(texts(leased(waiting))).containsExactly("1");
    }

    @Test
    void a_consumer_is_pushed_nothing_until_the_pause_is_over() {
        needs(Feature.CONSUME);
        Consumer consumer = new Consumer();
        session()
                .consume(
                        Subscribe.of(mail, WHILE_OPEN, session().credit(10, Long.MAX_VALUE)),
                        consumer);
        put(mail, "1");
        eventually(() -> consumer.leases().size() == 1);
        pause(true);
        put(mail, "2");
        retry(consumer.leases().getFirst());
        assertThat(counts(mail).ready()).isEqualTo(2);
        assertThat(consumer.leases()).hasSize(1);

        pause(false);

        eventually(() -> consumer.leases().size() == 3);
        assertThat(consumer.texts()).containsExactly("1", "1", "2");
    }

    @Test
    void what_was_leased_before_can_be_settled() {
        put(mail, "1", "2", "3");
        List<Lease> leases = take(mail, 3);
        pause(true);

        finish(leases.get(0));
        retry(leases.get(1));
        commit(new Operation.Extend(leases.get(2).handle(), LONG, true));
        commit(new Operation.Check(leases.get(2).handle()));

        assertNothingToTake(mail);
        assertThat(counts(mail).done()).isEqualTo(1);
        assertThat(counts(mail).leased()).isEqualTo(1);
        pause(false);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void leases_end_by_themselves_and_nobody_gets_the_message() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        pause(true);

        advance(LEASE);

        awaitReady(mail, 1);
        assertNothingToTake(mail);
        assertStale(finishing(lease));
        pause(false);
        assertThat(takeOne(mail).deliveries()).isEqualTo(2);
    }

    @Test
    void the_queues_that_are_not_paused_go_on() {
        pause(true);
        ChannelName post = define("post");
        put(mail, "1");
        put(post, "2");

        assertReadyInOrder(post, "2");
        assertNothingToTake(mail);
    }

    @Test
    void a_paused_queue_is_paused_after_a_restart() {
        pause(true);
        put(mail, "1");
        restart();
        assertNothingToTake(mail);

        pause(false);

        assertReadyInOrder(mail, "1");
    }
}
