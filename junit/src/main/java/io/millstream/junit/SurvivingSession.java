package io.millstream.junit;

import io.millstream.api.ChangeSink;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Lease;
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
import io.millstream.api.Watch;
import io.millstream.engine.Engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A session that is opened again after a crash, with its subscriptions, readers and watches.
final class SurvivingSession implements Session {
    private final SurvivingBackend backend;
    private final SessionSpec spec;
    // In the order they were made: credits come before what uses them.
    private final Set<Reopened> parts = new LinkedHashSet<>();
    private final Refusals refusals = new Refusals();
    private volatile Session current;
    private boolean closed;

    SurvivingSession(SurvivingBackend backend, SessionSpec spec, Engine engine) {
        this.backend = backend;
        this.spec = spec;
        this.current = engine.session(spec);
    }

    /// After a crash.
    synchronized void reopen(Engine engine) {
        if (!closed) {
            current = engine.session(spec);
            List.copyOf(parts).forEach(Reopened::open);
        }
    }

    private synchronized <T extends Reopened> T opened(T part) {
        // First: it may be over, and forgotten, before this is.
        parts.add(part);
        boolean isOpen = false;
        try {
            part.open();
            isOpen = true;
        } finally {
            if (!isOpen) {
                parts.remove(part);
            }
        }
        return part;
    }

    synchronized void forget(Reopened part) {
        parts.remove(part);
    }

    /// The session of the engine that runs now.
    Session current() {
        return current;
    }

    @Override
    public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
        List<Commit> committed = List.copyOf(commits);
        CompletableFuture<List<Receipt>> noted = new CompletableFuture<>();
        answerTo(committed)
                .whenComplete((receipts, failure) -> {
                    if (failure != null) {
                        noted.completeExceptionally(failure);
                        return;
                    }
                    backend.leases().settled(committed, receipts);
                    Duration time = backend.patience().time();
                    if (refusals.note(committed, receipts, time)) {
                        noted.completeExceptionally(backend.patience().failure(backend.fullness()));
                    } else {
                        noted.complete(receipts);
                    }
                });
        return backend.patience().bound(noted, backend::silence);
    }

    private CompletionStage<List<Receipt>> answerTo(List<Commit> commits) {
        return SurvivingMove.is(commits)
                ? opened(new SurvivingMove(backend, this, commits)).answer()
                : current.commit(commits);
    }

    @Override
    public Pending<Taken> take(Take take) {
        SurvivingTake taking = new SurvivingTake(backend, take, current.take(take));
        taking.begin();
        return taking;
    }

    @Override
    public synchronized Credit credit(int messages, long bytes) {
        SurvivingCredit credit = new SurvivingCredit(messages, bytes);
        parts.add(credit);
        return credit;
    }

    private final class SurvivingCredit implements Credit, Reopened {
        private int messages;
        private long bytes;
        private Credit credit;

        private SurvivingCredit(int messages, long bytes) {
            this.messages = messages;
            this.bytes = bytes;
            this.credit = current.credit(messages, bytes);
        }

        private SurvivingSession session() {
            return SurvivingSession.this;
        }

        @Override
        public synchronized void open() {
            credit = current.credit(messages, bytes);
        }

        @Override
        public synchronized void resize(int newMessages, long newBytes) {
            messages = newMessages;
            bytes = newBytes;
            credit.resize(newMessages, newBytes);
        }

        private synchronized Credit inner() {
            return credit;
        }
    }

    @Override
    public Subscription consume(Subscribe what, DeliverySink sink) {
        if (!(what.credit() instanceof SurvivingCredit credit) || credit.session() != this) {
            throw new IllegalArgumentException(
                    "The credit of a subscription comes from the same session. Call credit() on"
                            + " it.");
        }
        return opened(new SurvivingSubscription(what, credit, sink));
    }

    private final class SurvivingSubscription implements Subscription, Reopened, DeliverySink {
        private final Subscribe what;
        private final SurvivingCredit credit;
        private final DeliverySink sink;
        private final List<Subscription> last = new ArrayList<>(1);

        private SurvivingSubscription(Subscribe what, SurvivingCredit credit, DeliverySink sink) {
            this.what = what;
            this.credit = credit;
            this.sink = sink;
        }

        @Override
        public synchronized void open() {
            last.clear();
            last.add(
                    current.consume(
                            new Subscribe(
                                    what.queue(),
                                    what.term(),
                                    credit.inner(),
                                    what.priority(),
                                    what.exclusive(),
                                    what.label()),
                            this));
        }

        @Override
        public void deliver(List<Lease> leases) {
            backend.leases().handedOut(leases);
            sink.deliver(leases);
        }

        @Override
        public void active(boolean active) {
            sink.active(active);
        }

        @Override
        public void ended(Refusal why) {
            forget(this);
            sink.ended(why);
        }

        @Override
        public void close() {
            // First: a crash holds the session's lock when it wants this one.
            forget(this);
            synchronized (this) {
                last.forEach(Subscription::close);
            }
        }
    }

    @Override
    public TopicReader read(From from) {
        return opened(new SurvivingReader(backend, this, from));
    }

    @Override
    public Watch watch(Interest what, ChangeSink sink) {
        return opened(new SurvivingWatch(what, sink));
    }

    private final class SurvivingWatch implements Watch, Reopened {
        private final Interest what;
        private final ChangeSink sink;
        private final List<Watch> last = new ArrayList<>(1);

        private SurvivingWatch(Interest what, ChangeSink sink) {
            this.what = what;
            this.sink = sink;
        }

        @Override
        public synchronized void open() {
            last.clear();
            last.add(current.watch(what, sink));
        }

        @Override
        public void close() {
            // First: a crash holds the session's lock when it wants this one.
            forget(this);
            synchronized (this) {
                last.forEach(Watch::close);
            }
        }
    }

    @Override
    public void close() {
        backend.forget(this);
        List<Reopened> held;
        synchronized (this) {
            closed = true;
            current.close();
            held = List.copyOf(parts);
            parts.clear();
        }
        held.forEach(Reopened::end);
    }
}
