package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Operation;
import io.millstream.api.Operation.Edit;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Term;
import io.millstream.api.Via;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/// What was settled as done is kept for as long as its queue says, and put again as new messages.
public abstract class ReplayContract extends CombinationFixture {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private Instant begun = Instant.EPOCH;

    @BeforeEach
    void keep_what_is_settled() {
        needs(Feature.QUEUES, Feature.REPLAY);
        defineMail(queue -> queue.keepSettled(MINUTE));
        begun = now();
    }

    private Effect.Replayed replay(Instant since, Instant until, long after, int messages) {
        Edit edit = new Edit.Replay(mail, since, until, after, messages);
        return (Effect.Replayed) commit(edit).effects().getFirst();
    }

    private long replayAll() {
        return replay(begun, now().plusMillis(1), 0, 1000).messages();
    }

    private void work(String... texts) {
        put(mail, texts);
        for (int i = 0; i < texts.length; i++) finish(takeOne(mail));
    }

    @Test
    void what_is_done_is_counted_as_kept_and_put_again_in_the_order_of_the_settles() {
        put(mail, "1", "2", "3");
        Lease first = takeOne(mail);
        finish(takeOne(mail));
        finish(first);

        assertThat(counts(mail).kept()).isEqualTo(2);
        assertThat(counts(mail).messages()).isEqualTo(1);
        assertThat(replayAll()).isEqualTo(2);
        assertThat(counts(mail).kept()).isEqualTo(2);
        assertReadyInOrder(mail, "3", "2", "1");
    }

    @Test
    void what_is_put_again_is_a_new_message() {
        work("1");
        long kept = put(mail, "2").getFirst();
        retry(takeOne(mail));
        finish(takeOne(mail));
        advance(SECOND);
        replayAll();

        advance(SECOND);
        takeOne(mail);
        Lease again = takeOne(mail);
        assertThat(again.message().text()).isEqualTo("2");
        assertThat(again.handle().sequence()).isGreaterThan(kept);
        assertThat(again.deliveries()).isEqualTo(1);
        assertThat(again.attempts()).isEqualTo(1);
        assertThat(again.stored()).isEqualTo(now().minus(SECOND));
        assertThat(again.via()).isEqualTo(Via.Direct.DIRECT);
        assertThat(counts(mail).stored()).isEqualTo(4);
    }

    @Test
    void only_what_was_done_between_the_times_is_put_again() {
        work("1");
        advance(SECOND);
        Instant since = now();
        work("2", "3");
        advance(SECOND);
        Instant until = now();
        work("4");

        assertThat(replay(since, until, 0, 100).messages()).isEqualTo(2);
        assertReadyInOrder(mail, "2", "3");
    }

    @Test
    void all_times_there_are_may_be_named() {
        work("1", "2");
        put(mail, "3");

        assertThat(replay(Instant.MIN, Instant.MAX, 0, 100).messages()).isEqualTo(2);
        assertThat(replay(Instant.MIN, Instant.MIN, 0, 100).messages()).isZero();
        assertThat(replay(Instant.MAX, Instant.MAX, 0, 100).messages()).isZero();
        assertReadyInOrder(mail, "3", "1", "2");
    }

    @Test
    void nothing_comes_after_the_last_place_there_can_be() {
        work("1");
        assertThat(replay(Instant.MIN, Instant.MAX, Long.MAX_VALUE, 100))
                .isEqualTo(new Effect.Replayed(0, Long.MAX_VALUE, false));
        assertNothingToTake(mail);
    }

    @Test
    void a_long_replay_goes_on_where_it_ended() {
        work("1", "2", "3", "4", "5");
        Instant until = now().plusMillis(1);

        Effect.Replayed first = replay(begun, until, 0, 2);
        Effect.Replayed second = replay(begun, until, first.after(), 2);
        Effect.Replayed third = replay(begun, until, second.after(), 2);

        assertThat(List.of(first.messages(), second.messages(), third.messages()))
                .containsExactly(2L, 2L, 1L);
        assertThat(List.of(first.more(), second.more(), third.more()))
                .containsExactly(true, true, false);
        assertReadyInOrder(mail, "1", "2", "3", "4", "5");
    }

    @Test
    void no_more_than_a_thousand_are_put_by_one_commit() {
        put(mail, IntStream.range(0, 1001).mapToObj(Integer::toString).toArray(String[]::new));
        for (Lease lease : take(mail, 1001)) finish(lease);
        Instant until = now().plusMillis(1);

        Effect.Replayed first = replay(begun, until, 0, Integer.MAX_VALUE);
        assertThat(first.messages()).isEqualTo(1000);
        assertThat(replay(begun, until, first.after(), Integer.MAX_VALUE))
                .extracting(Effect.Replayed::messages, Effect.Replayed::more)
                .containsExactly(1L, false);
    }

    @Test
    void it_is_kept_as_long_as_was_declared() {
        work("1");
        advance(MINUTE.minusMillis(1));
        work("2");
        assertThat(counts(mail).kept()).isEqualTo(2);

        advance(Duration.ofMillis(1));

        eventually(() -> counts(mail).kept() == 1, () -> "kept " + counts(mail));
        assertThat(replayAll()).isEqualTo(1);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void what_is_done_by_being_delivered_is_kept() {
        put(mail, "1");
        assertThat(texts(take(session(), mail, 1, Term.Auto.AUTO))).containsExactly("1");

        assertThat(replayAll()).isEqualTo(1);
        assertReadyInOrder(mail, "1");
    }

    @Test
    void what_ends_otherwise_is_not_kept() {
        needs(Feature.PURGE);
        put(mail, "1", "2", "3");
        settle(takeOne(mail), Outcome.dead("bad"));
        commit(new Edit.Drop(mail, 2));
        commit(new Edit.Purge(mail));

        assertThat(counts(mail).kept()).isZero();
        assertThat(replayAll()).isZero();
    }

    @Test
    void a_purge_leaves_what_is_kept() {
        needs(Feature.PURGE);
        work("1");
        put(mail, "2");
        commit(new Edit.Purge(mail));

        assertThat(replayAll()).isEqualTo(1);
        assertReadyInOrder(mail, "1");
    }

    @Test
    void what_was_put_again_can_be_done_and_put_again() {
        work("1");
        replayAll();
        advance(SECOND);
        finish(takeOne(mail));

        assertThat(counts(mail).kept()).isEqualTo(2);
        assertThat(replay(now(), now().plusMillis(1), 0, 10).messages()).isEqualTo(1);
        assertReadyInOrder(mail, "1");
    }

    @Test
    void groups_priorities_and_types_come_back_and_waits_do_not() {
        needs(
                Feature.GROUPS,
                Feature.PRIORITY,
                Feature.TYPES,
                Feature.LIMITS,
                Feature.DELAY,
                Feature.TIME_TO_LIVE);
        defineMail(queue ->
                queue.keepSettled(MINUTE)
                        .groups(Groups.ORDERED)
                        .typed(true)
                        .limits(LimitsFixture.types(Limit.concurrency(1))));
        put(mail, of("a1", message -> message.group("a").priority(1)));
        put(mail, of("b1", message -> message.group("b")));
        put(mail, of("t1", message -> message.type("t").delay(SECOND).priority(2)));
        put(mail, of("t2", message -> message.type("t").priority(2).timeToLive(TEN)));
        advance(SECOND);
        for (int i = 0; i < 4; i++) finish(takeOne(mail));
        advance(TEN.plus(TEN));
        replayAll();
        put(mail, grouped("a", "a2"));

        assertThat(texts(takeNow(mail, 10))).containsExactly("b1", "a1", "a2", "t2");
        assertNothingToTake(mail);
    }

    @Test
    void equal_messages_are_put_again_all_the_same() {
        needs(Feature.DEDUPLICATION);
        defineMail(queue ->
                queue.keepSettled(MINUTE).deduplication(deduplication(Deduplication.Scope.QUEUE)));
        put(mail, of("1", message -> message.deduplication("k")));
        finish(takeOne(mail));

        assertThat(replayAll()).isEqualTo(1);
        assertReadyInOrder(mail, "1");
    }

    @Test
    void a_queue_that_keeps_nothing_refuses_to_put_it_again() {
        defineMail(queue -> queue);
        assertThat(refused(new Edit.Replay(mail, begun, now(), 0, 1)).refusal())
                .isEqualTo(
                        new Refusal.Invalid(
                                mail
                                        + " keeps nothing that was settled. Declare it with"
                                        + " keepSettled; what is settled from then on can be put"
                                        + " again."));
        ChannelName gone = ChannelName.of("gone");
        assertThat(refused(new Edit.Replay(gone, begun, now(), 0, 1)).refusal())
                .isEqualTo(new Refusal.NoSuchChannel(gone));
    }

    @Test
    void what_is_kept_is_gone_when_its_queue_keeps_nothing_any_more() {
        work("1");
        defineMail(queue -> queue);
        assertThat(counts(mail).kept()).isZero();
        defineMail(queue -> queue.keepSettled(MINUTE));

        assertThat(counts(mail).kept()).isZero();
        work("2");
        assertThat(replayAll()).isEqualTo(1);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void a_time_that_is_declared_later_holds_for_what_is_kept() {
        work("1");
        advance(SECOND);
        defineMail(queue -> queue.keepSettled(SECOND.plusMillis(1)));
        assertThat(counts(mail).kept()).isEqualTo(1);
        defineMail(queue -> queue.keepSettled(MINUTE));
        advance(TEN);
        assertThat(counts(mail).kept()).isEqualTo(1);
        defineMail(queue -> queue.keepSettled(SECOND));

        eventually(() -> counts(mail).kept() == 0, () -> "kept " + counts(mail));
    }

    @Test
    void a_commit_that_is_refused_keeps_nothing() {
        needs(Feature.ATOMIC_COMMIT, Feature.PURGE);
        put(mail, "1");
        Lease lease = takeOne(mail);
        Operation done = finishing(lease);
        Operation impossible = new Edit.Purge(ChannelName.of("gone"));

        assertThat(refused(done, impossible).refusal()).isInstanceOf(Refusal.NoSuchChannel.class);
        assertThat(counts(mail).kept()).isZero();
    }

    @Test
    void a_queue_that_comes_again_keeps_nothing_of_the_one_before() {
        work("1");
        commit(removing(mail));
        defineMail(queue -> queue.keepSettled(MINUTE));

        assertThat(counts(mail).kept()).isZero();
        assertThat(replayAll()).isZero();
    }

    @Test
    void a_definition_and_a_replay_in_one_commit_find_nothing() {
        needs(Feature.ATOMIC_COMMIT);
        work("1");
        Definition.Queue plain = Definition.Queue.of(mail);
        Definition.Queue keeping = plain.with().keepSettled(MINUTE).build();
        List<Effect> effects =
                commit(
                                defining(plain),
                                defining(keeping),
                                new Edit.Replay(mail, begun, now().plusMillis(1), 0, 10))
                        .effects();
        assertThat(effects.getLast()).isEqualTo(new Effect.Replayed(0, 0, false));
        assertNothingToTake(mail);
    }
}
