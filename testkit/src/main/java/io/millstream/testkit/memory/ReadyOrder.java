package io.millstream.testkit.memory;

import io.millstream.api.Groups;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Which of a queue's messages is handed out next.
///
/// Priority chooses among the candidates: messages that no group holds up, the next one of each
/// group that is worked in order, and the one that fairness chooses in each priority.
final class ReadyOrder {

    private final Groups mode;
    private final NavigableMap<Integer, NavigableMap<Place, Entry>> alone = new TreeMap<>();
    private final NavigableMap<String, GroupLine> lines = new TreeMap<>();
    private final NavigableMap<Integer, FairLane> fair = new TreeMap<>();

    ReadyOrder(Groups mode) {
        this.mode = mode;
    }

    Groups mode() {
        return mode;
    }

    // What is in it.

    void add(Entry entry) {
        String group = entry.origin().group();
        if (mode.isOrdered() && group != null) {
            if (!entry.isStuck()) lines.computeIfAbsent(group, _ -> new GroupLine()).add(entry);
        } else if (entry.isReady() && mode == Groups.FAIR) {
            fair.computeIfAbsent(entry.priority(), _ -> new FairLane()).add(entry);
        } else if (entry.isReady()) {
            alone.computeIfAbsent(entry.priority(), _ -> new TreeMap<>()).put(entry.place(), entry);
        }
    }

    void remove(Entry entry) {
        String group = entry.origin().group();
        if (mode.isOrdered() && group != null) {
            lines.computeIfPresent(
                    group,
                    (_, line) -> {
                        line.remove(entry);
                        return line.isEmpty() ? null : line;
                    });
        } else if (entry.isReady() && mode == Groups.FAIR) {
            fair.computeIfPresent(
                    entry.priority(),
                    (_, lane) -> {
                        lane.remove(entry);
                        return lane;
                    });
        } else if (entry.isReady()) {
            alone.computeIfPresent(
                    entry.priority(),
                    (_, lane) -> {
                        lane.remove(entry.place());
                        return lane.isEmpty() ? null : lane;
                    });
        }
    }

    /// This one, which is ready and still here, has its turn.
    ///
    /// @return takes that back
    Runnable served(Entry entry) {
        FairLane lane = fair.get(entry.priority());
        return lane == null ? () -> {} : lane.served(entry);
    }

    // What comes out of it.

    /// The next one for `turn`, or null.
    ///
    /// @param ageing how long a message has to be ready to be served like one of the next better
    ///   priority; null for never
    @Nullable Entry first(Turn turn, @Nullable Duration ageing) {
        return candidates(turn).stream().min(by(ageing)).orElse(null);
    }

    /// The first one of each priority for somebody who has nothing yet.
    Collection<Entry> heads() {
        NavigableMap<Integer, Entry> heads = new TreeMap<>();
        for (Entry entry : candidates(new Turn())) {
            heads.merge(
                    entry.priority(),
                    entry,
                    (one, other) -> one.place().compareTo(other.place()) < 0 ? one : other);
        }
        return heads.values();
    }

    /// All that would be handed out in turn if each one were finished at once. What is in a group
    /// of which something is leased, or waits, is not.
    ///
    /// @param all that is in it
    List<Entry> all(Collection<Entry> all, @Nullable Duration ageing) {
        ReadyOrder rest = new ReadyOrder(mode);
        fair.forEach((priority, lane) -> rest.fair.put(priority, lane.emptied()));
        all.forEach(rest::add);
        List<Entry> order = new ArrayList<>();
        Entry next = rest.first(new Turn(), ageing);
        while (next != null) {
            order.add(next);
            rest.served(next);
            rest.remove(next);
            next = rest.first(new Turn(), ageing);
        }
        return order;
    }

    private List<Entry> candidates(Turn turn) {
        List<Entry> candidates = new ArrayList<>();
        alone.values().forEach(lane -> candidates.add(lane.firstEntry().getValue()));
        lines.forEach((group, line) -> {
            Entry next = isOpen(group, line, turn) ? line.next() : null;
            if (next != null) candidates.add(next);
        });
        fair.values()
                .forEach(lane -> {
                    Entry next = lane.first();
                    if (next != null) candidates.add(next);
                });
        return candidates;
    }

    /// Whether `turn` may have the next one of this group. If it has had one before, then all that
    /// is leased of the group is its own.
    private boolean isOpen(String group, GroupLine line, Turn turn) {
        return turn.has(group) ? mode == Groups.ORDERED : !line.isLocked();
    }

    /// The order in which candidates are chosen.
    static Comparator<Entry> by(@Nullable Duration ageing) {
        Comparator<Entry> ready =
                Comparator.comparingInt(Entry::priority).thenComparing(Entry::place);
        if (ageing == null) return ready;
        long step = ageing.toMillis();
        return Comparator.<Entry>comparingLong(
                        entry -> entry.place().readyAt() + entry.priority() * step)
                .thenComparing(ready);
    }
}
