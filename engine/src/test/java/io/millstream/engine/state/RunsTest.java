package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.position.Positions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Runs say where each message lies, in few bytes, and are the same however they came to be read.
class RunsTest {
    private static final long FILE_BYTES = 1 << 20;

    private final Runs runs = new Runs(FILE_BYTES, new Images(), new HeapAccount());

    private final LiveRecords needed = new LiveRecords(FILE_BYTES);

    private static LiveRecords neededBy(Run run) {
        LiveRecords needed = new LiveRecords(FILE_BYTES);
        needed.add(run.position(), run.liveMessages(), run.liveBytes());
        return needed;
    }

    private int count() {
        int count = 0;
        for (Iterator<Run> all = runs.all().iterator(); all.hasNext(); all.next()) {
            count++;
        }
        return count;
    }

    private static byte[] bytes(Runs any) {
        Output out = new Output(64);
        any.all().forEach(run -> run.write(out));
        return out.toArray();
    }

    private static Runs reread(Runs any) {
        Input in = new Input(ByteBuffer.wrap(bytes(any)));
        Runs again = new Runs(FILE_BYTES, new Images(), new HeapAccount());
        while (!in.atEnd()) {
            again.restore(Run.read(in, false));
        }
        return again;
    }

    @Test
    void a_run_holds_64_messages_whatever_lies_between_them() {
        for (int i = 0; i < 128; i++) {
            runs.add(
                    1 + i,
                    new Location(4096L * i, 1000 + i % 7, 5_000 + 3L * i),
                    Runs.Lying.BEHIND);
        }

        assertThat(count()).isEqualTo(2);
        assertThat(runs.locate(1)).isEqualTo(new Location(0, 1000, 5_000));
        assertThat(runs.locate(100)).isEqualTo(new Location(4096L * 99, 1001, 5_297));
        assertThat(runs.locate(2)).isEqualTo(new Location(4096, 1001, 5_003));
    }

    @Test
    void a_run_ends_with_its_file() {
        runs.add(1, new Location(FILE_BYTES - 200, 100, 0), Runs.Lying.BEHIND);
        runs.add(2, new Location(FILE_BYTES, 100, 0), Runs.Lying.BEHIND);

        assertThat(count()).isEqualTo(2);
        assertThat(runs.locate(2)).isEqualTo(new Location(FILE_BYTES, 100, 0));
    }

    @Test
    void a_run_of_settled_messages_is_dropped() {
        for (int i = 0; i < 128; i++) {
            runs.add(1 + i, new Location(100L * i, 100, 0), Runs.Lying.BEHIND);
        }
        for (int i = 0; i < 64; i++) {
            assertThat(runs.remove(1 + i, 100)).isLessThan(FILE_BYTES);
        }

        assertThat(count()).isEqualTo(1);
        assertThat(runs.next(0)).isEqualTo(65);
        assertThatThrownBy(() -> runs.locate(64)).hasMessageContaining("lies in no run");
    }

    @Test
    void a_message_from_another_queue_joins_no_run_that_may_be_on_its_way() {
        runs.add(1, new Location(1000, 100, 7), Runs.Lying.BEHIND);
        runs.add(2, new Location(1100, 100, 3), Runs.Lying.ALONE);
        runs.add(3, new Location(1200, 100, 9), Runs.Lying.BEHIND);

        assertThat(runs.runFrom(2).first()).isEqualTo(2);
        assertThat(runs.locate(2)).isEqualTo(new Location(1100, 100, 3));
        assertThat(runs.locate(3)).isEqualTo(new Location(1200, 100, 9));
    }

    @Test
    void runs_that_meet_in_a_segment_become_full_ones() {
        for (int i = 0; i < 320; i++) {
            runs.add(1 + i, new Location(2000L * i, 100, i), Runs.Lying.ALONE);
        }
        for (int i = 0; i < 320; i += 2) {
            runs.remove(1 + i, 100);
        }
        List<Run> before = new ArrayList<>();
        runs.all().forEach(before::add);
        long at = 4096;
        for (Run run : before) {
            runs.move(run, Positions.inSegment(3, at), 1, neededBy(run));
            at += 100;
        }

        assertThat(count()).isEqualTo(5);
        assertThat(runs.locate(320)).isEqualTo(new Location(at(15_900), 100, 319));
        assertThat(runs.locate(2)).isEqualTo(new Location(at(0), 100, 1));
    }

    @Test
    void what_is_kept_in_the_order_of_settles_lies_in_runs_as_well() {
        long[] positions = {7000, 1000, 9000, 3000};
        for (int i = 0; i < positions.length; i++) {
            runs.add(1 + i, new Location(positions[i], 100 + i, 50), Runs.Lying.ANYWHERE);
        }

        assertThat(count()).isEqualTo(1);
        for (Runs each : List.of(runs, reread(runs))) {
            for (int i = 0; i < positions.length; i++) {
                assertThat(each.locate(1 + i)).isEqualTo(new Location(positions[i], 100 + i, 50));
            }
            assertThat(each.runFrom(0).furthestEnd()).isEqualTo(9102);
        }
    }

    @Test
    void what_joins_a_run_that_is_being_copied_stays_where_it_lies() {
        needed.add(5000, 4, 400);
        runs.add(1, new Location(5000, 100, 7), Runs.Lying.ANYWHERE);
        runs.add(2, new Location(2000, 100, 7), Runs.Lying.ANYWHERE);
        long copied = runs.runFrom(0).copy(9).copied();
        runs.add(3, new Location(4000, 100, 8), Runs.Lying.ANYWHERE);
        runs.add(4, new Location(1000, 100, 8), Runs.Lying.ANYWHERE);

        runs.move(runs.runFrom(0), at(0), copied, needed);

        assertThat(runs.locate(1)).isEqualTo(new Location(at(0), 100, 7));
        assertThat(runs.locate(2)).isEqualTo(new Location(at(100), 100, 7));
        assertThat(runs.locate(3)).isEqualTo(new Location(4000, 100, 8));
        assertThat(runs.locate(4)).isEqualTo(new Location(1000, 100, 8));
        assertThat(count()).isEqualTo(2);
        assertThat(needed.bytesInFiles()).isEqualTo(200);
        assertThat(needed.segment(3).bytes()).isEqualTo(200);
    }

    @Test
    void a_run_of_which_only_what_was_not_copied_is_left_stays_where_it_lies() {
        needed.add(5000, 2, 200);
        runs.add(1, new Location(5000, 100, 7), Runs.Lying.ANYWHERE);
        long copied = runs.runFrom(0).copy(9).copied();
        runs.add(2, new Location(4000, 100, 8), Runs.Lying.ANYWHERE);
        runs.remove(1, 100);
        needed.add(5000, -1, -100);

        runs.move(runs.runFrom(0), at(0), copied, needed);

        assertThat(runs.locate(2)).isEqualTo(new Location(4000, 100, 8));
        assertThat(needed.bytesInFiles()).isEqualTo(100);
        assertThat(needed.segment(3)).isNull();
    }

    private static long at(long offset) {
        return Positions.inSegment(3, 4096 + offset);
    }

    @Test
    void a_message_settled_while_it_was_copied_leaves_a_gap_in_the_segment() {
        for (int i = 0; i < 4; i++) {
            runs.add(1 + i, new Location(500L * i, 100 + i, i), Runs.Lying.BEHIND);
        }
        runs.remove(1, 100);
        long copied = runs.runFrom(0).copy(9).copied();
        runs.remove(3, 102);

        runs.move(runs.runFrom(0), at(0), copied, neededBy(runs.runFrom(0)));

        assertThat(copied).isEqualTo(0b1110);
        assertThat(runs.locate(2)).isEqualTo(new Location(at(0), 101, 1));
        assertThat(runs.locate(4)).isEqualTo(new Location(at(203), 103, 3));
        assertThat(runs.next(2)).isEqualTo(4);
    }

    @Test
    void a_copy_lists_what_was_not_settled() {
        for (int i = 0; i < 4; i++) {
            runs.add(1 + i, new Location(500L * i, 100 + i, i), Runs.Lying.BEHIND);
        }
        runs.remove(2, 101);

        RunCopy copy = runs.runFrom(1).copy(9);

        assertThat(copy.bytes()).isEqualTo(305);
        assertThat(copy.places()).extracting(Location::position).containsExactly(0L, 1000L, 1500L);
        assertThat(copy.places()).hasSize(3);
    }

    /// Each message's place is kept beside, and each round goes on with what was written and read.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void runs_agree_with_a_map_over_many_random_changes(long seed) {
        Random random = new Random(seed);
        Map<Long, Location> oracle = new TreeMap<>();
        Runs live = new Runs(FILE_BYTES, new Images(), new HeapAccount());
        Runs recovered = new Runs(FILE_BYTES, new Images(), new HeapAccount());
        long sequence = 0;
        long end = 0;
        int segment = 0;
        for (int round = 0; round < 300; round++) {
            for (int i = random.nextInt(80); i > 0; i--) {
                int size = 1 + random.nextInt(random.nextBoolean() ? 300 : 30_000);
                end += random.nextInt(3) == 0 ? random.nextInt(1 << 16) : 0;
                sequence++;
                long stored = random.nextLong(1L << 41);
                Location at = new Location(end, size, stored, mark(random, sequence, stored));
                end += size;
                boolean alone = random.nextInt(20) == 0;
                for (Runs each : List.of(live, recovered)) {
                    if (alone) {
                        each.add(sequence, at, Runs.Lying.ALONE);
                    } else {
                        each.add(sequence, at, Runs.Lying.BEHIND);
                    }
                }
                oracle.put(sequence, at);
            }
            for (Long gone : List.copyOf(oracle.keySet())) {
                if (random.nextInt(5) == 0) {
                    Location at = oracle.remove(gone);
                    long file = live.remove(gone, at.bytes());
                    assertThat(recovered.remove(gone, at.bytes())).isEqualTo(file);
                    assertThat(Positions.isSameFile(file, at.position(), FILE_BYTES)).isTrue();
                }
            }
            if (random.nextInt(10) == 0) {
                long before = end - FILE_BYTES;
                evacuate(live, recovered, oracle, ++segment, before, random);
                end = (end / FILE_BYTES + 1) * FILE_BYTES;
            }
            assertThat(bytes(recovered)).isEqualTo(bytes(live));
            recovered = reread(recovered);
            long next = 0;
            for (Map.Entry<Long, Location> entry : oracle.entrySet()) {
                next = live.next(next);
                assertThat(next).isEqualTo(entry.getKey());
                assertThat(live.locate(next)).isEqualTo(entry.getValue());
            }
            assertThat(live.next(next)).isEqualTo(-1);
            long inOrder = 0;
            for (Map.Entry<Long, Location> entry : oracle.entrySet()) {
                if (!entry.getValue().mark().isElsewhere()) {
                    inOrder = recovered.nextInOrder(inOrder);
                    assertThat(inOrder).isEqualTo(entry.getKey());
                }
            }
            assertThat(recovered.nextInOrder(inOrder)).isEqualTo(-1);
        }
    }

    /// Mostly none; times may be as late as they can be said to be.
    private static Mark mark(Random random, long sequence, long stored) {
        if (random.nextInt(4) > 0) {
            return Mark.NONE;
        }
        long late = Long.MAX_VALUE / 2;
        return new Mark(
                random.nextBoolean() ? 0 : 1 + random.nextLong(sequence),
                random.nextBoolean() ? 0 : 1 + random.nextInt(1000),
                random.nextBoolean() ? 0 : random.nextInt(32),
                random.nextBoolean()
                        ? 0
                        : stored + random.nextLong(random.nextBoolean() ? 9 : late),
                random.nextBoolean() ? Mark.NEVER : stored + 1 + random.nextLong(late));
    }

    private static void move(Runs any, RunCopy copy, long to) {
        Run run = any.run(copy.first());
        any.move(run, to, copy.copied(), neededBy(run));
    }

    private static void evacuate(
            Runs live,
            Runs recovered,
            Map<Long, Location> oracle,
            int segment,
            long before,
            Random random) {
        List<RunCopy> plan = new ArrayList<>();
        for (Run run : live.all()) {
            boolean old = Positions.isInSegment(run.position()) || run.position() < before;
            if (old && random.nextInt(3) > 0) {
                plan.add(run.copy(1));
            }
        }
        long at = 4096;
        for (RunCopy copy : plan) {
            long to = Positions.inSegment(segment, at);
            move(live, copy, to);
            move(recovered, copy, to);
            for (int i = 0; i < Run.MESSAGES_MAX; i++) {
                Location old = oracle.get(copy.first() + i);
                if ((copy.copied() & (1L << i)) != 0) {
                    long here = Positions.inSegment(segment, at);
                    oracle.put(copy.first() + i, old.movedTo(here));
                    at += old.bytes();
                }
            }
        }
    }
}
