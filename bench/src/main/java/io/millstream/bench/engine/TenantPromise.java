package io.millstream.bench.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Lease;
import io.millstream.api.Outcome;
import io.millstream.bench.Figures;
import io.millstream.bench.Table;
import io.millstream.engine.Engine;

import org.HdrHistogram.Histogram;

import java.util.function.Consumer;

/// How long the messages of tenant B wait in a fair queue in which tenant A has put a million, and
/// how long they wait alone.
///
/// Who drains a million messages keeps the machine busy, too. So B is also measured in a queue of
/// its own while A's million is drained from another one: what is more than that is the queue's.
final class TenantPromise {
    private static final ChannelName SHARED = ChannelName.of("tenants");
    private static final ChannelName OTHER = ChannelName.of("other");
    private static final double PER_SECOND = 1000;
    private static final double SLICE_SECONDS = 0.25;
    private static final int LEFT_MIN = 1000;
    private static final double ALONE_MAX = 2;

    private final Engine engine;
    private final double seconds;
    private final int bytes;
    private final int many;
    private final Table table =
            new Table(
                    "consumers",
                    "B's messages",
                    "A's left",
                    "confirm p99 ms",
                    "put to lease p50 ms",
                    "p99 ms",
                    "max ms",
                    "p99 / alone",
                    "to reach",
                    "verdict");

    TenantPromise(Engine engine, double seconds, int bytes, int many) {
        this.engine = engine;
        this.seconds = seconds;
        this.bytes = bytes;
        this.many = many;
    }

    /// Those who take from a queue.
    private enum Crew {
        FAST("256 workers, no time for a message", 256, 0),
        SLOW("16 workers, 1 ms for a message", 16, 1_000_000);

        private final String words;
        private final int workers;
        private final long nanos;

        Crew(String words, int workers, long nanos) {
            this.words = words;
            this.workers = workers;
            this.nanos = nanos;
        }
    }

    /// @param left how many of A's were still there at the end
    private record Seen(Histogram leases, Histogram acks, long left) {}

    void run() {
        for (Crew crew : Crew.values()) {
            alone(crew, SLICE_SECONDS);
            Seen alone = alone(crew, seconds);
            row(crew.words + ": B alone", alone, alone, false);
            row(crew.words + ": A's million in another queue", besideAnother(crew), alone, false);
            row(crew.words + ": A's million in the same, fair queue", together(crew), alone, true);
        }
        System.out.printf(
                "### Tenant B, %s/s, while tenant A has %s waiting%n%n",
                Figures.rate(PER_SECOND), QueueKinds.text(many));
        System.out.println(table);
    }

    private Seen alone(Crew crew, double length) {
        try (SharedQueue queue = fair()) {
            return measure(queue, queue, crew, length);
        }
    }

    private Seen together(Crew crew) {
        try (SharedQueue queue = fair()) {
            queue.put("a", many);
            return measure(queue, queue, crew, seconds);
        }
    }

    private Seen besideAnother(Crew crew) {
        try (SharedQueue queue = fair();
                SharedQueue other = new SharedQueue(engine, Definition.Queue.of(OTHER), bytes)) {
            other.put("a", many);
            try (Workers _ = workers(other, crew, lease -> {})) {
                return measure(queue, other, crew, seconds);
            }
        }
    }

    private SharedQueue fair() {
        return new SharedQueue(
                engine, Definition.Queue.builder(SHARED).groups(Groups.FAIR).build(), bytes);
    }

    private Workers workers(SharedQueue queue, Crew crew, Consumer<Lease> seen) {
        return new Workers(
                engine, queue.name(), crew.workers, crew.nanos, seen, _ -> Outcome.done());
    }

    /// As long as there is something of A's.
    private Seen measure(SharedQueue queue, SharedQueue ofA, Crew crew, double length) {
        Seen seen = new Seen(Figures.latencies(), Figures.latencies(), 0);
        Consumer<Lease> note =
                lease -> {
                    if ("b".equals(lease.message().group())) {
                        long from = QueueKind.from(lease.message());
                        seen.leases.recordValue((System.nanoTime() - from) / 1000);
                    }
                };
        boolean withA = ofA.ready() > 0;
        try (Workers workers = workers(queue, crew, note)) {
            double done = 0;
            while (done < length && (!withA || ofA.ready() > LEFT_MIN)) {
                queue.publish(PER_SECOND, SLICE_SECONDS, _ -> "b", seen.acks);
                done += SLICE_SECONDS;
                workers.check();
            }
            return new Seen(seen.leases, seen.acks, ofA.ready());
        }
    }

    private void row(String words, Seen seen, Seen alone, boolean isGoal) {
        double p99 = Figures.at(seen.leases, 99);
        double allowed = ALONE_MAX * Figures.at(alone.leases, 99);
        table.row(
                words,
                seen.leases.getTotalCount(),
                seen.left,
                Figures.millis(seen.acks, 99),
                Figures.millis(seen.leases, 50),
                Figures.millis(seen.leases, 99),
                Figures.millis(seen.leases, 100),
                Figures.ratio(p99, Figures.at(alone.leases, 99)),
                isGoal ? "p99 ≤ " + Figures.millis(allowed) + " ms" : "",
                isGoal ? Figures.verdict(allowed, p99) : "");
    }
}
