package io.millstream.server.jobs;

import java.util.concurrent.Semaphore;

/// What only so many may do at a time, whoever asks for it: others wait for their turn. Safe for
/// threads.
final class Turns {
    /// How many look for jobs in their queues at once; each takes about a second for some hundred
    /// thousand that wait.
    private static final int SEARCHES_MAX = 4;

    /// Bodies of so many bytes are read one after the other.
    private static final int LARGE_BODY_BYTES = 64 << 10;

    private final Semaphore searches = new Semaphore(SEARCHES_MAX, true);
    private final Semaphore largeBodies = new Semaphore(1, true);

    /// A turn, until it is closed.
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    Turn forSearch() throws InterruptedException {
        return of(searches);
    }

    Turn forBody(byte[] body) throws InterruptedException {
        return body.length < LARGE_BODY_BYTES ? () -> {} : of(largeBodies);
    }

    private static Turn of(Semaphore semaphore) throws InterruptedException {
        semaphore.acquire();
        return semaphore::release;
    }
}
