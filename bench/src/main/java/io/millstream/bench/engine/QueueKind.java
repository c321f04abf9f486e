package io.millstream.bench.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Message;
import io.millstream.api.Operation;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/// Queues that are declared to do something, and messages that make them do it.
///
/// @param words what it is
/// @param definitions what is declared before, in this order
/// @param makes the messages
/// @param to where they are sent: a queue, all of the queues in turn, or an exchange
/// @param standing what is there before, and stays
/// @param backlogMax how many may be stored and not settled before the publisher waits
/// @param oneByOne whether consumers settle each message by a commit of its own
record QueueKind(
        String words,
        List<Definition> definitions,
        Making makes,
        Way to,
        Standing standing,
        long backlogMax,
        boolean oneByOne) {
    static final long BACKLOG_MAX = 8192;

    /// Makes a message of what its number says.
    interface Making {
        /// @param number counted from 0
        /// @param body its body
        Message message(long number, Bytes body);
    }

    /// Which way messages go.
    sealed interface Way {
        /// Into one queue after the other.
        record Queues(List<ChannelName> queues) implements Way {}

        /// Through an exchange.
        record Exchange(ChannelName exchange) implements Way {}
    }

    /// What is in the first queue before.
    ///
    /// @param messages how many
    /// @param makes them, which are not handed out meanwhile
    record Standing(int messages, Making makes) {
        static final Standing NOTHING = new Standing(0, (_, body) -> Message.of(body));
    }

    /// Of one queue.
    static QueueKind of(String words, Definition.Queue queue, Making makes) {
        return new QueueKind(
                words,
                List.of(queue),
                makes,
                new Way.Queues(List.of(queue.name())),
                Standing.NOTHING,
                BACKLOG_MAX,
                false);
    }

    QueueKind withStanding(Standing other) {
        return new QueueKind(words, definitions, makes, to, other, backlogMax, oneByOne);
    }

    QueueKind withBacklogMax(long other) {
        return new QueueKind(words, definitions, makes, to, standing, other, oneByOne);
    }

    QueueKind settledOneByOne() {
        return new QueueKind(words, definitions, makes, to, standing, backlogMax, true);
    }

    /// All queues that messages get to.
    List<ChannelName> queues() {
        return definitions.stream()
                .filter(Definition.Queue.class::isInstance)
                .map(Definition::name)
                .toList();
    }

    /// The operations of a publisher: bodies of `bytes` that begin with the time they count from.
    Publisher.Sent sent(int bytes) {
        byte[] pattern = new byte[Math.max(Long.BYTES, bytes)];
        new Random(1).nextBytes(pattern);
        return (number, from) -> {
            byte[] body = pattern.clone();
            ByteBuffer.wrap(body).putLong(0, from);
            Message message = makes.message(number, Bytes.of(body));
            return switch (to) {
                case Way.Queues(List<ChannelName> queues) ->
                        new Operation.Put(queues.get((int) (number % queues.size())), message);
                case Way.Exchange(ChannelName exchange) ->
                        new Operation.Publish(exchange, "", message, Operation.WhenFull.REFUSE);
            };
        };
    }

    /// The time that a message counts from, by its body: when it was to be sent, and has waited.
    static long from(Message message) {
        return message.body().asBuffer().getLong(0) + message.delay().toNanos();
    }
}
