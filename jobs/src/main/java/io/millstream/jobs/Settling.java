package io.millstream.jobs;

import io.millstream.api.Commit;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Commits what a job came to.
final class Settling {
    private static final long PAUSE_NANOS = 20_000_000L;

    /// Stands for an answer that was lost.
    private static final Refusal UNREACHABLE = new Refusal.Busy("The store cannot be reached.");

    private final Session session;

    Settling(Session session) {
        this.session = session;
    }

    /// Blocks until it is on disk. While the backend is busy or cannot be reached it is sent again,
    /// as long as the job is surely this worker's: it settles the job's lease, so it is done once
    /// however often it is sent.
    ///
    /// @return why it was refused, or null if it was not
    /// @throws ConnectionLostException if it is not known whether it was done
    @Nullable Refusal commit(List<Operation> operations, Hold hold) {
        Commit commit = new Commit(null, operations);
        ConnectionLostException lost = null;
        while (true) {
            Refusal refusal;
            try {
                if (!(Answer.of(session.commit(commit)) instanceof Receipt.Refused refused)) {
                    return null;
                }
                refusal = refused.refusal();
            } catch (ConnectionLostException again) {
                if (!hold.isSure()) {
                    throw again;
                }
                lost = again;
                refusal = UNREACHABLE;
            }
            if (lost != null && refusal instanceof Refusal.StaleFence) {
                // It was done before the connection was lost, or never will be.
                throw lost;
            }
            if (!(refusal instanceof Refusal.Busy) || !hold.isSure()) {
                return refusal;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
