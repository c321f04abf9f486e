package io.millstream.bench.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.Take;
import io.millstream.api.Taken;
import io.millstream.api.Term;
import io.millstream.bench.Figures;
import io.millstream.bench.Table;
import io.millstream.engine.Engine;

import org.HdrHistogram.Histogram;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// How long messages of the tenth priority wait while the queue never runs out of such of the
/// first: no longer than nine steps of ageing, and what those of the first wait themselves.
final class AgeingPromise {
    private static final ChannelName QUEUE = ChannelName.of("ageing");
    private static final Duration STEP = Duration.ofMillis(100);
    private static final int PATIENT = 9;
    private static final int BACKLOG = 2000;
    private static final int TAKEN_AT_ONCE = 32;
    private static final long PATIENT_NANOS = 20_000_000L;
    private static final Term TERM = new Term.Timed(Duration.ofMinutes(10));

    private final Engine engine;
    private final double seconds;
    private final int bytes;
    private final Table table =
            new Table(
                    "queue",
                    "priority 0 served",
                    "waited p99 ms",
                    "max ms",
                    "priority 9 put",
                    "served meanwhile",
                    "waited p50 ms",
                    "p99 ms",
                    "max ms",
                    "to reach: max ms",
                    "verdict");

    AgeingPromise(Engine engine, double seconds, int bytes) {
        this.engine = engine;
        this.seconds = seconds;
        this.bytes = bytes;
    }

    void run() {
        Definition.Queue strict = Definition.Queue.of(QUEUE);
        Definition.Queue ageing = strict.with().ageing(STEP).build();
        row("strict, to compare", new Stream(strict), false);
        row("ageing, a step each 100 ms", new Stream(ageing), true);
        System.out.println("### The last priority under an endless stream of the first\n");
        System.out.printf(
                "%d messages of priority 0 wait all the time. To reach: the time of nine steps,"
                        + " and the longest that one of priority 0 waited.%n%n",
                BACKLOG);
        System.out.println(table);
    }

    private void row(String words, Stream stream, boolean isGoal) {
        stream.run();
        double allowed = PATIENT * STEP.toNanos() / 1e3 + Figures.at(stream.ofStream, 100);
        boolean all = stream.patient - stream.ofPatient.getTotalCount() <= stream.recent();
        boolean kept = all && Figures.at(stream.ofPatient, 100) <= allowed;
        table.row(
                words,
                stream.ofStream.getTotalCount(),
                Figures.millis(stream.ofStream, 99),
                Figures.millis(stream.ofStream, 100),
                stream.patient,
                stream.ofPatient.getTotalCount(),
                Figures.millis(stream.ofPatient, 50),
                Figures.millis(stream.ofPatient, 99),
                Figures.millis(stream.ofPatient, 100),
                isGoal ? Figures.millis(allowed) : "",
                verdict(isGoal, kept));
    }

    private static String verdict(boolean isGoal, boolean kept) {
        if (!isGoal) {
            return "";
        }
        return kept ? "reached" : "not";
    }

    /// One thread that takes, settles, and puts as many again.
    private final class Stream {
        private final Definition.Queue queue;
        private final Session session = engine.session(SessionSpec.of("bench ageing"));
        private final Histogram ofStream = Figures.latencies();
        private final Histogram ofPatient = Figures.latencies();
        private int waiting;
        private int patient;

        Stream(Definition.Queue queue) {
            this.queue = queue;
        }

        /// How many of the patient ones may still be waiting at the end.
        long recent() {
            double micros = PATIENT * STEP.toNanos() / 1e3 + Figures.at(ofStream, 100);
            return (long) Math.ceil(micros * 1e3 / PATIENT_NANOS) + 1;
        }

        void run() {
            Commits.require(session, new Operation.Define(queue, Expect.Nothing.NOTHING));
            long end = System.nanoTime() + (long) (seconds * 1e9);
            long next = System.nanoTime();
            while (System.nanoTime() < end) {
                List<Operation> operations = new ArrayList<>();
                for (; waiting < BACKLOG; waiting++) {
                    operations.add(put(0));
                }
                if (System.nanoTime() >= next) {
                    next += PATIENT_NANOS;
                    patient++;
                    operations.add(put(PATIENT));
                }
                if (!operations.isEmpty()) {
                    Commits.require(session, operations);
                }
                Commits.require(session, take().stream().map(this::served).toList());
            }
            Commits.require(session, new Operation.Remove(QUEUE, Expect.Anything.ANYTHING));
            session.close();
        }

        private Operation put(int priority) {
            byte[] body = new byte[Math.max(Long.BYTES, bytes)];
            ByteBuffer.wrap(body).putLong(0, System.nanoTime());
            Message message = Message.builder(Bytes.of(body)).priority(priority).build();
            return new Operation.Put(QUEUE, message);
        }

        private List<Lease> take() {
            Take take = Take.of(QUEUE, TAKEN_AT_ONCE, TERM, Duration.ZERO);
            Taken taken = session.take(take).stage().toCompletableFuture().join();
            return switch (taken) {
                case Taken.Leased leased -> leased.leases();
                case Taken.Refused refused ->
                        throw new IllegalStateException("A take: " + refused.refusal());
            };
        }

        private Operation served(Lease lease) {
            long micros = (System.nanoTime() - QueueKind.from(lease.message())) / 1000;
            if (lease.message().priority() == PATIENT) {
                ofPatient.recordValue(micros);
            } else {
                ofStream.recordValue(micros);
                waiting--;
            }
            return new Operation.Settle(lease.handle(), Outcome.done());
        }
    }
}
