package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Taken;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.EvacuationPolicy;
import io.millstream.engine.log.Log;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// The power goes, or the process is killed, in the middle of every single thing that the engine
/// does to its disk while messages and batches are stored, settled, moved to segments as soon as a
/// log file is full, and merged there. Each time everything acknowledged is there again, nothing
/// that was settled comes back, and what was interrupted goes on.
///
/// A plain build tries some of the places, others each time; `mvn -Psim verify` tries all of them.
class EverywhereCutTest {
    private static final int FILE_BYTES = 32 << 10;
    private static final int BODY_BYTES = 1500;
    private static final int ROUNDS = 60;
    private static final int SETTLED_EVERY = 2;
    private static final int APPENDED_EVERY = 3;
    private static final int EVERY = 3;
    private static final ChannelName QUEUE = ChannelName.of("mail");
    private static final ChannelName TOPIC = ChannelName.of("events");
    private static final EngineOptions OPTIONS =
            EngineOptions.inMemory()
                    .withLog(new Log.Settings(FILE_BYTES, 8, FILE_BYTES, FILE_BYTES))
                    .withCheckpointBytes(FILE_BYTES)
                    .withEvacuation(new EvacuationPolicy(0, 2, 0.99));

    /// One run of the same work, as far as it comes.
    private static final class Run {
        private final String when;
        private final SimulatedDisk disk;
        private final SteppedStore store;
        private final TreeSet<Integer> queued = new TreeSet<>();
        private final List<String> appended = new ArrayList<>();
        private int round;

        // What has been asked for and not answered.
        private final Set<Integer> perhapsQueued = new TreeSet<>();
        private final List<String> perhapsAppended = new ArrayList<>();

        Run(String when, long seed) throws IOException {
            this.when = when;
            this.disk = new SimulatedDisk(new SplittableRandom(seed));
            this.store = new SteppedStore(when, disk, OPTIONS);
            store.open();
            store.define(Definition.Queue.of(QUEUE));
            store.define(Definition.Topic.of(TOPIC));
        }

        void work() throws IOException {
            while (round < ROUNDS) {
                int number = round++;
                put(number);
                if (number % SETTLED_EVERY == 0) {
                    takeAndSettle();
                }
                if (number % APPENDED_EVERY == 0) {
                    append("e" + number);
                }
            }
        }

        private static Message message(String id) {
            return Message.builder(Bytes.of(new byte[BODY_BYTES])).id(id).build();
        }

        private void commit(Operation operation) throws IOException {
            assertThat(store.commit(operation)).as(when).isInstanceOf(Receipt.Committed.class);
        }

        private void put(int number) throws IOException {
            perhapsQueued.add(number);
            commit(new Operation.Put(QUEUE, message("m" + number)));
            perhapsQueued.clear();
            queued.add(number);
        }

        private void append(String id) throws IOException {
            perhapsAppended.add(id);
            commit(new Operation.Append(TOPIC, 0, List.of(message(id)), null));
            perhapsAppended.clear();
            appended.add(id);
        }

        private void takeAndSettle() throws IOException {
            List<Lease> leases = ((Taken.Leased) store.take(QUEUE)).leases();
            assertThat(leases).as(when).hasSize(1);
            int number = numberOf(leases.getFirst());
            queued.remove(number);
            perhapsQueued.add(number);
            commit(
                    new Operation.Settle(
                            leases.getFirst().handle(), Outcome.done(), Operation.Stale.REFUSE));
            perhapsQueued.clear();
        }

        private static int numberOf(Lease lease) {
            return Integer.parseInt(String.valueOf(lease.message().id()).substring(1));
        }

        /// Opens what is left and looks at it.
        void recover() throws IOException {
            store.open();
            // What was handed out comes again.
            store.clock().advance(SteppedStore.LEASE.plus(OPTIONS.grace()));
            List<Integer> found = takeAll();
            assertThat(found)
                    .as("%s: unsettled messages, each in its place", when)
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .containsAll(queued);
            Set<Integer> unexpected = new TreeSet<>(found);
            unexpected.removeAll(queued);
            assertThat(perhapsQueued).as("%s: messages", when).containsAll(unexpected);
            List<String> read = store.readAll(TOPIC, 0);
            List<String> most = new ArrayList<>(appended);
            most.addAll(perhapsAppended);
            assertThat(read).as("%s: records", when).isIn(appended, most);
            queued.addAll(found);
            perhapsQueued.clear();
            appended.clear();
            appended.addAll(read);
            perhapsAppended.clear();
            store.clock().advance(SteppedStore.LEASE);
        }

        private List<Integer> takeAll() throws IOException {
            List<Integer> found = new ArrayList<>();
            while (store.take(QUEUE) instanceof Taken.Leased(var now, List<Lease> leases)
                    && !leases.isEmpty()) {
                found.add(numberOf(leases.getFirst()));
            }
            return found;
        }
    }

    @Test
    void nothing_is_lost_where_the_engine_is_cut_off() throws IOException {
        cutOff(EVERY);
    }

    @Tag("sim")
    @Test
    void nothing_is_lost_wherever_the_engine_is_cut_off() throws IOException {
        cutOff(1);
    }

    private static void cutOff(int every) throws IOException {
        Run whole = new Run("whole", 0);
        long before = whole.disk.operations();
        whole.work();
        long operations = whole.disk.operations() - before;
        List<String> segments =
                whole.disk.list().stream().filter(name -> name.startsWith("segment-")).toList();
        assertThat(segments).as("left of many").hasSizeLessThan(6);
        assertThat(segments.getLast()).as("many").isGreaterThan("segment-00000014");
        for (long cut : Steps.of("An engine that is cut off", every, 1, operations).toArray()) {
            boolean power = cut % 2 == 0;
            Run run = new Run("%s at operation %d".formatted(power ? "Power" : "Kill", cut), cut);
            run.disk.crashAfter(cut);
            try {
                run.work();
                assertThat(run.disk.operations() - before).as(run.when).isLessThan(cut);
            } catch (PowerCut here) {
                // As asked.
            }
            if (power) {
                run.disk.crash();
            } else {
                run.disk.kill();
            }
            run.recover();
            run.work();
            run.disk.kill();
            run.recover();
        }
    }
}
