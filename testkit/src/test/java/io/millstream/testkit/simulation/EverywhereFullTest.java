package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.stream.Collectors.toSet;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Taken;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.log.Log;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// The disk fills up wherever it can: while a log file is prepared, a slice of a checkpoint stored,
/// or a message, or a topic's batch, copied to a segment. What was promised for a full disk holds
/// each time, and with more room everything goes on.
///
/// A plain build tries some of the places, others each time; `mvn -Psim verify` tries all of them.
class EverywhereFullTest {
    private static final int FILE_BYTES = 32 << 10;
    private static final int BODY_BYTES = 1500;
    private static final int MESSAGES = 240;
    private static final int TAKEN_EVERY = 3;
    private static final int APPENDED_EVERY = 4;
    private static final int PARTITIONS = 2;
    private static final int RETRIES_MAX = 100;
    private static final int EIGHTH = FILE_BYTES / 8;
    private static final int FILES_OF_SMALL_DISK = 6;

    /// With less, what was short stays short, by a margin against flicker.
    private static final double FILES_FOR_MORE = 4.5;

    private static final int STEP_BYTES = 2 << 10;
    private static final int EVERY = 5;
    private static final long AMPLE = 1L << 40;
    private static final EngineOptions OPTIONS =
            EngineOptions.inMemory()
                    .withLog(new Log.Settings(FILE_BYTES, 8, FILE_BYTES, FILE_BYTES))
                    .withCheckpointBytes(2L * FILE_BYTES);
    private static final Taken NOBODY = new Taken.Leased(Instant.EPOCH, List.of());
    private static final ChannelName QUEUE = ChannelName.of("mail");
    private static final ChannelName TOPIC = ChannelName.of("events");

    /// One run of the same work.
    private static final class Run {
        private final SimulatedDisk disk = new SimulatedDisk(new SplittableRandom(1));
        private final Deque<Integer> queued = new ArrayDeque<>();
        private final List<Integer> leased = new ArrayList<>();
        private final List<List<String>> appended =
                Stream.generate(() -> (List<String>) new ArrayList<String>())
                        .limit(PARTITIONS)
                        .toList();
        private final String when;
        private final boolean isToldOfRoom;
        private final SteppedStore store;
        private int stored;
        private int refused;
        private int stuck;

        /// @param isToldOfRoom whether the disk says in time how much room there is
        Run(String when, boolean isToldOfRoom) throws IOException {
            this(when, isToldOfRoom, AMPLE);
        }

        Run(String when, boolean isToldOfRoom, long capacity) throws IOException {
            this.when = when;
            this.isToldOfRoom = isToldOfRoom;
            this.store = new SteppedStore(when, disk, OPTIONS);
            disk.capacity(capacity);
            store.open();
            store.define(Definition.Queue.of(QUEUE));
            store.define(Definition.Topic.of(TOPIC).withPartitions(PARTITIONS));
        }

        private long used() {
            return AMPLE - disk.freeBytes();
        }

        /// Puts, and after every few puts takes one message and settles it, or appends to a topic.
        void work() throws IOException {
            for (int i = 0; i < MESSAGES; i++) {
                put(i);
                if (i % TAKEN_EVERY == 0) {
                    takeAndSettle();
                }
                if (i % APPENDED_EVERY == 0) {
                    append(i);
                }
            }
        }

        private static Message message(String id) {
            return Message.builder(Bytes.of(new byte[BODY_BYTES])).id(id).build();
        }

        private void put(int number) throws IOException {
            if (publish(new Operation.Put(QUEUE, message("m" + number)))) {
                queued.add(number);
                stored++;
            }
        }

        private void append(int number) throws IOException {
            String id = "e" + number;
            int partition = number / APPENDED_EVERY % PARTITIONS;
            if (publish(new Operation.Append(TOPIC, partition, List.of(message(id)), null))) {
                appended.get(partition).add(id);
            }
        }

        private boolean publish(Operation operation) throws IOException {
            Receipt receipt = store.commit(operation);
            if (receipt instanceof Receipt.Refused(var now, var which, Refusal why)) {
                assertThat(why).as(when).isInstanceOf(Refusal.Busy.class);
                refused++;
                return false;
            }
            return true;
        }

        /// Where the disk tells of its room, this goes through whatever it does; where it does not,
        /// the log can become so full that nothing can be noted any more.
        private void takeAndSettle() throws IOException {
            Integer expected = queued.peek();
            Taken taken = expected == null ? NOBODY : store.take(QUEUE);
            switch (taken) {
                case Taken.Refused(var now, Refusal why) -> stuck(why);
                case Taken.Leased(var now, List<Lease> leases) -> {
                    assertThat(leases).as(when).hasSize(expected == null ? 0 : 1);
                    if (expected != null) {
                        assertThat(leases.getFirst().message().id()).isEqualTo("m" + expected);
                        settle(leases.getFirst());
                    }
                }
            }
        }

        private void settle(Lease lease) throws IOException {
            Operation done =
                    new Operation.Settle(lease.handle(), Outcome.done(), Operation.Stale.REFUSE);
            switch (store.commit(done)) {
                case Receipt.Committed _ -> queued.remove();
                case Receipt.Refused(var now, var operation, Refusal why) -> {
                    stuck(why);
                    // It is leased for an hour.
                    leased.add(queued.remove());
                }
            }
        }

        private void stuck(Refusal why) {
            assertThat(why).as(when).isInstanceOf(Refusal.Busy.class);
            assertThat(isToldOfRoom).as("%s: taken or settled", when).isFalse();
            stuck++;
        }

        /// Puts until a put is refused, then takes and settles everything.
        void fillAndDrain() throws IOException {
            int before = refused;
            for (int i = 0; refused == before; i++) {
                assertThat(i).as("%s: messages", when).isLessThan(MESSAGES);
                put(i);
            }
            while (!queued.isEmpty()) {
                takeAndSettle();
            }
        }

        void makeRoom() {
            disk.fullAtGrowth(0);
            disk.capacity(AMPLE);
            // Leases that could not be settled end, too.
            store.clock().advance(SteppedStore.LEASE);
        }

        void restart() throws IOException {
            disk.kill();
            store.open();
        }

        /// Everything that was acknowledged and not settled is there.
        void drain() throws IOException {
            drainQueue();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                assertThat(store.readAll(TOPIC, partition))
                        .as(when)
                        .isEqualTo(appended.get(partition));
            }
        }

        private void drainQueue() throws IOException {
            Set<String> left = new HashSet<>();
            while (store.take(QUEUE) instanceof Taken.Leased(var now, List<Lease> leases)
                    && !leases.isEmpty()) {
                left.add(leases.getFirst().message().id());
            }
            assertThat(left)
                    .as(when)
                    .isEqualTo(
                            Stream.concat(queued.stream(), leased.stream())
                                    .map(number -> "m" + number)
                                    .collect(toSet()));
        }

        /// Fills the disk, makes room again, and looks at what is left.
        void check(boolean restarts) throws IOException {
            work();
            if (restarts) {
                restart();
            }
            makeRoom();
            for (int i = 0; i < RETRIES_MAX && !queued.contains(MESSAGES); i++) {
                // A client sends again what was refused as busy.
                put(MESSAGES);
            }
            assertThat(queued.peekLast()).as("%s, with room again", when).isEqualTo(MESSAGES);
            restart();
            drain();
        }
    }

    @Test
    void taking_and_settling_go_on_where_a_disk_ends() throws IOException {
        endDisks(EVERY);
    }

    @Tag("sim")
    @Test
    void taking_and_settling_go_on_wherever_a_disk_ends() throws IOException {
        endDisks(1);
    }

    private static void endDisks(int every) throws IOException {
        Run ample = new Run("ample", true);
        long least = ample.used();
        ample.work();
        long most = ample.used();
        assertThat(ample.refused).isZero();
        assertThat(most - least).isGreaterThan(4L * FILE_BYTES);

        int refused = 0;
        long last = (most - least - 1) / STEP_BYTES;
        for (long step : Steps.of("A disk that ends", every, 0, last).toArray()) {
            long capacity = least + step * STEP_BYTES;
            Run run = new Run("A disk of %d bytes".formatted(capacity), true);
            run.disk.capacity(capacity);
            run.check(step % 2 == 0);
            refused += run.refused;
        }
        assertThat(refused).as("publishes that were refused").isPositive();
    }

    @Test
    void writes_that_find_no_room_lose_nothing() throws IOException {
        failWrites(EVERY);
    }

    @Tag("sim")
    @Test
    void no_write_that_finds_no_room_loses_anything() throws IOException {
        failWrites(1);
    }

    private static void failWrites(int every) throws IOException {
        Run ample = new Run("ample", true);
        long before = ample.disk.growths();
        ample.work();
        long growths = ample.disk.growths() - before;
        assertThat(growths).as("writes that need room").isGreaterThan(50);

        int refused = 0;
        int stuck = 0;
        for (long fullAt : Steps.of("A write without room", every, 1, growths).toArray()) {
            Run run = new Run("Full at growth %d".formatted(fullAt), false);
            run.disk.fullAtGrowth(fullAt);
            run.check(fullAt % 2 == 0);
            refused += run.refused;
            stuck += run.stuck;
        }
        assertThat(refused).as("publishes that were refused").isPositive();
        assertThat(stuck).as("takes and settles that had to wait").isPositive();
    }

    /// Two files of the log and what is kept for moving them are the least that takes anything.
    @Test
    void what_a_small_disk_has_taken_can_be_drained() throws IOException {
        for (long eighths = 34; eighths <= 8 * FILES_OF_SMALL_DISK; eighths++) {
            Run run = new Run("A disk of %d/8 files".formatted(eighths), true, eighths * EIGHTH);
            run.fillAndDrain();
            assertThat(run.stored).as(run.when).isPositive();
            run.restart();
            int stored = run.stored;
            run.fillAndDrain();
            if (eighths > 8 * FILES_FOR_MORE) {
                assertThat(run.stored).as("%s: publishes go on", run.when).isGreaterThan(stored);
            }
        }
    }
}
