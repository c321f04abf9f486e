package io.millstream.testkit.memory;

import io.millstream.api.Lease;
import io.millstream.api.Pending;
import io.millstream.api.Refusal;
import io.millstream.api.StoppedException;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.testkit.memory.Alarms.Due;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A take: it waits, then its leases are on their way, then it is over. Guarded by the backend's
/// lock.
final class MemoryTake implements Pending<Taken> {

    /// How far it has come.
    private enum Stage {
        WAITING,
        ON_ITS_WAY,
        OVER
    }

    private final MemoryBackend backend;
    private final MemorySession session;
    private final Take asked;
    private final CompletableFuture<Taken> future = new CompletableFuture<>();
    private Stage stage = Stage.OVER;
    private @Nullable MemoryQueue queue;
    private @Nullable Due timeout;
    private List<Entry> before = List.of();
    private List<Lease> leases = List.of();

    MemoryTake(MemoryBackend backend, MemorySession session, Take asked) {
        this.backend = backend;
        this.session = session;
        this.asked = asked;
    }

    Take asked() {
        return asked;
    }

    MemorySession session() {
        return session;
    }

    void waitFor(MemoryQueue source) {
        queue = source;
        stage = Stage.WAITING;
        session.add(this);
        source.consumers().add(this);
        if (asked.maxWait().isZero()) return;
        Store store = backend.store();
        timeout = new Due(store.now().plus(asked.maxWait()).nanos(), store.next());
        store.alarms().set(timeout, this::endEmpty);
    }

    /// The leases leave when the lock is free, unless it is called off before.
    void answer(MemoryQueue source, List<Entry> entriesBefore, List<Lease> leased) {
        stage = Stage.ON_ITS_WAY;
        before = entriesBefore;
        leases = leased;
        stopWaiting(source);
        Taken answer = new Taken.Leased(now(), leased);
        backend.store()
                .outbox()
                .add(() -> {
                    if (backend.underLock(this::arrive)) future.complete(answer);
                });
    }

    private boolean arrive() {
        if (stage != Stage.ON_ITS_WAY) return false;
        stage = Stage.OVER;
        session.remove(this);
        return true;
    }

    /// Ends it without leases; those on their way are given back.
    void endEmpty() {
        end(new Taken.Leased(now(), List.of()));
    }

    void refuse(Refusal why) {
        end(new Taken.Refused(now(), why));
    }

    private void end(Taken answer) {
        if (callOff()) backend.store().outbox().add(() -> future.complete(answer));
    }

    /// The process is gone: nobody is told, and leases on their way have been made.
    void kill(String why) {
        if (stage == Stage.WAITING && queue != null) stopWaiting(queue);
        stage = Stage.OVER;
        backend.store().outbox().add(() -> future.completeExceptionally(new StoppedException(why)));
    }

    void refuseAtOnce(Refusal why) {
        Taken answer = new Taken.Refused(now(), why);
        backend.store().outbox().add(() -> future.complete(answer));
    }

    /// Whether there was something to call off.
    private boolean callOff() {
        if (stage == Stage.OVER || queue == null) return false;
        if (stage == Stage.WAITING) {
            stopWaiting(queue);
        } else {
            for (int i = 0; i < leases.size(); i++) {
                queue.takeBackLease(before.get(i), leases.get(i), asked.term());
            }
        }
        stage = Stage.OVER;
        session.remove(this);
        return true;
    }

    private void stopWaiting(MemoryQueue source) {
        source.consumers().remove(this);
        if (timeout != null) backend.store().alarms().cancel(timeout);
    }

    private Instant now() {
        return backend.store().now().wall();
    }

    @Override
    public CompletionStage<Taken> stage() {
        return future.minimalCompletionStage();
    }

    @Override
    public void cancel() {
        backend.call(this::endEmpty);
    }

    boolean isWaiting() {
        return stage == Stage.WAITING;
    }
}
