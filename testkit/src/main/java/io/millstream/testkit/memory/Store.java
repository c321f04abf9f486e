package io.millstream.testkit.memory;

import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Fence;
import io.millstream.api.Lifecycle;
import io.millstream.api.Target;
import io.millstream.engine.io.TimeSource;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/// All that a backend knows: queues, rows, who watches, and what time it is. Guarded by the
/// backend's lock.
final class Store {

    /// How long a timed lease lasts at least after a restart, so that its holder can come back.
    static final Duration RESTART_GRACE = Duration.ofSeconds(5);

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final TimeSource time;
    private final long origin;
    private final long wallOrigin;
    private final NavigableMap<ChannelName, MemoryQueue> queues = new TreeMap<>();
    private final NavigableMap<ChannelName, MemoryTopic> topics = new TreeMap<>();
    private final Rows rows = new Rows(this);
    private final Senders senders = new Senders(this);
    private final MemoryRoutes routes = new MemoryRoutes(this);
    private final Journal journal = new Journal();
    private final Alarms alarms = new Alarms();
    private final Outbox outbox = new Outbox();
    private final Set<MemoryQueue> touched = new LinkedHashSet<>();
    private final Set<MemoryWatch> watches = new LinkedHashSet<>();
    private final Set<MemoryTopic> told = new LinkedHashSet<>();
    private final List<Runnable> afterCommit = new ArrayList<>();
    private Moment now;
    private long last;
    private int epoch = 1;

    Store(TimeSource time) {
        this.time = time;
        this.origin = time.nanos();
        this.wallOrigin = time.wallMillis();
        this.now = new Moment(0, Instant.ofEpochMilli(wallOrigin));
    }

    Senders senders() {
        return senders;
    }

    Rows rows() {
        return rows;
    }

    MemoryRoutes routes() {
        return routes;
    }

    Journal journal() {
        return journal;
    }

    Alarms alarms() {
        return alarms;
    }

    Outbox outbox() {
        return outbox;
    }

    // Numbers and time.

    /// When the call under way began.
    Moment now() {
        return now;
    }

    /// The time since 1970 in nanoseconds, in whole milliseconds, as it is counted from when the
    /// backend was made: no wall clock that is set changes it.
    long clock() {
        return (wallOrigin + Math.floorDiv(now.nanos(), NANOS_PER_MILLI)) * NANOS_PER_MILLI;
    }

    /// When [#clock] shows `time`, by the clock that never jumps.
    long whenClockShows(long time) {
        return (Math.ceilDiv(time, NANOS_PER_MILLI) - wallOrigin) * NANOS_PER_MILLI;
    }

    /// A number that was never given before: a version, a fence's position, an order.
    long next() {
        return ++last;
    }

    Fence nextFence() {
        return new Fence(epoch, next());
    }

    /// Reads the clock and lets what is due happen, in the order in which it became due.
    void passTime() {
        now = new Moment(time.nanos() - origin, Instant.ofEpochMilli(time.wallMillis()));
        topics.values().forEach(MemoryTopic::trim);
        endTooOld();
        while (alarms.firstNanos() <= now.nanos()) {
            alarms.goOff();
            endTooOld();
            handOut();
        }
        journal.keep();
    }

    private void endTooOld() {
        queues.values().forEach(queue -> queue.lifetimes().end());
    }

    /// When time alone will change something, by the clock that never jumps; or the end of time.
    long nextNanos() {
        long next = alarms.firstNanos();
        for (MemoryQueue queue : queues.values()) {
            next = Math.min(next, queue.lifetimes().nextNanos());
        }
        return next;
    }

    /// Hands out what can be handed out, until nothing moves any more.
    void handOut() {
        endTooOld();
        while (!touched.isEmpty()) {
            MemoryQueue queue = touched.iterator().next();
            touched.remove(queue);
            queue.consumers().serve();
            queue.lifetimes().end();
        }
        journal.keep();
        told.forEach(MemoryTopic::serve);
        told.clear();
    }

    void touched(MemoryQueue queue) {
        touched.add(queue);
    }

    // Queues.

    @Nullable MemoryQueue queue(ChannelName name) {
        return queues.get(name);
    }

    Collection<MemoryQueue> queues() {
        return queues.values();
    }

    void add(MemoryQueue queue) {
        queues.put(queue.name(), queue);
        journal.changed(() -> queues.remove(queue.name()));
    }

    void remove(MemoryQueue queue) {
        queue.clear();
        queue.telling().removed();
        queues.remove(queue.name());
        routes.removeTarget(new Target.Channel(queue.name()));
        journal.changed(() -> queues.put(queue.name(), queue));
    }

    /// Without a commit that might be taken back.
    void removeForGood(MemoryQueue queue) {
        remove(queue);
        journal.keep();
        queue.consumers().end();
        tellWatches(new Change.Removed(queue.name()));
    }

    // Topics.

    @Nullable MemoryTopic topic(ChannelName name) {
        return topics.get(name);
    }

    Collection<MemoryTopic> topics() {
        return topics.values();
    }

    void add(MemoryTopic topic) {
        topics.put(topic.name(), topic);
        journal.changed(() -> topics.remove(topic.name()));
    }

    void remove(MemoryTopic topic) {
        topics.remove(topic.name());
        routes.removeTarget(new Target.Channel(topic.name()));
        journal.changed(() -> topics.put(topic.name(), topic));
    }

    /// Tells a topic what happens to a message. It is there as long as a queue names it.
    void tell(ChannelName topic, Lifecycle event) {
        MemoryTopic known = topic(topic);
        if (known != null) {
            var _ = known.append(0, List.of(event.message()));
            told.add(known);
        }
    }

    // What happens once a commit is certain.

    void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    void committed() {
        afterCommit.forEach(Runnable::run);
        afterCommit.clear();
        journal.keep();
    }

    void refused() {
        journal.takeBack();
        afterCommit.clear();
    }

    // Watches.

    void add(MemoryWatch watch) {
        watches.add(watch);
    }

    void remove(MemoryWatch watch) {
        watches.remove(watch);
    }

    void tellWatches(Change change) {
        watches.stream().filter(MemoryWatch::wantsDefinitions).forEach(w -> w.tell(change));
    }

    void tellRowWatches(String table, String key, Change change) {
        watches.stream().filter(watch -> watch.wantsRow(table, key)).forEach(w -> w.tell(change));
    }

    // The end of one process and the start of the next.

    void reopen() {
        epoch++;
        senders.reopen();
        for (MemoryQueue queue : queues.values()) {
            queue.consumers().used();
            for (Entry entry : queue.entriesAfter(0)) {
                if (entry.state() instanceof Entry.State.Leased lease) {
                    reopen(queue, entry, lease);
                }
            }
        }
    }

    private void reopen(MemoryQueue queue, Entry entry, Entry.State.Leased lease) {
        Moment grace = now.plus(RESTART_GRACE);
        if (lease.ends() == null) {
            queue.makeReady(entry);
        } else if (lease.ends().isBefore(grace)) {
            queue.replace(entry.sequence(), entry.with(lease.until(grace)));
        }
    }
}
