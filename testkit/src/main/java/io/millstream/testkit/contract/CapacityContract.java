package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Capacity;
import io.millstream.api.Capacity.Overflow;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Via;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

/// A queue holds no more than it says, beside what is leased: what does not fit is refused, or
/// makes room for itself, or goes to the dead letters.
public abstract class CapacityContract extends BackendContract {

    private static final Duration TEN = Duration.ofSeconds(10);

    private final ChannelName mail = ChannelName.of("mail");
    private final ChannelName dead = ChannelName.of("dead");

    @BeforeEach
    void need_capacities() {
        needs(Feature.QUEUES, Feature.CAPACITY);
    }

    private void limit(long messages, long bytes, Overflow overflow) {
        var capacity = new Capacity(messages, bytes, overflow);
        define(Definition.Queue.of(mail).with().capacity(capacity).build());
    }

    private void limitToDead(long messages, Overflow overflow) {
        var capacity = new Capacity(messages, 0, overflow);
        define(Definition.Queue.of(mail).with().capacity(capacity).deadLetter(dead).build());
    }

    private static Message large(int bytes, String text) {
        return Message.of(text + ".".repeat(bytes - text.length()));
    }

    private void assertFull(String limit) {
        var refusal = refusal(Refusal.IsFull.class, putting(mail, "too much"));
        assertThat(refusal).isEqualTo(new Refusal.IsFull(mail, limit));
        assertThat(refusal.text()).contains(mail.name(), limit);
    }

    // Refusing.

    @Test
    void one_more_than_fits_is_refused() {
        limit(2, 0, Overflow.REFUSE);
        put(mail, "1", "2");

        assertFull("2 messages");

        assertThat(counts(mail).stored()).isEqualTo(2);
        assertReadyInOrder(mail, "1", "2");
    }

    @Test
    void the_puts_of_a_commit_count_together() {
        limit(2, 0, Overflow.REFUSE);
        put(mail, "1");

        Receipt.Refused refused = refused(putting(mail, "2"), putting(mail, "3"));

        assertThat(refused.operation()).isEqualTo(1);
        assertThat(refused.refusal()).isInstanceOf(Refusal.IsFull.class);
        put(mail, "4");
        assertReadyInOrder(mail, "1", "4");
    }

    @Test
    void what_is_leased_does_not_count() {
        limit(1, 0, Overflow.REFUSE);
        put(mail, "1");
        assertFull("1 messages");
        Lease first = takeOne(mail);

        put(mail, "2");

        assertFull("1 messages");
        finish(first);
        assertFull("1 messages");
        finish(takeOne(mail));
        put(mail, "3");
    }

    @Test
    void what_comes_back_is_taken_and_counts_again() {
        limit(1, 0, Overflow.REFUSE);
        put(mail, "1");
        Lease first = takeOne(mail);
        put(mail, "2");

        retry(first);

        assertThat(counts(mail).ready()).isEqualTo(2);
        assertFull("1 messages");
        finish(takeOne(mail));
        assertFull("1 messages");
        finish(takeOne(mail));
        put(mail, "3");
        assertReadyInOrder(mail, "3");
    }

    @Test
    void what_waits_for_its_time_or_its_target_counts() {
        needs(Feature.DELAY, Feature.DEAD_LETTER);
        limitToDead(2, Overflow.REFUSE);
        put(mail, delayed(TEN, "1"));
        put(mail, "2");
        settle(takeOne(mail), Outcome.dead("bad"));
        assertThat(counts(mail).delayed()).isEqualTo(2);

        assertFull("2 messages");

        define("dead");
        put(mail, "3");
        assertFull("2 messages");
    }

    @Test
    void bytes_are_a_limit_too() {
        limit(0, 10_000, Overflow.REFUSE);
        put(mail, large(4000, "1"));
        put(mail, large(4000, "2"));

        var refusal = refusal(Refusal.IsFull.class, putting(mail, large(4000, "3")));

        assertThat(refusal.limit()).isEqualTo("10000 bytes");
        finish(takeOne(mail));
        put(mail, large(4000, "4"));
    }

    @Test
    void the_bytes_of_what_is_leased_do_not_count() {
        limit(0, 10_000, Overflow.REFUSE);
        put(mail, large(8000, "1"));
        Lease lease = takeOne(mail);

        put(mail, large(8000, "2"));

        refusal(Refusal.IsFull.class, putting(mail, large(8000, "3")));
        retry(lease);
        assertThat(counts(mail).ready()).isEqualTo(2);
        finish(takeOne(mail));
        refusal(Refusal.IsFull.class, putting(mail, large(8000, "4")));
    }

    @Test
    void both_limits_hold() {
        limit(3, 10_000, Overflow.REFUSE);
        put(mail, large(6000, "1"));
        var bytes = refusal(Refusal.IsFull.class, putting(mail, large(6000, "2")));
        assertThat(bytes.limit()).isEqualTo("3 messages or 10000 bytes");
        put(mail, "2", "3");

        assertFull("3 messages or 10000 bytes");
    }

    @Test
    void a_message_that_never_fits_is_too_large() {
        for (Overflow overflow : List.of(Overflow.REFUSE, Overflow.DROP_HEAD)) {
            limit(0, 10_000, overflow);
            put(mail, "stays");

            var refusal = refusal(Refusal.TooLarge.class, putting(mail, large(20_000, "1")));

            assertThat(refusal.bytesMax()).isEqualTo(10_000);
            assertThat(refusal.bytes()).isGreaterThanOrEqualTo(20_000);
            assertThat(refusal.text()).contains(mail.name());
            assertReadyInOrder(mail, "stays");
        }
    }

    @Test
    void a_limit_that_is_lowered_drops_nothing_and_one_that_is_raised_holds_at_once() {
        put(define("mail"), "1", "2", "3");

        limit(2, 0, Overflow.REFUSE);

        assertThat(counts(mail).ready()).isEqualTo(3);
        assertFull("2 messages");
        limit(4, 0, Overflow.REFUSE);
        put(mail, "4");
        assertReadyInOrder(mail, "1", "2", "3", "4");
    }

    @Test
    void purging_makes_room() {
        needs(Feature.PURGE);
        limit(1, 0, Overflow.REFUSE);
        put(mail, "1");
        commit(new Operation.Edit.Purge(mail));

        put(mail, "2");

        assertFull("1 messages");
    }

    // Dropping the head.

    @Test
    void what_would_be_handed_out_next_makes_room() {
        limit(2, 0, Overflow.DROP_HEAD);
        put(mail, "1", "2");

        put(mail, "3");

        assertThat(counts(mail).dead()).isEqualTo(1);
        assertThat(counts(mail).stored()).isEqualTo(3);
        put(mail, "4");
        assertThat(counts(mail).dead()).isEqualTo(2);
        assertReadyInOrder(mail, "3", "4");
    }

    @Test
    void what_made_room_is_dead_lettered_and_says_why() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        limitToDead(2, Overflow.DROP_HEAD);
        put(mail, "1", "2", "3");

        Lease lease = takeOne(dead);

        assertThat(lease.message().text()).isEqualTo("1");
        assertThat(lease.via())
                .isEqualTo(died(mail, Via.Cause.OVERFLOW, "overflow: 2 messages", now()));
        assertThat(lease.deliveries()).isEqualTo(1);
        assertThat(counts(mail).dead()).isEqualTo(1);
    }

    @Test
    void what_is_leased_makes_no_room() {
        limit(1, 0, Overflow.DROP_HEAD);
        put(mail, "1");
        Lease lease = takeOne(mail);
        put(mail, "2");

        put(mail, "3");

        finish(lease);
        assertReadyInOrder(mail, "3");
        assertThat(counts(mail).done()).isEqualTo(2);
        assertThat(counts(mail).dead()).isEqualTo(1);
    }

    @Test
    void as_many_as_are_needed_make_room() {
        limit(0, 10_000, Overflow.DROP_HEAD);
        for (String text : List.of("a", "b", "c", "d")) put(mail, large(2000, text));

        put(mail, large(7000, "e"));

        assertThat(counts(mail).dead()).isEqualTo(3);
        assertThat(texts(takeNow(mail, 10)))
                .extracting(text -> text.substring(0, 1))
                .containsExactly("d", "e");
    }

    @Test
    void what_came_back_beyond_the_limit_makes_room_together() {
        limit(1, 0, Overflow.DROP_HEAD);
        put(mail, "1");
        Lease first = takeOne(mail);
        put(mail, "2");
        retry(first);
        assertThat(counts(mail).ready()).isEqualTo(2);

        put(mail, "3");

        assertThat(counts(mail).dead()).isEqualTo(2);
        assertReadyInOrder(mail, "3");
    }

    @Test
    void what_waits_for_its_time_makes_room_last_and_the_soonest_first() {
        needs(Feature.DELAY);
        limit(3, 0, Overflow.DROP_HEAD);
        put(mail, delayed(TEN.multipliedBy(2), "20"));
        put(mail, delayed(TEN, "10"));
        put(mail, "ready");
        put(mail, delayed(TEN.multipliedBy(3), "30"));
        assertThat(counts(mail).ready()).isZero();

        put(mail, "last");

        assertThat(counts(mail).dead()).isEqualTo(2);
        advance(TEN.multipliedBy(3));
        assertReadyInOrder(mail, "last", "20", "30");
    }

    @Test
    void what_a_commit_puts_may_make_room_for_what_it_puts_later() {
        limit(2, 0, Overflow.DROP_HEAD);
        put(mail, "1");

        put(mail, "2", "3", "4");

        assertThat(counts(mail).dead()).isEqualTo(2);
        assertReadyInOrder(mail, "3", "4");
    }

    @Test
    void in_a_refused_commit_nothing_made_room() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        limitToDead(2, Overflow.DROP_HEAD);
        put(mail, "1", "2");

        refused(putting(mail, "3"), putting(ChannelName.of("absent"), "4"));

        assertThat(counts(mail).dead()).isZero();
        assertThat(counts(dead).messages()).isZero();
        assertReadyInOrder(mail, "1", "2");
    }

    // Dead-lettering what does not fit.

    @Test
    void what_does_not_fit_goes_to_the_dead_letters() {
        needs(Feature.DEAD_LETTER);
        define("dead");
        limitToDead(1, Overflow.DEAD_LETTER);
        long first = put(mail, "1").getFirst();

        long second = put(mail, "2").getFirst();

        assertThat(second).isGreaterThan(first);
        Lease lease = takeOne(dead);
        assertThat(lease.message().text()).isEqualTo("2");
        assertThat(lease.via())
                .isEqualTo(died(mail, Via.Cause.OVERFLOW, "overflow: 1 messages", now()));
        assertThat(counts(mail).stored()).isEqualTo(2);
        assertThat(counts(mail).dead()).isEqualTo(1);
        assertReadyInOrder(mail, "1");
    }

    @Test
    void what_cannot_be_dead_lettered_for_want_of_a_target_is_refused() {
        needs(Feature.DEAD_LETTER);
        for (Overflow overflow : List.of(Overflow.DROP_HEAD, Overflow.DEAD_LETTER)) {
            limitToDead(1, overflow);
            put(mail, "1");

            assertFull("1 messages");

            assertThat(counts(mail).messages()).isEqualTo(1);
            assertReadyInOrder(mail, "1");
        }
    }

    @Test
    void dead_letters_are_taken_whatever_is_there() {
        needs(Feature.DEAD_LETTER);
        var full = new Capacity(1, 0, Overflow.REFUSE);
        define(Definition.Queue.of(dead).with().capacity(full).build());
        define(Definition.Queue.of(mail).withDeadLetter(0, dead));
        put(dead, "first");
        put(mail, "1");

        Effect effect = settle(takeOne(mail), Outcome.dead("bad"));

        assertThat(effect).isEqualTo(new Effect.Settled(dead));
        assertReadyInOrder(dead, "first", "1");
    }

    // Restarts.

    @Test
    void a_full_queue_is_full_after_a_restart() {
        limit(2, 0, Overflow.REFUSE);
        put(mail, "1", "2");
        Lease lease = takeOne(mail);
        put(mail, "3");
        restart();

        assertFull("2 messages");
        finish(lease);
        assertFull("2 messages");
        finish(takeOne(mail));
        put(mail, "4");
        assertReadyInOrder(mail, "3", "4");
    }

    @Test
    void what_made_room_is_gone_after_a_restart() {
        limit(1, 0, Overflow.DROP_HEAD);
        put(mail, "1");
        put(mail, "2");
        restart();

        assertThat(counts(mail).dead()).isEqualTo(1);
        put(mail, "3");
        assertReadyInOrder(mail, "3");
    }
}
