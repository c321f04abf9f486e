package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.CommitId;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Via;
import io.millstream.api.View;
import io.millstream.engine.batch.BatchWriter;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.state.Entry.Appended;
import io.millstream.engine.state.Entry.CursorMoved;
import io.millstream.engine.state.Entry.Expired;
import io.millstream.engine.state.Entry.FannedOut;
import io.millstream.engine.state.Entry.Moved;
import io.millstream.engine.state.Entry.Put;
import io.millstream.engine.state.Entry.QueueDefined;
import io.millstream.engine.state.Entry.Returned;
import io.millstream.engine.state.Entry.Settled;
import io.millstream.engine.state.Entry.Taken;
import io.millstream.engine.state.Entry.TopicDefined;
import io.millstream.engine.state.Entry.Trimmed;
import io.millstream.engine.state.Entry.Uncount;
import io.millstream.engine.topic.PartitionId;
import io.millstream.engine.topic.PartitionState;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// What is made of a log with a hole in it.
class SalvageTest {
    private static final long MAIL = 1;
    private static final long GRAVE = 2;
    private static final long EVENTS = 3;
    private static final long LATER = 1_000_000;
    private static final int FRAME_BYTES = 4096;

    private final Salvage salvage = new Salvage(new State(1 << 20));
    private long position = FRAME_BYTES;

    private void apply(Entry... entries) {
        for (Entry entry : entries) {
            salvage.apply(entry, position, 100);
            position += 100;
        }
    }

    private void hole() {
        salvage.lost(FRAME_BYTES, true);
    }

    private static QueueDefined defined(long channel, String name) {
        return new QueueDefined(channel, channel, Definition.Queue.of(ChannelName.of(name)));
    }

    private static Put put(long channel, long sequence) {
        return new Put(channel, sequence, new byte[10]);
    }

    private static Taken taken(long... sequences) {
        return new Taken(MAIL, LATER, sequences);
    }

    private static Expired expired(long first, long end) {
        return new Expired(MAIL, List.of(new Expired.Range(first, end)));
    }

    private static TopicDefined topic(long channel, String name, int partitions) {
        Definition.Topic topic = Definition.Topic.of(ChannelName.of(name));
        return new TopicDefined(channel, channel, topic.withPartitions(partitions));
    }

    private static Appended appended(int partition, long offset) {
        Message message = Message.builder(Bytes.utf8("event")).build();
        return new Appended(EVENTS, partition, 1, offset, BatchWriter.write(List.of(message), 1));
    }

    private TopicSalvage topics() {
        return salvage.topics();
    }

    private PartitionState partition(int number) {
        return salvage.state().topics().topic(EVENTS).partitions().get(number);
    }

    private QueueState mail() {
        return salvage.state().queue(MAIL);
    }

    private View.QueueCounts counts() {
        return mail().counts();
    }

    @Test
    void behind_a_hole_nobody_knows_what_a_sender_did_inside_it() {
        State state = new State(1 << 20);
        Salvage of = new Salvage(state);
        Receipt first = new Receipt.Refused(Instant.EPOCH, 0, new Refusal.Invalid("first"));
        of.apply(Senders.entryOf(new CommitId("s", 1, 0), first), 0, 100);
        of.lost(FRAME_BYTES, true);
        of.apply(Senders.entryOf(new CommitId("s", 5, 0), first), 8192, 100);
        of.apply(Senders.entryOf(new CommitId("s", 7, 0), first), 8292, 100);

        assertThat(state.senders().answerTo(new CommitId("s", 1, 0), 0)).isEqualTo(first);
        assertThat(state.senders().answerTo(new CommitId("s", 5, 0), 0)).isEqualTo(first);
        assertThat(state.senders().answerTo(new CommitId("s", 3, 0), 0))
                .isInstanceOfSatisfying(
                        Receipt.Refused.class,
                        refused ->
                                assertThat(refused.refusal()).isInstanceOf(Refusal.Invalid.class));
    }

    @Test
    void without_a_hole_what_does_not_apply_is_a_bug() {
        apply(defined(MAIL, "mail"));

        assertThatThrownBy(() -> apply(put(MAIL, 2))).isInstanceOf(Invariant.BrokenException.class);
    }

    @Test
    void a_later_put_proves_those_before_it() {
        apply(defined(MAIL, "mail"), put(MAIL, 1));
        hole();
        apply(put(MAIL, 4));

        assertThat(salvage.missing().get(MAIL)).hasToString("2-3");
        assertThat(salvage.openEnded()).isEmpty();
        assertThat(counts().ready()).isEqualTo(2);
        assertThat(mail().next(1)).isEqualTo(4);
    }

    @Test
    void a_lost_message_that_was_settled_is_not_missed() {
        apply(defined(MAIL, "mail"));
        hole();
        apply(put(MAIL, 4), taken(1, 2), new Settled(MAIL, 2, false));

        assertThat(salvage.missing().get(MAIL)).hasToString("1, 3");
    }

    @Test
    void a_take_of_a_later_message_proves_the_takes_before_it() {
        apply(defined(MAIL, "mail"), put(MAIL, 1), put(MAIL, 2), put(MAIL, 3));
        hole();
        apply(taken(3), new Settled(MAIL, 3, false));
        salvage.finish(1, 0);

        assertThat(salvage.doubtful().get(MAIL)).hasToString("1-2");
        assertThat(counts().ready()).isEqualTo(2);
        assertThat(Standing.past(mail(), 1, 0).deliveries()).isEqualTo(1);
    }

    @Test
    void a_settle_whose_take_is_lost_settles() {
        apply(defined(MAIL, "mail"), put(MAIL, 1), put(MAIL, 2));
        hole();
        apply(new Settled(MAIL, 1, false));

        assertThat(counts().messages()).isEqualTo(1);
        assertThat(counts().done()).isEqualTo(1);
    }

    @Test
    void a_return_whose_take_is_lost_counts_the_delivery() {
        apply(defined(MAIL, "mail"), put(MAIL, 1));
        hole();
        apply(new Returned(MAIL, 1, LATER, Uncount.NOTHING));

        assertThat(counts().delayed()).isEqualTo(1);
        assertThat(Standing.past(mail(), 1, 0).deliveries()).isPositive();
    }

    @Test
    void a_message_that_was_leased_may_have_been_settled_in_the_hole() {
        apply(defined(MAIL, "mail"), put(MAIL, 1), put(MAIL, 2), taken(1, 2));
        hole();
        apply(new Returned(MAIL, 2, 0, Uncount.NOTHING));
        salvage.finish(1, 0);

        assertThat(salvage.doubtful().get(MAIL)).hasToString("1");
        assertThat(counts().leased()).isEqualTo(1);
    }

    @Test
    void a_lost_message_that_was_dead_lettered_is_missing_where_it_went() {
        apply(defined(MAIL, "mail"), defined(GRAVE, "grave"));
        hole();
        apply(new Moved(MAIL, 1, GRAVE, 1, Via.Cause.REJECTED, "it is bad"), put(MAIL, 2));
        salvage.finish(1, 0);

        assertThat(salvage.missing().get(MAIL)).isNull();
        assertThat(salvage.missing().get(GRAVE)).hasToString("1");
    }

    @Test
    void a_queue_whose_definition_is_lost_keeps_its_messages() {
        hole();
        apply(put(MAIL, 1), put(MAIL, 2));
        assertThat(mail().definition().name()).isEqualTo(ChannelName.of("recovered-1"));
        assertThat(salvage.nameless()).containsExactly(MAIL);

        apply(defined(MAIL, "mail"));

        assertThat(salvage.nameless()).isEmpty();
        assertThat(salvage.state().queue(ChannelName.of("mail"))).isSameAs(mail());
        assertThat(salvage.state().queue(ChannelName.of("recovered-1"))).isNull();
        assertThat(counts().ready()).isEqualTo(2);
    }

    @Test
    void a_name_that_goes_to_another_queue_proves_a_removal() {
        apply(defined(MAIL, "mail"), put(MAIL, 1));
        hole();
        apply(defined(GRAVE, "mail"));

        assertThat(salvage.state().queue(MAIL)).isNull();
        assertThat(salvage.state().queue(ChannelName.of("mail")).channel()).isEqualTo(GRAVE);
    }

    @Test
    void what_was_given_out_in_a_hole_is_not_given_out_again() {
        apply(new Entry.Opened(3, 0), defined(MAIL, "mail"));
        long versions = salvage.state().versions();
        hole();
        salvage.finish(4, 9);

        assertThat(salvage.state().epoch()).isGreaterThan(4);
        assertThat(salvage.state().versions()).isGreaterThan(versions);
        assertThat(salvage.state().channels()).isGreaterThan(MAIL);
        assertThat(salvage.state().lastSegment()).isEqualTo(9);
    }

    private static State copied(State state) {
        Output out = new Output(64);
        state.write(out);
        State copy = new State(1 << 20);
        copy.load(ByteBuffer.wrap(out.toArray()));
        copy.loaded();
        return copy;
    }

    @Test
    void gaps_are_passed_over_and_survive_a_snapshot() {
        apply(defined(MAIL, "mail"), put(MAIL, 1), put(MAIL, 2), put(MAIL, 3), put(MAIL, 4));
        salvage.giveUp(MAIL, 1);
        salvage.giveUp(MAIL, 3);

        State read = copied(salvage.state());
        QueueState queue = read.queue(MAIL);
        assertThat(queue.counts()).isEqualTo(counts());
        assertThat(queue.counts().ready()).isEqualTo(2);
        assertThat(queue.size()).isEqualTo(2);
        ReadyOrder order = ReadyOrder.ofAll(queue);
        assertThat(order.next()).isEqualTo(2);
        assertThat(order.next()).isEqualTo(4);
        assertThat(order.next()).isEqualTo(-1);
        read.apply(taken(2), 0, 0);
        read.apply(taken(4), 0, 0);
        assertThat(queue.hasReady()).isFalse();
        read.apply(new Settled(MAIL, 4, false), 0, 0);
        assertThat(copied(read).queue(MAIL).size()).isEqualTo(1);
    }

    @Test
    void what_expired_was_not_lost_in_the_hole() {
        apply(defined(MAIL, "mail"), put(MAIL, 1), put(MAIL, 2), taken(1), put(MAIL, 3));
        hole();
        apply(expired(1, 2), expired(3, 6), put(MAIL, 6));

        assertThat(salvage.missing().get(MAIL).isEmpty()).isTrue();
        assertThat(counts().ready()).isEqualTo(2);
        assertThat(counts().expired()).isEqualTo(2);
        assertThat(mail().next(0)).isEqualTo(2);
        assertThat(mail().next(2)).isEqualTo(6);
    }

    @Test
    void a_message_behind_the_cursor_can_be_given_up() {
        apply(defined(MAIL, "mail"), put(MAIL, 1), put(MAIL, 2), put(MAIL, 3));
        salvage.giveUp(MAIL, 2);
        salvage.giveUp(MAIL, 1);

        assertThat(counts().ready()).isEqualTo(1);
        assertThat(counts().dead()).isEqualTo(2);
        assertThat(counts().expired()).isZero();
        assertThat(mail().next(0)).isEqualTo(3);
        apply(taken(3));
        assertThat(counts().leased()).isEqualTo(1);
    }

    @Test
    void a_later_append_proves_those_before_it() {
        apply(topic(EVENTS, "events", 2), appended(0, 0));
        hole();
        apply(appended(0, 3));

        assertThat(topics().missing().get(new PartitionId(EVENTS, 0))).hasToString("1-2");
        assertThat(topics().openEnded()).containsExactly(new PartitionId(EVENTS, 1));
        assertThat(partition(0).end()).isEqualTo(4);
        assertThat(partition(0).extentFrom(1).first()).isEqualTo(3);
    }

    @Test
    void a_cursor_proves_the_records_before_it_and_retention_forgives_them() {
        apply(topic(EVENTS, "events", 1), appended(0, 0));
        hole();
        apply(new CursorMoved(EVENTS, 0, "reader", 5), new Trimmed(EVENTS, 0, 3));

        assertThat(topics().missing().get(new PartitionId(EVENTS, 0))).hasToString("3-4");
        assertThat(partition(0).end()).isEqualTo(5);
        assertThat(partition(0).start()).isEqualTo(3);
    }

    @Test
    void a_topic_that_was_made_inside_a_hole_has_its_partitions() {
        hole();
        apply(appended(3, 0));
        assertThat(topics().nameless()).containsExactly(EVENTS);
        assertThat(salvage.state().topics().topic(ChannelName.of("recovered-" + EVENTS)))
                .isNotNull();
        assertThat(salvage.state().topics().topic(EVENTS).partitions()).hasSize(4);

        apply(topic(EVENTS, "events", 6));
        assertThat(topics().nameless()).isEmpty();
        assertThat(salvage.state().topics().topic(ChannelName.of("events")).partitions())
                .hasSize(6);
        assertThat(salvage.state().topics().topic(ChannelName.of("recovered-" + EVENTS))).isNull();
    }

    @Test
    void a_name_goes_from_a_queue_to_a_topic_and_back() {
        apply(defined(MAIL, "mail"), put(MAIL, 1));
        hole();
        apply(topic(EVENTS, "mail", 1));
        assertThat(mail()).isNull();
        assertThat(salvage.state().needsStretch(0)).isFalse();
        hole();
        apply(defined(GRAVE, "mail"));
        assertThat(salvage.state().topics().topic(EVENTS)).isNull();
        assertThat(salvage.state().queue(ChannelName.of("mail")).channel()).isEqualTo(GRAVE);
    }

    @Test
    void ranges_grow_together_and_fall_apart() {
        Ranges ranges = new Ranges();
        ranges.add(1, 3);
        ranges.add(7);
        ranges.add(5, 6);
        assertThat(ranges).hasToString("1-3, 5-7");
        ranges.add(4);
        assertThat(ranges).hasToString("1-7");
        ranges.removeAll(3, 5);
        ranges.remove(9);
        assertThat(ranges).hasToString("1-2, 6-7");
        assertThat(ranges.size()).isEqualTo(4);
        ranges.add(9, 8);
        assertThat(ranges.size()).isEqualTo(4);
    }

    @Test
    void what_was_put_into_several_queues_tells_of_each() {
        apply(defined(MAIL, "mail"), defined(GRAVE, "grave"), put(MAIL, 1));
        hole();
        apply(
                new FannedOut(
                        List.of(new FannedOut.Slot(MAIL, 3), new FannedOut.Slot(GRAVE, 1)),
                        new byte[10]));

        assertThat(salvage.missing().get(MAIL)).hasToString("2");
        assertThat(counts().ready()).isEqualTo(2);
        assertThat(salvage.state().queue(GRAVE).counts().ready()).isEqualTo(1);
        assertThat(salvage.openEnded()).isEmpty();
    }

    @Test
    void what_lies_in_several_queues_is_needed_until_the_last_one_has_settled_it() {
        State state = salvage.state();
        apply(defined(MAIL, "mail"), defined(GRAVE, "grave"));
        apply(
                new FannedOut(
                        List.of(new FannedOut.Slot(MAIL, 1), new FannedOut.Slot(GRAVE, 1)),
                        new byte[10]),
                taken(1),
                new Settled(MAIL, 1, false));

        assertThat(state.bytesInLog()).isEqualTo(100);
        assertThat(state.oldestNeeded(Long.MAX_VALUE)).isZero();
        apply(new Taken(GRAVE, LATER, new long[] {1}), new Settled(GRAVE, 1, false));
        assertThat(state.oldestNeeded(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    }

    private record Logged(Entry entry, long position, long now) {}

    private static List<Logged> logged(Random random, State state) {
        List<Logged> log = new ArrayList<>();
        QueueChanges queues =
                new QueueChanges(
                        state,
                        entry -> {
                            long at = 100L * (41 + log.size());
                            state.apply(entry, at, 100);
                            log.add(new Logged(entry, at, state.now()));
                        });
        for (int i = 0; i < 150; i++) {
            state.advance(state.now() + random.nextInt(10));
            queues.change(random);
        }
        return log;
    }

    private static void isWhole(State state) {
        for (QueueState queue = state.queueAfter(0);
                queue != null;
                queue = state.queueAfter(queue.channel())) {
            Set<Long> there = new HashSet<>();
            for (long next = queue.next(0); next >= 0; next = queue.next(next)) {
                assertThat(queue.locate(next).bytes()).isEqualTo(100);
                there.add(next);
            }
            assertThat(queue.size()).isEqualTo(there.size());
            assertThat(queue.counts().messages()).isEqualTo(there.size());
            ReadyOrder order = ReadyOrder.ofAll(queue);
            for (long next = order.next(); next >= 0; next = order.next()) {
                assertThat(there.remove(next)).isTrue();
            }
        }
    }

    /// Whatever is lost, what is left is a state like any other, and goes on like one.
    @ParameterizedTest
    @ValueSource(
            ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22})
    void any_log_with_holes_makes_a_state_that_works(int seed) {
        Random random = new Random(seed);
        List<Logged> log = logged(random, new State(1 << 20));
        int hole = -1;
        for (int i = 0; i < log.size(); i++) {
            if (random.nextInt(150) == 0) {
                hole = i + random.nextInt(40);
                salvage.lost(FRAME_BYTES, random.nextBoolean());
            }
            if (i > hole) {
                Logged next = log.get(i);
                salvage.advance(next.now);
                salvage.apply(next.entry, next.position, 100);
            }
        }
        salvage.finish(log.size(), 1000);
        isWhole(salvage.state());

        State read = copied(salvage.state());
        isWhole(read);
        position = 1L << 40;
        QueueChanges queues =
                new QueueChanges(read, entry -> read.apply(entry, position += 100, 100));
        for (int i = 0; i < 200; i++) {
            read.advance(read.now() + random.nextInt(10));
            queues.change(random);
        }
        isWhole(read);
    }
}
