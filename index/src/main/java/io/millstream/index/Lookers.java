package io.millstream.index;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// The connections of those who search: a few, each with one moment of the file, while it is
/// written on. Safe for threads.
final class Lookers {
    static final int AT_ONCE = 4;
    private static final long WAIT_SECONDS = 5;

    private final IndexFile file;
    private final Semaphore permits = new Semaphore(AT_ONCE, true);
    private final Deque<Connection> idle = new ArrayDeque<>();
    private boolean isClosed;

    /// Looks at one moment of the file.
    interface Look<T> {
        T at(Connection connection) throws SQLException;
    }

    Lookers(IndexFile file) {
        this.file = file;
    }

    /// @throws IndexUnavailableException if too many search, or it is closed
    <T> T look(Look<T> look) throws SQLException {
        try {
            if (!permits.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IndexUnavailableException(
                        "%d searches are under way, and none has ended in %d s. Ask again later."
                                .formatted(AT_ONCE, WAIT_SECONDS));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IndexUnavailableException("Interrupted while it waited for its turn", stop);
        }
        try {
            Connection connection = take();
            boolean isSound = false;
            try {
                T seen = look.at(connection);
                connection.rollback();
                isSound = true;
                return seen;
            } finally {
                giveBack(connection, isSound);
            }
        } finally {
            permits.release();
        }
    }

    private Connection take() throws SQLException {
        synchronized (idle) {
            if (isClosed) {
                throw new IndexUnavailableException("The index is closed, or made anew");
            }
            Connection one = idle.poll();
            if (one != null) {
                return one;
            }
        }
        return file.look();
    }

    private void giveBack(Connection connection, boolean isSound) throws SQLException {
        if (isSound) {
            synchronized (idle) {
                if (!isClosed) {
                    idle.push(connection);
                    return;
                }
            }
        }
        connection.close();
    }

    /// Waits for those that look, which are quick.
    void close() throws SQLException {
        synchronized (idle) {
            isClosed = true;
        }
        permits.acquireUninterruptibly(AT_ONCE);
        permits.release(AT_ONCE);
        synchronized (idle) {
            while (!idle.isEmpty()) {
                idle.pop().close();
            }
        }
    }
}
