package io.millstream.jobs;

import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Commits what a job came to.
final class Settling {
    private static final long BUSY_PAUSE_NANOS = 20_000_000L;

    private final Session session;

    Settling(Session session) {
        this.session = session;
    }

    /// Blocks until it is on disk. While the backend is busy it is sent again, as long as the job
    /// is surely this worker's.
    ///
    /// @return why it was refused, or null if it was not
    @Nullable Refusal commit(List<Operation> operations, Hold hold) {
        Commit commit = new Commit(null, operations);
        while (true) {
            switch (Answer.of(session.commit(commit))) {
                case Receipt.Committed _ -> {
                    return null;
                }
                case Receipt.Refused refused -> {
                    if (!(refused.refusal() instanceof Refusal.Busy) || !hold.isSure()) {
                        return refused.refusal();
                    }
                    LockSupport.parkNanos(BUSY_PAUSE_NANOS);
                }
            }
        }
    }
}
