package io.millstream.bench.jobs;

import io.millstream.Millstream;
import io.millstream.bench.Arguments;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Workers;

import org.HdrHistogram.Histogram;

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

/// A process that has workers of a server's queue, and says on its standard output what they do: a
/// line with the number of jobs done whenever it is another, and one with the times until they
/// began for each line that it reads. It ends when its standard input does.
public final class RemoteWorker {
    static final String DONE = "done ";
    static final String STARTS = "starts ";

    private static final long LOOK_NANOS = 5_000_000L;

    private RemoteWorker() {}

    /// Works until standard input ends. Takes `address`, `queue` and `workers`.
    public static void run(Arguments arguments) throws IOException {
        PrintStream out = System.out;
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        URI address = URI.create(arguments.text("address", "http://127.0.0.1:7171"));
        try (Millstream millstream = Millstream.open(address);
                Jobs jobs = Jobs.over(millstream);
                Workers _ =
                        Ours.work(
                                jobs,
                                arguments.text("queue", "jobs"),
                                arguments.number("workers", 16))) {
            out.println(DONE + 0);
            Thread.ofPlatform().daemon().name("bench-tell").start(() -> tell(out));
            while (in.readLine() != null) {
                out.println(STARTS + encoded(Tally.starts()));
            }
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
