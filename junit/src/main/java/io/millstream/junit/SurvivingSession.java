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
import java.util.concurrent.TimeUnit;

/// A session that is opened again after a crash, with its subscriptions and watches.
final class SurvivingSession implements Session {
    private final SurvivingBackend backend;
    private final SessionSpec spec;
    // In the order they were made: credits come before what uses them.
    private final Set<Reopened> parts = new LinkedHashSet<>();
    private volatile Session current;

    /// What a session holds that has to be had again.
    private interface Reopened {
        void open();
    }

    SurvivingSession(SurvivingBackend backend, SessionSpec spec, Engine engine) {
        this.backend = backend;
        this.spec = spec;
        this.current = engine.session(spec);
    }

    /// After a crash.
    synchronized void reopen(Engine engine) {
        current = engine.session(spec);
        List.copyOf(parts).forEach(Reopened::open);
    }

    private synchronized <T extends Reopened> T opened(T part) {
        part.open();
        parts.add(part);
        return part;
    }

    private synchronized void forget(Reopened part) {
        parts.remove(part);
    }

    @Override
    public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
        List<Commit> committed = List.copyOf(commits);
        CompletionStage<List<Receipt>> answer = current.commit(committed);
        CompletableFuture<List<Receipt>> noted = new CompletableFuture<>();
        answer.whenComplete((receipts, failure) -> {
            if (failure != null) {
                noted.completeExceptionally(failure);
            } else {
                backend.leases().settled(committed, receipts);
                noted.complete(receipts);
            }
        });
        return noted;
    }

    @Override
    public Pending<Taken> take(Take take) {
        Pending<Taken> pending = current.take(take);
        CompletableFuture<Taken> noted = new CompletableFuture<>();
        CompletableFuture<Boolean> waited = inRealTime(take.maxWait());
        pending.stage()
                .whenComplete((taken, failure) -> {
                    waited.cancel(false);
                    if (failure != null) {
                        noted.completeExceptionally(failure);
                    } else {
                        if (taken instanceof Taken.Leased leased) {
                            backend.leases().handedOut(leased.leases());
                        }
                        noted.complete(taken);
                    }
                });
        CompletionStage<Boolean> inVain = waited;
        inVain.thenRun(pending::cancel);
        return new NotedTake(pending, noted);
    }

    /// Completes when `wait` has passed by the clock on the wall: the store's may stand still.
    private static CompletableFuture<Boolean> inRealTime(Duration wait) {
        CompletableFuture<Boolean> passed = new CompletableFuture<>();
        if (wait.isPositive() && wait.toDays() < 1) {
            passed.completeOnTimeout(true, wait.toNanos(), TimeUnit.NANOSECONDS);
        }
        return passed;
    }

    private record NotedTake(Pending<Taken> pending, CompletionStage<Taken> stage)
            implements Pending<Taken> {
        @Override
        public void cancel() {
            pending.cancel();
        }
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
        return current.read(from);
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
        current.close();
    }
}
