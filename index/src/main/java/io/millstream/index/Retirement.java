package io.millstream.index;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Forgets what has ended: after a time, and the oldest first when the file is full. Some jobs at
/// once, so that nobody waits long. What is still somewhere, also in the dead set, stays.
final class Retirement {
    /// How many jobs are looked at in one turn.
    static final int JOBS_PER_TURN = 500;

    /// After the file was too full, this part of what it may be is left.
    private static final double LEFT = 0.95;

    /// A file has more than its jobs; a bound below that could not be kept by forgetting.
    private static final long BYTES_MIN = 1L << 20;

    private static final System.Logger LOGGER = System.getLogger(JobIndex.class.getName());
    private static final long PASS_MILLIS = 10_000;

    private final IndexFile file;
    private final Fold fold;
    private final IndexOptions options;

    /// The kinds that are still to be looked through in this pass, and where in the first of them.
    private final List<Kinds.Kind> left = new ArrayList<>();

    private long after;
    private long nextPass;
    private boolean isTooLarge;
    private boolean saidFull;

    Retirement(IndexFile file, Fold fold, IndexOptions options) {
        this.file = file;
        this.fold = fold;
        this.options = options;
    }

    /// Does a part of it, in a transaction of its own; nothing must be open.
    ///
    /// @param now the store's clock, in milliseconds
    /// @return whether there is more to do at once
    boolean turn(long now) throws SQLException {
        if (isTooLarge || isOverFull()) {
            return makeRoom();
        }
        if (left.isEmpty()) {
            if (now < nextPass) {
                return false;
            }
            nextPass = now + PASS_MILLIS;
            left.addAll(fold.kinds().ended());
            after = 0;
            return !left.isEmpty();
        }
        long cutoff = now - options.keepEnded().toMillis();
        if (!retire(left.getFirst(), cutoff)) {
            left.removeFirst();
            after = 0;
        }
        return !left.isEmpty();
    }

    /// @return whether there may be more of this kind
    private boolean retire(Kinds.Kind kind, long cutoff) throws SQLException {
        List<Long> going = new ArrayList<>();
        boolean isMore = false;
        PreparedStatement select =
                fold.rows()
                        .statement(
                                "SELECT n, stored, ended, life FROM job WHERE kind=? AND n>? ORDER"
                                        + " BY n LIMIT ?");
        select.setInt(1, kind.number);
        select.setLong(2, after);
        select.setInt(3, JOBS_PER_TURN);
        int seen = 0;
        try (ResultSet jobs = select.executeQuery()) {
            while (jobs.next()) {
                seen++;
                after = jobs.getLong(1);
                if (jobs.getLong(2) > cutoff) {
                    // Those behind it came later still.
                    seen = 0;
                    break;
                }
                jobs.getInt(4);
                if (jobs.wasNull() && jobs.getLong(3) <= cutoff) {
                    going.add(after);
                }
            }
            isMore = seen == JOBS_PER_TURN;
        }
        remove(going);
        return isMore;
    }

    private boolean isOverFull() throws SQLException {
        return file.usedBytes() > Math.max(BYTES_MIN, options.bytesMax());
    }

    /// The oldest of all that have ended.
    private boolean makeRoom() throws SQLException {
        isTooLarge = true;
        List<Long> oldest = new ArrayList<>();
        PreparedStatement select =
                fold.rows()
                        .statement(
                                "SELECT n FROM job WHERE kind=? AND life IS NULL ORDER BY n LIMIT"
                                        + " ?");
        for (Kinds.Kind kind : fold.kinds().ended()) {
            select.setInt(1, kind.number);
            select.setInt(2, JOBS_PER_TURN);
            try (ResultSet jobs = select.executeQuery()) {
                while (jobs.next()) {
                    oldest.add(jobs.getLong(1));
                }
            }
        }
        oldest.sort(Comparator.naturalOrder());
        remove(oldest.subList(0, Math.min(JOBS_PER_TURN, oldest.size())));
        if (oldest.isEmpty() && !saidFull) {
            saidFull = true;
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    ("The index is larger than the %d bytes that it may be, and knows nothing that"
                                    + " has ended: it grows with what waits. Allow it more.")
                            .formatted(options.bytesMax()));
        }
        isTooLarge =
                !oldest.isEmpty()
                        && file.usedBytes() > Math.max(BYTES_MIN, options.bytesMax()) * LEFT;
        return isTooLarge;
    }

    private void remove(List<Long> numbers) throws SQLException {
        if (numbers.isEmpty()) {
            return;
        }
        for (long number : numbers) {
            Row row = fold.rows().numbered(number);
            if (row != null) {
                fold.rows().remove(row);
            }
        }
        fold.commit();
    }
}
