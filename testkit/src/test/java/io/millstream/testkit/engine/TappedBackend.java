package io.millstream.testkit.engine;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.Commit;
import io.millstream.api.Fetched;
import io.millstream.api.Found;
import io.millstream.api.From;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.TopicReader;
import io.millstream.api.View;
import io.millstream.testkit.ForwardingSession;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Another backend, with what its readers of topics ask for noted, and with faults that no backend
/// should have.
final class TappedBackend implements Backend {
    private final Backend tapped;
    private final Map<TopicReader, Long> bytesAsked = new ConcurrentHashMap<>();
    private final AtomicInteger readsToFail = new AtomicInteger();
    private final AtomicInteger notesToRefuse = new AtomicInteger();

    TappedBackend(Backend tapped) {
        this.tapped = tapped;
    }

    /// What each reader that is open asked for last.
    Map<TopicReader, Long> bytesAsked() {
        return bytesAsked;
    }

    /// The next so many reads throw what nobody expects.
    void failReads(int reads) {
        readsToFail.set(reads);
    }

    /// The next so many notes of where a cursor stands are refused, because it is busy.
    void refuseNotes(int notes) {
        notesToRefuse.set(notes);
    }

    boolean hasMisbehaved() {
        return readsToFail.get() == 0 && notesToRefuse.get() == 0;
    }

    private static boolean counts(AtomicInteger left) {
        return left.getAndUpdate(now -> Math.max(0, now - 1)) > 0;
    }

    @Override
    public Capabilities capabilities() {
        return tapped.capabilities();
    }

    @Override
    public Session session(SessionSpec spec) {
        return new TappedSession(tapped.session(spec));
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        return tapped.find(query);
    }

    @Override
    public void close() {
        tapped.close();
    }

    private final class TappedReader implements TopicReader {
        private final TopicReader reader;

        TappedReader(TopicReader reader) {
            this.reader = reader;
        }

        @Override
        public Pending<Fetched> next(int messages, long bytes, Duration wait) {
            bytesAsked.put(this, bytes);
            if (counts(readsToFail)) {
                throw new UnsupportedOperationException("A mistake of the backend's");
            }
            return reader.next(messages, bytes, wait);
        }

        @Override
        public void close() {
            bytesAsked.remove(this);
            reader.close();
        }
    }

    private final class TappedSession extends ForwardingSession {
        TappedSession(Session session) {
            super(session);
        }

        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
            boolean notes =
                    commits.getFirst().operations().getLast() instanceof Operation.MoveCursor;
            if (notes && counts(notesToRefuse)) {
                Refusal busy = new Refusal.Busy("The disk is slow. Send it again in a moment.");
                return CompletableFuture.completedFuture(
                        List.of(new Receipt.Refused(Instant.EPOCH, 0, busy)));
            }
            return session.commit(commits);
        }

        @Override
        public TopicReader read(From from) {
            return new TappedReader(session.read(from));
        }
    }
}
