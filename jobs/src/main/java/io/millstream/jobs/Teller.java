package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.Lifecycle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Tells the topic of a queue what its workers know of the jobs in it. Where that is refused, jobs
/// are done without. For use by any thread.
final class Teller {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());

    /// Between two lines of the log that say the same.
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    /// Where the store refuses it for good, it is tried again so much later.
    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final DeclaredQueue queue;
    private final AtomicLong quietUntil = new AtomicLong(System.nanoTime());
    private volatile long silentUntil = System.nanoTime();

    Teller(DeclaredQueue queue) {
        this.queue = queue;
    }

    /// What tells it, or null if there is nothing to say, or nobody to whom. May block for a look
    /// at the queue.
    Operation.@Nullable Append append(List<? extends Lifecycle> said) {
        if (said.isEmpty() || System.nanoTime() - silentUntil < 0) {
            return null;
        }
        ChannelName topic = queue.now().lifecycle();
        return topic == null ? null : append(topic, said);
    }

    static Operation.Append append(ChannelName topic, List<? extends Lifecycle> said) {
        List<Message> records = said.stream().map(Lifecycle::message).toList();
        return new Operation.Append(topic, 0, records, null);
    }

    /// It could not be told.
    void refused(Refusal refusal) {
        long now = System.nanoTime();
        if (!(refusal instanceof Refusal.Busy)) {
            silentUntil = now + SILENT_NANOS;
        }
        long quiet = quietUntil.get();
        if (now - quiet >= 0 && quietUntil.compareAndSet(quiet, now + QUIET_NANOS)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    ("What workers of %s know of its jobs is not in their history: %s Jobs are"
                                    + " done all the same.")
                            .formatted(queue.name(), refusal.text()));
        }
    }
}
