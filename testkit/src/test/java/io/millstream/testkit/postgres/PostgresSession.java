package io.millstream.testkit.postgres;

import io.millstream.api.Change;
import io.millstream.api.ChangeSink;
import io.millstream.api.Commit;
import io.millstream.api.Credit;
import io.millstream.api.DeliverySink;
import io.millstream.api.From;
import io.millstream.api.Interest;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;
import io.millstream.api.Subscribe;
import io.millstream.api.Subscription;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.TopicReader;
import io.millstream.api.Watch;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/// One client's session: a number that its leases carry.
final class PostgresSession implements Session {

    private final PostgresBackend backend;
    private final String name;
    private final long number;
    private final Set<Object> watches = ConcurrentHashMap.newKeySet();
    private volatile boolean open = true;

    PostgresSession(PostgresBackend backend, String name, long number) {
        this.backend = backend;
        this.name = name;
        this.number = number;
    }

    long number() {
        return number;
    }

    private void checkOpen() {
        if (!open) {
            throw new IllegalStateException(
                    "Session " + name + " is closed. Open a new one and try again.");
        }
    }

    @Override
    public CompletionStage<List<Receipt>> commit(List<Commit> commits) {
        checkOpen();
        return backend.pump().commit(List.copyOf(commits));
    }

    @Override
    public Pending<Taken> take(Take take) {
        checkOpen();
        WaitingTake waiting = new WaitingTake(backend, this, take);
        Refusal refusal = Lacks.refusalOf(Lacks.of(take), take.term());
        if (refusal != null) {
            backend.pump().look(tx -> tx, tx -> waiting.refuse(tx, refusal));
        } else {
            backend.pump()
                    .postOrElse(() -> backend.handing().add(take.queue(), waiting), waiting::kill);
        }
        return waiting;
    }

    @Override
    public Credit credit(int messages, long bytes) {
        checkOpen();
        return new Window(backend, this, messages, bytes);
    }

    @Override
    public Subscription consume(Subscribe what, DeliverySink sink) {
        checkOpen();
        if (!(what.credit() instanceof Window window) || !window.belongsTo(this)) {
            throw new IllegalArgumentException(
                    "The credit of a subscription to "
                            + what.queue()
                            + " is not of this session. Ask this session for it.");
        }
        PushedTo consumer = new PushedTo(backend, this, what, window, sink);
        Refusal refusal = Lacks.refusalOf(Lacks.of(what), what.term());
        if (refusal != null) {
            backend.pump().post(() -> sink.ended(refusal));
        } else {
            backend.pump().post(() -> backend.handing().add(what.queue(), consumer));
        }
        return consumer;
    }

    @Override
    public TopicReader read(From from) {
        checkOpen();
        return new NoTopics(backend);
    }

    @Override
    public Watch watch(Interest what, ChangeSink sink) {
        checkOpen();
        Object watch = new Object();
        watches.add(watch);
        switch (what) {
            case Interest.Pressure _ ->
                    backend.pump().post(() -> sink.changed(new Change.Pressure(true, "")));
            case Interest.Definitions _ ->
                    backend.pump().work(tx -> backend.definitions().start(tx, watch, sink));
            case Interest.Rows _ ->
                    backend.pump()
                            .post(() ->
                                    sink.changed(
                                            new Change.Refused(Lacks.refusal(Lacks.of(what)))));
        }
        return () -> stop(watch);
    }

    private void stop(Object watch) {
        watches.remove(watch);
        backend.pump().post(() -> backend.definitions().stop(watch));
    }

    @Override
    public void close() {
        if (!open) return;
        open = false;
        watches.forEach(this::stop);
        backend.pump().post(() -> backend.handing().close(this));
        backend.pump().work(tx -> new Ends(tx).closeSession(number));
    }
}
