package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.CommitId;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A commit with an id may be sent again: it happens once, and each time it answers as it did the
/// first time, also after the process was killed.
public abstract class CommitIdsContract extends RoutingFixture {
    private static final Duration NEARLY = CommitId.REMEMBERED_FOR.minus(SECOND);

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName other = ChannelName.of("other");
    private final ChannelName absent = ChannelName.of("absent");

    @BeforeEach
    void define_the_queues() {
        needs(Feature.QUEUES, Feature.COMMIT_IDS);
        define("mail");
        define("other");
    }

    private static CommitId id(long number) {
        return id(number, 0);
    }

    private static CommitId id(long number, long from) {
        return new CommitId("sender", number, from);
    }

    private Receipt send(CommitId id, Operation... operations) {
        return await(session().commit(new Commit(id, List.of(operations))));
    }

    private static Commit putting(CommitId id, ChannelName queue, String text) {
        return new Commit(id, List.of(putting(queue, text)));
    }

    private List<Effect> effects(CommitId id, Operation... operations) {
        return ((Receipt.Committed) send(id, operations)).effects();
    }

    private <R extends Refusal> R refusal(Class<R> kind, CommitId id, Operation... operations) {
        Receipt receipt = send(id, operations);
        assertThat(receipt).isInstanceOf(Receipt.Refused.class);
        Refusal refusal = ((Receipt.Refused) receipt).refusal();
        assertThat(refusal).isInstanceOf(kind);
        return kind.cast(refusal);
    }

    /// Sends it three times, the last time after the process was killed.
    private Receipt thrice(CommitId id, Operation... operations) {
        Receipt first = send(id, operations);
        pass(SECOND);
        assertThat(send(id, operations)).isEqualTo(first);
        restart();
        assertThat(send(id, operations)).isEqualTo(first);
        return first;
    }

    private void assertEffects(CommitId id, List<Operation> operations, Class<?>... kinds) {
        Receipt receipt = thrice(id, operations.toArray(Operation[]::new));
        assertThat(receipt).isInstanceOf(Receipt.Committed.class);
        assertThat(((Receipt.Committed) receipt).effects())
                .<Class<?>>map(Effect::getClass)
                .containsExactly(kinds);
    }

    private <R extends Refusal> R refusedThrice(
            Class<R> kind, CommitId id, Operation... operations) {
        Receipt receipt = thrice(id, operations);
        assertThat(receipt).isInstanceOf(Receipt.Refused.class);
        Refusal refusal = ((Receipt.Refused) receipt).refusal();
        assertThat(refusal).isInstanceOf(kind);
        return kind.cast(refusal);
    }

    private void defineFull() {
        Capacity one = new Capacity(1, 0, Capacity.Overflow.REFUSE);
        define(Definition.Queue.builder(name("full")).capacity(one).build());
    }

    private void defineOnce() {
        Deduplication hour = new Deduplication(Duration.ofHours(1), Deduplication.Scope.QUEUE);
        define(Definition.Queue.builder(name("once")).deduplication(hour).build());
    }

    // What is answered.

    @Test
    void a_put_that_is_sent_again_is_in_its_queue_once() {
        assertEffects(
                CommitId.of("c-1"),
                List.of(putting(mail, "1"), putting(mail, "2")),
                Effect.Stored.class,
                Effect.Stored.class);

        assertReadyInOrder(mail, "1", "2");
        assertNothingToTake(mail);
    }

    @Test
    void definitions_checks_and_edits_answer_as_they_did() {
        needs(Feature.PURGE, Feature.MOVE, Feature.ATOMIC_COMMIT);
        put(mail, "1", "2");
        Operation checking = new Operation.CheckDefinition(mail, Expect.Anything.ANYTHING);
        assertEffects(
                id(1),
                List.of(
                        defining(Definition.Queue.of(absent)),
                        checking,
                        new Operation.Edit.Move(mail, other, 1),
                        new Operation.Edit.Purge(mail),
                        removing(absent)),
                Effect.Changed.class,
                Effect.Plain.class,
                Effect.Edited.class,
                Effect.Edited.class,
                Effect.Plain.class);

        assertReadyInOrder(other, "1");
        put(mail, "3");
        send(id(1), new Operation.Edit.Purge(mail));
        assertReadyInOrder(mail, "3");
    }

    @Test
    void a_write_that_expects_nothing_answers_as_it_did() {
        needs(Feature.ROWS);
        Operation writing = writing("key", "value", Expect.Nothing.NOTHING);

        assertEffects(id(1), List.of(writing), Effect.Changed.class);

        refusal(Refusal.Conflict.class, writing);
    }

    @Test
    void a_lease_that_was_settled_is_settled_again_and_one_that_was_extended_extended() {
        needs(Feature.DEAD_LETTER);
        define(Definition.Queue.of(mail).withDeadLetter(3, other));
        put(mail, "1", "2", "3");
        List<Lease> leases = take(mail, 3);

        Receipt receipt =
                thrice(
                        id(1),
                        finishing(leases.get(0)),
                        settling(leases.get(1), Outcome.dead("no such address")),
                        new Operation.Extend(leases.get(2).handle(), LEASE, true));

        assertThat(((Receipt.Committed) receipt).effects())
                .satisfiesExactly(
                        done -> assertThat(done).isEqualTo(new Effect.Settled(null)),
                        dead -> assertThat(dead).isEqualTo(new Effect.Settled(other)),
                        extended -> assertThat(extended).isInstanceOf(Effect.Extended.class));
        assertReadyInOrder(other, "2");
        assertStale(finishing(leases.get(0)));
    }

    @Test
    void a_lease_that_is_given_back_again_stays_with_who_has_it_now() {
        put(mail, "1");
        Lease first = takeOne(mail);
        Receipt given = send(id(1), settling(first, Outcome.retry()));
        Lease second = takeOne(mail);

        assertThat(send(id(1), settling(first, Outcome.retry()))).isEqualTo(given);

        finish(second);
        assertNothingToTake(mail);
    }

    @Test
    void records_that_are_appended_again_are_in_their_partition_once() {
        needs(Feature.TOPICS);
        ChannelName events = name("events");
        commit(defining(Definition.Topic.of(events)));
        List<Message> two = List.of(Message.of("a"), Message.of("b"));
        Operation appending = new Operation.Append(events, 0, two, null);
        Operation moving = new Operation.MoveCursor(events, 0, "reader", 1);

        assertEffects(id(1), List.of(appending, moving), Effect.Appended.class, Effect.Plain.class);

        assertThat(effects(id(2), appending)).containsExactly(new Effect.Appended(2, 3));
    }

    @Test
    void a_message_that_is_routed_again_reaches_each_target_once() {
        needs(Feature.ROUTING, Feature.CAPACITY, Feature.TOPICS, Feature.DEDUPLICATION);
        commit(defining(Definition.Topic.of(name("events"))));
        defineFull();
        defineOnce();
        ChannelName all = exchange("all", ExchangeKind.FANOUT);
        for (String target : List.of("mail", "full", "once", "events")) {
            bind(all, target, "");
        }
        Message message = Message.builder("1").deduplication("1").build();
        publish(all, "", message);
        Operation again = new Operation.Publish(all, "", message, Operation.WhenFull.SKIP);

        Receipt receipt = thrice(id(1), again);

        var routed = (Effect.Routed) ((Receipt.Committed) receipt).effects().getFirst();
        assertThat(routed.reached())
                .<Class<?>>map(reached -> reached.effect().getClass())
                .containsExactlyInAnyOrder(
                        Effect.Appended.class, Effect.Stored.class, Effect.Duplicate.class);
        assertThat(routed.skipped()).hasSize(1);
        assertThat(counts(mail).ready()).isEqualTo(2);
    }

    @Test
    void what_is_replayed_again_is_put_once() {
        needs(Feature.REPLAY);
        define(Definition.Queue.builder(mail).keepSettled(LONG).build());
        put(mail, "1", "2", "3");
        finish(take(mail, 3).toArray(Lease[]::new));
        Instant end = now().plus(LONG);

        assertEffects(
                id(1),
                List.of(new Operation.Edit.Replay(mail, Instant.EPOCH, end, 0, 2)),
                Effect.Replayed.class);

        assertReadyInOrder(mail, "1", "2");
    }

    @Test
    void many_operations_answer_as_they_did() {
        Operation[] puts =
                IntStream.range(0, Commit.OPERATIONS_MAX)
                        .mapToObj(number -> putting(mail, "" + number))
                        .toArray(Operation[]::new);

        assertThat(((Receipt.Committed) thrice(id(1), puts)).effects()).hasSize(puts.length);

        assertThat(counts(mail).ready()).isEqualTo(puts.length);
    }

    @Test
    void whatever_the_operations_are_the_second_time_they_are_not_looked_at() {
        Receipt first = send(id(1), putting(mail, "1"));

        assertThat(send(id(1, 1), putting(mail, "2"), removing(mail))).isEqualTo(first);

        assertReadyInOrder(mail, "1");
    }

    // What is refused.

    @Test
    void a_refusal_stays_though_it_would_be_done_now() {
        needs(Feature.ATOMIC_COMMIT);
        refusedThrice(Refusal.NoSuchChannel.class, id(1), putting(mail, "1"), putting(absent, "1"));
        define("absent");

        Receipt again = send(id(1), putting(mail, "1"), putting(absent, "1"));

        assertThat(((Receipt.Refused) again).operation()).isEqualTo(1);
        assertNothingToTake(absent);
    }

    @Test
    void each_kind_of_refusal_is_as_it_was() {
        needs(Feature.CAPACITY, Feature.ROWS, Feature.ROUTING, Feature.DEDUPLICATION);
        needs(Feature.MOVE);
        put(mail, "1");
        Lease ended = takeOne(mail);
        finish(ended);
        defineFull();
        put(name("full"), "1");
        defineOnce();
        Message twice = Message.builder("1").deduplication("1").build();
        put(name("once"), twice);
        Operation refusing = new Operation.Put(name("once"), twice, Operation.IfDuplicate.REFUSE);
        String large = "x".repeat(1 + (1 << 20));

        refusedThrice(Refusal.StaleFence.class, id(1), finishing(ended));
        refusedThrice(
                Refusal.NoSuchExchange.class, id(2), publishing(absent, "key", Message.of("1")));
        refusedThrice(
                Refusal.Conflict.class, id(3), writing("key", "value", new Expect.Version(7)));
        refusedThrice(Refusal.IsFull.class, id(4), putting(name("full"), "2"));
        refusedThrice(Refusal.Duplicate.class, id(5), refusing);
        refusedThrice(
                Refusal.TooLarge.class, id(6), writing("key", large, Expect.Anything.ANYTHING));
        refusedThrice(Refusal.Invalid.class, id(7), new Operation.Edit.Move(mail, mail, 1));
    }

    @Test
    void a_wait_that_is_too_long_is_refused_as_it_was() {
        needs(Feature.DELAY);
        Message late = delayed(Duration.ofDays(100_000), "1");

        refusedThrice(Refusal.Invalid.class, id(1), putting(mail, late));
    }

    // Lists.

    @Test
    void a_list_that_is_sent_again_goes_on_where_it_was_lost() {
        List<Commit> all =
                List.of(
                        putting(id(1), mail, "1"),
                        putting(id(2), absent, "2"),
                        putting(id(4), mail, "4"),
                        putting(id(5), mail, "5"));
        List<Receipt> half = await(session().commit(all.subList(0, 2)));
        define("absent");

        List<Receipt> whole = await(newSession("another").commit(all));

        assertThat(whole.subList(0, 2)).isEqualTo(half);
        assertThat(whole.subList(2, 4)).hasOnlyElementsOfType(Receipt.Committed.class);
        assertThat(await(session().commit(all))).isEqualTo(whole);
        assertReadyInOrder(mail, "1", "4", "5");
        assertNothingToTake(absent);
    }

    @Test
    void what_has_no_id_between_is_done_each_time() {
        List<Commit> all =
                List.of(putting(id(1), mail, "1"), Commit.of(putting(mail, "each time")));

        await(session().commit(all));
        await(session().commit(all));

        assertReadyInOrder(mail, "1", "each time", "each time");
    }

    @Test
    void a_number_that_was_passed_over_is_not_done_and_says_so() {
        send(id(1), putting(mail, "1"));
        send(id(5), putting(mail, "5"));

        Refusal.Busy busy = refusal(Refusal.Busy.class, id(3), putting(mail, "3"));

        assertThat(busy.text()).contains("Number 3").contains("sender").contains("5");
        assertThat(send(id(3), putting(mail, "3"))).isInstanceOf(Receipt.Refused.class);
        send(id(6), putting(mail, "3, once more"));
        assertReadyInOrder(mail, "1", "5", "3, once more");
    }

    // What is forgotten.

    @Test
    void below_the_number_from_which_a_sender_may_ask_nobody_knows() {
        send(id(1), putting(mail, "1"));
        send(id(2), putting(mail, "2"));
        Receipt third = send(id(3), putting(mail, "3"));
        Receipt fourth = send(id(4, 3), putting(mail, "4"));

        Refusal.Invalid forgotten = refusal(Refusal.Invalid.class, id(2), putting(mail, "2"));

        assertThat(forgotten.text()).contains("below number 3").contains("number 2");
        restart();
        assertThat(refusal(Refusal.Invalid.class, id(1), putting(mail, "1")).text())
                .contains("number 1");
        assertThat(send(id(3), putting(mail, "3"))).isEqualTo(third);
        assertThat(send(id(4), putting(mail, "4"))).isEqualTo(fourth);
        assertReadyInOrder(mail, "1", "2", "3", "4");
    }

    @Test
    void a_repetition_forgets_nothing() {
        Receipt first = send(id(1), putting(mail, "1"));
        send(id(2), putting(mail, "2"));

        send(id(2, 2), putting(mail, "2"));

        assertThat(send(id(1), putting(mail, "1"))).isEqualTo(first);
    }

    @Test
    void what_was_given_up_stays_so_though_a_later_commit_asks_from_lower_on() {
        send(id(1), putting(mail, "1"));
        send(id(2, 2), putting(mail, "2"));
        send(id(3, 0), putting(mail, "3"));

        refusal(Refusal.Invalid.class, id(1), putting(mail, "1"));
    }

    @Test
    void senders_do_not_know_of_each_other() {
        send(new CommitId("a", 1, 1), putting(mail, "a"));
        send(new CommitId("b", 1, 1), putting(mail, "b"));
        send(new CommitId("a", 9, 9), putting(mail, "a9"));
        send(new CommitId("b", 2, 2), putting(mail, "b2"));

        assertReadyInOrder(mail, "a", "b", "a9", "b2");
    }

    @Test
    void a_sender_is_forgotten_some_time_after_its_last_commit() {
        Receipt first = send(id(1), putting(mail, "1"));
        pass(NEARLY);
        assertThat(send(id(1), putting(mail, "1"))).isEqualTo(first);
        pass(SECOND);

        Receipt anew = send(id(1), putting(mail, "1"));

        assertThat(anew).isInstanceOf(Receipt.Committed.class).isNotEqualTo(first);
        assertReadyInOrder(mail, "1", "1");
    }

    @Test
    void a_sender_that_goes_on_is_remembered_with_all_that_it_may_ask_for() {
        Receipt first = send(id(1), putting(mail, "1"));
        pass(NEARLY);
        send(id(2), putting(mail, "2"));
        pass(NEARLY);

        assertThat(send(id(1), putting(mail, "1"))).isEqualTo(first);
        restart();
        assertThat(send(id(1), putting(mail, "1"))).isEqualTo(first);
    }

    @Test
    void opening_the_store_gives_senders_their_time_anew() {
        Receipt first = send(id(1), putting(mail, "1"));
        pass(NEARLY);
        restart();
        pass(NEARLY);

        assertThat(send(id(1), putting(mail, "1"))).isEqualTo(first);

        pass(SECOND);
        assertThat(send(id(1), putting(mail, "1"))).isNotEqualTo(first);
    }

    // Who asks.

    @Test
    void it_may_be_sent_again_on_another_session() {
        Receipt first = send(id(1), putting(mail, "1"));
        session().close();

        try (Session another = newSession("another")) {
            assertThat(await(another.commit(putting(id(1), mail, "1")))).isEqualTo(first);
        }
    }

    @Test
    void of_many_sessions_that_send_it_at_once_one_does_it() {
        int sessions = 8;
        List<CompletionStage<Receipt>> answers = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            Session one = newSession("session " + i);
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int number = 1; number <= 3; number++) {
                                    answers.add(one.commit(putting(id(number), mail, "" + number)));
                                }
                            }));
        }
        threads.forEach(CommitIdsContract::join);

        assertThat(answers).hasSize(3 * sessions);
        // Whoever is late finds that the others are further.
        List<Receipt> committed =
                answers.stream()
                        .map(BackendContract::await)
                        .filter(Receipt.Committed.class::isInstance)
                        .distinct()
                        .toList();
        assertThat(committed).hasSameSizeAs(Stream.of(1, 2, 3).toList());
        assertReadyInOrder(mail, "1", "2", "3");
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            throw new AssertionError("The test was interrupted", interrupted);
        }
    }

    // How much is remembered.

    @Test
    void a_sender_that_gives_nothing_up_is_refused_at_last_and_loses_nothing() {
        int most = CommitId.ANSWERS_MAX;
        List<Commit> commits =
                IntStream.range(0, most)
                        .mapToObj(number -> new Commit(id(number), List.of(checking())))
                        .toList();
        List<Receipt> receipts = await(session().commit(commits));
        assertThat(receipts).hasOnlyElementsOfType(Receipt.Committed.class);

        Refusal.Busy full = refusal(Refusal.Busy.class, id(most), putting(mail, "1"));

        assertThat(full.text()).contains("10000");
        assertThat(send(id(0), checking())).isEqualTo(receipts.getFirst());
        assertThat(send(id(most, 1), putting(mail, "1"))).isInstanceOf(Receipt.Committed.class);
        assertReadyInOrder(mail, "1");
        restart();
        assertThat(send(id(1), checking())).isEqualTo(receipts.get(1));
        assertThat(send(id(most - 1), checking())).isEqualTo(receipts.getLast());
    }

    private Operation checking() {
        return new Operation.CheckDefinition(mail, Expect.Anything.ANYTHING);
    }
}
