package io.millstream.testkit.memory;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.api.Retention;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// A topic: a list of records for each partition. Guarded by the backend's lock.
final class MemoryTopic {

    /// What it is declared to be.
    ///
    /// @param definition the definition
    /// @param version its version
    /// @param at when it was declared
    record Declared(Definition.Topic definition, long version, Instant at) {}

    private final Store store;
    private final long incarnation;
    private final Instant created;
    private final List<Partition> partitions = new ArrayList<>();
    private final NavigableMap<String, List<Long>> cursors = new TreeMap<>();
    private final Set<MemoryReader> waiting = new LinkedHashSet<>();
    private Declared declared;

    /// The records that are kept, and what is known of those that are not.
    private static final class Partition {
        private final List<TopicRecord> records = new ArrayList<>();
        private final Map<Bytes, Long> versions = new HashMap<>();
        private long start;

        long end() {
            return start + records.size();
        }

        long bytes() {
            return records.stream().mapToLong(record -> Entry.bytes(record.message())).sum();
        }
    }

    MemoryTopic(Store store, Declared declared) {
        this.store = store;
        this.incarnation = declared.version();
        this.created = declared.at();
        this.declared = declared;
        grow();
    }

    private void grow() {
        while (partitions.size() < declared.definition().partitions()) {
            partitions.add(new Partition());
        }
    }

    ChannelName name() {
        return declared.definition().name();
    }

    long incarnation() {
        return incarnation;
    }

    Declared declared() {
        return declared;
    }

    void declare(Declared next) {
        Declared before = declared;
        int partitionsBefore = partitions.size();
        declared = next;
        grow();
        store.journal()
                .changed(() -> {
                    declared = before;
                    partitions.subList(partitionsBefore, partitions.size()).clear();
                });
        if (next.definition().versionedKeys() == 0) {
            store.afterCommit(() -> partitions.forEach(partition -> partition.versions.clear()));
        }
    }

    View.TopicView view() {
        return new View.TopicView(
                declared.definition(),
                incarnation,
                declared.version(),
                created,
                declared.at(),
                partitions.stream()
                        .map(one -> new View.PartitionView(one.start, one.end(), one.bytes()))
                        .toList());
    }

    // Records.

    boolean has(int partition) {
        return partition >= 0 && partition < partitions.size();
    }

    long end(int partition) {
        return partitions.get(partition).end();
    }

    boolean hasHadRecords() {
        return partitions.stream().anyMatch(partition -> partition.end() > 0);
    }

    long start(int partition) {
        return partitions.get(partition).start;
    }

    long versionOf(int partition, Bytes key) {
        return partitions.get(partition).versions.getOrDefault(key, 0L);
    }

    long keys(int partition) {
        return partitions.get(partition).versions.size();
    }

    /// Appends and returns the first one's offset.
    long append(int number, List<Message> messages) {
        Partition partition = partitions.get(number);
        long first = partition.end();
        Map<Bytes, Long> versionsBefore = Map.copyOf(partition.versions);
        for (Message message : messages) {
            partition.records.add(
                    new TopicRecord(number, partition.end(), store.now().wall(), message));
            Bytes key = message.key();
            if (key != null && declared.definition().versionedKeys() > 0) {
                partition.versions.merge(key, 1L, Long::sum);
            }
        }
        store.journal()
                .changed(() -> {
                    partition
                            .records
                            .subList((int) (first - partition.start), partition.records.size())
                            .clear();
                    partition.versions.clear();
                    partition.versions.putAll(versionsBefore);
                });
        return first;
    }

    /// Drops what need not be kept; the newest record always stays.
    void trim() {
        Retention retention = declared.definition().retention();
        Duration time = retention.time();
        for (Partition partition : partitions) {
            long bytes = partition.bytes();
            while (partition.records.size() > 1) {
                TopicRecord oldest = partition.records.getFirst();
                boolean tooOld =
                        time != null && !oldest.stored().plus(time).isAfter(store.now().wall());
                boolean tooMuch = retention.bytes() > 0 && bytes > retention.bytes();
                if (!tooOld && !tooMuch) break;
                bytes -= Entry.bytes(oldest.message());
                partition.records.removeFirst();
                partition.start++;
            }
        }
    }

    /// The first record stored at `time` or later, or the end.
    long offsetAt(int number, Instant time) {
        return partitions.get(number).records.stream()
                .filter(record -> !record.stored().isBefore(time))
                .mapToLong(TopicRecord::offset)
                .findFirst()
                .orElse(end(number));
    }

    /// Up to `messages` records from `offset` on, with about `bytes` bytes, at least one.
    List<TopicRecord> read(int number, long offset, int messages, long bytes) {
        List<TopicRecord> read = new ArrayList<>();
        long left = bytes;
        for (TopicRecord record : partitions.get(number).records) {
            if (record.offset() < offset) continue;
            left -= Entry.bytes(record.message());
            if (read.size() == messages || (left < 0 && !read.isEmpty())) break;
            read.add(record);
        }
        return read;
    }

    // Readers that wait.

    void wait(MemoryReader reader) {
        waiting.add(reader);
    }

    void waitNoMore(MemoryReader reader) {
        waiting.remove(reader);
    }

    /// Something has changed: lets those who wait look again.
    void serve() {
        List.copyOf(waiting).forEach(MemoryReader::look);
    }

    // Cursors.

    int cursorCount() {
        return cursors.size();
    }

    boolean hasCursor(String cursor) {
        return cursors.containsKey(cursor);
    }

    void moveCursor(String cursor, int partition, long offset) {
        List<Long> before = cursors.get(cursor);
        List<Long> next = new ArrayList<>(offsets(before == null ? List.of() : before));
        next.set(partition, offset);
        cursors.put(cursor, List.copyOf(next));
        store.journal().changed(() -> putBack(cursor, before));
    }

    void forgetCursor(String cursor) {
        List<Long> before = cursors.remove(cursor);
        store.journal().changed(() -> putBack(cursor, before));
    }

    private void putBack(String cursor, @Nullable List<Long> before) {
        if (before == null) {
            cursors.remove(cursor);
        } else {
            cursors.put(cursor, before);
        }
    }

    Collection<View.CursorView> cursors() {
        return cursors.entrySet().stream()
                .map(cursor -> new View.CursorView(cursor.getKey(), offsets(cursor.getValue())))
                .toList();
    }

    private List<Long> offsets(List<Long> known) {
        List<Long> all = new ArrayList<>(known);
        while (all.size() < partitions.size()) {
            all.add(0L);
        }
        return all;
    }
}
