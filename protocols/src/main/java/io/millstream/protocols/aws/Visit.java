package io.millstream.protocols.aws;

import io.vertx.core.http.HttpConnection;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.TimeUnit;

/// One client's connection: what it is asking, and by when it must have moved on.
///
/// There is always a time limit but while the server works on an answer: for the first request to
/// arrive, for a request that has begun, for the client to take its answer, for the next request.
final class Visit {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long LINGER_MILLIS = 1_000;

    private final HttpConnection connection;
    private final AwsLimits limits;
    private @Nullable Exchange exchange;
    private long beganNanos = System.nanoTime();
    private long limitNanos;

    Visit(HttpConnection connection, AwsLimits limits) {
        this.connection = connection;
        this.limits = limits;
        within(limits.requestMillis());
    }

    void asking(Exchange exchange) {
        this.exchange = exchange;
        within(limits.requestMillis());
    }

    void waiting(Exchange which) {
        if (which == exchange) {
            limitNanos = NEVER;
        }
    }

    void answering(Exchange which) {
        if (which == exchange) {
            within(limits.answerMillis());
        }
    }

    /// The answer has been taken. The next request may have begun before that was known.
    void idle(Exchange which) {
        if (which == exchange) {
            exchange = null;
            within(limits.idleMillis());
        }
    }

    /// The client was refused in the middle of its request: it gets a moment to read why.
    void lingering(Exchange which) {
        if (which == exchange) {
            within(LINGER_MILLIS);
        }
    }

    boolean isOverdue(long nowNanos) {
        return limitNanos != NEVER && nowNanos - beganNanos > limitNanos;
    }

    void hangUp() {
        connection.close();
    }

    /// The server closes: what waits must end, and what has not arrived is not begun.
    void hurry() {
        Exchange current = exchange;
        if (current != null && current.isArriving()) {
            connection.close();
        } else if (current != null) {
            current.cancel();
        }
    }

    void left() {
        if (exchange != null) {
            exchange.abandon();
        }
    }

    private void within(long millis) {
        beganNanos = System.nanoTime();
        limitNanos = TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
