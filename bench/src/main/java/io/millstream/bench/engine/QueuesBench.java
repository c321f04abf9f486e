package io.millstream.bench.engine;

import io.millstream.bench.Arguments;
import io.millstream.bench.Figures;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What queues cost that do more than keep messages in order, and what they promise to those who
/// share them.
public final class QueuesBench {
    private static final int MANY = 1_000_000;

    private final Path data;
    private final double seconds;
    private final int bytes;
    private final int perSecond;
    private final int many;
    private final String mode;
    private final String kind;

    /// A benchmark of what `arguments` choose.
    public QueuesBench(Arguments arguments) {
        this.data = arguments.data();
        this.seconds = arguments.seconds(10);
        this.bytes = arguments.numbers("bytes", "1024").getFirst();
        this.perSecond = arguments.number("rate", 20_000);
        this.many = arguments.number("messages", MANY);
        this.mode = arguments.text("mode", "all");
        this.kind = arguments.text("kind", "");
    }

    /// Runs and prints.
    public void run() throws IOException {
        Files.createDirectories(data);
        System.out.println("## Queues\n");
        try (DiskProbe probe = new DiskProbe(data.resolve("probe"))) {
            Histogram block = probe.block(1);
            if (does("promises")) {
                new Promises(data, seconds, bytes, many).run();
            }
            if (does("delayed")) {
                new FarDelays(data, bytes, many).run();
            }
            if (does("heap")) {
                new QueueHeap(many).run();
            }
            if (does("kinds")) {
                new KindRates(data, seconds, bytes, perSecond, many, probe).run(kind);
            }
            probe.run(1, 1, block);
            System.out.printf(
                    "Probe with frames of 4 KB, before and after: p50 %s ms, p99 %s ms, max %s"
                            + " ms.%n%n",
                    Figures.millis(block, 50),
                    Figures.millis(block, 99),
                    Figures.millis(block, 100));
        }
    }

    private boolean does(String part) {
        return mode.equals("all") || mode.equals(part);
    }
}
