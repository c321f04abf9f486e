package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Header;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.Via;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// What is put is handed out once, whole, in order, to whoever asked first, within the queue's
/// bounds.
public abstract class QueueContract extends BackendContract {

    private static final int RACES = 200;

    private final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES);
        define("mail");
    }

    @Test
    void a_message_comes_out_as_it_went_in() {
        Message message =
                Message.builder(Bytes.of(new byte[] {0, -1, 127, -128}))
                        .key(Bytes.utf8("key"))
                        .header("twice", "one")
                        .header(new Header("count", Header.NUMBER + ".int", Bytes.utf8("7")))
                        .header("twice", "two")
                        .id("id-1")
                        .type("greeting")
                        .contentType("text/plain")
                        .correlationId("c-1")
                        .replyTo("answers")
                        .trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                        .time(now())
                        .build();
        long sequence = stored(commit(new Operation.Put(mail, message)));

        Lease lease = takeOne(mail);

        assertThat(lease.message()).isEqualTo(message);
        assertThat(lease.handle().queue()).isEqualTo(mail);
        assertThat(lease.handle().sequence()).isEqualTo(sequence);
        assertThat(lease.deliveries()).isEqualTo(1);
        assertThat(lease.attempts()).isEqualTo(1);
        assertThat(lease.stored()).isEqualTo(now());
        assertThat(lease.firstDelivered()).isEqualTo(now());
        assertThat(lease.until()).isEqualTo(now().plus(LEASE));
        assertThat(lease.via()).isEqualTo(Via.Direct.DIRECT);
    }

    @Test
    void an_empty_body_is_a_message() {
        commit(new Operation.Put(mail, Message.of(Bytes.EMPTY)));

        assertThat(takeOne(mail).message()).isEqualTo(Message.of(Bytes.EMPTY));
    }

    @Test
    void messages_come_out_in_the_order_they_went_in() {
        List<Long> sequences = put(mail, "1", "2", "3");
        put(mail, "4");

        assertThat(sequences).isSorted().doesNotHaveDuplicates();
        assertReadyInOrder(mail, "1", "2", "3", "4");
    }

    @Test
    void queues_do_not_mix() {
        ChannelName post = define("post");
        ChannelName elsewhere = define(Definition.Queue.of(new ChannelName("elsewhere", "mail")));
        put(mail, "for mail");
        put(post, "for post");
        put(elsewhere, "for elsewhere");

        assertReadyInOrder(elsewhere, "for elsewhere");
        assertReadyInOrder(post, "for post");
        assertReadyInOrder(mail, "for mail");
    }

    @Test
    void a_leased_message_is_nobody_elses() {
        put(mail, "1");
        takeOne(mail);

        assertNothingToTake(mail);
    }

    @Test
    void a_take_that_does_not_wait_ends_empty() {
        assertNothingToTake(mail);
    }

    @Test
    void a_waiting_take_is_answered_by_a_put() {
        Pending<Taken> waiting = waitFor(mail, 10);
        put(mail, "1");

        assertThat(texts(leased(waiting))).containsExactly("1");
    }

    @Test
    void a_waiting_take_ends_empty_when_its_wait_is_over() {
        Pending<Taken> waiting = session().take(Take.of(mail, 1, TIMED, Duration.ofSeconds(20)));
        advance(Duration.ofSeconds(19));
        assertThat(waiting.stage().toCompletableFuture()).isNotDone();

        advance(SECOND);

        assertThat(leased(waiting)).isEmpty();
        put(mail, "not swallowed");
        assertThat(takeOne(mail).deliveries()).isEqualTo(1);
    }

    @Test
    void waiting_takes_are_answered_in_the_order_they_came() {
        Pending<Taken> first = waitFor(mail, 1);
        Pending<Taken> second = waitFor(mail, 1);
        Pending<Taken> third = waitFor(mail, 1);
        put(mail, "1", "2");

        assertThat(texts(leased(first))).containsExactly("1");
        assertThat(texts(leased(second))).containsExactly("2");
        put(mail, "3");
        assertThat(texts(leased(third))).containsExactly("3");
    }

    @Test
    void a_take_hands_out_no_more_than_it_asked_for() {
        put(mail, "1", "2", "3");

        assertThat(texts(takeNow(mail, 2))).containsExactly("1", "2");
        assertReadyInOrder(mail, "3");
    }

    @Test
    void the_first_message_is_handed_out_whatever_its_size() {
        put(mail, "much longer than a byte", "2");

        assertThat(leased(session().take(small(1)))).hasSize(1);
    }

    @Test
    void a_take_stops_before_the_message_that_exceeds_its_bytes() {
        put(mail, "x".repeat(1000), "y".repeat(1000), "z".repeat(1000), "w");

        assertThat(leased(session().take(small(2500)))).hasSize(2);
        assertThat(leased(session().take(small(2500)))).hasSize(2);
    }

    private Take small(long bytes) {
        return new Take(mail, 10, bytes, TIMED, Duration.ZERO, Set.of());
    }

    @Test
    void a_cancelled_take_swallows_no_message() {
        Pending<Taken> waiting = waitFor(mail, 1);
        waiting.cancel();

        assertThat(leased(waiting)).isEmpty();
        put(mail, "1");
        assertThat(takeOne(mail).deliveries()).isEqualTo(1);
    }

    @Test
    void a_take_cancelled_while_it_is_answered_either_has_the_message_or_never_had_it() {
        for (int race = 0; race < RACES; race++) {
            Pending<Taken> waiting = waitFor(mail, 1);
            CompletionStage<Receipt> put = session().commit(Commit.of(putting(mail, "1")));
            waiting.cancel();
            await(put);

            List<Lease> leases = leased(waiting);
            Lease lease = leases.isEmpty() ? takeOne(mail) : leases.getFirst();

            if (!harness().isElsewhere()) {
                assertThat(lease.deliveries()).isEqualTo(1);
            }
            assertThat(lease.attempts()).isEqualTo(1);
            finish(lease);
        }
    }

    @Test
    void cancelling_an_answered_take_does_nothing() {
        put(mail, "1");
        Pending<Taken> answered = waitFor(mail, 1);
        Lease lease = leased(answered).getFirst();
        answered.cancel();
        answered.cancel();

        commit(new Operation.Check(lease.handle()));
        finish(lease);
    }

    @Test
    void no_more_messages_are_leased_than_the_queue_allows() {
        define(Definition.Queue.of(mail).withMaxInFlight(2));
        put(mail, "1", "2", "3");

        List<Lease> leases = takeNow(mail, 10);
        assertThat(texts(leases)).containsExactly("1", "2");
        assertNothingToTake(mail);
        Pending<Taken> waiting = waitFor(mail, 10);
        finish(leases.getFirst());

        assertThat(texts(leased(waiting))).containsExactly("3");
    }

    @Test
    void raising_the_bound_on_leases_lets_a_waiting_take_go_on() {
        define(Definition.Queue.of(mail).withMaxInFlight(1));
        put(mail, "1", "2");
        takeOne(mail);
        Pending<Taken> waiting = waitFor(mail, 1);

        define(Definition.Queue.of(mail));

        assertThat(texts(leased(waiting))).containsExactly("2");
    }

    @Test
    void an_automatic_take_settles_by_handing_out() {
        put(mail, "1");

        Lease lease = takeOne(session(), mail, Term.Auto.AUTO);

        assertThat(lease.until()).isNull();
        assertThat(lease.message().text()).isEqualTo("1");
        awaitCounts(mail, counts -> counts.messages() == 0 && counts.done() == 1);
        assertStale(finishing(lease));
    }

    @Test
    void a_redefined_queue_keeps_its_messages_and_leases() {
        long before = view(mail).version();
        put(mail, "1", "2");
        Lease lease = takeOne(mail);
        var changed = Definition.Queue.of(mail).withArguments(Map.of("sqs.VisibilityTimeout", "7"));

        long after = changed(commit(defining(changed)));

        assertThat(after).isGreaterThan(before);
        assertThat(view(mail).version()).isEqualTo(after);
        assertThat(view(mail).definition()).isEqualTo(changed);
        finish(lease);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void a_definition_that_expects_nothing_conflicts_with_an_existing_queue() {
        var again = new Operation.Define(Definition.Queue.of(mail), Expect.Nothing.NOTHING);

        var conflict = refusal(Refusal.Conflict.class, again);

        assertThat(conflict.version()).isEqualTo(view(mail).version());
    }

    @Test
    void a_definition_that_expects_another_version_conflicts() {
        long version = view(mail).version();
        var definition = Definition.Queue.of(mail);
        long next = changed(commit(new Operation.Define(definition, new Expect.Version(version))));

        var late = new Operation.Define(definition, new Expect.Version(version));

        assertThat(refusal(Refusal.Conflict.class, late).version()).isEqualTo(next);
        refusal(Refusal.Conflict.class, new Operation.Remove(mail, new Expect.Version(version)));
        commit(new Operation.Remove(mail, new Expect.Version(next)));
    }

    @Test
    void a_version_expected_of_a_queue_that_is_not_there_conflicts_with_nothing() {
        ChannelName absent = ChannelName.of("absent");
        var define = new Operation.Define(Definition.Queue.of(absent), new Expect.Version(1));

        assertThat(refusal(Refusal.Conflict.class, define).version()).isZero();
    }

    @Test
    void a_removed_queue_is_gone_with_its_messages_and_handles() {
        put(mail, "1", "2");
        Lease lease = takeOne(mail);
        long version = view(mail).version();
        long incarnation = view(mail).incarnation();
        commit(removing(mail));

        refusal(Refusal.NoSuchChannel.class, putting(mail, "3"));
        refusal(Refusal.NoSuchChannel.class, deleting(lease));
        define("mail");

        assertThat(view(mail).incarnation()).isNotEqualTo(incarnation);
        assertThat(view(mail).version()).isGreaterThan(version);
        assertThat(counts(mail).messages()).isZero();
        put(mail, "another life's first");
        refusal(Refusal.NoSuchChannel.class, finishing(lease));
        // The message is gone, which is what the handle asks for.
        commit(deleting(lease));
        refusal(Refusal.NoSuchChannel.class, new Operation.Check(lease.handle()));
        refusal(Refusal.NoSuchChannel.class, new Operation.Extend(lease.handle(), SECOND, true));
        assertReadyInOrder(mail, "another life's first");
    }

    @Test
    void a_take_that_waits_at_a_removed_queue_is_refused() {
        Pending<Taken> waiting = waitFor(mail, 1);
        commit(removing(mail));

        assertThat(refusedTake(waiting)).isEqualTo(new Refusal.NoSuchChannel(mail));
    }

    @Test
    void a_take_from_an_unknown_queue_is_refused() {
        ChannelName absent = ChannelName.of("absent");

        assertThat(refusedTake(waitFor(absent, 1))).isEqualTo(new Refusal.NoSuchChannel(absent));
    }

    @Test
    void purging_drops_leased_messages_too() {
        needs(Feature.PURGE);
        put(mail, "1", "2", "3");
        Lease lease = takeOne(mail);

        Receipt.Committed receipt = commit(new Operation.Edit.Purge(mail));

        assertThat(receipt.effects()).containsExactly(new Effect.Edited(3));
        assertThat(counts(mail).messages()).isZero();
        assertThat(counts(mail).bytes()).isZero();
        assertStale(finishing(lease));
        assertThat(commit(deleting(lease)).effects()).containsExactly(new Effect.Settled(null));
        assertNothingToTake(mail);
    }

    @Test
    void a_message_put_after_a_purge_is_not_an_older_leases() {
        needs(Feature.PURGE);
        put(mail, "1");
        Lease lease = takeOne(mail);
        commit(new Operation.Edit.Purge(mail));
        List<Long> sequences = put(mail, "2");

        assertThat(sequences.getFirst()).isGreaterThan(lease.handle().sequence());
        commit(deleting(lease));
        assertReadyInOrder(mail, "2");
    }

    @Test
    void purging_an_in_flight_bound_queue_lets_it_go_on() {
        needs(Feature.PURGE);
        define(Definition.Queue.of(mail).withMaxInFlight(1));
        put(mail, "1");
        takeOne(mail);
        Pending<Taken> waiting = waitFor(mail, 1);
        commit(new Operation.Edit.Purge(mail));
        put(mail, "2");

        assertThat(texts(leased(waiting))).containsExactly("2");
    }

    private static long stored(Receipt.Committed receipt) {
        return ((Effect.Stored) receipt.effects().getFirst()).sequence();
    }

    private static long changed(Receipt.Committed receipt) {
        return ((Effect.Changed) receipt.effects().getFirst()).version();
    }
}
