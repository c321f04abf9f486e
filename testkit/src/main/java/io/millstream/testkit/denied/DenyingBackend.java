package io.millstream.testkit.denied;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.DeliverySink;
import io.millstream.api.Feature;
import io.millstream.api.Fetched;
import io.millstream.api.Found;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Support;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.TopicReader;
import io.millstream.api.View;
import io.millstream.api.Watch;
import io.millstream.testkit.ForwardingSession;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A backend that lacks features: it says so, and refuses whatever asks for them.
///
/// @param all the backend that has them
/// @param denied which features
/// @param time the clock of its refusals
public record DenyingBackend(Backend all, Set<Feature> denied, InstantSource time)
        implements Backend {

    /// Copies the features.
    public DenyingBackend {
        denied = Set.copyOf(denied);
    }

    /// A backend that has nothing but these features.
    ///
    /// @param all the backend that has more
    /// @param time the clock of its refusals
    public static DenyingBackend allBut(Backend all, Set<Feature> allowed, InstantSource time) {
        Set<Feature> denied = EnumSet.allOf(Feature.class);
        denied.removeAll(allowed);
        return new DenyingBackend(all, denied, time);
    }

    @Override
    public Capabilities capabilities() {
        Capabilities before = all.capabilities();
        Map<Feature, Support> features = new EnumMap<>(before.features());
        for (Feature feature : denied) {
            features.put(feature, new Support.None("It is denied here.", feature.instead()));
        }
        return before.withFeatures(features);
    }

    @Override
    public Session session(SessionSpec spec) {
        return new Denying(all.session(spec));
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        return refusal(Feature.askedBy(query))
                .<CompletionStage<Found<V>>>map(
                        why -> CompletableFuture.completedFuture(new Found.Refused<>(now(), why)))
                .orElseGet(() -> all.find(query));
    }

    private Instant now() {
        return time.instant();
    }

    private Optional<Refusal> refusal(Set<Feature> asked) {
        return asked.stream().filter(denied::contains).findFirst().map(Refusal.NotSupported::new);
    }

    @Override
    public void close() {
        all.close();
    }

    private final class Denying extends ForwardingSession {
        Denying(Session session) {
            super(session);
        }

        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
            if (commits.stream().allMatch(commit -> refused(commit).isEmpty())) {
                return session.commit(commits);
            }
            CompletionStage<List<Receipt>> done = session.commit(List.of());
            for (Commit commit : commits) {
                done =
                        done.thenCombine(
                                one(commit),
                                (before, receipt) -> {
                                    List<Receipt> receipts = new ArrayList<>(before);
                                    receipts.add(receipt);
                                    return receipts;
                                });
            }
            return done;
        }

        private CompletionStage<Receipt> one(Commit commit) {
            Optional<Receipt.Refused> refused = refused(commit);
            if (refused.isEmpty()) return session.commit(commit);
            int at = refused.get().operation();
            if (at == 0) return CompletableFuture.completedFuture(refused.get());
            // What is wrong before it is refused first.
            List<Operation> before = new ArrayList<>(commit.operations().subList(0, at));
            before.add(new Operation.Put(ChannelName.of("no such queue"), Message.of("")));
            return session.commit(new Commit(commit.id(), before))
                    .thenApply(receipt ->
                            receipt instanceof Receipt.Refused(Instant now, int index, _)
                                            && index == at
                                    ? new Receipt.Refused(now, at, refused.get().refusal())
                                    : receipt);
        }

        private Optional<Receipt.Refused> refused(Commit commit) {
            Optional<Refusal> whole = refusal(Feature.askedBy(commit));
            if (whole.isPresent()) {
                return Optional.of(new Receipt.Refused(now(), 0, whole.get()));
            }
            for (int i = 0; i < commit.operations().size(); i++) {
                Optional<Refusal> why = refusal(Feature.askedBy(commit.operations().get(i)));
                if (why.isPresent()) return Optional.of(new Receipt.Refused(now(), i, why.get()));
            }
            return Optional.empty();
        }

        @Override
        public Pending<Taken> take(Take take) {
            return refusal(Feature.askedBy(take))
                    .<Pending<Taken>>map(why -> new Ended<>(new Taken.Refused(now(), why)))
                    .orElseGet(() -> session.take(take));
        }

        @Override
        public Subscription consume(Subscribe what, DeliverySink sink) {
            Optional<Refusal> refusal = refusal(Feature.askedBy(what));
            if (refusal.isEmpty()) return session.consume(what, sink);
            sink.ended(refusal.get());
            return () -> {};
        }

        @Override
        public TopicReader read(From from) {
            return refusal(Feature.askedBy(from))
                    .<TopicReader>map(NoReader::new)
                    .orElseGet(() -> session.read(from));
        }

        @Override
        public Watch watch(Interest what, ChangeSink sink) {
            Optional<Refusal> refusal = refusal(Feature.askedBy(what));
            if (refusal.isEmpty()) return session.watch(what, sink);
            sink.changed(new Change.Refused(refusal.get()));
            return () -> {};
        }
    }

    private final class NoReader implements TopicReader {
        private final Refusal why;

        NoReader(Refusal why) {
            this.why = why;
        }

        @Override
        public Pending<Fetched> next(int messages, long bytes, Duration wait) {
            return new Ended<>(new Fetched.Refused(now(), why));
        }

        @Override
        public void close() {
            // It holds nothing.
        }
    }

    /// Something asked for that was refused at once.
    private record Ended<T>(T answer) implements Pending<T> {
        @Override
        public CompletionStage<T> stage() {
            return CompletableFuture.completedFuture(answer);
        }

        @Override
        public void cancel() {
            // It has ended.
        }
    }
}
