package io.millstream.testkit.memory;

import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Longest;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.TopicReader;
import io.millstream.api.View;
import io.millstream.api.Watch;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// One client's session. Its state is guarded by the backend's lock.
final class MemorySession implements Session {

    /// A message that is leased through this session.
    ///
    /// @param queue in which queue
    /// @param sequence which message
    private record Held(MemoryQueue queue, long sequence) {}

    private final MemoryBackend backend;
    private final SessionSpec spec;
    private final Set<Held> held = new LinkedHashSet<>();
    private final Set<MemoryTake> takes = new LinkedHashSet<>();
    private final Set<MemoryReader> readers = new LinkedHashSet<>();
    private final Set<MemorySubscription> subscriptions = new LinkedHashSet<>();
    private final Set<MemoryWatch> watches = new LinkedHashSet<>();
    private boolean open = true;

    MemorySession(MemoryBackend backend, SessionSpec spec) {
        this.backend = backend;
        this.spec = spec;
    }

    @Override
    public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
        List<Commit> copied = List.copyOf(commits);
        return backend.answer(() -> {
            checkOpen();
            return backend.commits().commit(copied);
        });
    }

    @Override
    public Pending<Taken> take(Take take) {
        MemoryTake pending = new MemoryTake(backend, this, take);
        backend.callOrElse(
                () -> {
                    checkOpen();
                    start(pending);
                },
                () -> pending.kill(MemoryBackend.STOPPED));
        return pending;
    }

    private void start(MemoryTake take) {
        MemoryQueue queue = backend.store().queue(take.asked().queue());
        Refusal refusal = queue == null ? null : queue.consumers().refusalOf(take.asked());
        Optional<Refusal> tooLong = Longest.CENTURY.refusalOf(take.asked().term());
        if (queue == null) {
            take.refuseAtOnce(new Refusal.NoSuchChannel(take.asked().queue()));
        } else if (refusal == null && tooLong.isPresent()) {
            take.refuseAtOnce(tooLong.get());
        } else if (refusal != null) {
            take.refuseAtOnce(refusal);
        } else {
            take.waitFor(queue);
            backend.store().handOut();
            if (take.isWaiting() && take.asked().maxWait().isZero()) take.endEmpty();
        }
    }

    @Override
    public Credit credit(int messages, long bytes) {
        backend.callOrThrow(this::checkOpen);
        return new Window(backend, this, messages, bytes);
    }

    @Override
    public Subscription consume(Subscribe what, DeliverySink sink) {
        if (!(what.credit() instanceof Window window) || !window.belongsTo(this)) {
            throw new IllegalArgumentException(
                    "The credit of a subscription to "
                            + what.queue()
                            + " is not of this session. Ask this session for it.");
        }
        MemorySubscription subscription = new MemorySubscription(backend, this, what, window, sink);
        backend.callOrThrow(() -> {
            checkOpen();
            start(subscription, what);
        });
        return subscription;
    }

    private void start(MemorySubscription subscription, Subscribe what) {
        MemoryQueue queue = backend.store().queue(what.queue());
        if (queue == null) {
            subscription.end(new Refusal.NoSuchChannel(what.queue()));
            return;
        }
        Refusal refusal = queue.consumers().refusalOf(subscription);
        if (refusal == null) {
            refusal = Longest.CENTURY.refusalOf(what.term()).orElse(null);
        }
        if (refusal == null) {
            subscription.start(queue);
        } else {
            subscription.end(refusal);
        }
    }

    @Override
    public TopicReader read(From from) {
        backend.callOrThrow(this::checkOpen);
        return new MemoryReader(backend, this, from);
    }

    @Override
    public Watch watch(Interest what, ChangeSink sink) {
        MemoryWatch watch = new MemoryWatch(backend, this, what, sink);
        backend.callOrThrow(() -> {
            checkOpen();
            switch (what) {
                case Interest.Pressure _ -> watch.tell(new Change.Pressure(true, ""));
                case Interest.Definitions _ -> {
                    watch.tell(new Change.Snapshot(definitions()));
                    watch.start();
                }
                case Interest.Rows rows -> {
                    watch.tell(
                            new Change.RowSnapshot(
                                    backend.store()
                                            .rows()
                                            .list(rows.table(), rows.prefix(), null)));
                    watch.start();
                }
            }
        });
        return watch;
    }

    private List<View.ChannelView> definitions() {
        List<View.ChannelView> views = new ArrayList<>();
        backend.store().queues().forEach(queue -> views.add(queue.view()));
        backend.store().topics().forEach(topic -> views.add(topic.view()));
        return views;
    }

    @Override
    public void close() {
        backend.callOrElse(this::end, () -> {});
    }

    private void end() {
        if (!open) return;
        open = false;
        List.copyOf(takes).forEach(MemoryTake::endEmpty);
        List.copyOf(readers).forEach(MemoryReader::endEmpty);
        stopPushing();
        for (Held message : List.copyOf(held)) {
            Entry entry = message.queue().entry(message.sequence());
            if (entry != null
                    && entry.state() instanceof Entry.State.Leased lease
                    && lease.ends() == null) {
                message.queue().makeReady(entry);
            }
        }
    }

    /// The process is gone: leases are the store's affair, and calls under way stay without an
    /// answer.
    void kill(String why) {
        open = false;
        List.copyOf(takes).forEach(take -> take.kill(why));
        takes.clear();
        List.copyOf(readers).forEach(reader -> reader.kill(why));
        stopPushing();
    }

    private void stopPushing() {
        List.copyOf(subscriptions).forEach(MemorySubscription::stop);
        List.copyOf(watches).forEach(MemoryWatch::stop);
    }

    boolean isOpen() {
        return open;
    }

    private void checkOpen() {
        if (!open) {
            throw new IllegalStateException(
                    "Session " + spec.name() + " is closed. Open a new one and try again.");
        }
    }

    // What belongs to it.

    void holds(MemoryQueue queue, long sequence) {
        held.add(new Held(queue, sequence));
    }

    void holdsNoMore(MemoryQueue queue, long sequence) {
        held.remove(new Held(queue, sequence));
    }

    void add(MemoryTake take) {
        takes.add(take);
    }

    void remove(MemoryTake take) {
        takes.remove(take);
    }

    void add(MemoryReader reader) {
        readers.add(reader);
    }

    void remove(MemoryReader reader) {
        readers.remove(reader);
    }

    void add(MemorySubscription subscription) {
        subscriptions.add(subscription);
    }

    void remove(MemorySubscription subscription) {
        subscriptions.remove(subscription);
    }

    void add(MemoryWatch watch) {
        watches.add(watch);
    }

    void remove(MemoryWatch watch) {
        watches.remove(watch);
    }
}
