package io.millstream.testkit.memory;

import io.millstream.api.Definition;
import io.millstream.api.Groups;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Which of a queue's messages is handed out next.
///
/// Priority chooses among the candidates: messages that no group holds up, and the next one of each
/// group that is worked in order; where groups share fairly, the one in each priority whose group
/// has had least.
final class ReadyOrder {

    /// What stands in one row, by place.
    ///
    /// @param group which, or empty for all that share nothing
    private record Row(int priority, Optional<String> group) {}

    private final Groups mode;
    private final Map<Row, NavigableMap<Place, Entry>> rows = new HashMap<>();
    private final NavigableMap<String, GroupLine> lines = new TreeMap<>();
    private final Map<Integer, Shares> shares;

    ReadyOrder(Groups mode) {
        this(mode, new HashMap<>());
    }

    private ReadyOrder(Groups mode, Map<Integer, Shares> shares) {
        this.mode = mode;
        this.shares = shares;
    }

    Groups mode() {
        return mode;
    }

    // What is in it.

    void add(Entry entry) {
        String group = entry.message().group();
        if (mode.isOrdered() && group != null) {
            if (!entry.isStuck()) lines.computeIfAbsent(group, _ -> new GroupLine()).add(entry);
        } else if (entry.isReady()) {
            rows.computeIfAbsent(row(entry), _ -> new TreeMap<>()).put(entry.place(), entry);
        }
    }

    void remove(Entry entry) {
        String group = entry.message().group();
        if (mode.isOrdered() && group != null) {
            lines.computeIfPresent(
                    group,
                    (_, line) -> {
                        line.remove(entry);
                        return line.isEmpty() ? null : line;
                    });
        } else if (entry.isReady()) {
            rows.computeIfPresent(
                    row(entry),
                    (_, row) -> {
                        row.remove(entry.place());
                        return row.isEmpty() ? null : row;
                    });
        }
    }

    private Row row(Entry entry) {
        String group = mode.isFair() ? entry.message().group() : null;
        return new Row(entry.priority(), Optional.ofNullable(group));
    }

    /// This one, which is ready and still here, has its turn.
    ///
    /// @return takes that back
    Runnable served(Entry entry, Definition.Queue definition) {
        if (!mode.isFair()) return () -> {};
        String group = entry.message().group();
        int weight = group == null ? 1 : definition.weights().getOrDefault(group, 1);
        return sharesOf(entry.priority()).served(entry, weight);
    }

    // What comes out of it.

    /// The next one for `turn` of those that are admitted, or null.
    @Nullable Entry first(Turn turn, Predicate<Entry> admitted, Definition.Queue definition) {
        return candidates(turn, admitted).stream().min(by(definition.ageing())).orElse(null);
    }

    /// The first one of each priority for somebody who has nothing yet.
    Collection<Entry> heads() {
        NavigableMap<Integer, Entry> heads = new TreeMap<>();
        for (Entry entry : candidates(Turn.ofAll(), _ -> true)) {
            heads.merge(
                    entry.priority(),
                    entry,
                    (one, other) -> one.place().compareTo(other.place()) < 0 ? one : other);
        }
        return heads.values();
    }

    /// All that would be handed out in turn if each one were finished at once and nothing were
    /// limited. What is in a group of which something is leased, or waits, is not.
    ///
    /// @param all that is in it
    List<Entry> all(Collection<Entry> all, Definition.Queue definition) {
        Map<Integer, Shares> copies = new HashMap<>();
        shares.forEach((priority, one) -> copies.put(priority, one.copy()));
        ReadyOrder rest = new ReadyOrder(mode, copies);
        all.forEach(rest::add);
        List<Entry> order = new ArrayList<>();
        Entry next = rest.first(Turn.ofAll(), _ -> true, definition);
        while (next != null) {
            order.add(next);
            rest.served(next, definition);
            rest.remove(next);
            next = rest.first(Turn.ofAll(), _ -> true, definition);
        }
        return order;
    }

    private Collection<Entry> candidates(Turn turn, Predicate<Entry> admitted) {
        List<Entry> candidates = new ArrayList<>();
        for (NavigableMap<Place, Entry> row : rows.values()) {
            row.values().stream().filter(admitted).findFirst().ifPresent(candidates::add);
        }
        lines.forEach((group, line) -> {
            Entry next = isOpen(group, line, turn) ? line.next() : null;
            if (next != null && admitted.test(next)) candidates.add(next);
        });
        return mode.isFair() ? fairest(candidates) : candidates;
    }

    /// The one in each priority whose group has had least.
    private Collection<Entry> fairest(List<Entry> candidates) {
        Map<Integer, Entry> fairest = new TreeMap<>();
        for (Entry entry : candidates) {
            Comparator<Entry> order =
                    Comparator.comparingLong(sharesOf(entry.priority())::tag)
                            .thenComparing(Entry::place);
            fairest.merge(
                    entry.priority(),
                    entry,
                    (one, other) -> order.compare(one, other) < 0 ? one : other);
        }
        return fairest.values();
    }

    private Shares sharesOf(int priority) {
        return shares.computeIfAbsent(priority, _ -> new Shares());
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
