package io.millstream.testkit.denied;

import io.millstream.api.Backend;
import io.millstream.api.Capabilities;
import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
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
import io.millstream.engine.io.TimeSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A backend that lacks one feature: it says so, and refuses whatever asks for it.
///
/// @param all the backend that has it
/// @param denied which feature
/// @param time the clock of its refusals
record DenyingBackend(Backend all, Feature denied, TimeSource time) implements Backend {

    @Override
    public Capabilities capabilities() {
        Capabilities before = all.capabilities();
        Map<Feature, Support> features = new EnumMap<>(before.features());
        features.put(denied, new Support.None("It is denied here.", denied.instead()));
        return new Capabilities(
                before.backend(),
                features,
                before.messageBytesMax(),
                before.commitBytesMax(),
                before.durability());
    }

    @Override
    public Session session(SessionSpec spec) {
        return new Denying(all.session(spec));
    }

    @Override
    public <V extends View> CompletionStage<Found<V>> find(Query<V> query) {
        return Feature.askedBy(query).contains(denied)
                ? CompletableFuture.completedFuture(new Found.Refused<>(now(), refusal()))
                : all.find(query);
    }

    private Instant now() {
        return Instant.ofEpochMilli(time.wallMillis());
    }

    private Refusal refusal() {
        return new Refusal.NotSupported(denied);
    }

    @Override
    public void close() {
        all.close();
    }

    private final class Denying implements Session {
        private final Session session;

        Denying(Session session) {
            this.session = session;
        }

        @Override
        public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
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
            int at = refusedAt(commit);
            if (at < 0) return session.commit(commit);
            // What is wrong before it is refused first.
            if (at > 0) {
                List<Operation> before = new ArrayList<>(commit.operations().subList(0, at));
                before.add(new Operation.Put(ChannelName.of("no such queue"), Message.of("")));
                return session.commit(new Commit(commit.id(), before))
                        .thenApply(receipt ->
                                receipt instanceof Receipt.Refused(Instant now, int index, _)
                                                && index == at
                                        ? new Receipt.Refused(now, at, refusal())
                                        : receipt);
            }
            return CompletableFuture.completedFuture(new Receipt.Refused(now(), at, refusal()));
        }

        private int refusedAt(Commit commit) {
            if (denied == Feature.COMMIT_IDS && commit.id() != null) return 0;
            if (denied == Feature.ATOMIC_COMMIT && Asked.isWide(commit)) return 0;
            for (int i = 0; i < commit.operations().size(); i++) {
                if (Asked.by(commit.operations().get(i)).contains(denied)) return i;
            }
            return -1;
        }

        @Override
        public Pending<Taken> take(Take take) {
            return denied == Feature.TYPES && !take.types().isEmpty()
                    ? new Ended<>(new Taken.Refused(now(), refusal()))
                    : session.take(take);
        }

        @Override
        public Credit credit(int messages, long bytes) {
            return session.credit(messages, bytes);
        }

        @Override
        public Subscription consume(Subscribe what, DeliverySink sink) {
            boolean choosy = what.priority() != 0 || what.exclusive();
            if (denied == Feature.CONSUME || (denied == Feature.CONSUMER_CHOICE && choosy)) {
                sink.ended(refusal());
                return () -> {};
            }
            return session.consume(what, sink);
        }

        @Override
        public TopicReader read(From from) {
            return denied == Feature.TOPICS ? new NoReader() : session.read(from);
        }

        @Override
        public Watch watch(Interest what, ChangeSink sink) {
            if (denied == Feature.WATCH_ROWS && what instanceof Interest.Rows) {
                sink.changed(new Change.Refused(refusal()));
                return () -> {};
            }
            return session.watch(what, sink);
        }

        @Override
        public void close() {
            session.close();
        }
    }

    private final class NoReader implements TopicReader {
        @Override
        public Pending<Fetched> next(int messages, long bytes, Duration wait) {
            return new Ended<>(new Fetched.Refused(now(), refusal()));
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
