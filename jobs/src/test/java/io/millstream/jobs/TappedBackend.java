package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.ChangeSink;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.Found;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.TopicReader;
import io.millstream.api.View;
import io.millstream.api.Watch;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/// Another backend, with something done about commits that fire schedules: those that write rows of
/// schedules, and come from a session that fires them.
final class TappedBackend implements Backend {
    private final Backend tapped;
    private final AtomicInteger firings = new AtomicInteger();
    private volatile Tap tap = (commits, next) -> next.commit(commits);

    /// What is done about a list of commits.
    interface Tap {
        CompletionStage<List<Receipt>> commit(List<Commit> commits, Session next);
    }

    TappedBackend(Backend tapped) {
        this.tapped = tapped;
    }

    void tap(Tap other) {
        tap = other;
    }

    /// How many lists of commits were sent by those that fire.
    int firings() {
        return firings.get();
    }

    private static boolean fires(List<Commit> commits) {
        return commits.stream()
                .anyMatch(commit ->
                        commit.operations().getFirst() instanceof Operation.Write write
                                && write.table().equals(ScheduleRow.TABLE));
    }

    @Override
    public Capabilities capabilities() {
        return tapped.capabilities();
    }

    @Override
    public Session session(SessionSpec spec) {
        Session session = tapped.session(spec);
        return spec.name().equals("schedules") ? new TappedSession(session) : session;
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        return tapped.find(query);
    }

    @Override
    public void close() {
        tapped.close();
    }

    private final class TappedSession implements Session {
        private final Session session;

        TappedSession(Session session) {
            this.session = session;
        }

        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
            if (!fires(commits)) {
                return session.commit(commits);
            }
            firings.incrementAndGet();
            return tap.commit(commits, session);
        }

        @Override
        public Pending<Taken> take(Take take) {
            return session.take(take);
        }

        @Override
        public Credit credit(int messages, long bytes) {
            return session.credit(messages, bytes);
        }

        @Override
        public Subscription consume(Subscribe what, DeliverySink sink) {
            return session.consume(what, sink);
        }

        @Override
        public TopicReader read(From from) {
            return session.read(from);
        }

        @Override
        public Watch watch(Interest what, ChangeSink sink) {
            return session.watch(what, sink);
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
