package io.millstream.bench.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.engine.Engine;

import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/// A queue that several share, of whom one publishes at an even rate and is measured.
final class SharedQueue implements AutoCloseable {
    private static final int AT_ONCE = 1000;

    private final Engine engine;
    private final ChannelName name;
    private final int bytes;
    private final Session session;

    SharedQueue(Engine engine, Definition.Queue definition, int bytes) {
        this.engine = engine;
        this.name = definition.name();
        this.bytes = bytes;
        this.session = engine.session(SessionSpec.of("bench sharer"));
        Commits.require(session, new Operation.Define(definition, Expect.Nothing.NOTHING));
    }

    ChannelName name() {
        return name;
    }

    /// Puts so many of one group.
    void put(String group, int messages) {
        List<Operation> puts = new ArrayList<>(AT_ONCE);
        for (int i = 0; i < messages; i++) {
            puts.add(new Operation.Put(name, message(group, System.nanoTime())));
            if (puts.size() == AT_ONCE || i + 1 == messages) {
                Commits.require(session, puts);
                puts.clear();
            }
        }
    }

    private Message message(String group, long from) {
        byte[] body = new byte[Math.max(Long.BYTES, bytes)];
        ByteBuffer.wrap(body).putLong(0, from);
        return Message.builder(Bytes.of(body)).group(group).build();
    }

    /// Publishes at an even rate.
    ///
    /// @param groups of which group each number is
    /// @param acks where the times of acknowledgement are added, in microseconds
    void publish(double perSecond, double seconds, LongFunction<String> groups, Histogram acks) {
        Load load = new Load(Load.Mode.GROWING, 1, bytes, perSecond);
        Publisher.Sent sent =
                (number, from) -> new Operation.Put(name, message(groups.apply(number), from));
        new Publisher(session, sent, load, () -> 0, Long.MAX_VALUE, acks)
                .run(seconds, Long.MAX_VALUE);
    }

    /// How many messages wait to be handed out.
    long ready() {
        return engine.find(new Query.QueueNamed(name))
                .toCompletableFuture()
                .join()
                .page()
                .items()
                .getFirst()
                .counts()
                .ready();
    }

    @Override
    public void close() {
        Commits.require(session, new Operation.Remove(name, Expect.Anything.ANYTHING));
        session.close();
    }
}
