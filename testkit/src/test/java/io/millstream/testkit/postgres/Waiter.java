package io.millstream.testkit.postgres;

import io.millstream.api.Refusal;

/// Who waits for the messages of a queue.
interface Waiter {

    PostgresSession session();

    /// The life of the queue that it waits at, or 0 if that has not been looked up yet.
    long incarnation();

    void waitsAt(long queue);

    /// It will never have any.
    void refuse(Tx tx, Refusal why);

    /// It wants no more.
    void stop();
}
