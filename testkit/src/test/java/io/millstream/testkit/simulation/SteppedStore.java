package io.millstream.testkit.simulation;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.api.TopicReader;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.testkit.ManualClock;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// An engine on a simulated disk for a test that does one thing after the other: each call steps
/// all parts of it in turn until it is answered, which takes no time unless it has to.
final class SteppedStore {
    static final Duration LEASE = Duration.ofHours(1);
    private static final int ROUNDS_MAX = 400;
    private static final int ROUNDS_AT_ONCE = 10;
    private static final int RECORDS_AT_ONCE = 100;
    private static final int BYTES_AT_ONCE = 1 << 20;

    private final String when;
    private final SimulatedDisk disk;
    private final ManualClock clock = new ManualClock();
    private final EngineOptions options;
    private Engine.Stepped engine;
    private Session session;

    /// Opens nothing yet; see [#open].
    ///
    /// @param when what an error names
    SteppedStore(String when, SimulatedDisk disk, EngineOptions options) {
        this.when = when;
        this.disk = disk;
        this.options = options.withTime(clock);
    }

    ManualClock clock() {
        return clock;
    }

    /// Opens what the disk has. An engine that had it open is forgotten as it is: the disk is to be
    /// crashed or killed before.
    void open() throws IOException {
        engine = Engine.openStepped(disk, options);
        session = engine.engine().session(SessionSpec.of("test"));
        // Its first frame has the time of the opening, and so would all that comes into it.
        step();
    }

    /// Steps until `stage` is done.
    ///
    /// @throws AssertionError if it does not come to an end
    <T> T await(CompletionStage<T> stage) throws IOException {
        CompletableFuture<T> answer = stage.toCompletableFuture();
        for (int round = 0; round < ROUNDS_MAX && !answer.isDone(); round++) {
            step();
            if (!answer.isDone()) {
                clock.advance(Duration.ofMillis(10));
            }
        }
        if (!answer.isDone()) {
            throw new AssertionError(when + ": there is no answer");
        }
        return answer.join();
    }

    /// Goes on with whatever is under way.
    void step() throws IOException {
        for (int i = 0; i < ROUNDS_AT_ONCE; i++) {
            engine.loop();
            engine.writer();
            engine.background();
            engine.reader();
            engine.answers();
        }
    }

    Receipt commit(Operation... operations) throws IOException {
        return await(session.commit(Commit.of(operations)));
    }

    void define(Definition definition) throws IOException {
        Receipt receipt = commit(new Operation.Define(definition, Expect.Anything.ANYTHING));
        if (!(receipt instanceof Receipt.Committed)) {
            throw new AssertionError(when + ": " + receipt);
        }
    }

    /// One message, if there is one now, for [#LEASE].
    Taken take(ChannelName queue) throws IOException {
        Take take = Take.of(queue, 1, new Term.Timed(LEASE), Duration.ofMillis(1));
        return await(session.take(take).stage());
    }

    /// The ids of the messages of a partition, none of which may be missing.
    List<String> readAll(ChannelName topic, int partition) throws IOException {
        List<String> ids = new ArrayList<>();
        TopicReader reader = session.read(new From.Offset(topic, partition, 0));
        while (await(reader.next(RECORDS_AT_ONCE, BYTES_AT_ONCE, Duration.ZERO).stage())
                        instanceof Fetched.Records(var now, var records, long missed)
                && !records.isEmpty()) {
            if (missed > 0) {
                throw new AssertionError(
                        "%s: %d records are missing after %s".formatted(when, missed, ids));
            }
            records.forEach(one -> ids.add(one.message().id()));
        }
        return ids;
    }
}
