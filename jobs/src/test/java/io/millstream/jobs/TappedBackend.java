package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.Commit;
import io.millstream.api.Found;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.View;
import io.millstream.testkit.ForwardingSession;

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

    private final class TappedSession extends ForwardingSession {
        TappedSession(Session session) {
            super(session);
        }

        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
            if (!fires(commits)) {
                return session.commit(commits);
            }
            firings.incrementAndGet();
            return tap.commit(commits, session);
        }
    }
}
