package io.millstream.engine.state;

import io.millstream.engine.state.Entry.FannedOut;
import io.millstream.engine.state.Entry.Put;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Puts of the same bytes, made one entry.
final class FanOut {
    private static final int SLOT_BYTES_MAX = 20;
    private static final int ENTRY_BYTES = 64;

    private FanOut() {}

    /// Gathers the puts among `entries` from `first` on: each goes to the first one of the same
    /// bytes that it may go to.
    static void gather(List<Entry> entries, int first) {
        if (entries.size() - first < 2) {
            return;
        }
        List<Entry> added = entries.subList(first, entries.size());
        List<Group> groups = new ArrayList<>(added.size());
        for (Entry entry : added) {
            Group group = entry instanceof Put put ? groupFor(put, groups) : null;
            if (group != null) {
                group.add((Put) entry);
            } else {
                groups.add(new Group(entry));
            }
        }
        added.clear();
        groups.forEach(group -> entries.add(group.entry()));
    }

    /// An entry, and puts that are to be made one with it.
    private static final class Group {
        private final Entry first;
        private final List<Put> puts = new ArrayList<>(1);
        private final Set<Long> channels = new HashSet<>(1);

        Group(Entry first) {
            this.first = first;
            if (first instanceof Put put) {
                add(put);
            }
        }

        void add(Put put) {
            puts.add(put);
            channels.add(put.channel());
        }

        boolean hasBytesOf(Put put) {
            return !puts.isEmpty() && Arrays.equals(puts.getFirst().message(), put.message());
        }

        /// Whether a put may come before this: not before what takes a place in the same queue.
        boolean mayBePassedBy(Put put) {
            return switch (first) {
                case Put _ -> !channels.contains(put.channel());
                case Entry.Moved moved -> moved.target() != put.channel();
                case Entry.Transferred moved -> moved.target() != put.channel();
                case Entry.Replayed replayed -> replayed.channel() != put.channel();
                case Entry.Appended _,
                        Entry.Settled _,
                        Entry.Expired _,
                        Entry.Dropped _,
                        Entry.Stranded _ ->
                        true;
                default -> false;
            };
        }

        Entry entry() {
            if (puts.size() < 2) {
                return first;
            }
            List<FannedOut.Slot> slots = new ArrayList<>(puts.size());
            for (Put put : puts) {
                slots.add(new FannedOut.Slot(put.channel(), put.sequence()));
            }
            return new FannedOut(slots, puts.getFirst().message());
        }
    }

    /// The group that a put may join, or null.
    private static @Nullable Group groupFor(Put put, List<Group> groups) {
        for (Group group : groups.reversed()) {
            if (group.hasBytesOf(put)) {
                return group;
            }
            if (!group.mayBePassedBy(put)) {
                return null;
            }
        }
        return null;
    }

    /// How many bytes of a frame an entry of a publish takes, at most or nearly.
    static long bytesOf(Entry entry) {
        return ENTRY_BYTES
                + switch (entry) {
                    case Put put -> put.message().length;
                    case FannedOut fanned ->
                            fanned.message().length + (long) SLOT_BYTES_MAX * fanned.slots().size();
                    case Entry.Appended appended -> appended.batch().length;
                    default -> 0L;
                };
    }
}
