package io.millstream.protocols.aws;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millstream.protocols.aws.sns.SnsService;
import io.millstream.protocols.aws.sqs.SqsService;
import io.millstream.protocols.room.Room;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What a door counts. Connections and bodies are also what it bounds.
final class DoorMeters {
    static final String DONE = "ok";

    private static final String OTHER = "other";

    final AtomicInteger connections = new AtomicInteger();
    final AtomicLong bodyBytes = new AtomicLong();
    final Counter hungUp;

    private final MeterRegistry meters;
    private final Map<Answered, Timer> timers = new ConcurrentHashMap<>();

    /// How a request ended: both are words of a fixed set, whatever clients send.
    private record Answered(String action, String outcome) {}

    DoorMeters(MeterRegistry meters) {
        this.meters = meters;
        Gauge.builder("millstream.aws.connections", connections, AtomicInteger::get)
                .description("Connected AWS clients")
                .register(meters);
        Gauge.builder("millstream.aws.body.bytes", bodyBytes, AtomicLong::get)
                .description("Bytes of AWS requests that are held at this time")
                .baseUnit("bytes")
                .register(meters);
        hungUp =
                Counter.builder("millstream.aws.hung.up")
                        .description("AWS connections closed because a limit was passed")
                        .register(meters);
    }

    void showAnswers(Room answers) {
        Gauge.builder("millstream.aws.answer.bytes", answers, Room::held)
                .description("Bytes of AWS answers that are made, or not taken by their clients")
                .baseUnit("bytes")
                .register(meters);
    }

    /// Counts a request that began at `beganNanos`.
    ///
    /// @param outcome [#DONE] or the error's code
    void answered(String action, String outcome, long beganNanos) {
        String known = SqsService.knows(action) || SnsService.knows(action) ? action : OTHER;
        timers.computeIfAbsent(new Answered(known, outcome), this::timer)
                .record(System.nanoTime() - beganNanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Answered answered) {
        return Timer.builder("millstream.sqs.requests")
                .description("SQS requests from their last byte to their answer")
                .tag("action", answered.action())
                .tag("outcome", answered.outcome())
                .register(meters);
    }
}
