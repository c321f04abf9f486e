package io.millstream.server.client;

import io.millstream.Millstream;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Sends much, some hundreds at once, and says how far it came if something is refused.
final class Bulk {
    private static final int OPERATIONS_MAX = 500;
    private static final long BYTES_MAX = 512 << 10;
    private static final long BUSY_NANOS = 50_000_000;

    private final Millstream millstream;
    private final Consumer<Receipt.Effect> told;
    private final List<Operation> operations = new ArrayList<>();
    private long bytes;
    private long sent;

    /// @param told what became of each, in order, once it is on disk
    Bulk(Millstream millstream, Consumer<Receipt.Effect> told) {
        this.millstream = millstream;
        this.told = told;
    }

    /// Blocks when enough has come together.
    ///
    /// @param size of what it sends, in bytes
    void add(Operation operation, int size) {
        operations.add(operation);
        bytes += size;
        if (operations.size() >= OPERATIONS_MAX || bytes >= BYTES_MAX) {
            send();
        }
    }

    /// Sends what has come together. Blocks until it is on disk.
    void send() {
        if (operations.isEmpty()) {
            return;
        }
        Receipt.Committed committed = commit();
        sent += operations.size();
        operations.clear();
        bytes = 0;
        committed.effects().forEach(told);
    }

    long sent() {
        return sent;
    }

    private Receipt.Committed commit() {
        while (true) {
            Receipt receipt =
                    Answers.of(millstream.commitAsync(operations.toArray(Operation[]::new)));
            switch (receipt) {
                case Receipt.Committed committed -> {
                    return committed;
                }
                case Receipt.Refused refused -> {
                    if (!(refused.refusal() instanceof Refusal.Busy)) {
                        throw refused(refused);
                    }
                    LockSupport.parkNanos(BUSY_NANOS);
                }
            }
        }
    }

    private MillstreamException refused(Receipt.Refused refused) {
        if (operations.size() == 1 && sent == 0) {
            return new RefusedException(refused.refusal());
        }
        String before = sent == 0 ? "Nothing was sent." : "The first %d were sent.".formatted(sent);
        return new MillstreamException(
                "Line %d was refused: %s %s"
                        .formatted(
                                sent + refused.operation() + 1, refused.refusal().text(), before));
    }
}
