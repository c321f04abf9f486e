package io.millstream.protocols.aws.sqs;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millstream.api.ChannelName;
import io.millstream.protocols.room.Room;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts messages and bounds how many long polls wait at once, on all event loops together.
public final class Traffic {
    private final Counter sent;
    private final Counter received;
    private final Counter deleted;
    private final Counter orphaned;
    private final AtomicInteger longPolls = new AtomicInteger();
    private final SqsLimits limits;
    private final Room looks;
    private final Map<ChannelName, Waiters> waiting = new ConcurrentHashMap<>();

    /// The receives that wait for messages of one queue: so many at the backend, the others in line
    /// behind them. A message that becomes ready is in memory before it is known to be large, and
    /// many may become ready at the same moment.
    private static final class Waiters {
        private final Room turns;
        private int count;

        Waiters(long bytesMax) {
            turns = new Room(bytesMax);
        }
    }

    /// Registers its meters.
    ///
    /// @param limits what receives may use
    public Traffic(MeterRegistry meters, SqsLimits limits) {
        this.limits = limits;
        this.looks = new Room(limits.looksBytesMax());
        sent = messages(meters, "sent", "Messages stored by SQS clients");
        received = messages(meters, "received", "Messages handed to SQS clients");
        deleted = messages(meters, "deleted", "Messages deleted by SQS clients");
        orphaned =
                Counter.builder("millstream.sqs.queues.orphaned")
                        .description("Queues whose dead-letter queue was deleted by SQS clients")
                        .register(meters);
        Gauge.builder("millstream.sqs.long.polls", longPolls, AtomicInteger::get)
                .description("SQS receives that wait for a message")
                .register(meters);
    }

    private static Counter messages(MeterRegistry meters, String what, String description) {
        return Counter.builder("millstream.sqs.messages." + what)
                .description(description)
                .register(meters);
    }

    SqsLimits limits() {
        return limits;
    }

    /// What receives have in hand that look at what comes next.
    Room looks() {
        return looks;
    }

    void sent(int messages) {
        sent.increment(messages);
    }

    void received(int messages) {
        received.increment(messages);
    }

    void deleted(int messages) {
        deleted.increment(messages);
    }

    /// A queue has no dead-letter queue any more.
    void orphaned() {
        orphaned.increment();
    }

    /// Counts a receive that will wait, or refuses it.
    ///
    /// @return where it gets its turn to wait at the backend
    Room beginWait(ChannelName queue) {
        if (longPolls.incrementAndGet() > limits.longPollsMax()) {
            longPolls.decrementAndGet();
            throw SqsError.REQUEST_THROTTLED.with(
                    limits.longPollsMax()
                            + " receives wait already. Ask again later, or without"
                            + " WaitTimeSeconds.");
        }
        Room[] turns = new Room[1];
        waiting.compute(
                queue,
                (name, known) -> {
                    Waiters waiters = known == null ? new Waiters(limits.looksBytesMax()) : known;
                    waiters.count++;
                    turns[0] = waiters.turns;
                    return waiters;
                });
        return turns[0];
    }

    void endWait(ChannelName queue) {
        longPolls.decrementAndGet();
        waiting.computeIfPresent(queue, (name, known) -> --known.count == 0 ? null : known);
    }
}
