package io.millstream.jobs;

import io.millstream.api.View;
import io.millstream.jobs.schedule.Timetable;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The schedules that a [Scheduler] has been told of, in the order in which they are to be looked
/// at. For one thread.
final class ScheduleBook {
    private static final System.Logger LOGGER = System.getLogger(Scheduler.class.getName());

    private final Map<String, Entry> byName = new HashMap<>();
    private final TreeSet<Entry> byWake =
            new TreeSet<>(Comparator.comparing(Entry::wake).thenComparing(Entry::name));

    /// A schedule.
    static final class Entry {
        private final String name;
        private final ScheduleRow row;
        private final long version;
        private Instant wake;
        private boolean oneByOne;

        private Entry(String name, ScheduleRow row, long version, Instant wake) {
            this.name = name;
            this.row = row;
            this.version = version;
            this.wake = wake;
        }

        String name() {
            return name;
        }

        ScheduleRow row() {
            return row;
        }

        long version() {
            return version;
        }

        /// When it is to be looked at.
        Instant wake() {
            return wake;
        }

        /// Begins one run in each commit from now on, because a commit with several was refused.
        void begin() {
            oneByOne = true;
        }

        int most() {
            return oneByOne ? 1 : row.plan().runsPerCommit();
        }
    }

    /// When the first one is to be looked at; [Timetable#NEVER] if none is.
    Instant first() {
        return byWake.isEmpty() ? Timetable.NEVER : byWake.first().wake;
    }

    boolean isEmpty() {
        return byName.isEmpty();
    }

    /// A schedule as it is known to be, or null if none of that name is.
    @Nullable ScheduleRow row(String name) {
        Entry entry = byName.get(name);
        return entry == null ? null : entry.row;
    }

    /// Those that are to be looked at by now, the first ones first.
    List<Entry> due(Instant now, int most) {
        List<Entry> due = new ArrayList<>();
        for (Entry entry : byWake) {
            if (due.size() == most || entry.wake.isAfter(now)) {
                break;
            }
            due.add(entry);
        }
        return due;
    }

    /// A row is so now. One that cannot be read is left alone until it is written again.
    void told(View.RowView view) {
        Entry known = byName.get(view.key());
        if (known != null && known.version >= view.version()) {
            return;
        }
        gone(view.key());
        try {
            ScheduleRow row = ScheduleJson.read(view.key(), view.value());
            put(new Entry(view.key(), row, view.version(), firstLook(row)));
        } catch (Json.Unreadable unreadable) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "Schedule %s is not fired: %s".formatted(view.key(), unreadable.getMessage()));
        }
    }

    private static Instant firstLook(ScheduleRow row) {
        ScheduleRow.Failing failing = row.progress().failing();
        if (failing != null) {
            return failing.again();
        }
        // Whether what they wait for has ended is to be looked up.
        return row.progress().waiting().isEmpty() ? row.next() : Instant.MIN;
    }

    /// There are no others.
    void only(Set<String> names) {
        List.copyOf(byName.keySet()).stream()
                .filter(name -> !names.contains(name))
                .forEach(this::gone);
    }

    /// Whether runs have ended is to be looked up.
    void runsMayHaveEnded() {
        List.copyOf(byName.keySet()).forEach(this::ended);
    }

    void gone(String name) {
        Entry known = byName.remove(name);
        if (known != null) {
            byWake.remove(known);
        }
    }

    /// A run of it has ended.
    void ended(String name) {
        Entry entry = byName.get(name);
        if (entry != null
                && entry.row.progress().failing() == null
                && !entry.row.progress().waiting().isEmpty()) {
            later(entry, Instant.MIN);
        }
    }

    /// It has become so by a commit of this process.
    void wrote(Entry before, ScheduleRow row, long version, Instant wake) {
        @Nullable Entry known = byName.get(before.name);
        if (known == before) {
            byWake.remove(before);
            Entry after = new Entry(before.name, row, version, wake);
            after.oneByOne = before.oneByOne;
            put(after);
        }
    }

    private void put(Entry entry) {
        byName.put(entry.name, entry);
        if (!entry.wake.equals(Timetable.NEVER)) {
            byWake.add(entry);
        }
    }

    /// It is to be looked at again then.
    void later(Entry entry, Instant wake) {
        if (byName.get(entry.name) == entry) {
            byWake.remove(entry);
            entry.wake = wake;
            put(entry);
        }
    }
}
