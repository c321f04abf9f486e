package io.millstream.protocols.aws.sqs;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts messages and bounds how many long polls wait at once, on all event loops together.
public final class Traffic {
    private final Counter sent;
    private final Counter received;
    private final Counter deleted;
    private final AtomicInteger longPolls = new AtomicInteger();
    private final int longPollsMax;

    /// Registers its meters.
    ///
    /// @param longPollsMax how many receives may wait at once
    public Traffic(MeterRegistry meters, int longPollsMax) {
        this.longPollsMax = longPollsMax;
        sent = messages(meters, "sent", "Messages stored by SQS clients");
        received = messages(meters, "received", "Messages handed to SQS clients");
        deleted = messages(meters, "deleted", "Messages deleted by SQS clients");
        Gauge.builder("millstream.sqs.long.polls", longPolls, AtomicInteger::get)
                .description("SQS receives that wait for a message")
                .register(meters);
    }

    private static Counter messages(MeterRegistry meters, String what, String description) {
        return Counter.builder("millstream.sqs.messages." + what)
                .description(description)
                .register(meters);
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

    /// Counts a receive that will wait, or refuses it.
    void beginWait() {
        if (longPolls.incrementAndGet() > longPollsMax) {
            longPolls.decrementAndGet();
            throw SqsError.REQUEST_THROTTLED.with(
                    longPollsMax
                            + " receives wait already. Ask again later, or without"
                            + " WaitTimeSeconds.");
        }
    }

    void endWait() {
        longPolls.decrementAndGet();
    }
}
