package io.millstream.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Refusal;
import io.millstream.engine.log.Log;
import io.millstream.engine.state.State;
import io.millstream.engine.state.Times;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// Finds for readers of topics where their records lie. What is still in memory is copied here;
/// reading files and decoding is left to the reading thread. The loop's own.
final class Readers {
    private static final LinkedHashSet<PendingRead> NOBODY = new LinkedHashSet<>();

    private final Journal journal;
    private final State state;
    private final Log log;
    private final Answers answers;
    private final ReadWork work;
    private final Map<Long, LinkedHashSet<PendingRead>> waiting = new HashMap<>();
    private final LinkedHashSet<Long> touched = new LinkedHashSet<>();
    private final Ends<PendingRead> ends = new Ends<>();

    Readers(Journal journal, Log log, Answers answers, ReadWork work) {
        this.journal = journal;
        this.state = journal.state();
        this.log = log;
        this.answers = answers;
        this.work = work;
    }

    /// Something about this topic may let a reader go on.
    void touch(long channel) {
        if (waiting.containsKey(channel)) {
            touched.add(channel);
        }
    }

    void begin(PendingRead read, long waitedMillis) {
        EngineReader reader = read.reader();
        ChannelName name = nameOf(reader.from());
        TopicState topic = state.topics().topic(name);
        if (topic == null || (reader.channel() != 0 && reader.channel() != topic.channel())) {
            refuse(read, new Refusal.NoSuchChannel(name));
            return;
        }
        int partition = partitionOf(reader.from());
        int partitions = topic.partitions().size();
        if (partition < 0 || partition >= partitions) {
            refuse(
                    read,
                    new Refusal.Invalid(
                            "Topic %s has no partition %d, but 0 to %d."
                                    .formatted(name, partition, partitions - 1)));
            return;
        }
        if (reader.channel() == 0) {
            settle(reader, topic);
        }
        long end = topic.partitions().get(partition).end();
        if (reader.next() > end) {
            refuse(
                    read,
                    new Refusal.Invalid(
                            "Partition %d of topic %s ends at %d; there is nothing at %d yet."
                                    .formatted(partition, name, end, reader.next())));
            return;
        }
        read.waits();
        waiting.computeIfAbsent(topic.channel(), none -> new LinkedHashSet<>()).add(read);
        ends.add(read, Times.after(state.now(), read.maxWait()) - waitedMillis);
        touch(topic.channel());
    }

    private static void settle(EngineReader reader, TopicState topic) {
        switch (reader.from()) {
            case From.Offset(ChannelName name, int partition, long offset) ->
                    reader.standsAt(topic.channel(), Math.max(0, offset), Long.MIN_VALUE);
            case From.Time(ChannelName name, int partition, Instant time) -> {
                long millis = Times.millis(time);
                long offset = topic.partitions().get(partition).offsetAt(millis);
                reader.standsAt(topic.channel(), offset, millis);
            }
        }
    }

    private static ChannelName nameOf(From from) {
        return switch (from) {
            case From.Offset offset -> offset.topic();
            case From.Time time -> time.topic();
        };
    }

    private static int partitionOf(From from) {
        return switch (from) {
            case From.Offset offset -> offset.partition();
            case From.Time time -> time.partition();
        };
    }

    private void refuse(PendingRead read, Refusal why) {
        Fetched refused = new Fetched.Refused(now(), why);
        answers.whenDurable(
                journal.mark(), () -> read.answer(refused), () -> read.fail(Engine.stopped()));
    }

    /// Ends a read that was called off, unless its records are on their way.
    void cancel(PendingRead read) {
        if (read.isWaiting()) {
            endEmpty(read);
        }
    }

    /// A session is over: its reads end with nothing.
    void closed(EngineSession session) {
        for (PendingRead read : ends.all()) {
            if (read.reader().session() == session) {
                endEmpty(read);
            }
        }
    }

    private void endEmpty(PendingRead read) {
        forget(read);
        Fetched nothing = new Fetched.Records(now(), List.of(), 0);
        answers.whenDurable(
                journal.mark(), () -> read.answer(nothing), () -> read.fail(Engine.stopped()));
    }

    private void forget(PendingRead read) {
        read.waitsNoMore();
        ends.remove(read);
        long channel = read.reader().channel();
        LinkedHashSet<PendingRead> others = waiting.get(channel);
        if (others != null) {
            others.remove(read);
            if (others.isEmpty()) {
                waiting.remove(channel);
                touched.remove(channel);
            }
        }
    }

    /// Fails every read that waits, because the engine has stopped.
    void failWaiting() {
        for (PendingRead read : ends.all()) {
            forget(read);
            answers.now(() -> read.fail(Engine.stopped()));
        }
    }

    /// When the next read ends by itself, in milliseconds since 1970.
    long nextEnd() {
        return ends.next();
    }

    /// Serves every reader whose topic was touched, and ends those that have waited long enough.
    ///
    /// @return whether there were any
    boolean serve() {
        boolean served = false;
        while (!touched.isEmpty()) {
            long channel = touched.removeFirst();
            for (PendingRead read : List.copyOf(waiting.getOrDefault(channel, NOBODY))) {
                served |= serve(read);
            }
        }
        for (PendingRead read = ends.firstEnded(state.now());
                read != null;
                read = ends.firstEnded(state.now())) {
            endEmpty(read);
            served = true;
        }
        return served;
    }

    private boolean serve(PendingRead read) {
        EngineReader reader = read.reader();
        TopicState topic = state.topics().topic(reader.channel());
        if (topic == null) {
            forget(read);
            refuse(read, new Refusal.NoSuchChannel(nameOf(reader.from())));
            return true;
        }
        int number = partitionOf(reader.from());
        PartitionState partition = topic.partitions().get(number);
        Extent first = partition.extentFrom(Math.max(reader.next(), partition.start()));
        if (first == null) {
            return false;
        }
        forget(read);
        long from = Math.max(reader.next(), first.first());
        ReadWork.Job job =
                new ReadWork.Job(
                        read,
                        topic.channel(),
                        number,
                        from,
                        from - reader.next(),
                        now(),
                        pieces(partition, from, read.bytes()));
        answers.whenDurable(
                journal.mark(), () -> work.offer(job), () -> read.fail(Engine.stopped()));
        return true;
    }

    private List<ReadWork.Piece> pieces(PartitionState partition, long from, long bytesMax) {
        List<ReadWork.Piece> pieces = new ArrayList<>();
        long bytes = 0;
        Extent extent = partition.extentFrom(from);
        while (extent != null && (pieces.isEmpty() || bytes + extent.bytes() <= bytesMax)) {
            bytes += extent.bytes();
            pieces.add(
                    new ReadWork.Piece(
                            extent, log.appender().readMemory(extent.position(), extent.bytes())));
            extent = partition.extentFrom(extent.end());
        }
        return pieces;
    }

    private Instant now() {
        return Instant.ofEpochMilli(state.now());
    }
}
