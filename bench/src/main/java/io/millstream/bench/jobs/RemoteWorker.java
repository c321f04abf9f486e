package io.millstream.bench.jobs;

import io.millstream.Millstream;
import io.millstream.bench.Arguments;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Workers;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.locks.LockSupport;

/// A process that has workers of a server's queues. It is told what to do by lines on its standard
/// input, answers each by a line, and says how many jobs it has done whenever they are more. It
/// ends when its standard input does.
///
/// | line | answer |
/// |---|---|
/// | `work QUEUE` | `ready`, when workers of this queue work |
/// | `rest` | `ready`, when they have stopped |
/// | `starts` | `starts` and how long after they were due jobs began, since it was last asked |
public final class RemoteWorker {
    static final String WORK = "work ";
    static final String REST = "rest";
    static final String DONE = "done ";
    static final String STARTS = "starts ";
    static final String READY = "ready";

    private static final long LOOK_NANOS = 5_000_000L;

    private RemoteWorker() {}

    /// Works until standard input ends. Takes `address` and `workers`.
    public static void run(Arguments arguments) throws IOException {
        PrintStream out = System.out;
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        URI address = URI.create(arguments.text("address", "http://127.0.0.1:7171"));
        int count = arguments.number("workers", 16);
        Thread.ofPlatform().daemon().name("bench-tell").start(() -> tell(out));
        Workers workers = null;
        try (Millstream millstream = Millstream.open(address);
                Jobs jobs = Jobs.over(millstream)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith(WORK)) {
                    workers = Ours.work(jobs, line.substring(WORK.length()), count);
                    out.println(READY);
                } else if (line.equals(REST)) {
                    close(workers);
                    workers = null;
                    out.println(READY);
                } else {
                    out.println(STARTS + encoded(Tally.starts()));
                }
            }
            close(workers);
        }
    }

    private static void close(@Nullable Workers workers) {
        if (workers != null) {
            workers.close();
        }
    }

    private static void tell(PrintStream out) {
        long told = 0;
        while (true) {
            long now = Tally.done();
            if (now != told) {
                out.println(DONE + now);
                told = now;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static String encoded(Histogram histogram) {
        ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }
}
