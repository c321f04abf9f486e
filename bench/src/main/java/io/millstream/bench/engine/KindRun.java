package io.millstream.bench.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.bench.Figures;
import io.millstream.engine.Engine;

import org.HdrHistogram.Histogram;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The queues of one kind in an engine, until they are removed again.
final class KindRun implements AutoCloseable {
    private static final int PUT_AT_ONCE = 1000;

    private final Engine engine;
    private final Path directory;
    private final QueueKind kind;
    private final Session session;

    /// The next message's, so that none is a duplicate of one in a load before.
    private long number;

    KindRun(Engine engine, Path directory, QueueKind kind, int bytes) {
        this.engine = engine;
        this.directory = directory;
        this.kind = kind;
        this.session = engine.session(SessionSpec.of("bench publisher"));
        for (Definition definition : kind.definitions()) {
            Commits.require(session, new Operation.Define(definition, Expect.Nothing.NOTHING));
        }
        QueueKind.Standing standing = kind.standing();
        if (standing.messages() > 0) {
            put(standing.messages(), standing.makes(), new byte[bytes]);
        }
    }

    /// What came of a load, and when its messages were handed out.
    ///
    /// @param measured the rate, and the times of acknowledgement
    /// @param leases from when a message was to be sent, and had waited, until it was handed out;
    ///   in microseconds
    record Outcome(Measured measured, Histogram leases) {
        static Outcome of(Load load) {
            return new Outcome(new Measured(load), Figures.latencies());
        }
    }

    private void put(int messages, QueueKind.Making makes, byte[] body) {
        ChannelName queue = kind.queues().getFirst();
        List<Operation> puts = new ArrayList<>(PUT_AT_ONCE);
        for (int i = 0; i < messages; i++) {
            puts.add(new Operation.Put(queue, makes.message(i, Bytes.of(body))));
            if (puts.size() == PUT_AT_ONCE || i + 1 == messages) {
                Commits.require(session, puts);
                puts.clear();
            }
        }
    }

    /// Runs a load for so long and adds what came of it.
    void run(Load load, double seconds, Outcome outcome) {
        Histogram leases = outcome.leases();
        long first = number;
        Publisher.Sent sent = kind.sent(load.bytes());
        Consumer<Lease> seen =
                lease -> {
                    long micros = (System.nanoTime() - QueueKind.from(lease.message())) / 1000;
                    leases.recordValue(Math.max(0, micros));
                };
        try (Consumption consumption =
                new Consumption(engine, kind.queues(), kind.oneByOne(), seen)) {
            Publisher publisher =
                    new Publisher(
                            session,
                            (count, from) -> sent.operation(first + count, from),
                            load,
                            consumption::settled,
                            kind.backlogMax(),
                            outcome.measured().acks());
            Measured.Moment before = Measured.Moment.now(engine, directory);
            publisher.run(seconds, Long.MAX_VALUE);
            consumption.await(publisher.stored());
            number += publisher.acknowledged();
            outcome.measured()
                    .add(before, Measured.Moment.now(engine, directory), consumption.settled());
        }
    }

    /// Puts so many messages, and then takes them one after the other, each followed by a new one
    /// in the commit that settles it.
    void turnOver(int messages, double seconds, Load load, Outcome outcome) {
        put(messages, kind.makes(), new byte[load.bytes()]);
        try (Turnover turnover =
                new Turnover(engine, kind, load, messages, outcome.measured().acks())) {
            turnover.await(load.outstanding());
            Measured.Moment before = Measured.Moment.now(engine, directory);
            long settled = turnover.settled();
            turnover.run(seconds);
            outcome.measured()
                    .add(
                            before,
                            Measured.Moment.now(engine, directory),
                            turnover.settled() - settled);
        }
    }

    @Override
    public void close() {
        for (Definition definition : kind.definitions()) {
            switch (definition) {
                case Definition.Exchange exchange ->
                        Commits.require(
                                session,
                                new Operation.RemoveExchange(
                                        exchange.name(), false, Expect.Anything.ANYTHING));
                case Definition.Queue queue ->
                        Commits.require(
                                session,
                                new Operation.Remove(queue.name(), Expect.Anything.ANYTHING));
                case Definition.Topic topic ->
                        Commits.require(
                                session,
                                new Operation.Remove(topic.name(), Expect.Anything.ANYTHING));
                case Definition.Binding _ -> {
                    // It goes with its exchange.
                }
            }
        }
        session.close();
    }
}
