package io.millstream.bench.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.bench.Scratch;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;

import java.io.IOException;
import java.nio.file.Path;

/// An engine on a directory of its own, which is removed afterwards, and the loads it is given.
final class EngineRun implements AutoCloseable {
    /// So that a long run on a fast disk does not fill it.
    static final long BACKLOG_BYTES_MAX = 16L << 30;

    private static final long KEPT_UP_MESSAGES = 8192;
    private static final long KEPT_UP_BYTES = 16L << 20;

    private final Path directory;
    private final Engine engine;
    private final Session session;
    private int queues;
    private long stored;

    EngineRun(Path directory) throws IOException {
        this.directory = directory;
        Scratch.delete(directory);
        this.engine = Engine.open(FileDisk.at(directory), EngineOptions.standard());
        this.session = engine.session(SessionSpec.of("bench publisher"));
    }

    /// Runs a load for so long, or until a growing backlog has as many bytes as fit, and adds what
    /// came of it.
    void run(Load load, double seconds, Measured measured) {
        ChannelName queue = ChannelName.of("bench-" + queues++);
        Commits.require(
                session, new Operation.Define(Definition.Queue.of(queue), Expect.Nothing.NOTHING));
        switch (load.mode()) {
            case KEEPING_UP -> keepUp(load, queue, seconds, measured);
            case GROWING -> grow(load, queue, seconds, measured);
        }
    }

    private void keepUp(Load load, ChannelName queue, double seconds, Measured measured) {
        try (Consumption consumption = new Consumption(engine, queue)) {
            Publisher publisher =
                    new Publisher(
                            session,
                            queue,
                            load,
                            consumption::settled,
                            Math.min(KEPT_UP_MESSAGES, KEPT_UP_BYTES / load.bytes()),
                            measured.acks());
            Measured.Moment before = Measured.Moment.now(engine, directory);
            publisher.run(seconds, Long.MAX_VALUE);
            consumption.await(publisher.acknowledged());
            measured.add(before, Measured.Moment.now(engine, directory), consumption.settled());
        }
        Commits.require(session, new Operation.Remove(queue, Expect.Anything.ANYTHING));
    }

    private void grow(Load load, ChannelName queue, double seconds, Measured measured) {
        Publisher publisher =
                new Publisher(session, queue, load, () -> 0, Long.MAX_VALUE, measured.acks());
        long messagesMax = Math.max(1, (BACKLOG_BYTES_MAX - stored) / (load.bytes() + 32));
        Measured.Moment before = Measured.Moment.now(engine, directory);
        publisher.run(seconds, messagesMax);
        stored += publisher.acknowledged() * (load.bytes() + 32);
        measured.add(before, Measured.Moment.now(engine, directory), publisher.acknowledged());
    }

    @Override
    public void close() throws IOException {
        session.close();
        engine.close();
        Scratch.delete(directory);
    }
}
