package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Pending;
import io.millstream.api.Subscribe;
import io.millstream.api.Take;
import io.millstream.api.Taken;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Groups share a fair queue: what one of them queues does not delay the others, none waits for its
/// own messages, and none saves up what it did not use.
public abstract class FairnessContract extends FairnessFixture {

    private static final int SOME = 20;

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES, Feature.GROUPS);
        define(Definition.Queue.of(mail).with().groups(Groups.FAIR).build());
    }

    @Test
    void nothing_waits_for_another_message_of_its_group() {
        putMany("a", 1, 3);

        List<Lease> leases = List.of(takeOne(mail), takeOne(mail), takeOne(mail));

        assertThat(texts(leases)).containsExactly("a1", "a2", "a3");
    }

    @Test
    void a_take_is_shared_among_the_groups() {
        putMany("a", 1, 5);
        putMany("b", 1, 2);
        putMany("c", 1, 1);

        assertThat(texts(takeNow(mail, 10)))
                .containsExactly("a1", "b1", "c1", "a2", "b2", "a3", "a4", "a5");
    }

    @Test
    void takes_one_by_one_are_shared_in_the_same_way() {
        putMany("a", 1, 5);
        putMany("b", 1, 2);
        putMany("c", 1, 1);

        assertThat(takeOneByOne(8)).containsExactly("a1", "b1", "c1", "a2", "b2", "a3", "a4", "a5");
    }

    @Test
    void an_idle_group_is_next_however_much_another_has_in_flight_and_queued() {
        putMany("a", 1, 200);
        take(mail, 100);
        putMany("b", 1, 1);

        assertThat(texts(takeNow(mail, 1))).containsExactly("b1");
    }

    @Test
    void those_without_a_group_are_one_more_group() {
        putMany("-", 1, 4);
        putMany("a", 1, 2);

        assertThat(takeOneByOne(6)).containsExactly("-1", "a1", "-2", "a2", "-3", "-4");
    }

    @Test
    void a_group_is_owed_nothing_for_the_time_when_it_had_nothing() {
        putMany("a", 1, 30);
        takeOneByOne(20);
        putMany("b", 1, 10);

        List<String> next = takeOneByOne(10);

        assertThat(next.getFirst()).isEqualTo("b1");
        assertThat(next).filteredOn(text -> text.startsWith("b")).hasSize(5);
    }

    @Test
    void a_group_that_comes_back_after_each_message_does_not_get_more_than_its_share() {
        putMany("a", 1, 20);
        int others = 0;
        for (int i = 1; i <= 6; i++) {
            putMany("b", i, 1);
            while (!takeOneByOne(1).getFirst().startsWith("b")) others++;
        }

        assertThat(others).isBetween(5, 7);
    }

    @Test
    void in_a_group_the_order_is_the_ready_order() {
        putMany("a", 1, 3);
        putMany("b", 1, 3);
        List<Lease> leases = takeNow(mail, 4);
        assertThat(texts(leases)).containsExactly("a1", "b1", "a2", "b2");

        retry(leases.get(3), leases.get(2), leases.get(0), leases.get(1));

        List<String> order = takeOneByOne(6);
        assertThat(order)
                .filteredOn(text -> text.startsWith("a"))
                .containsExactly("a1", "a2", "a3");
        assertThat(order)
                .filteredOn(text -> text.startsWith("b"))
                .containsExactly("b1", "b2", "b3");
    }

    @Test
    void a_waiting_take_gets_what_is_put_whatever_its_group() {
        putMany("a", 1, 2);
        takeNow(mail, 2);
        Pending<Taken> waiting = waitFor(mail, 1);

        putMany("a", 3, 1);

        assertThat(texts(leased(waiting))).containsExactly("a3");
    }

    @Test
    void consumers_are_shared_among_the_groups_too() {
        needs(Feature.CONSUME);
        putMany("a", 1, 10);
        putMany("b", 1, 3);
        Consumer consumer = new Consumer();
        session()
                .consume(
                        Subscribe.of(mail, WHILE_OPEN, session().credit(1, Long.MAX_VALUE)),
                        consumer);
        for (int i = 1; i < 6; i++) {
            int delivered = i;
            eventually(() -> consumer.leases().size() == delivered);
            finish(consumer.leases().getLast());
        }
        eventually(() -> consumer.leases().size() == 6);

        assertThat(consumer.texts()).containsExactly("a1", "b1", "a2", "b2", "a3", "b3");
    }

    @Test
    void a_queue_becomes_fair_for_what_is_in_it() {
        define(Definition.Queue.of(mail));
        putMany("a", 1, 3);
        putMany("b", 1, 1);
        takeOne(mail);
        define(Definition.Queue.of(mail).with().groups(Groups.FAIR).build());

        List<Lease> leases = takeNow(mail, 10);

        assertThat(texts(leases)).containsExactlyInAnyOrder("a2", "a3", "b1");
        assertThat(texts(leases).indexOf("b1")).isLessThan(2);
    }

    @Test
    void a_restart_loses_nothing_and_the_groups_share_again() {
        putMany("a", 1, 20);
        putMany("b", 1, 3);
        takeNow(mail, 2);
        restart();

        List<String> next = takeOneByOne(4);

        assertThat(next).contains("b2", "b3").doesNotHaveDuplicates();
        assertThat(counts(mail).ready()).isEqualTo(17);
        assertThat(counts(mail).leased()).isEqualTo(2);
    }

    @Test
    void a_take_of_several_shares_out_as_takes_of_one_do_after_another_priority_had_its_turn() {
        needs(Feature.PRIORITY);
        for (ChannelName queue : List.of(mail, post)) {
            define(Definition.Queue.builder(queue).groups(Groups.FAIR).build());
            putSome(queue, "a", m -> m.priority(1));
            putSome(queue, "B", m -> m.group("b"));
            putSome(queue, "b", m -> m.priority(1));
            for (int i = 0; i < SOME; i++) finish(takeOne(queue));
        }

        List<String> together = texts(takeNow(mail, SOME));

        List<String> oneByOne =
                IntStream.range(0, SOME).mapToObj(_ -> takeOne(post).message().text()).toList();
        assertThat(together).isEqualTo(oneByOne);
        assertThat(countOf(together, "b")).isBetween(SOME / 2 - 1L, SOME / 2 + 1L);
    }

    @Test
    void a_take_of_several_shares_out_as_takes_of_one_do_after_another_type_had_its_turn() {
        needs(Feature.TYPES);
        for (ChannelName queue : List.of(mail, post)) {
            define(Definition.Queue.builder(queue).groups(Groups.FAIR).typed(true).build());
            putSome(queue, "a", m -> m.type("x"));
            putSome(queue, "B", m -> m.group("b").type("y"));
            putSome(queue, "b", m -> m.type("x"));
            for (int i = 0; i < SOME; i++) finish(takeOf(queue, 1, "y").getFirst());
        }

        List<String> together = texts(takeOf(mail, SOME, "x"));

        List<String> oneByOne =
                IntStream.range(0, SOME)
                        .mapToObj(_ -> takeOf(post, 1, "x").getFirst().message().text())
                        .toList();
        assertThat(together).isEqualTo(oneByOne);
        assertThat(countOf(together, "b")).isBetween(SOME / 2 - 1L, SOME / 2 + 1L);
    }

    private List<Lease> takeOf(ChannelName queue, int messages, String type) {
        Take take = Take.of(queue, messages, TIMED, Duration.ZERO).withTypes(Set.of(type));
        return leased(session().take(take));
    }

    private void putSome(ChannelName queue, String group, UnaryOperator<Message.Builder> as) {
        for (int i = 0; i < SOME; i++) {
            put(queue, as.apply(Message.builder(group + i).group(group)).build());
        }
    }
}
