package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Capacity.Overflow;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Limit;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Operation.WhenFull;
import io.millstream.api.Outcome;
import io.millstream.api.Pending;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A take that names types gets messages of these and leaves the others as they are, for those who
/// know them.
public abstract class TypesContract extends LimitsFixture {

    private static final int TYPES_MAX = Definition.Queue.TYPES_MAX;
    private static final String UNTYPED =
            "mail does not tell types apart. Declare it typed while it is empty.";

    @BeforeEach
    void define_a_queue_that_tells_types_apart() {
        needs(Feature.TYPES);
        defineMail(queue -> queue.typed(true));
    }

    private List<Lease> takeTypes(String... types) {
        return takeTypes(mail, types);
    }

    private List<Lease> takeTypes(ChannelName queue, String... types) {
        return leased(session().take(takeOf(queue, 100, Duration.ZERO, types)));
    }

    private Pending<Taken> waitForTypes(String... types) {
        return session().take(takeOf(mail, 10, LONG, types));
    }

    // What it gets.

    @Test
    void a_take_gets_the_types_that_it_names_in_their_order() {
        putTyped(mail, "a1", "b1", "c1", "a2", "b2");

        assertThat(texts(takeTypes("b", "a"))).containsExactly("a1", "b1", "a2", "b2");
        assertThat(texts(takeTypes("a", "b", "c"))).containsExactly("c1");
    }

    @Test
    void the_others_stay_in_their_places_and_use_no_attempt() {
        putTyped(mail, "a1", "b1", "a2");
        put(mail, "without");

        finish(takeTypes("b").toArray(Lease[]::new));

        List<Lease> others = takeNow(mail, 10);
        assertThat(texts(others)).containsExactly("a1", "a2", "without");
        assertThat(others).allMatch(lease -> lease.deliveries() == 1 && lease.attempts() == 1);
    }

    @Test
    void a_message_without_a_type_is_for_those_who_name_none() {
        put(mail, "without");

        assertThat(takeTypes("a", "without", "")).isEmpty();

        takeAllowed("without");
    }

    @Test
    void nobody_gets_a_type_that_is_not_there() {
        putTyped(mail, "a1");

        assertThat(takeTypes("b")).isEmpty();
        assertThat(counts(mail).ready()).isEqualTo(1);
    }

    @Test
    void a_take_of_types_has_its_limits_of_messages_and_bytes() {
        put(mail, of("x".repeat(1000), m -> m.type("a")));
        put(mail, of("y".repeat(5000), m -> m.type("b")));
        put(mail, of("z".repeat(1000), m -> m.type("a")));
        put(mail, of("w".repeat(1000), m -> m.type("a")));

        Take small = new Take(mail, 10, 2500, TIMED, Duration.ZERO, Set.of("a"));
        assertThat(leased(session().take(small))).hasSize(2);
        assertThat(leased(session().take(takeOf(mail, 1, Duration.ZERO, "a")))).hasSize(1);
        assertThat(leased(session().take(small))).isEmpty();
    }

    @Test
    void a_take_may_name_as_many_types_as_there_may_be() {
        String[] all =
                IntStream.range(0, Take.TYPES_MAX).mapToObj(i -> "t" + i).toArray(String[]::new);
        put(mail, of("last", m -> m.type(all[all.length - 1])));

        assertThat(texts(takeTypes(all))).containsExactly("last");
    }

    @Test
    void what_is_given_back_is_again_for_those_who_know_it() {
        putTyped(mail, "a1", "b1", "b2");
        Lease lease = takeTypes("b").getFirst();

        retry(lease);

        assertThat(takeTypes("c")).isEmpty();
        List<Lease> again = takeTypes("b");
        assertThat(texts(again)).containsExactly("b1");
        assertThat(again.getFirst().attempts()).isEqualTo(2);
    }

    @Test
    void what_has_waited_is_again_for_those_who_know_it() {
        needs(Feature.RETRY_AFTER, Feature.DELAY);
        put(mail, of("late", m -> m.type("a").delay(TEN)));
        putTyped(mail, "a1");
        settle(takeTypes("a").getFirst(), Outcome.retry(SECOND));
        Pending<Taken> waiting = waitForTypes("a");
        putTyped(mail, "b1");
        assertStillWaits(waiting);

        advance(SECOND);

        assertThat(texts(leased(waiting))).containsExactly("a1");
        Pending<Taken> other = waitForTypes("a");
        advance(TEN.minus(SECOND));
        assertThat(texts(leased(other))).containsExactly("late");
    }

    @Test
    void leases_of_a_take_of_types_are_like_any_other() {
        putTyped(mail, "a1", "a2", "b1");
        Take auto = Take.of(mail, 1, Term.Auto.AUTO, Duration.ZERO).withTypes(Set.of("a"));
        assertThat(texts(leased(session().take(auto)))).containsExactly("a1");
        Lease lease = takeTypes("a").getFirst();
        Pending<Taken> waiting = waitForTypes("a");

        advance(LEASE);

        assertThat(leased(waiting).getFirst().deliveries()).isEqualTo(2);
        assertStale(finishing(lease));
    }

    // Takes that wait.

    @Test
    void a_take_waits_until_there_is_something_of_its_types() {
        putTyped(mail, "b1");
        Pending<Taken> waiting = waitForTypes("a");
        assertStillWaits(waiting);
        put(mail, "without");
        assertStillWaits(waiting);

        putTyped(mail, "a1");

        assertThat(texts(leased(waiting))).containsExactly("a1");
        takeAllowed("b1", "without");
    }

    @Test
    void a_take_that_waits_in_vain_ends_empty_in_its_time() {
        putTyped(mail, "b1");
        Pending<Taken> waiting = session().take(takeOf(mail, 1, SECOND, "a"));
        pass(SECOND.minus(MILLISECOND));
        assertStillWaits(waiting);

        advance(MILLISECOND);

        assertThat(leased(waiting)).isEmpty();
        assertThat(takeOne(mail).deliveries()).isEqualTo(1);
    }

    @Test
    void a_take_that_waits_can_be_called_off() {
        Pending<Taken> waiting = waitForTypes("a");
        waiting.cancel();

        assertThat(leased(waiting)).isEmpty();
        putTyped(mail, "a1");
        takeAllowed("a1");
    }

    @Test
    void a_take_that_waits_does_not_hold_up_those_that_there_is_something_for() {
        Pending<Taken> first = waitForTypes("a");
        Pending<Taken> second = waitForTypes("b");
        Pending<Taken> third = waitFor(mail, 10);

        putTyped(mail, "b1");
        assertThat(texts(leased(second))).containsExactly("b1");
        putTyped(mail, "c1");
        assertThat(texts(leased(third))).containsExactly("c1");
        assertStillWaits(first);
        putTyped(mail, "a1");

        assertThat(texts(leased(first))).containsExactly("a1");
    }

    @Test
    void of_those_that_there_is_something_for_the_first_that_came_is_served_first() {
        Pending<Taken> other = waitForTypes("b");
        Pending<Taken> first = waitForTypes("a", "c");
        Pending<Taken> second = waitFor(mail, 10);
        Pending<Taken> third = waitForTypes("a");

        putTyped(mail, "a1");
        assertThat(texts(leased(first))).containsExactly("a1");
        putTyped(mail, "a2");
        assertThat(texts(leased(second))).containsExactly("a2");
        putTyped(mail, "a3");

        assertThat(texts(leased(third))).containsExactly("a3");
        assertStillWaits(other);
    }

    @Test
    void one_commit_serves_all_that_it_has_something_for() {
        Pending<Taken> ofC = waitForTypes("c");
        Pending<Taken> ofB = waitForTypes("b");
        Pending<Taken> ofD = waitForTypes("d");
        Pending<Taken> ofA = waitForTypes("a");

        commit(
                Stream.of("a1", "b1", "c1", "a2")
                        .map(text -> putting(mail, typed(text)))
                        .toArray(Operation[]::new));

        assertThat(texts(leased(ofA))).containsExactly("a1", "a2");
        assertThat(texts(leased(ofB))).containsExactly("b1");
        assertThat(texts(leased(ofC))).containsExactly("c1");
        assertStillWaits(ofD);
    }

    @Test
    void a_consumer_gets_what_no_take_waits_for() {
        needs(Feature.CONSUME);
        Pending<Taken> waiting = waitForTypes("a");
        Consumer consumer = consume(mail, 10);

        putTyped(mail, "b1", "a1", "a2");

        awaitTexts(consumer, "b1", "a2");
        assertThat(texts(leased(waiting))).containsExactly("a1");
    }

    // Together with the order.

    @Test
    void a_message_of_another_type_holds_up_its_ordered_group_and_no_other() {
        needs(Feature.GROUPS);
        for (Groups mode : List.of(Groups.ORDERED, Groups.ORDERED_SINGLY, Groups.FAIR_ORDERED)) {
            commit(removing(mail));
            defineMail(queue -> queue.groups(mode).typed(true));
            put(mail, typed("g", "a1"));
            put(mail, typed("g", "b1"));
            put(mail, typed("h", "b2"));

            List<Lease> ofB = takeTypes("b");
            assertThat(texts(ofB)).containsExactly("b2");
            finish(ofB.getFirst());
            Pending<Taken> waiting = waitForTypes("b");
            assertStillWaits(waiting);

            finish(takeTypes("a").toArray(Lease[]::new));

            assertThat(texts(leased(waiting))).containsExactly("b1");
        }
    }

    @Test
    void a_take_of_several_of_a_group_ends_before_the_one_of_another_type() {
        needs(Feature.GROUPS);
        put(mail, typed("g", "a1"));
        put(mail, typed("g", "a2"));
        put(mail, typed("g", "b1"));
        put(mail, typed("g", "a3"));

        List<Lease> leases = takeTypes("a");

        assertThat(texts(leases)).containsExactly("a1", "a2");
        finish(leases.toArray(Lease[]::new));
        assertThat(takeTypes("a")).isEmpty();
        finish(takeTypes("b").getFirst());
        assertThat(texts(takeTypes("a"))).containsExactly("a3");
    }

    @Test
    void a_take_of_several_of_a_group_ends_before_the_one_without_a_type() {
        needs(Feature.GROUPS);
        put(mail, typed("g", "a1"));
        put(mail, grouped("g", "without"));
        put(mail, typed("g", "a2"));

        List<Lease> leases = takeTypes("a", "b");

        assertThat(texts(leases)).containsExactly("a1");
        finish(leases.getFirst());
        assertThat(takeTypes("a")).isEmpty();
        finish(takeOne(mail));
        assertThat(texts(takeTypes("a"))).containsExactly("a2");
    }

    @Test
    void a_take_of_several_of_a_group_ends_before_the_one_of_another_type_and_priority() {
        needs(Feature.GROUPS, Feature.PRIORITY);
        put(mail, of("a1", m -> m.type("a").group("g").priority(1)));
        put(mail, of("b1", m -> m.type("b").group("g").priority(0)));
        put(mail, of("a2", m -> m.type("a").group("g").priority(1)));
        put(mail, of("without", m -> m.group("h").priority(2)));

        assertThat(texts(takeTypes("a"))).containsExactly("a1");
    }

    @Test
    void where_groups_share_one_with_messages_of_many_types_gets_no_more_than_the_others() {
        needs(Feature.GROUPS);
        defineMail(queue -> queue.groups(Groups.FAIR).typed(true));
        for (String text : List.of("a1", "b1", "c1", "d1")) put(mail, typed("g", text));
        put(mail, grouped("g", "without 1"));
        for (String text : List.of("a2", "b2")) put(mail, typed("h", text));

        List<Lease> leases = takeNow(mail, 5);

        assertThat(texts(leases)).containsExactly("a1", "a2", "b1", "b2", "c1");
    }

    @Test
    void in_a_fair_queue_groups_share_what_is_of_the_types() {
        needs(Feature.GROUPS);
        defineMail(queue -> queue.groups(Groups.FAIR).typed(true));
        put(mail, typed("g", "b1"));
        put(mail, typed("g", "a1"));
        put(mail, typed("g", "a2"));
        put(mail, typed("h", "a3"));

        assertThat(texts(takeTypes("a"))).containsExactly("a1", "a3", "a2");
    }

    @Test
    void priority_chooses_among_what_is_of_the_types() {
        needs(Feature.PRIORITY);
        put(mail, of("b0", m -> m.type("b").priority(0)));
        put(mail, of("a2", m -> m.type("a").priority(2)));
        put(mail, of("a1", m -> m.type("a").priority(1)));

        assertThat(texts(takeTypes("a"))).containsExactly("a1", "a2");
    }

    @Test
    void limits_hold_for_takes_of_types_too() {
        needs(Feature.LIMITS);
        limitMail(types(atOnce(1)));
        putTyped(mail, "a1", "a2", "b1");

        assertThat(texts(takeTypes("a"))).containsExactly("a1");
        Pending<Taken> waiting = waitForTypes("a");
        assertStillWaits(waiting);

        advance(LEASE);

        assertThat(texts(leased(waiting))).containsExactly("a1");
        assertThat(texts(takeTypes("b"))).containsExactly("b1");
    }

    // Queues that do not tell types apart.

    @Test
    void a_queue_that_does_not_tell_types_apart_refuses_takes_that_do() {
        commit(removing(mail));
        define("mail");
        putTyped(mail, "a1");

        assertThat(refusedTake(waitForTypes("a"))).isEqualTo(new Refusal.Invalid(UNTYPED));
        takeAllowed("a1");
    }

    @Test
    void a_take_of_types_needs_a_queue() {
        commit(removing(mail));

        assertThat(refusedTake(waitForTypes("a"))).isEqualTo(new Refusal.NoSuchChannel(mail));
    }

    @Test
    void a_queue_that_tells_types_apart_no_more_refuses_the_takes_that_wait() {
        Pending<Taken> waiting = waitForTypes("a");
        Pending<Taken> plain = waitFor(mail, 1);
        assertStillWaits(waiting);

        define("mail");

        assertThat(refusedTake(waiting)).isEqualTo(new Refusal.Invalid(UNTYPED));
        putTyped(mail, "a1");
        assertThat(texts(leased(plain))).containsExactly("a1");
    }

    @Test
    void a_queue_begins_to_tell_types_apart_only_while_it_is_empty() {
        needs(Feature.DELAY);
        define("post");
        putTyped(post, "a1", "a2");
        put(post, of("late", m -> m.type("a").delay(TEN)));
        List<Lease> leases = take(session(), post, 2, TIMED);
        finish(leases.getFirst());
        Operation typed = defining(Definition.Queue.builder(post).typed(true).build());

        assertThat(refusal(Refusal.Invalid.class, typed).what()).isEqualTo(noted(2));
        finish(leases.get(1));
        assertThat(refusal(Refusal.Invalid.class, typed).what()).isEqualTo(noted(1));
        assertThat(view(post).definition().typed()).isFalse();
        advance(TEN);
        Lease last = takeOne(post);
        assertThat(refusal(Refusal.Invalid.class, typed).what()).isEqualTo(noted(1));
        finish(last);

        commit(typed);
        putTyped(post, "a3");
        assertThat(texts(takeTypes(post, "a"))).containsExactly("a3");
    }

    private static String noted(int messages) {
        return "post holds "
                + messages
                + " messages whose types it has not noted. Let it run empty, or purge it, and"
                + " declare it typed then.";
    }

    @Test
    void a_queue_may_be_purged_to_tell_types_apart() {
        needs(Feature.PURGE, Feature.ATOMIC_COMMIT);
        define("post");
        putTyped(post, "a1");

        commit(
                new Operation.Edit.Purge(post),
                defining(Definition.Queue.builder(post).typed(true).build()),
                putting(post, typed("a2")));

        assertThat(texts(takeTypes(post, "a"))).containsExactly("a2");
    }

    @Test
    void a_queue_may_stop_to_tell_types_apart_at_any_time_and_has_forgotten_them_then() {
        putTyped(mail, "a1");
        define("mail");

        refusal(
                Refusal.Invalid.class,
                defining(Definition.Queue.builder(mail).typed(true).build()));

        assertThat(view(mail).definition().typed()).isFalse();
        takeAllowed("a1");
    }

    @Test
    void a_queue_that_tells_types_apart_may_be_declared_again_with_messages_in_it() {
        putTyped(mail, "a1", "b1");

        defineMail(queue -> queue.typed(true).maxInFlight(5));

        assertThat(texts(takeTypes("b"))).containsExactly("b1");
    }

    @Test
    void types_outlive_a_restart() {
        putTyped(mail, "a1", "b1", "b2");
        retry(takeTypes("b").getFirst());
        restart();

        assertThat(takeTypes("c")).isEmpty();
        assertThat(texts(takeTypes("a"))).containsExactly("a1");
        assertThat(texts(takeTypes("b"))).contains("b1");
    }

    // What comes from elsewhere.

    @Test
    void a_dead_letter_keeps_its_type_if_both_queues_tell_types_apart() {
        needs(Feature.DEAD_LETTER);
        defineTyped(dead);
        defineMail(queue -> queue.typed(true).deadLetter(dead));
        putTyped(mail, "a1", "b1");
        for (Lease lease : takeNow(mail, 10)) settle(lease, Outcome.dead("bad"));

        assertThat(texts(takeTypes(dead, "b"))).containsExactly("b1");
    }

    @Test
    void a_dead_letter_of_a_queue_that_does_not_tell_types_apart_comes_without_one() {
        needs(Feature.DEAD_LETTER);
        defineTyped(dead);
        define(Definition.Queue.builder(post).deadLetter(dead).build());
        putTyped(post, "a1");
        settle(takeOne(post), Outcome.dead("bad"));

        assertThat(takeTypes(dead, "a")).isEmpty();

        Lease lease = takeOne(dead);
        assertThat(lease.message()).isEqualTo(typed("a1"));
    }

    @Test
    void a_message_that_is_moved_keeps_its_type_if_both_queues_tell_types_apart() {
        needs(Feature.MOVE);
        defineTyped(post);
        putTyped(mail, "a1", "b1");

        commit(new Operation.Edit.Move(mail, post, 10));

        assertThat(texts(takeTypes(post, "b"))).containsExactly("b1");
        assertThat(texts(takeTypes(post, "a"))).containsExactly("a1");
    }

    @Test
    void a_message_moved_out_of_a_queue_that_does_not_tell_types_apart_comes_without_one() {
        needs(Feature.MOVE);
        define("post");
        putTyped(post, "a1");

        commit(new Operation.Edit.Move(post, mail, 10));

        assertThat(takeTypes("a")).isEmpty();
        takeAllowed("a1");
    }

    @Test
    void a_message_that_had_no_type_on_its_way_has_none_any_more() {
        needs(Feature.MOVE);
        define("post");
        defineTyped(dead);
        putTyped(mail, "a1");
        commit(new Operation.Edit.Move(mail, post, 10));
        commit(new Operation.Edit.Move(post, mail, 10));
        commit(new Operation.Edit.Move(mail, dead, 10));

        assertThat(takeTypes(dead, "a")).isEmpty();

        assertThat(takeOne(dead).message()).isEqualTo(typed("a1"));
    }

    private void defineTyped(ChannelName queue) {
        define(Definition.Queue.builder(queue).typed(true).build());
    }

    // How many types.

    private void fillWithTypes(ChannelName queue) {
        commit(
                IntStream.range(0, TYPES_MAX)
                        .mapToObj(i -> putting(queue, of("full", m -> m.type("t" + i))))
                        .toArray(Operation[]::new));
    }

    @Test
    void a_queue_tells_so_many_types_apart_and_refuses_more() {
        fillWithTypes(mail);

        assertThat(refusal(Refusal.IsFull.class, putting(mail, typed("a1"))))
                .isEqualTo(new Refusal.IsFull(mail, TYPES_MAX + " types"));

        assertThat(counts(mail).ready()).isEqualTo(TYPES_MAX);
        put(mail, of("known", m -> m.type("t7")));
        put(mail, "without");
        assertThat(counts(mail).ready()).isEqualTo(TYPES_MAX + 2);
    }

    @Test
    void a_type_that_is_too_long_is_refused_where_types_are_told_apart() {
        String longest = "t".repeat(Definition.Queue.TYPE_CHARS_MAX);
        put(mail, of("long", m -> m.type(longest)));

        assertThat(refusal(Refusal.Invalid.class, putting(mail, typed(longest + "t"))).text())
                .contains(mail.toString(), "255", "256");

        ChannelName plain = ChannelName.of("plain");
        define(Definition.Queue.of(plain));
        put(plain, of("any", m -> m.type(longest + "t")));
        assertThat(counts(mail).ready()).isEqualTo(1);
        assertThat(counts(plain).ready()).isEqualTo(1);
    }

    @Test
    void the_types_of_one_commit_count_together() {
        Operation[] puts =
                IntStream.rangeClosed(0, TYPES_MAX)
                        .mapToObj(i -> putting(mail, of("full", m -> m.type("t" + i))))
                        .toArray(Operation[]::new);

        assertThat(refused(puts).operation()).isEqualTo(TYPES_MAX);

        assertThat(counts(mail).ready()).isZero();
        putTyped(mail, "a1");
        takeAllowed("a1");
    }

    @Test
    void a_type_that_comes_back_and_a_new_one_do_not_share_the_only_room_that_there_is() {
        fillWithTypes(mail);
        finish(takeTypes("t0").getFirst());
        Operation back = putting(mail, of("back", m -> m.type("t0")));
        Operation other = putting(mail, typed("a1"));

        assertThat(refused(back, other).operation()).isEqualTo(1);
        assertThat(refused(other, back).operation()).isEqualTo(1);

        finish(takeTypes("t1").getFirst());
        commit(other, back);
        assertThat(texts(takeTypes("a"))).containsExactly("a1");
        assertThat(texts(takeTypes("t0"))).containsExactly("back");
    }

    @Test
    void a_type_makes_room_for_another_when_its_last_message_is_gone() {
        fillWithTypes(mail);
        put(mail, of("known", m -> m.type("t7")));
        Lease[] leases = takeTypes("t7").toArray(Lease[]::new);
        finish(leases[0]);
        refusal(Refusal.IsFull.class, putting(mail, typed("a1")));

        finish(leases[1]);

        putTyped(mail, "a1");
        assertThat(texts(takeTypes("a"))).containsExactly("a1");
    }

    @Test
    void a_type_that_has_begun_too_often_counts_for_as_long_as_that_says_anything() {
        needs(Feature.LIMITS);
        limitMail(types(Limit.rate(SLOW)));
        fillWithTypes(mail);
        commit(
                take(mail, TYPES_MAX).stream()
                        .map(BackendContract::finishing)
                        .toArray(Operation[]::new));
        pass(NOT_QUITE_TEN);
        refusal(Refusal.IsFull.class, putting(mail, typed("a1")));

        pass(MILLISECOND);

        putTyped(mail, "a1");
        takeAllowed("a1");
    }

    @Test
    void a_queue_is_full_of_types_however_it_makes_room_for_messages() {
        needs(Feature.CAPACITY, Feature.DEAD_LETTER);
        define("dead");
        for (Overflow overflow : List.of(Overflow.DROP_HEAD, Overflow.DEAD_LETTER)) {
            defineMail(queue ->
                    queue.typed(true).deadLetter(dead).capacity(limit(TYPES_MAX, overflow)));
            fillWithTypes(mail);

            refusal(Refusal.IsFull.class, putting(mail, typed("a1")));

            assertThat(counts(mail).ready()).isEqualTo(TYPES_MAX);
            commit(removing(mail));
        }
    }

    @Test
    void an_exchange_leaves_out_a_queue_that_is_full_of_types_if_it_may() {
        needs(Feature.ROUTING);
        ChannelName news = ChannelName.of("news");
        define("post");
        commit(
                defining(Definition.Exchange.of(news, ExchangeKind.FANOUT)),
                defining(Definition.Binding.of(news, mail, "")),
                defining(Definition.Binding.of(news, post, "")));
        fillWithTypes(mail);
        refusal(
                Refusal.IsFull.class,
                new Operation.Publish(news, "", typed("a1"), WhenFull.REFUSE));

        Effect effect =
                commit(new Operation.Publish(news, "", typed("a1"), WhenFull.SKIP))
                        .effects()
                        .getFirst();

        assertThat(((Effect.Routed) effect).skipped())
                .containsExactly(new Refusal.IsFull(mail, TYPES_MAX + " types"));
        assertReadyInOrder(post, "a1");
        assertThat(counts(mail).ready()).isEqualTo(TYPES_MAX);
    }

    @Test
    void what_must_come_into_a_queue_that_is_full_of_types_comes_without_one() {
        needs(Feature.MOVE, Feature.DEAD_LETTER);
        defineTyped(dead);
        defineMail(queue -> queue.typed(true).deadLetter(dead));
        fillWithTypes(dead);
        putTyped(mail, "a1", "a2");
        put(mail, of("known", m -> m.type("t7")));
        settle(takeTypes("a").getFirst(), Outcome.dead("bad"));

        commit(new Operation.Edit.Move(mail, dead, 10));

        assertThat(counts(dead).ready()).isEqualTo(TYPES_MAX + 2);
        assertThat(takeTypes(dead, "a")).isEmpty();
        assertThat(texts(takeTypes(dead, "t7"))).containsExactly("full", "known");
    }

    @Test
    void the_last_room_for_a_type_is_for_what_comes_first_in_a_commit_wherever_that_comes_from() {
        needs(Feature.MOVE, Feature.DEAD_LETTER, Feature.ATOMIC_COMMIT);
        defineTyped(dead);
        defineMail(queue -> queue.typed(true).deadLetter(dead));
        fillWithTypes(dead);
        finish(takeTypes(dead, "t0").getFirst());
        putTyped(mail, "a1");
        Operation dying = settling(takeTypes("a").getFirst(), Outcome.dead("bad"));
        putTyped(mail, "a2");
        Operation moving = new Operation.Edit.Move(mail, dead, 10);
        Operation other = putting(dead, typed("b1"));

        assertThat(refused(dying, other).operation()).isEqualTo(1);
        assertThat(refused(moving, other).operation()).isEqualTo(1);
        assertThat(refused(putting(mail, typed("c1")), moving, other).operation()).isEqualTo(2);

        commit(other, dying, moving);
        assertThat(texts(takeTypes(dead, "a", "b", "c"))).containsExactly("b1");
        assertThat(counts(dead).ready()).isEqualTo(TYPES_MAX - 1 + 2);
    }

    @Test
    void types_of_any_script_are_told_apart() {
        String large = "é".repeat(Definition.Queue.TYPE_CHARS_MAX);
        put(mail, Message.builder("1").type("").build());
        put(mail, Message.builder("2").type(large).build());
        put(mail, Message.builder("3").type("A").build());
        put(mail, Message.builder("4").type("a").build());

        assertThat(texts(takeTypes(large))).containsExactly("2");
        assertThat(texts(takeTypes("a"))).containsExactly("4");
        assertThat(texts(takeTypes(""))).containsExactly("1");
    }
}
