package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Query;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Term;
import io.millstream.api.Via;
import io.millstream.api.View.QueueView;
import io.millstream.api.View.RowView;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What was answered is there after the process was killed, in its place and with its counts;
/// session-bound leases are back, and timed ones go on.
public abstract class RestartContract extends BackendContract {

    private static final Duration LATE = Duration.ofMillis(20);

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName dead = ChannelName.of("dead");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES);
        define("mail");
    }

    @Test
    void messages_are_there_in_their_order_with_their_numbers() {
        List<Long> before = put(mail, "1", "2", "3");
        finish(takeOne(mail));
        restart();

        List<Long> after = put(mail, "4");

        assertThat(after.getFirst()).isGreaterThan(before.getLast());
        assertReadyInOrder(mail, "2", "3", "4");
    }

    @Test
    void definitions_are_there_with_their_versions_times_and_counts() {
        needs(Feature.DEAD_LETTER);
        define(
                Definition.Queue.of(mail)
                        .withMaxInFlight(7)
                        .withDeadLetter(3, dead)
                        .withArguments(Map.of("sqs.VisibilityTimeout", "7")));
        put(mail, "1", "2", "3");
        finish(takeOne(mail));
        QueueView before = view(mail);
        restart();

        assertThat(view(mail)).isEqualTo(before);
        long next =
                ((Effect.Changed) commit(defining(before.definition())).effects().getFirst())
                        .version();
        assertThat(next).isGreaterThan(before.version());
    }

    @Test
    void a_removed_queue_stays_removed() {
        put(mail, "1");
        commit(removing(mail));
        restart();

        assertThat(find(new Query.QueueNamed(mail)).items()).isEmpty();
    }

    @Test
    void leases_bound_to_a_session_are_back_in_their_places_and_counted() {
        put(mail, "1", "2", "3");
        List<Lease> bound = take(session(), mail, 2, WHILE_OPEN);
        restart();
        awaitReady(mail, 3);

        List<Lease> again = take(mail, 3);

        assertThat(texts(again)).containsExactly("1", "2", "3");
        assertThat(again).extracting(Lease::deliveries).containsExactly(2, 2, 1);
        assertThat(again).extracting(Lease::attempts).containsExactly(2, 2, 1);
        assertStale(finishing(bound.getFirst()));
        finish(again.getFirst());
    }

    @Test
    void a_timed_lease_is_still_its_holders() {
        put(mail, "1", "2");
        List<Lease> leases = take(mail, 2);
        restart();

        assertNothingToTake(mail);
        commit(new Operation.Check(leases.get(0).handle()));
        commit(new Operation.Extend(leases.get(0).handle(), LONG, true));
        finish(leases.get(0));
        retry(leases.get(1));
        assertThat(takeOne(mail).attempts()).isEqualTo(2);
    }

    @Test
    void a_timed_lease_keeps_its_end() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        advance(Duration.ofSeconds(10));
        restart();
        advance(Duration.ofSeconds(20).minus(MILLISECOND));
        commit(new Operation.Check(lease.handle()));

        advance(MILLISECOND.plus(LATE));

        awaitReady(mail, 1);
        assertStale(finishing(lease));
    }

    @Test
    void a_durable_extension_is_kept() {
        put(mail, "1");
        Lease lease = takeOne(mail);
        commit(new Operation.Extend(lease.handle(), LONG, true));
        restart();
        advance(LONG.minus(SECOND));

        assertNothingToTake(mail);
        finish(lease);
    }

    @Test
    void a_lease_about_to_end_gets_a_grace() {
        put(mail, "1");
        Lease lease = takeOne(session(), mail, new Term.Timed(SECOND));
        Duration grace = harness().grace();
        Duration left = grace.compareTo(SECOND) > 0 ? grace : SECOND;
        restart();
        advance(left.minus(MILLISECOND));
        commit(new Operation.Check(lease.handle()));

        advance(MILLISECOND.plus(LATE));

        awaitReady(mail, 1);
        assertStale(finishing(lease));
    }

    @Test
    void fences_of_different_lives_differ() {
        put(mail, "1");
        Lease before = takeOne(session(), mail, WHILE_OPEN);
        restart();
        Lease after = takeOne(mail);

        assertThat(after.handle().fence().epoch()).isGreaterThan(before.handle().fence().epoch());
        assertStale(finishing(before));
        finish(after);
    }

    @Test
    void a_message_that_waits_keeps_its_time_and_joins_at_the_end() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1", "2");
        settle(takeOne(mail), Outcome.retry(Duration.ofSeconds(10)));
        restart();
        put(mail, "3");
        advance(Duration.ofSeconds(10).minus(MILLISECOND));
        assertThat(counts(mail).delayed()).isEqualTo(1);
        advance(MILLISECOND.plus(LATE));

        assertReadyInOrder(mail, "2", "3", "1");
    }

    @Test
    void a_message_that_joined_late_keeps_its_place() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1", "2");
        settle(takeOne(mail), Outcome.retry(SECOND));
        advance(SECOND.plus(LATE));
        awaitReady(mail, 2);
        put(mail, "3");
        restart();

        assertReadyInOrder(mail, "2", "1", "3");
    }

    @Test
    void returned_messages_keep_their_places_and_counts() {
        put(mail, "1", "2", "3");
        List<Lease> leases = take(mail, 3);
        retry(leases.get(2), leases.get(0));
        restart();

        List<Lease> again = takeNow(mail, 10);

        assertThat(texts(again)).containsExactly("1", "3");
        assertThat(again).allMatch(lease -> lease.deliveries() == 2 && lease.attempts() == 2);
    }

    @Test
    void dead_letters_keep_their_story() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        define(Definition.Queue.of(mail).withDeadLetter(0, dead));
        put(mail, "1");
        settle(takeOne(mail), Outcome.dead("no such address"));
        var via = died(mail, Via.Cause.REJECTED, "no such address", now());
        advance(SECOND);
        restart();

        Lease lease = takeOne(dead);

        assertThat(lease.via()).isEqualTo(via);
        assertThat(lease.deliveries()).isEqualTo(2);
    }

    @Test
    void a_message_whose_target_is_missing_still_waits_for_it() {
        needs(Feature.DEAD_LETTER);
        define(Definition.Queue.of(mail).withDeadLetter(1, dead));
        put(mail, "1");
        retry(takeOne(mail));
        restart();
        assertThat(counts(mail).delayed()).isEqualTo(1);
        assertNothingToTake(mail);

        define("dead");

        assertReadyInOrder(dead, "1");
    }

    @Test
    void a_restart_uses_up_the_last_attempt_of_a_session_bound_lease() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        define(Definition.Queue.of(mail).withDeadLetter(1, dead));
        put(mail, "kills its worker");
        takeOne(session(), mail, WHILE_OPEN);
        restart();

        assertReadyInOrder(dead, "kills its worker");
    }

    @Test
    void rows_are_there_with_their_versions_and_expiries() {
        needs(Feature.ROWS, Feature.ATOMIC_COMMIT);
        commit(
                writing("a", "1", Expect.Nothing.NOTHING),
                writing("gone", "1", Expect.Nothing.NOTHING),
                new Operation.Write("table", "gone", null, Expect.Anything.ANYTHING, null),
                new Operation.Write(
                        "table",
                        "b",
                        Bytes.utf8("2"),
                        Expect.Nothing.NOTHING,
                        now().plusSeconds(10)));
        var query = new Query.Rows("table", "", null, 10);
        List<RowView> before = find(query).items();
        restart();

        assertThat(find(query).items()).isEqualTo(before);
        commit(writing("a", "2", new Expect.Version(before.getFirst().version())));
        advance(Duration.ofSeconds(10));
        assertThat(find(query).items()).extracting(RowView::key).containsExactly("a");
    }

    @Test
    void many_restarts_lose_nothing() {
        for (int life = 1; life <= 5; life++) {
            put(mail, "" + life);
            takeOne(session(), mail, WHILE_OPEN);
            restart();
        }
        awaitReady(mail, 5);

        List<Lease> leases = take(mail, 5);

        assertThat(texts(leases)).containsExactly("1", "2", "3", "4", "5");
        assertThat(leases.getFirst().deliveries()).isEqualTo(6);
    }
}
