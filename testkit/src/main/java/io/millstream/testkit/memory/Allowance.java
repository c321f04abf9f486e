package io.millstream.testkit.memory;

import io.millstream.api.Definition;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Rate;
import io.millstream.testkit.memory.Alarms.Due;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the limits of one queue still allow, besides how many may be in flight. Guarded by the
/// backend's lock.
///
/// Slots are those of the leases that there are. Permits are kept as GCRA: for each thing whose
/// rate is limited the time at which the next one would begin if all were spread evenly, which may
/// be ahead of now by a burst. A time that has passed says as much as none.
final class Allowance {

    /// Something that a limit holds for.
    sealed interface Subject {

        /// All messages of the queue.
        record Whole() implements Subject {}

        /// Those of a type.
        ///
        /// @param name which
        record Type(String name) implements Subject {}

        /// Those of a group.
        ///
        /// @param name which
        record Group(String name) implements Subject {}
    }

    private static final Subject WHOLE = new Subject.Whole();

    private final MemoryQueue queue;
    private final Map<Subject, Integer> leased = new HashMap<>();
    private Map<Subject, Long> nextAt = new HashMap<>();
    private @Nullable Due alarm;

    Allowance(MemoryQueue queue) {
        this.queue = queue;
    }

    /// Whether no limit stands against leasing this one now.
    ///
    /// @param besides what counts as leased although it is settled
    boolean admits(Entry entry, List<Entry> besides) {
        return subjects(entry).stream().allMatch(subject -> isOpen(subject, besides));
    }

    private boolean isOpen(Subject subject, List<Entry> besides) {
        long used =
                leased.getOrDefault(subject, 0)
                        + besides.stream().filter(one -> subjects(one).contains(subject)).count();
        Limit limit = limit(subject);
        boolean slot = limit.concurrency() == 0 || used < limit.concurrency();
        return slot && opensAt(subject, limit.rate()) <= now();
    }

    /// When the rate, or its absence, lets another one begin.
    private long opensAt(Subject subject, @Nullable Rate rate) {
        Long next = nextAt.get(subject);
        if (rate == null || next == null) return Long.MIN_VALUE;
        return next - (rate.burst() - 1) * rate.intervalNanos();
    }

    /// This one is leased, whatever becomes of that: it has begun.
    void begins(Entry entry) {
        for (Subject subject : subjects(entry)) {
            Rate rate = limit(subject).rate();
            if (rate != null) {
                long from = Math.max(nextAt.getOrDefault(subject, now()), now());
                nextAt.put(subject, from + rate.intervalNanos());
            }
        }
    }

    void holdsSlots(Entry entry) {
        subjects(entry).forEach(subject -> leased.merge(subject, 1, Integer::sum));
    }

    void givesSlotsBack(Entry entry) {
        subjects(entry).forEach(subject -> leased.merge(subject, -1, Integer::sum));
    }

    /// What limits say has changed: what has no rate any more is forgotten.
    void redefined() {
        Map<Subject, Long> before = nextAt;
        nextAt = new HashMap<>(before);
        nextAt.keySet().removeIf(subject -> limit(subject).rate() == null);
        queue.store().journal().changed(() -> nextAt = before);
    }

    /// Whether the queue tells apart as many types as it may, and this is none of them.
    boolean isOneTypeTooMany(@Nullable String type) {
        if (type == null || !definition().typed()) return false;
        Set<String> types = new HashSet<>();
        for (Entry entry : queue.entriesAfter(0)) {
            if (entry.origin().type() != null) types.add(entry.origin().type());
        }
        nextAt.forEach((subject, next) -> {
            if (subject instanceof Subject.Type(String name) && next > now()) types.add(name);
        });
        return types.size() >= Definition.Queue.TYPES_MAX && !types.contains(type);
    }

    /// Has the queue look again at the moment when time lets something begin that is ready.
    void watchTheTime() {
        end();
        long opens = Long.MAX_VALUE;
        for (Entry entry : queue.entriesAfter(0)) {
            if (!entry.isReady()) continue;
            for (Subject subject : subjects(entry)) {
                long at = opensAt(subject, limit(subject).rate());
                if (at > now()) opens = Math.min(opens, at);
            }
        }
        if (opens == Long.MAX_VALUE) return;
        Store store = queue.store();
        alarm = new Due(store.whenClockShows(opens), store.next());
        store.alarms().set(alarm, () -> store.touched(queue));
    }

    /// The queue is gone, so nothing will happen.
    void end() {
        if (alarm != null) queue.store().alarms().cancel(alarm);
        alarm = null;
    }

    private static List<Subject> subjects(Entry entry) {
        List<Subject> subjects = new ArrayList<>();
        subjects.add(WHOLE);
        String type = entry.origin().type();
        if (type != null) subjects.add(new Subject.Type(type));
        String group = entry.message().group();
        if (group != null) subjects.add(new Subject.Group(group));
        return subjects;
    }

    private Limit limit(Subject subject) {
        Limits limits = definition().limits();
        return switch (subject) {
            case Subject.Whole _ -> Limit.NONE.withRate(limits.rate());
            case Subject.Type(String name) -> limits.types().of(name);
            case Subject.Group(String name) -> limits.groups().of(name);
        };
    }

    private long now() {
        return queue.store().clock();
    }

    private Definition.Queue definition() {
        return queue.declared().definition();
    }
}
