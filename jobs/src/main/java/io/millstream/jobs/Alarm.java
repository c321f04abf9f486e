package io.millstream.jobs;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Receipt;
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

    private final Session session;
    private volatile CompletableFuture<Void> woken = new CompletableFuture<>();

    Alarm(Session session) {
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
        Instant now = now();
        for (int tries = 1; now.isBefore(until) && !woken.isDone(); tries++) {
            Duration most = now.plus(MOST).isBefore(until) ? MOST : Duration.between(now, until);
            Pending<Taken> asking = session.take(take(most));
            // A session's calls are heard in their order: the wait began no later than this.
            Instant begun = now();
            if (tries > PROMPT_TRIES || !begun.isAfter(now.plus(SLACK))) {
                now = awaited(asking);
                break;
            }
            // It may have begun late, and would end late.
            asking.cancel();
            now = begun;
        }
        woken = new CompletableFuture<>();
        return now;
    }

    private Instant awaited(Pending<Taken> asking) {
        CompletableFuture.anyOf(asking.stage().toCompletableFuture(), woken)
                .exceptionally(_ -> null)
                .join();
        if (woken.isDone()) {
            asking.cancel();
        }
        return switch (Answer.of(asking.stage())) {
            case Taken.Leased leased -> leased.now();
            case Taken.Refused refused -> throw new RefusedException(refused.refusal());
        };
    }

    private Instant now() {
        while (true) {
            switch (Answer.of(session.take(take(Duration.ZERO)).stage())) {
                case Taken.Leased leased -> {
                    return leased.now();
                }
                case Taken.Refused refused -> define(refused.refusal());
            }
        }
    }

    /// What comes in the name of the alarm is dropped.
    private static Take take(Duration wait) {
        return Take.of(QUEUE, 1, Term.Auto.AUTO, wait);
    }

    private void define(Refusal refusal) {
        if (!(refusal instanceof Refusal.NoSuchChannel)) {
            throw new RefusedException(refusal);
        }
        Operation define =
                new Operation.Define(Definition.Queue.of(QUEUE), Expect.Anything.ANYTHING);
        Receipt receipt = Answer.of(session.commit(Commit.of(define)));
        if (receipt instanceof Receipt.Refused refused) {
            throw new RefusedException(refused.refusal());
        }
    }
}
