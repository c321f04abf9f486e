package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Subscribe;
import io.millstream.api.Taken;
import io.millstream.api.View.MessageState;
import io.millstream.api.View.MessageView;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A delayed message is handed out at its time and not a millisecond before, can be seen and called
/// off until then, and takes its place by that time.
public abstract class DelayContract extends BackendContract {

    private static final Duration TEN = Duration.ofSeconds(10);

    private final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.DELAY);
        define("mail");
    }

    private void awaitNoneDelayed() {
        awaitCounts(mail, counts -> counts.delayed() == 0);
    }

    private void assertEdited(int messages, long sequence) {
        assertThat(commit(new Operation.Edit.Drop(mail, sequence)).effects())
                .containsExactly(new Effect.Edited(messages));
    }

    // When.

    @Test
    void a_delayed_message_comes_at_its_time_and_not_before() {
        Instant begun = now();
        Message message = delayed(TEN, "1");
        put(mail, message);
        assertThat(counts(mail).delayed()).isEqualTo(1);
        assertThat(counts(mail).ready()).isZero();
        advance(TEN.minus(MILLISECOND));
        assertNothingToTake(mail);
        assertThat(counts(mail).delayed()).isEqualTo(1);

        advance(MILLISECOND);

        Lease lease = takeOne(mail);
        assertThat(lease.message()).isEqualTo(message);
        assertThat(lease.stored()).isEqualTo(begun);
        assertThat(lease.firstDelivered()).isEqualTo(now());
        assertThat(lease.deliveries()).isEqualTo(1);
    }

    @Test
    void a_millisecond_is_a_delay() {
        put(mail, delayed(MILLISECOND, "1"));
        assertNothingToTake(mail);

        advance(MILLISECOND);

        assertReadyInOrder(mail, "1");
    }

    @Test
    void a_waiting_take_is_answered_at_its_time() {
        Pending<Taken> waiting = waitFor(mail, 1);
        put(mail, delayed(TEN, "1"));
        advance(TEN.minus(MILLISECOND));
        assertThat(counts(mail).delayed()).isEqualTo(1);
        assertThat(waiting.stage().toCompletableFuture()).isNotDone();

        advance(MILLISECOND);

        assertThat(texts(leased(waiting))).containsExactly("1");
    }

    @Test
    void a_consumer_is_pushed_it_at_its_time() {
        needs(Feature.CONSUME);
        Consumer consumer = new Consumer();
        session()
                .consume(
                        Subscribe.of(mail, WHILE_OPEN, session().credit(10, Long.MAX_VALUE)),
                        consumer);
        put(mail, delayed(TEN, "late"));
        put(mail, "early");
        eventually(() -> !consumer.leases().isEmpty());

        advance(TEN);

        eventually(() -> consumer.leases().size() == 2);
        assertThat(consumer.texts()).containsExactly("early", "late");
    }

    @Test
    void ten_years_are_a_delay() {
        Duration years = Duration.ofDays(3650);
        put(mail, delayed(years, "1"));
        put(mail, delayed(years.minus(Duration.ofDays(1)), "0"));
        advance(years.minus(MILLISECOND));
        assertThat(texts(List.of(takeOne(mail)))).containsExactly("0");
        assertNothingToTake(mail);
        assertThat(counts(mail).delayed()).isEqualTo(1);

        advance(MILLISECOND);

        assertThat(takeOne(mail).message().text()).isEqualTo("1");
    }

    @Test
    void a_wall_clock_that_jumps_makes_nothing_due() {
        needs(Feature.STEADY_TIME);
        put(mail, delayed(TEN, "1"));
        harness().jumpWall(Duration.ofDays(1));
        assertNothingToTake(mail);
        assertThat(counts(mail).delayed()).isEqualTo(1);

        advance(TEN.plus(SECOND));

        assertReadyInOrder(mail, "1");
    }

    // In which order.

    @Test
    void what_has_waited_joins_behind_what_was_put_before_its_time_and_before_what_is_put_at_it() {
        put(mail, delayed(TEN, "waited"));
        put(mail, "1");
        advance(TEN.minus(MILLISECOND));
        put(mail, "2");
        advance(MILLISECOND);
        put(mail, "3");

        assertReadyInOrder(mail, "1", "2", "waited", "3");
    }

    @Test
    void those_that_wait_join_in_the_order_of_their_times() {
        put(mail, delayed(TEN.multipliedBy(3), "30"));
        put(mail, delayed(TEN, "10"));
        put(mail, delayed(TEN.multipliedBy(2), "20"));

        advance(TEN.multipliedBy(4));

        assertReadyInOrder(mail, "10", "20", "30");
    }

    @Test
    void those_of_the_same_time_join_in_the_order_they_were_put() {
        put(mail, delayed(TEN, "1"));
        put(mail, delayed(TEN, "2"));
        advance(SECOND);
        put(mail, delayed(TEN.minus(SECOND), "3"));

        advance(TEN);

        assertReadyInOrder(mail, "1", "2", "3");
    }

    @Test
    void its_place_is_that_of_its_time_even_if_nobody_looked_then() {
        put(mail, delayed(TEN.multipliedBy(2), "20"));
        put(mail, delayed(TEN, "10"));
        advance(TEN.plus(SECOND));
        put(mail, "11");
        advance(TEN);

        assertReadyInOrder(mail, "10", "11", "20");
    }

    @Test
    void a_returned_message_keeps_the_place_of_its_time() {
        put(mail, delayed(TEN, "10"));
        put(mail, "0");
        advance(TEN);
        awaitReady(mail, 2);
        put(mail, "later");
        List<Lease> leases = takeNow(mail, 2);

        retry(leases.get(1), leases.get(0));

        assertReadyInOrder(mail, "0", "10", "later");
    }

    @Test
    void a_retry_waits_from_now_on_and_not_the_messages_delay_again() {
        needs(Feature.RETRY_AFTER);
        put(mail, delayed(TEN, "1"));
        advance(TEN);
        Lease lease = takeOne(mail);
        retry(lease);
        assertThat(counts(mail).ready()).isEqualTo(1);
        settle(takeOne(mail), Outcome.retry(SECOND));

        advance(SECOND);

        assertReadyInOrder(mail, "1");
    }

    // Looking.

    private Page<MessageView> waiting(@Nullable String after, int limit) {
        needs(Feature.BROWSE);
        return find(new Query.Delayed(mail, 100, after, limit));
    }

    private static List<String> shown(Page<MessageView> page) {
        return page.items().stream().map(view -> view.message().text()).toList();
    }

    @Test
    void what_waits_is_listed_by_its_time_page_by_page() {
        for (int seconds : new int[] {30, 10, 50, 20, 40, 10}) {
            put(mail, delayed(Duration.ofSeconds(seconds), "" + seconds));
        }
        put(mail, "ready");
        List<String> shown = new ArrayList<>();
        String after = null;
        int pages = 0;
        do {
            Page<MessageView> page = waiting(after, 2);
            assertThat(page.items()).hasSize(2);
            shown.addAll(shown(page));
            after = page.next();
            pages++;
        } while (after != null);

        assertThat(shown).containsExactly("10", "10", "20", "30", "40", "50");
        assertThat(pages).isEqualTo(3);
    }

    @Test
    void a_page_shows_what_each_one_waits_for() {
        Instant begun = now();
        long sequence = put(mail, delayed(TEN, "x".repeat(1000)));
        advance(SECOND);

        MessageView view = waiting(null, 10).items().getFirst();

        assertThat(view.sequence()).isEqualTo(sequence);
        assertThat(view.state()).isEqualTo(MessageState.DELAYED);
        assertThat(view.due()).isEqualTo(begun.plus(TEN));
        assertThat(view.stored()).isEqualTo(begun);
        assertThat(view.bodyBytes()).isEqualTo(1000);
        assertThat(view.message().body().length()).isEqualTo(100);
    }

    @Test
    void a_page_ends_where_messages_of_the_same_time_may_follow() {
        for (int i = 0; i < 5; i++) put(mail, delayed(TEN, "" + i));

        Page<MessageView> first = waiting(null, 3);
        Page<MessageView> second = waiting(first.next(), 3);

        assertThat(shown(first)).containsExactly("0", "1", "2");
        assertThat(shown(second)).containsExactly("3", "4");
        assertThat(second.next()).isNull();
    }

    @Test
    void a_retry_that_waits_is_listed_and_what_is_stuck_is_not() {
        needs(Feature.RETRY_AFTER, Feature.DEAD_LETTER);
        define(Definition.Queue.of(mail).withDeadLetter(0, ChannelName.of("dead")));
        put(mail, delayed(TEN, "10"));
        put(mail, "stuck", "5", "leased");
        settle(takeOne(mail), Outcome.dead("bad"));
        settle(takeOne(mail), Outcome.retry(Duration.ofSeconds(5)));
        takeOne(mail);

        assertThat(counts(mail).delayed()).isEqualTo(3);
        assertThat(shown(waiting(null, 10))).containsExactly("5", "10");
    }

    @Test
    void what_has_become_due_is_listed_no_more() {
        put(mail, delayed(TEN, "1"));
        put(mail, delayed(TEN.plus(SECOND), "2"));

        advance(TEN);

        awaitReady(mail, 1);
        assertThat(shown(waiting(null, 10))).containsExactly("2");
    }

    @Test
    void browsing_says_when_what_waits_is_due() {
        needs(Feature.BROWSE);
        Instant begun = now();
        put(mail, delayed(TEN, "1"));
        put(mail, "2", "3");
        takeOne(mail);

        List<MessageView> views = find(new Query.Browse(mail, 100, null, 10)).items();

        assertThat(views).extracting(MessageView::due).containsExactly(begun.plus(TEN), null, null);
        assertThat(views)
                .extracting(MessageView::state)
                .containsExactly(MessageState.DELAYED, MessageState.LEASED, MessageState.READY);
    }

    @Test
    void nothing_waits_in_a_queue_that_is_not_there() {
        needs(Feature.BROWSE);
        Page<MessageView> page = find(new Query.Delayed(ChannelName.of("absent"), 1, null, 10));

        assertThat(page.items()).isEmpty();
        assertThat(page.next()).isNull();
    }

    @Test
    void a_thousand_that_wait_come_in_their_order() {
        List<Operation> puts = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            // Each second of the thousand once, in an order that jumps about.
            int seconds = 1 + i * 389 % 1000;
            puts.add(putting(mail, delayed(Duration.ofSeconds(seconds), "" + seconds)));
        }
        commit(puts.toArray(Operation[]::new));
        assertThat(shown(waiting(null, 3))).containsExactly("1", "2", "3");

        advance(Duration.ofSeconds(1000));

        awaitReady(mail, 1000);
        List<Lease> leases = take(mail, 1000);
        assertThat(leases).hasSize(1000);
        for (int i = 0; i < 1000; i++) {
            assertThat(leases.get(i).message().text()).isEqualTo("" + (i + 1));
        }
    }

    // Calling off.

    @Test
    void a_delayed_message_can_be_called_off() {
        needs(Feature.PURGE);
        long first = put(mail, delayed(TEN, "1"));
        put(mail, delayed(TEN, "2"));

        assertEdited(1, first);

        assertThat(counts(mail).delayed()).isEqualTo(1);
        assertThat(counts(mail).dead()).isEqualTo(1);
        assertEdited(0, first);
        advance(TEN);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void a_ready_message_can_be_dropped_and_a_leased_one_cannot() {
        needs(Feature.PURGE);
        List<Long> sequences = put(mail, "1", "2", "3");
        Lease lease = takeOne(mail);

        assertEdited(0, sequences.get(0));
        assertEdited(1, sequences.get(1));

        finish(lease);
        assertReadyInOrder(mail, "3");
        assertEdited(0, sequences.get(2));
    }

    @Test
    void a_message_whose_target_is_missing_can_be_dropped() {
        needs(Feature.DEAD_LETTER, Feature.PURGE);
        define(Definition.Queue.of(mail).withDeadLetter(0, ChannelName.of("dead")));
        long sequence = put(mail, "1").getFirst();
        settle(takeOne(mail), Outcome.dead("bad"));

        assertEdited(1, sequence);

        assertThat(counts(mail).messages()).isZero();
        define("dead");
        assertNothingToTake(ChannelName.of("dead"));
    }

    @Test
    void what_is_not_there_cannot_be_dropped() {
        needs(Feature.PURGE);
        assertEdited(0, 7);
        ChannelName absent = ChannelName.of("absent");

        refusal(Refusal.NoSuchChannel.class, new Operation.Edit.Drop(absent, 1));
    }

    @Test
    void a_drop_refuses_its_commit_if_it_is_told_to_and_nothing_can_be_dropped() {
        needs(Feature.PURGE);
        long leased = put(mail, "1").getFirst();
        takeOne(mail);
        long sequence = put(mail, delayed(TEN, "2"));

        for (long held : List.of(leased, sequence + 100)) {
            Receipt.Refused refused = refused(putting(mail, "3"), dropOrRefuse(held));
            assertThat(refused.operation()).isEqualTo(1);
            assertThat(refused.refusal())
                    .isEqualTo(
                            new Refusal.Conflict(
                                    "A message at %d of mail that nobody has leased"
                                            .formatted(held),
                                    0));
        }
        assertThat(counts(mail).messages()).isEqualTo(2);

        assertThat(commit(dropOrRefuse(sequence), putting(mail, "3")).effects().getFirst())
                .isEqualTo(new Effect.Edited(1));
        refusal(Refusal.Conflict.class, dropOrRefuse(sequence));
        assertReadyInOrder(mail, "3");
    }

    private Operation dropOrRefuse(long sequence) {
        return new Operation.Edit.Drop(mail, sequence, Operation.Edit.IfHeld.REFUSE);
    }

    @Test
    void a_drop_in_a_refused_commit_did_not_happen() {
        needs(Feature.PURGE);
        long sequence = put(mail, delayed(TEN, "1"));

        refused(new Operation.Edit.Drop(mail, sequence), putting(ChannelName.of("absent"), "2"));

        assertThat(counts(mail).dead()).isZero();
        advance(TEN);
        assertReadyInOrder(mail, "1");
    }

    @Test
    void a_delayed_put_in_a_refused_commit_did_not_happen() {
        refused(putting(mail, delayed(TEN, "1")), putting(ChannelName.of("absent"), "2"));
        assertThat(counts(mail).messages()).isZero();

        advance(TEN);

        assertNothingToTake(mail);
    }

    @Test
    void purging_and_removing_take_what_waits_along() {
        needs(Feature.PURGE);
        put(mail, delayed(TEN, "1"));
        assertThat(commit(new Operation.Edit.Purge(mail)).effects())
                .containsExactly(new Effect.Edited(1));
        put(mail, delayed(TEN, "2"));
        commit(removing(mail));
        define("mail");

        advance(TEN);

        assertNothingToTake(mail);
        assertThat(counts(mail).messages()).isZero();
    }

    // Restarts.

    @Test
    void what_waits_keeps_its_time_over_a_restart() {
        put(mail, delayed(TEN.multipliedBy(2), "20"));
        put(mail, delayed(TEN, "10"));
        put(mail, delayed(Duration.ofDays(3650), "years"));
        restart();
        assertThat(shown(waiting(null, 10))).containsExactly("10", "20", "years");
        advance(TEN.minus(MILLISECOND));
        assertNothingToTake(mail);
        assertThat(counts(mail).delayed()).isEqualTo(3);

        advance(SECOND);
        awaitReady(mail, 1);
        advance(TEN);

        assertReadyInOrder(mail, "10", "20");
        assertThat(counts(mail).delayed()).isEqualTo(1);
    }

    @Test
    void what_was_called_off_stays_so_over_a_restart() {
        needs(Feature.PURGE);
        long sequence = put(mail, delayed(TEN, "1"));
        put(mail, delayed(TEN, "2"));
        assertEdited(1, sequence);
        restart();

        advance(TEN.plus(SECOND));

        awaitNoneDelayed();
        assertReadyInOrder(mail, "2");
    }

    @Test
    void what_has_waited_keeps_its_place_over_a_restart() {
        put(mail, delayed(TEN, "waited"));
        put(mail, "1");
        advance(TEN);
        awaitReady(mail, 2);
        put(mail, "2");
        restart();

        assertReadyInOrder(mail, "1", "waited", "2");
    }
}
