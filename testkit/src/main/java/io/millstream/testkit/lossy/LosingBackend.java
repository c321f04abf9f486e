package io.millstream.testkit.lossy;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.Commit;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Fetched;
import io.millstream.api.Found;
import io.millstream.api.From;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.TopicReader;
import io.millstream.api.View;
import io.millstream.testkit.ForwardingSession;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/// A backend that is elsewhere, with a connection that is lost when a test says so. May be used by
/// any thread.
public final class LosingBackend implements Backend {
    private final Backend all;
    private final Queue<Loss> losses = new ConcurrentLinkedQueue<>();

    /// What is lost on the way.
    ///
    /// @param of which requests
    /// @param when on which way
    private record Loss(Kind of, When when) {}

    /// A kind of request.
    public enum Kind {
        /// Commits, one or many.
        COMMIT,
        /// Takes.
        TAKE,
        /// Looks.
        FIND,
        /// What a reader of a topic asks for.
        READ
    }

    /// On which way it is lost.
    public enum When {
        /// On the way there: it does not happen.
        BEFORE,
        /// On the way back: it happens, and nobody is told.
        AFTER
    }

    /// With a good connection to `all`.
    public LosingBackend(Backend all) {
        this.all = all;
    }

    /// Loses the next request of this kind.
    public void loseNext(Kind of, When when) {
        losses.add(new Loss(of, when));
    }

    /// Whether all that was to be lost has been.
    public boolean hasLostAll() {
        return losses.isEmpty();
    }

    private <T> CompletionStage<T> stage(Kind of, Supplier<CompletionStage<T>> asked) {
        Optional<Loss> loss = losses.stream().filter(one -> one.of == of).findFirst();
        if (loss.isEmpty() || !losses.remove(loss.get())) {
            return asked.get();
        }
        return switch (loss.get().when) {
            case BEFORE -> CompletableFuture.failedStage(lost());
            case AFTER -> asked.get().thenCompose(_ -> CompletableFuture.failedStage(lost()));
        };
    }

    private static ConnectionLostException lost() {
        return new ConnectionLostException("The connection was lost by this test.");
    }

    private <T> Pending<T> pending(Kind of, Supplier<Pending<T>> asked) {
        CompletableFuture<Pending<T>> there = new CompletableFuture<>();
        CompletionStage<T> stage =
                stage(
                        of,
                        () -> {
                            Pending<T> pending = asked.get();
                            there.complete(pending);
                            return pending.stage();
                        });
        return new Pending<>() {
            @Override
            public CompletionStage<T> stage() {
                return stage;
            }

            @Override
            public void cancel() {
                var _ = there.thenAccept(Pending::cancel);
            }
        };
    }

    @Override
    public Capabilities capabilities() {
        return all.capabilities();
    }

    @Override
    public Session session(SessionSpec spec) {
        return new Losing(all.session(spec));
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        return stage(Kind.FIND, () -> all.find(query));
    }

    @Override
    public void close() {
        all.close();
    }

    private final class Losing extends ForwardingSession {
        Losing(Session session) {
            super(session);
        }

        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
            return stage(Kind.COMMIT, () -> session.commit(commits));
        }

        @Override
        public Pending<Taken> take(Take take) {
            return pending(Kind.TAKE, () -> session.take(take));
        }

        @Override
        public TopicReader read(From from) {
            return new LosingReader(session.read(from));
        }
    }

    private final class LosingReader implements TopicReader {
        private final TopicReader reader;

        LosingReader(TopicReader reader) {
            this.reader = reader;
        }

        @Override
        public Pending<Fetched> next(int messages, long bytes, Duration wait) {
            return pending(Kind.READ, () -> reader.next(messages, bytes, wait));
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
