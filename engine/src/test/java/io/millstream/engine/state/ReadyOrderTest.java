package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.api.Via;
import io.millstream.api.View;
import io.millstream.engine.state.Delivery.Status;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/// Messages are handed out, and make room, in the order that the definition of their queue says.
class ReadyOrderTest {
    private final State state = new State(1 << 20);
    private long position = 4096;

    private void apply(Entry entry) {
        state.apply(entry, position, 100);
        position += 100;
    }

    private static List<Long> all(ReadyOrder order) {
        List<Long> all = new ArrayList<>();
        for (long next = order.next(); next >= 0; next = order.next()) {
            all.add(next);
        }
        return all;
    }

    private static List<Long> all(QueueState queue) {
        List<Long> all = new ArrayList<>();
        for (long next = queue.next(0); next >= 0; next = queue.next(next)) {
            all.add(next);
        }
        return all;
    }

    private static boolean is(QueueState queue, long sequence, Status status) {
        Delivery delivery = queue.delivery(sequence);
        return delivery != null && delivery.status == status;
    }

    private static boolean isReady(QueueState queue, long sequence) {
        return Standing.stateOf(queue, sequence) == View.MessageState.READY;
    }

    /// Said as simply as it can be: what stands alone, and what stands behind each other in a
    /// group.
    private static List<Long> expected(QueueState queue) {
        List<List<Long>> lines = new ArrayList<>();
        Map<Long, List<Long>> groups = new LinkedHashMap<>();
        boolean ordered = queue.definition().groups().isOrdered();
        for (long sequence : all(queue)) {
            long group = queue.locate(sequence).mark().group();
            if (!ordered || group == 0) {
                lines.add(isReady(queue, sequence) ? List.of(sequence) : List.of());
            } else if (!is(queue, sequence, Status.STRANDED)) {
                groups.computeIfAbsent(group, birth -> new ArrayList<>()).add(sequence);
            }
        }
        for (List<Long> group : groups.values()) {
            List<Long> line = new ArrayList<>();
            boolean locked = group.stream().anyMatch(one -> is(queue, one, Status.LEASED));
            for (int i = 0; !locked && i < group.size() && isReady(queue, group.get(i)); i++) {
                line.add(group.get(i));
            }
            lines.add(line);
        }
        return merged(queue, lines);
    }

    private static List<Long> merged(QueueState queue, List<List<Long>> lines) {
        Comparator<Long> order = order(queue);
        PriorityQueue<ArrayDeque<Long>> left =
                new PriorityQueue<>(
                        (one, other) -> order.compare(one.getFirst(), other.getFirst()));
        lines.stream().filter(line -> !line.isEmpty()).map(ArrayDeque::new).forEach(left::add);
        List<Long> merged = new ArrayList<>();
        while (!left.isEmpty()) {
            ArrayDeque<Long> first = left.remove();
            merged.add(first.remove());
            if (!first.isEmpty()) {
                left.add(first);
            }
        }
        return merged;
    }

    private static Comparator<Long> order(QueueState queue) {
        Comparator<Long> byPriority = Comparator.comparingInt(one -> priority(queue, one));
        Comparator<Long> byTurn = Comparator.comparingLong(one -> Standing.turn(queue, one));
        Comparator<Long> inLane = byPriority.thenComparing(byTurn).thenComparingLong(one -> one);
        Duration step = queue.definition().ageing();
        if (step == null) {
            return inLane;
        }
        return Comparator.<Long>comparingLong(one ->
                        Turn.time(Standing.turn(queue, one))
                                + priority(queue, one) * step.toMillis())
                .thenComparing(inLane);
    }

    private static int priority(QueueState queue, long sequence) {
        return queue.locate(sequence).mark().priority();
    }

    private void check(QueueState queue) {
        List<Long> ready = all(ReadyOrder.ofAll(queue));
        if (queue.definition().groups().isFair()) {
            assertThat(sorted(ready)).isEqualTo(sorted(expected(queue)));
        } else {
            assertThat(ready).isEqualTo(expected(queue));
        }
        Set<Long> all = new HashSet<>(ready);
        for (int fresh : new int[] {0, 3}) {
            List<Long> few = all(ReadyOrder.ofTake(queue, TypeFilter.ALL, fresh, 0));
            assertThat(few).doesNotHaveDuplicates().allMatch(all::contains);
            assertThat(few.stream().filter(one -> queue.delivery(one) == null).count())
                    .isLessThanOrEqualTo(fresh);
        }
        Set<Long> drops = new LinkedHashSet<>();
        DropOrder order = new DropOrder(queue, queue.definition(), state.now());
        for (long next = order.next(); next >= 0; next = order.next()) {
            drops.add(next);
        }
        List<Long> dropped = List.copyOf(drops);
        List<Long> held = all(queue);
        held.removeIf(one -> is(queue, one, Status.LEASED));
        assertThat(dropped).hasSizeGreaterThanOrEqualTo(ready.size());
        assertThat(dropped.subList(0, ready.size())).isEqualTo(ready);
        assertThat(sorted(dropped)).isEqualTo(sorted(held));
    }

    private static List<Long> sorted(List<Long> sequences) {
        return sequences.stream().sorted().toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void it_is_what_the_definition_says(int seed) {
        Random random = new Random(seed);
        QueueChanges changes = new QueueChanges(state, this::apply);
        state.advance(1000);
        for (int i = 0; i < 250; i++) {
            changes.change(random);
            state.advance(state.now() + random.nextInt(8));
            if (i % 5 == 0) {
                state.queuesFrom(ChannelName.of("a"), true).values().forEach(this::check);
            }
        }
        assertThat(state.channels()).isGreaterThan(4);
    }

    private void put(long sequence, @Nullable String group) {
        Message message = Message.builder(Bytes.EMPTY).group(group).build();
        apply(new Entry.Put(1, sequence, StoredMessage.encode(message)));
    }

    private void define(Groups groups) {
        Definition.Queue queue =
                Definition.Queue.builder(ChannelName.of("mail")).groups(groups).build();
        apply(new Entry.QueueDefined(1, state.versions() + 1, queue));
    }

    private QueueState mail() {
        return state.queue(1);
    }

    @Test
    void groups_that_share_fairly_take_turns_and_so_do_those_without() {
        define(Groups.FAIR);
        for (int i = 1; i <= 6; i++) {
            put(i, "loud");
        }
        put(7, "quiet");
        put(8, "quiet");
        put(9, null);
        put(10, null);

        assertThat(all(ReadyOrder.ofAll(mail())))
                .containsExactly(1L, 7L, 9L, 2L, 8L, 10L, 3L, 4L, 5L, 6L);
    }

    @Test
    void a_stuck_message_holds_up_nobody_and_is_not_next() {
        define(Groups.IGNORED);
        for (int i = 1; i <= 4; i++) {
            put(i, null);
        }
        apply(new Entry.Stranded(1, 2, Via.Cause.EXPIRED, "expired"));
        apply(new Entry.Stranded(1, 3, Via.Cause.EXPIRED, "expired"));

        assertThat(all(ReadyOrder.ofAll(mail()))).containsExactly(1L, 4L);
        apply(new Entry.Taken(1, 2000, new long[] {1}));
        assertThat(all(ReadyOrder.ofAll(mail()))).containsExactly(4L);
        apply(new Entry.Taken(1, 2000, new long[] {4}));
        assertThat(mail().hasReady()).isFalse();
        assertThat(mail().size()).isEqualTo(4);
    }

    @Test
    void groups_that_share_fairly_stand_apart_if_their_next_message_was_never_handed_out() {
        define(Groups.FAIR);
        for (int i = 1; i <= 1000; i++) {
            put(i, "group-" + i);
        }
        apply(new Entry.Taken(1, 2000, new long[] {7}));
        apply(new Entry.Returned(1, 7, 0, Entry.Uncount.NOTHING));

        Lane lane = mail().lanes().all().getFirst();
        assertThat(lane.fairAgain.size()).isEqualTo(1);
        assertThat(lane.fairFresh.size()).isEqualTo(999);
        assertThat(all(ReadyOrder.ofTake(mail(), TypeFilter.ALL, 0, 0))).containsExactly(7L);
    }
}
