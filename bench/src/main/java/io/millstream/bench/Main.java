package io.millstream.bench;

import io.millstream.bench.engine.BackgroundBench;
import io.millstream.bench.engine.EngineBench;
import io.millstream.bench.engine.HeapBench;
import io.millstream.bench.engine.PassingBench;
import io.millstream.bench.engine.QueuesBench;
import io.millstream.bench.index.IndexBench;
import io.millstream.bench.jobs.JobsBench;
import io.millstream.bench.jobs.RemoteWorker;
import io.millstream.bench.junit.JunitBench;
import io.millstream.bench.sqs.EchoServer;
import io.millstream.bench.sqs.ElasticServer;
import io.millstream.bench.sqs.SqsBench;

import java.util.Arrays;

/// Starts a benchmark, or one of the servers that a benchmark runs beside itself.
public final class Main {
    private Main() {}

    /// The first word says which.
    public static void main(String[] words) throws Exception {
        Arguments arguments =
                new Arguments(
                        Arrays.asList(words).subList(Math.min(1, words.length), words.length));
        switch (words.length == 0 ? "" : words[0]) {
            case "machine" -> System.out.println(Machine.describe(arguments.data()));
            case "engine" -> new EngineBench(arguments).run();
            case "background" -> new BackgroundBench(arguments).run();
            case "passing" -> new PassingBench(arguments).run();
            case "queues" -> new QueuesBench(arguments).run();
            case "heap" -> new HeapBench(arguments).run();
            case "index" -> new IndexBench(arguments).run();
            case "sqs" -> new SqsBench(arguments).run();
            case "jobs" -> new JobsBench(arguments).run();
            case "jobs-worker" -> RemoteWorker.run(arguments);
            case "junit" -> new JunitBench(arguments).run();
            case "junit-starts" -> JunitBench.runTests();
            case "elasticmq" -> ElasticServer.run(arguments);
            case "echo" -> EchoServer.run(arguments);
            default -> {
                System.exit(2);
            }
        }
    }
}
