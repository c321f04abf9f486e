package io.millstream.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;

/// Mistakes that an engine could have, planted one at a time: the simulation is worth what it finds
/// of them. The budget is runs, not seconds, so that a slow machine finds as much as a fast one.
/// `-Dmutant=TEXT` plants only those whose name has the text.
@Tag("mutation")
class MutationTest {
    private static final System.Logger LOGGER = System.getLogger(MutationTest.class.getName());
    private static final int RUNS_MAX = 8000;
    private static final int RUNS_WITHOUT = 800;

    static Stream<Mutant> mutants() {
        return Stream.of(
                        durability(),
                        recovery(),
                        slices(),
                        files(),
                        backups(),
                        leases(),
                        limits(),
                        consumers(),
                        disuse(),
                        topics(),
                        routes())
                .flatMap(some -> some)
                .filter(one -> one.name().contains(System.getProperty("mutant", "")));
    }

    /// What is wrong with what queues do is looked for where clients use that.
    static Stream<Mutant> queueMutants() {
        return QueueMutants.all()
                .filter(one -> one.name().contains(System.getProperty("mutant", "")));
    }

    /// And what is wrong with limits and with what is kept, where clients use that.
    static Stream<Mutant> limitMutants() {
        return LimitMutants.all()
                .filter(one -> one.name().contains(System.getProperty("mutant", "")));
    }

    /// What is wrong with exchanges and bindings, where clients use all that they can do.
    static Stream<Mutant> routeMutants() {
        return RouteMutants.all()
                .filter(one -> one.name().contains(System.getProperty("mutant", "")));
    }

    /// What is wrong with shares, where they are of different sizes.
    static Stream<Mutant> shareMutants() {
        return RouteMutants.ofShares()
                .filter(one -> one.name().contains(System.getProperty("mutant", "")));
    }

    /// What is wrong with receipts that are remembered, where commits are sent again.
    static Stream<Mutant> lifecycleMutants() {
        return LifecycleMutants.all()
                .filter(one -> one.name().contains(System.getProperty("mutant", "")));
    }

    static Stream<Mutant> senderMutants() {
        return SenderMutants.all()
                .filter(one -> one.name().contains(System.getProperty("mutant", "")));
    }

    private static Stream<Mutant> slices() {
        return Stream.of(
                new Mutant(
                        "crash between checkpoint slices ignored",
                        "log/Checkpoints.java",
                        "if (sum != checksumOf(checksum, slice, previous)) {",
                        "if (sum != checksumOf(checksum, slice, previous)) {\n"
                                + " if (true) return true;"),
                new Mutant(
                        "a slice that has what came after the checkpoint, which is then done twice",
                        "state/QueueState.java",
                        "take(long sequence, long now) {\n        images.changing(sequence);\n",
                        "take(long sequence, long now) {\n"),
                new Mutant(
                        "a queue that is not written down before it is purged",
                        "state/QueueState.java",
                        "            taken.leave(rest());\n",
                        ""),
                new Mutant(
                        "an expired message that is not written down before it goes",
                        "state/QueueState.java",
                        "LiveRecords live) {\n        images.changing(sequence);\n",
                        "LiveRecords live) {\n"),
                new Mutant(
                        "an extent off by one",
                        "state/Places.java",
                        "return new Location(end - bytes, bytes, stored, mark);",
                        "return new Location(end - bytes + 1, bytes, stored, mark);"),
                new Mutant(
                        "a dropped run that stays charged to the heap",
                        "state/Runs.java",
                        "heap.add(-HeapCosts.RUN - run.packedBytes());",
                        ""),
                new Mutant(
                        "a settled message that stays charged to the heap",
                        "state/Outstanding.java",
                        "heap.add(-HeapCosts.DELIVERY - delivery.reasonBytes());",
                        ""),
                new Mutant(
                        "a gap forgotten that a settled message left in its segment",
                        "state/Runs.java",
                        "at += isCopied ?",
                        "at += run.holds(sequence) ?"));
    }

    private static Stream<Mutant> durability() {
        return Stream.of(
                new Mutant("without the sync", "log/LogWriter.java", "frame.file().sync();", ""),
                new Mutant(
                        "without the padding",
                        "log/FrameHeader.java",
                        "return roundUp(BYTES + payloadBytes);",
                        "return (BYTES + payloadBytes + 7) & -8;"),
                new Mutant(
                        "answered before the sync",
                        "Answers.java",
                        "one.mark < durable;",
                        "one.mark < written;"),
                new Mutant(
                        "delivered before the message is durable",
                        "Departures.java",
                        "if (batch.inOpenFrame() || batch.settled()) {",
                        "if (batch.settled()) {"),
                new Mutant(
                        "at most once before it is durable",
                        "Departures.java",
                        "if (batch.inOpenFrame() || batch.settled()) {",
                        "if (batch.inOpenFrame()) {"),
                new Mutant(
                        "a later answer first",
                        "Answers.java",
                        "one.number < other.number ?",
                        "one.number > other.number ?"));
    }

    private static Stream<Mutant> recovery() {
        return Stream.of(
                new Mutant(
                        "recovery without the sync of the log",
                        "log/Log.java",
                        "            file.sync();\n",
                        ""),
                new Mutant(
                        "recovery without the sync of the checkpoint",
                        "log/Checkpoints.java",
                        "            file.sync();\n        }\n        return readHeader(name);",
                        "        }\n        return readHeader(name);"),
                new Mutant(
                        "damage cut off like a torn end",
                        "log/LogScan.java",
                        "                refuseIfDamaged(position);\n",
                        ""),
                new Mutant(
                        "an epoch used twice",
                        "EngineCore.java",
                        "opened(state.epoch() + 1, options)",
                        "opened(Math.max(1, state.epoch()), options)"));
    }

    private static Stream<Mutant> files() {
        return Stream.of(
                new Mutant(
                        "a checkpoint of what is not durable",
                        "CheckpointJob.java",
                        "if (all && slices.isEmpty() && durable >= position) {",
                        "if (all && slices.isEmpty()) {"),
                new Mutant(
                        "a checkpoint that is counted but not synced",
                        "log/Checkpoints.java",
                        "            write(ByteBuffer.allocate(0));\n            file.sync();\n",
                        "            write(ByteBuffer.allocate(0));\n"),
                new Mutant(
                        "a log file freed though messages in it are needed",
                        "Reclaimer.java",
                        "return Math.min(checkpointed,"
                                + " endOfWhatMayGo(state.oldestNeeded(checkpointed)));",
                        "return checkpointed;"),
                new Mutant(
                        "a log file freed by settles that are not durable",
                        "Reclaimer.java",
                        "Math.min(freeable, endOfWhatMayGo(",
                        "Math.min(neededFrom(), endOfWhatMayGo("),
                new Mutant(
                        "a segment that is not synced",
                        "log/Segments.java",
                        "            file.sync();\n            disk.syncDirectory();\n",
                        ""),
                new Mutant(
                        "a segment named in the log before its bytes are synced",
                        "log/Segments.java",
                        "            file.sync();\n            disk.syncDirectory();\n",
                        "for (var old : files.values()) old.sync();\n disk.syncDirectory();\n"),
                new Mutant(
                        "two log files of one number",
                        "log/LogRing.java",
                        "file.number() == nextNumber",
                        "file.number() == -2"));
    }

    private static Stream<Mutant> backups() {
        return Stream.of(
                new Mutant(
                        "segments are let go during a backup",
                        "Reclaimer.java",
                        "evacuation.uses(segment) || backups.holdsSegment(segment);",
                        "evacuation.uses(segment);"),
                new Mutant(
                        "log files are let go during a backup",
                        "Reclaimer.java",
                        "freeBefore(backups.holdLog(freed, room.isShort()));",
                        "freeBefore(freed);"),
                new Mutant(
                        "the backup copies behind its position",
                        "log/LogCopy.java",
                        "Math.min(file.base() + file.prepared(), position);",
                        "file.base() + file.prepared();"),
                new Mutant(
                        "the backup leaves out what was moved to segments",
                        "Backups.java",
                        "Set<Integer> segments = state.segments().keySet();",
                        "Set<Integer> segments = Set.of();"),
                new Mutant(
                        "a restore that does not sync its files",
                        "Restore.java",
                        "                open.sync();\n",
                        ""));
    }

    private static Stream<Mutant> leases() {
        return Stream.of(
                new Mutant(
                        "stale handles accepted",
                        "state/Decider.java",
                        " || !delivery.fence.equals(handle.fence())",
                        ""),
                new Mutant(
                        "a decision that fails now and then",
                        "state/Decider.java",
                        "        if (prepared.rejected() != null) {",
                        "        if (state.entries() % 97 == 96) throw new RuntimeException();\n"
                                + "        if (prepared.rejected() != null) {"),
                new Mutant(
                        "no grace after a restart",
                        "state/Reopening.java",
                        "state.extended(delivery, Math.max(delivery.deadline, grace));",
                        "state.extended(delivery, state.now());"),
                new Mutant(
                        "a wait cut short",
                        "state/Decider.java",
                        "retry.after().isZero() ? 0 : Times.after(state.now(), retry.after())",
                        "retry.after().isZero() ? 0 : state.now() + 1"),
                new Mutant(
                        "attempts not counted",
                        "state/QueueState.java",
                        "delivery.attempts++;",
                        ""));
    }

    private static Stream<Mutant> limits() {
        return Stream.of(
                new Mutant(
                        "expired too early",
                        "state/Ages.java",
                        "stored + retention.toMillis();",
                        "stored + retention.toMillis() / 2;"),
                new Mutant(
                        "an expired message delivered",
                        "state/Ages.java",
                        "stored + retention.toMillis();",
                        "stored + retention.toMillis() + 1000;"),
                new Mutant(
                        "nothing expires",
                        "EngineLoop.java",
                        "        worked |= expiry.step();\n",
                        ""),
                new Mutant(
                        "what was given back never expires",
                        "state/Ages.java",
                        "        byAge.add(new Aged(stored, sequence));\n",
                        "        byAge.clear();\n"),
                new Mutant(
                        "a dead letter as young as its death",
                        "state/Passage.java",
                        "entry instanceof Moved ? left.stored() : state.now();",
                        "state.now();"),
                new Mutant(
                        "an expired dead letter there again after a checkpoint",
                        "state/QueueCodec.java",
                        "            queue.cursor().gaps,\n",
                        "            0,\n"),
                new Mutant(
                        "ages forgotten by a checkpoint",
                        "state/Run.java",
                        "        out.varint(stored);\n",
                        "        out.varint(0);\n"),
                new Mutant(
                        "a message larger than its queue takes",
                        "state/Decider.java",
                        "limit > 0 && bytes > limit",
                        "limit > 0 && bytes > 2 * limit"));
    }

    private static Stream<Mutant> consumers() {
        return Stream.of(
                new Mutant(
                        "the lowest priority first",
                        "Consumers.java",
                        "new TreeMap<>(Comparator.reverseOrder())",
                        "new TreeMap<>()"),
                new Mutant(
                        "a lower priority served though a higher one has credit",
                        "Consumers.java",
                        "            Consumer next = turn.next();\n",
                        "            Consumer next = byPriority.lastEntry().getValue().next();\n"),
                new Mutant(
                        "an exclusive consumer beside others",
                        "Consumers.java",
                        "if (consumer.what().exclusive() && size > 0) {",
                        "if (consumer.what().exclusive() && size > 5) {"),
                new Mutant(
                        "others beside an exclusive consumer",
                        "Consumers.java",
                        "return size == 1",
                        "return size == 2"),
                new Mutant(
                        "a take beside an exclusive consumer",
                        "Dispatcher.java",
                        "others != null && others.consumers().hasExclusive()",
                        "false"),
                new Mutant(
                        "a take that goes on waiting beside an exclusive consumer",
                        "Dispatcher.java",
                        "        if (consumer.what().exclusive()) {",
                        "        if (false) {"),
                new Mutant(
                        "several active consumers",
                        "Consumers.java",
                        "            return active.window().isOpen() ? active : null;",
                        "            if (active.window().isOpen()) return active;"),
                new Mutant(
                        "a higher priority that takes over from the active consumer",
                        "Consumers.java",
                        "} else if (active == null && size > 0) {",
                        "} else if (size > 0) {"),
                new Mutant(
                        "an active consumer without a successor",
                        "Consumers.java",
                        "            active = null;\n            reviewed = false;\n",
                        ""),
                new Mutant(
                        "a successor that is not told",
                        "Consumer.java",
                        "toldActive == null ? thereIsOne : toldActive != active;",
                        "toldActive == null && thereIsOne;"),
                new Mutant(
                        "a younger consumer that comes between the active one and its successor",
                        "Dispatcher.java",
                        "review(singleActive, this::tell);\n        waiting.consumers().add(",
                        "all();\n        waiting.consumers().add("),
                new Mutant(
                        "a paused queue that hands out",
                        "state/QueueState.java",
                        "!definition.paused()",
                        "true"),
                new Mutant(
                        "a queue that is paused no more and serves nobody",
                        "Dispatcher.java",
                        "void defined(QueueState queue) {",
                        "void defined(QueueState queue) {"
                                + " if (waiters.containsKey(queue.channel())) return;"));
    }

    private static Stream<Mutant> disuse() {
        return Stream.of(
                new Mutant(
                        "a queue removed while somebody waits",
                        "Dispatcher.java",
                        "        unused.inUse(channel);\n",
                        ""),
                new Mutant(
                        "a queue removed too early",
                        "UnusedQueues.java",
                        "Times.after(clock.now(), unusedFor)",
                        "Times.after(clock.now(), unusedFor.dividedBy(2))"),
                new Mutant(
                        "a use as old as the frame that was open",
                        "UnusedQueues.java",
                        "Times.after(clock.now(), unusedFor)",
                        "Times.after(state.now(), unusedFor)"),
                new Mutant(
                        "a queue that stays once it was used",
                        "Dispatcher.java",
                        "            unused.usedLast(channel);\n",
                        ""),
                new Mutant(
                        "a queue that stays because it was never used",
                        "Dispatcher.java",
                        "            unused.usedLast(queue);\n",
                        ""),
                new Mutant(
                        "a queue that stays after a restart",
                        "EngineLoop.java",
                        "        unused.opened();\n",
                        ""),
                new Mutant(
                        "a definition that is no use",
                        "Dispatcher.java",
                        "            unused.usedLast(queue);",
                        "            if (queue.modified() == queue.created())"
                                + " unused.usedLast(queue);"),
                new Mutant(
                        "an unused queue that nobody removes",
                        "EngineLoop.java",
                        "            worked |= unused.step(committer);\n",
                        ""));
    }

    private static Stream<Mutant> topics() {
        return Stream.of(
                new Mutant(
                        "a moved extent off by one",
                        "topic/Extent.java",
                        "return new Extent(first, end, newPosition, bytes, entries, stored);",
                        "return new Extent(first, end, newPosition + 1, bytes, entries, stored);"),
                new Mutant(
                        "a record read before it is durable",
                        "Readers.java",
                        "        answers.whenDurable(\n"
                                + "                journal.mark(), () -> work.offer(job), () ->"
                                + " read.fail(Engine.stopped()));\n",
                        "        answers.now(() -> work.offer(job));\n"),
                new Mutant(
                        "a record of a key not counted",
                        "state/Topics.java",
                        "                versions.count(key);\n",
                        ""),
                new Mutant(
                        "keys that are counted and move",
                        "state/TopicDecider.java",
                        ".anyMatch(partition -> end(partition) > 0)",
                        ".anyMatch(partition -> end(partition) < 0)"),
                new Mutant(
                        "an append that a slice already has",
                        "state/Topics.java",
                        "        images.appending(topic, appended.partition());\n",
                        ""),
                new Mutant(
                        "a cursor that is not written down before it moves",
                        "state/Topics.java",
                        "        images.movingCursor(topic, moved.cursor());\n",
                        ""),
                new Mutant(
                        "a topic that forgets too soon",
                        "TopicRetention.java",
                        "Math.min(time.toMillis(), NEVER / 2)",
                        "Math.min(time.toMillis() / 2, NEVER / 2)"),
                new Mutant(
                        "a topic that forgets too much",
                        "TopicRetention.java",
                        "partition.bytes() > retention.bytes()",
                        "partition.bytes() > retention.bytes() / 16"));
    }

    private static Stream<Mutant> routes() {
        return Stream.of(
                new Mutant(
                        "a routed message that misses its first queue",
                        "state/State.java",
                        "fanned.puts()",
                        "fanned.puts().stream().skip(1)"),
                new Mutant(
                        "a routed message that is divided by a crash",
                        "state/FanOut.java",
                        "return new FannedOut(slots, puts.getFirst().message());",
                        "return new FannedOut(slots.subList(1, slots.size()),"
                                + " puts.getFirst().message());"),
                new Mutant(
                        "a binding that outlives its queue",
                        "state/State.java",
                        "        routes.removeChannel(queue.definition.name());\n",
                        ""),
                new Mutant(
                        "a binding that is not written down before it goes",
                        "state/Routes.java",
                        "        changing(id);\n        Binding old = bindings.remove(id);",
                        "        Binding old = bindings.remove(id);"),
                new Mutant(
                        "a binding in a snapshot that was begun before it",
                        "state/Routes.java",
                        "        changing(id);\n        Binding old = bindings.put(id, binding);",
                        "        Binding old = bindings.put(id, binding);"),
                new Mutant(
                        "what is routed by the bindings of before",
                        "state/Routes.java",
                        "Integer::sum);\n        }\n        tables.remove(id.exchange());",
                        "Integer::sum);\n        }"),
                new Mutant(
                        "what is routed on though a binding took it",
                        "route/Routing.java",
                        "if (taking.isEmpty() && other != null",
                        "if (other != null"));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void a_mistake_is_found(Mutant mutant, @TempDir Path directory)
            throws IOException, ReflectiveOperationException {
        requireFound(mutant, mutant.run(directory, RUNS_MAX));
    }

    @ParameterizedTest
    @MethodSource("queueMutants")
    void a_mistake_in_what_queues_do_is_found(Mutant mutant, @TempDir Path directory)
            throws IOException, ReflectiveOperationException {
        requireFound(mutant, mutant.run(directory, RUNS_MAX, Simulation::seedWithFeatures));
    }

    @ParameterizedTest
    @MethodSource("limitMutants")
    void a_mistake_in_limits_is_found(Mutant mutant, @TempDir Path directory)
            throws IOException, ReflectiveOperationException {
        requireFound(mutant, mutant.run(directory, RUNS_MAX, Simulation::seedWithLimits));
    }

    @ParameterizedTest
    @MethodSource("routeMutants")
    void a_mistake_in_how_exchanges_route_is_found(Mutant mutant, @TempDir Path directory)
            throws IOException, ReflectiveOperationException {
        requireFound(mutant, mutant.run(directory, RUNS_MAX, Simulation::seedWithRoutes));
    }

    @ParameterizedTest
    @MethodSource("shareMutants")
    void a_mistake_in_shares_is_found(Mutant mutant, @TempDir Path directory)
            throws IOException, ReflectiveOperationException {
        requireFound(mutant, mutant.run(directory, RUNS_MAX, Simulation::seedWithShares));
    }

    @ParameterizedTest
    @MethodSource("senderMutants")
    void a_mistake_in_what_is_remembered_of_senders_is_found(Mutant mutant, @TempDir Path directory)
            throws IOException, ReflectiveOperationException {
        requireFound(mutant, mutant.run(directory, RUNS_MAX, Simulation::seedWithRepeats));
    }

    @ParameterizedTest
    @MethodSource("lifecycleMutants")
    void a_mistake_in_what_topics_are_told_is_found(Mutant mutant, @TempDir Path directory)
            throws IOException, ReflectiveOperationException {
        requireFound(mutant, mutant.run(directory, RUNS_MAX, Simulation::seedWithLifecycle));
    }

    private static void requireFound(Mutant mutant, Mutant.Outcome outcome) {
        LOGGER.log(
                System.Logger.Level.INFO,
                "%s: %s after %d runs and %d crashes: %s"
                        .formatted(
                                mutant.name(),
                                outcome.caught() ? "found" : "not found",
                                outcome.runs(),
                                outcome.crashes(),
                                outcome.how()));
        assertThat(outcome.caught()).as(mutant.name()).isTrue();
    }

    /// What finds everything proves nothing.
    @Test
    void no_mistake_is_found_where_none_is(@TempDir Path directory)
            throws IOException, ReflectiveOperationException {
        Mutant none =
                new Mutant("none", "Answers.java", "one.mark < durable;", "one.mark < durable;");
        assertThat(none.run(directory, RUNS_WITHOUT).how()).isEmpty();
    }
}
