package io.millstream.jobs;

import io.millstream.api.Commit;
import io.millstream.api.ConnectionLostException;
import io.millstream.api.Lease;
import io.millstream.api.Lifecycle;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Session;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Commits what a job came to.
final class Settling {
    private static final System.Logger LOGGER = System.getLogger(Workers.class.getName());
    private static final long PAUSE_NANOS = 20_000_000L;

    /// After a second of being refused as busy, a job ends without what its attempt says of itself.
    private static final int BUSY_TRIES_MAX = 50;

    private final Session session;
    private final Claims claims;
    private final boolean isOfJobs;
    private final Lease lease;
    private final Hold hold;
    private final Teller teller;
    private final Notes notes;

    /// @param isOfJobs whether it is in a queue of jobs; in others nothing is cancelled
    /// @param notes what the attempt says of itself
    Settling(
            Session session,
            Claims claims,
            boolean isOfJobs,
            Lease lease,
            Hold hold,
            Teller teller,
            Notes notes) {
        this.session = session;
        this.claims = claims;
        this.isOfJobs = isOfJobs;
        this.lease = lease;
        this.hold = hold;
        this.teller = teller;
        this.notes = notes;
    }

    /// The job begins: others may be submitted again if they were kept out until then. Blocks.
    ///
    /// @return why it was refused, or null if it was not
    @Nullable Refusal begin() {
        Claim claim = Claim.of(lease.message());
        if (claim == null || claim.until() != Claim.Until.STARTED) {
            return null;
        }
        while (true) {
            List<Operation> operations = new ArrayList<>();
            operations.add(new Operation.Check(lease.handle()));
            operations.addAll(claims.free(claim, Execution.idOf(lease)));
            Receipt.Refused refused = operations.size() == 1 ? null : send(operations, null);
            if (refused == null || refused.operation() == 0) {
                return refused == null ? null : refused.refusal();
            }
        }
    }

    /// The job has not ended: it is tried again. Blocks until that is on disk.
    ///
    /// @return why it was refused, or null if it was not
    @Nullable Refusal again(Operation settle) {
        Receipt.Refused refused =
                send(
                        isOfJobs
                                ? List.of(settle, Cancels.isNot(Execution.idOf(lease)))
                                : List.of(settle),
                        tell(null));
        if (refused != null && refused.operation() == 1) {
            return cancelled();
        }
        return refused == null ? null : refused.refusal();
    }

    /// The job was cancelled, which said all there is to say: it is let go of. Blocks until that is
    /// on disk.
    ///
    /// @return why it was refused, or null if it was not
    @Nullable Refusal cancelled() {
        LOGGER.log(
                System.Logger.Level.INFO,
                "Job %s was cancelled. What came of attempt %d is dropped."
                        .formatted(Execution.idOf(lease), lease.attempts()));
        Operation settle = new Operation.Settle(lease.handle(), Outcome.done());
        List<Operation> operations = new ArrayList<>();
        operations.add(settle);
        operations.add(Cancels.forget(Execution.idOf(lease)));
        Runs.addEnd(operations, lease.message());
        Operation.Append told = tell(notes.ended(JobState.CANCELLED, Canceller.REASON));
        Receipt.Refused refused = send(operations, told);
        return refused == null ? null : refused.refusal();
    }

    /// The job ends, and what it kept others out by goes with it. Blocks until that is on disk.
    ///
    /// @param ends settles it, and says so
    /// @param besides what is to happen with that or not at all
    /// @param how that it ends otherwise than as done, or null
    /// @return why it was refused, or null if it was not
    @Nullable Refusal end(
            List<Operation> ends, List<Operation> besides, Lifecycle.@Nullable Ended how) {
        while (true) {
            List<Operation> operations = new ArrayList<>(ends);
            if (isOfJobs) {
                operations.add(Cancels.isNot(Execution.idOf(lease)));
            }
            operations.addAll(claims.freedBy(lease.message(), Execution.idOf(lease)));
            int own = operations.size();
            operations.addAll(besides);
            Receipt.Refused refused = send(operations, tell(how));
            if (refused == null) {
                return null;
            }
            if (isOfJobs && refused.operation() == ends.size()) {
                return cancelled();
            }
            boolean isOfRow = refused.operation() >= ends.size() && refused.operation() < own;
            if (!isOfRow || !(refused.refusal() instanceof Refusal.Conflict)) {
                return refused.refusal();
            }
        }
    }

    /// All that the attempt says of itself and has not been told.
    private Operation.@Nullable Append tell(Lifecycle.@Nullable Ended how) {
        List<Lifecycle> said = new ArrayList<>(notes.rest());
        if (how != null) {
            said.add(how);
        }
        return teller.append(said);
    }

    /// With what the attempt says of itself, unless that cannot be told: nothing of the kind keeps
    /// a job from ending. Blocks until it is on disk. While the backend is busy or cannot be
    /// reached it is sent again, as long as the job is surely this worker's: it settles the job's
    /// lease, or checks it, so it is done once however often it is sent.
    ///
    /// @param told what it tells, or null
    /// @throws ConnectionLostException if it is not known whether it was done
    private Receipt.@Nullable Refused send(
            List<Operation> operations, Operation.@Nullable Append told) {
        Operation.Append telling = told;
        Refusal untold = null;
        ConnectionLostException lost = null;
        for (int tries = 1; ; tries++) {
            try {
                Receipt.Refused refused =
                        telling == null ? commit(operations) : commit(telling, operations);
                if (refused == null) {
                    if (told != null) {
                        notes.told();
                    }
                    if (untold != null) {
                        teller.refused(untold);
                    }
                    return null;
                }
                if (lost != null && refused.refusal() instanceof Refusal.StaleFence) {
                    // It was done before the connection was lost, or never will be.
                    throw lost;
                }
                if (telling != null && isPerhapsOf(refused, tries)) {
                    untold = refused.refusal();
                    telling = null;
                    continue;
                }
                if (!(refused.refusal() instanceof Refusal.Busy) || !hold.isSure()) {
                    return refused;
                }
            } catch (ConnectionLostException again) {
                if (again == lost || !hold.isSure()) {
                    throw again;
                }
                lost = again;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private Receipt.@Nullable Refused commit(List<Operation> operations) {
        return Answer.of(session.commit(new Commit(null, operations)))
                        instanceof Receipt.Refused refused
                ? refused
                : null;
    }

    /// What is said comes first, so that it stands before what the store tells of the same commit;
    /// it is operation -1 of a refusal.
    private Receipt.@Nullable Refused commit(Operation told, List<Operation> operations) {
        List<Operation> all = new ArrayList<>();
        all.add(told);
        all.addAll(operations);
        Receipt.Refused refused = commit(all);
        return refused == null
                ? null
                : new Receipt.Refused(refused.now(), refused.operation() - 1, refused.refusal());
    }

    /// Whether a commit might not have been refused without what it tells.
    private static boolean isPerhapsOf(Receipt.Refused refused, int tries) {
        return switch (refused.refusal()) {
            case Refusal.Busy _ -> tries >= BUSY_TRIES_MAX;
            case Refusal.TooLarge _ -> true;
            default -> refused.operation() < 0;
        };
    }
}
