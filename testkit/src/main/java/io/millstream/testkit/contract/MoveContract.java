package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Taken;
import io.millstream.api.Via;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// Ready messages go to another queue, or back to where they died, as new ones; each is in one
/// place.
public abstract class MoveContract extends BackendContract {

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName post = ChannelName.of("post");
    private final ChannelName dead = ChannelName.of("dead");

    @BeforeEach
    void define_the_queues() {
        needs(Feature.QUEUES, Feature.MOVE);
        define("mail");
        define("post");
    }

    private void assertMoves(int moved, ChannelName from, @Nullable ChannelName to, int messages) {
        assertThat(commit(new Operation.Edit.Move(from, to, messages)).effects())
                .containsExactly(new Effect.Edited(moved));
    }

    /// Has messages die in a queue whose target is `dead`.
    private void die(ChannelName queue, String... texts) {
        define(Definition.Queue.of(queue).withDeadLetter(0, dead));
        put(queue, texts);
        for (int i = 0; i < texts.length; i++) settle(takeOne(queue), Outcome.dead("bad"));
    }

    @Test
    void many_that_can_go_nowhere_do_not_keep_those_behind_them() {
        needs(Feature.DEAD_LETTER, Feature.CAPACITY);
        ChannelName gone = ChannelName.of("gone");
        Capacity none = new Capacity(1, 0, Capacity.Overflow.DEAD_LETTER);
        define(Definition.Queue.of(dead));
        define(Definition.Queue.builder(gone).deadLetter(dead).capacity(none).build());
        Operation[] puts = new Operation[Operation.Edit.Move.EXAMINED_MAX / 10];
        for (int i = 0; i < puts.length; i++) puts[i] = putting(gone, "" + i);
        for (int i = 0; i < 10; i++) commit(puts);
        put(gone, "last");
        commit(removing(gone));
        die(mail, "1", "2");

        assertMoves(2, dead, null, 10);
        assertReadyInOrder(mail, "1", "2");
        assertMoves(0, dead, null, 10);
    }

    @Test
    void up_to_so_many_go_in_the_order_in_which_they_would_be_handed_out() {
        put(mail, "1", "2", "3");
        put(post, "0");

        assertMoves(2, mail, post, 2);

        assertReadyInOrder(mail, "3");
        assertReadyInOrder(post, "0", "1", "2");
    }

    @Test
    void no_more_go_than_there_are() {
        put(mail, "1", "2");

        assertMoves(2, mail, post, 10);
        assertMoves(0, mail, post, 10);

        assertThat(counts(mail).messages()).isZero();
        assertReadyInOrder(post, "1", "2");
    }

    @Test
    void what_is_moved_is_a_new_message() {
        long before = put(post, "0").getFirst();
        put(mail, "1");
        retry(takeOne(mail));
        retry(takeOne(mail));
        finish(takeOne(post));
        advance(SECOND);

        assertMoves(1, mail, post, 1);

        advance(SECOND);
        Lease lease = takeOne(post);
        assertThat(lease.message().text()).isEqualTo("1");
        assertThat(lease.handle().sequence()).isGreaterThan(before);
        assertThat(lease.deliveries()).isEqualTo(1);
        assertThat(lease.attempts()).isEqualTo(1);
        assertThat(lease.stored()).isEqualTo(now().minus(SECOND));
        assertThat(lease.firstDelivered()).isEqualTo(now());
        assertThat(lease.via()).isEqualTo(Via.Direct.DIRECT);
        assertThat(counts(post).stored()).isEqualTo(2);
    }

    @Test
    void what_is_leased_or_waits_stays() {
        needs(Feature.RETRY_AFTER);
        put(mail, "1", "2", "3");
        Lease lease = takeOne(mail);
        settle(takeOne(mail), Outcome.retry(SECOND));

        assertMoves(1, mail, post, 10);

        assertReadyInOrder(post, "3");
        finish(lease);
        advance(SECOND);
        assertReadyInOrder(mail, "2");
    }

    @Test
    void what_arrives_answers_who_waits() {
        Pending<Taken> waiting = waitFor(post, 10);
        put(mail, "1", "2");

        assertMoves(2, mail, post, 10);

        assertThat(texts(leased(waiting))).containsExactly("1", "2");
    }

    @Test
    void a_refused_commit_moved_nothing() {
        put(mail, "1");

        refused(new Operation.Edit.Move(mail, post, 1), putting(ChannelName.of("absent"), "2"));

        assertThat(counts(post).messages()).isZero();
        assertThat(counts(post).stored()).isZero();
        assertReadyInOrder(mail, "1");
    }

    @Test
    void what_was_put_in_the_same_commit_goes_too() {
        needs(Feature.ATOMIC_COMMIT);
        commit(putting(mail, "1"), new Operation.Edit.Move(mail, post, 10));

        assertReadyInOrder(post, "1");
        assertThat(counts(mail).messages()).isZero();
    }

    // Back to where they died.

    @Test
    void dead_letters_go_back_each_to_where_it_died() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        die(mail, "m1", "m2");
        die(post, "p1");
        die(mail, "m3");

        assertMoves(4, dead, null, 10);

        assertThat(counts(dead).messages()).isZero();
        assertReadyInOrder(mail, "m1", "m2", "m3");
        Lease lease = takeOne(post);
        assertThat(lease.message().text()).isEqualTo("p1");
        assertThat(lease.deliveries()).isEqualTo(1);
        assertThat(lease.via()).isEqualTo(Via.Direct.DIRECT);
    }

    @Test
    void those_that_did_not_die_and_those_whose_queue_is_gone_stay_and_hold_nobody_up() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        put(dead, "put");
        ChannelName gone = define("gone");
        die(gone, "homeless");
        commit(removing(gone));
        die(mail, "m1", "m2", "m3");

        assertMoves(2, dead, null, 2);

        assertReadyInOrder(mail, "m1", "m2");
        assertMoves(1, dead, null, 10);
        assertReadyInOrder(mail, "m3");
        assertReadyInOrder(dead, "put", "homeless");
    }

    @Test
    void a_message_that_came_back_has_all_its_attempts() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        define(Definition.Queue.of(mail).withDeadLetter(2, dead));
        put(mail, "1");
        retry(takeOne(mail));
        retry(takeOne(mail));
        awaitReady(dead, 1);

        assertMoves(1, dead, null, 1);

        retry(takeOne(mail));
        assertThat(takeOne(mail).attempts()).isEqualTo(2);
    }

    @Test
    void a_message_that_comes_back_and_dies_again_has_died_once() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        die(mail, "1");
        assertMoves(1, dead, null, 1);

        settle(takeOne(mail), Outcome.dead("again"));

        assertThat(takeOne(dead).via()).isEqualTo(died(mail, Via.Cause.REJECTED, "again", now()));
    }

    // Refusing.

    @Test
    void a_queue_is_not_moved_to_itself() {
        put(mail, "1");

        refusal(Refusal.Invalid.class, new Operation.Edit.Move(mail, mail, 1));

        assertReadyInOrder(mail, "1");
    }

    @Test
    void queues_that_are_not_there_are_refused() {
        ChannelName absent = ChannelName.of("absent");
        put(mail, "1");

        var to = refusal(Refusal.NoSuchChannel.class, new Operation.Edit.Move(mail, absent, 1));
        var from = refusal(Refusal.NoSuchChannel.class, new Operation.Edit.Move(absent, mail, 1));

        assertThat(to.name()).isEqualTo(absent);
        assertThat(from.name()).isEqualTo(absent);
        assertReadyInOrder(mail, "1");
    }

    // Restarts and age.

    @Test
    void what_was_moved_is_where_it_went_after_a_restart() {
        put(mail, "1", "2", "3");
        assertMoves(2, mail, post, 2);
        restart();

        put(mail, "4");
        assertReadyInOrder(post, "1", "2");
        assertReadyInOrder(mail, "3", "4");
    }

    @Test
    void what_is_moved_is_as_young_as_a_new_message() {
        needs(Feature.RETENTION);
        Duration minute = Duration.ofMinutes(1);
        define(Definition.Queue.of(post).withRetention(minute));
        put(mail, "1");
        advance(minute.multipliedBy(2));

        assertMoves(1, mail, post, 1);

        advance(minute.minus(MILLISECOND));
        assertThat(counts(post).ready()).isEqualTo(1);
        advance(MILLISECOND);
        awaitCounts(post, counts -> counts.expired() == 1);
    }

    @Test
    void many_go_in_several_steps() {
        String[] texts = new String[300];
        Arrays.setAll(texts, i -> "" + i);
        put(mail, texts);
        long moved = 0;
        while (moved < 300) {
            Effect effect = commit(new Operation.Edit.Move(mail, post, 100)).effects().getFirst();
            assertThat(((Effect.Edited) effect).messages()).isBetween(1L, 100L);
            moved += ((Effect.Edited) effect).messages();
        }

        assertThat(counts(mail).messages()).isZero();
        List<Lease> leases = take(post, 300);
        assertThat(texts(leases)).containsExactly(texts);
    }
}
