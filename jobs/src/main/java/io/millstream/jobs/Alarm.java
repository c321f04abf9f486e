package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/// Sleeps by the backend's clock and no other: a take from a queue in which there is nothing ends
/// when its wait has passed there, and says what time it is.
final class Alarm {
    /// A queue that nobody puts anything into.
    static final ChannelName QUEUE = ChannelName.of("jobs.alarm");

    private static final Duration MOST = Duration.ofSeconds(30);
    private static final Duration SLACK = Duration.ofMillis(10);

    /// A backend that is far away answers later than that each time.
    private static final int PROMPT_TRIES = 3;

    private final Backend backend;
    private final Session session;
    private volatile CompletableFuture<Void> woken = new CompletableFuture<>();

    Alarm(Backend backend, Session session) {
        this.backend = backend;
        this.session = session;
    }

    /// Ends the sleep, or the next one. From any thread; does not block.
    void wake() {
        woken.complete(null);
    }

    /// Sleeps until it is woken.
    void sleep() {
        woken.join();
        woken = new CompletableFuture<>();
    }

    /// Sleeps until it is woken, or it is time, or for a while: a clock that is moved is to be
    /// noticed.
    ///
    /// @return what time it is
    /// @throws RefusedException if the backend cannot
    Instant sleep(Instant until) {
        for (int tries = 1; ; tries++) {
            Instant now = now();
            if (!now.isBefore(until) || woken.isDone()) {
                woken = new CompletableFuture<>();
                return now;
            }
            Duration most = now.plus(MOST).isBefore(until) ? MOST : Duration.between(now, until);
            // What comes in the name of the alarm is dropped.
            Pending<Taken> asking = session.take(Take.of(QUEUE, 1, Term.Auto.AUTO, most));
            if (tries <= PROMPT_TRIES && now().isAfter(now.plus(SLACK))) {
                // It may have begun late, and would end late.
                asking.cancel();
                continue;
            }
            CompletableFuture.anyOf(asking.stage().toCompletableFuture(), woken)
                    .exceptionally(_ -> null)
                    .join();
            if (woken.isDone()) {
                asking.cancel();
                woken = new CompletableFuture<>();
            }
            switch (Answer.of(asking.stage())) {
                case Taken.Leased leased -> {
                    return leased.now();
                }
                case Taken.Refused refused -> define(refused.refusal());
            }
        }
    }

    private Instant now() {
        return Answer.of(backend.find(new Query.QueueNamed(QUEUE))).asOf();
    }

    private void define(Refusal refusal) {
        if (!(refusal instanceof Refusal.NoSuchChannel)) {
            throw new RefusedException(refusal);
        }
        Operation define =
                new Operation.Define(Definition.Queue.of(QUEUE), Expect.Anything.ANYTHING);
        var _ = Answer.of(session.commit(Commit.of(define)));
    }
}
