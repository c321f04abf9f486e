package io.millstream.bench.junit;

import io.millstream.bench.Arguments;
import io.millstream.bench.Figures;
import io.millstream.bench.Table;

import org.HdrHistogram.Histogram;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// How long `@MillstreamTest` takes to inject a broker: into the first test of a virtual machine,
/// where the classes are loaded meanwhile, and into later ones.
public final class JunitBench {
    private static final double GOAL_MICROS = 100_000;

    private final int rounds;

    /// Takes `rounds`: how many virtual machines are started.
    public JunitBench(Arguments arguments) {
        this.rounds = arguments.number("rounds", 10);
    }

    /// Prints the report.
    public void run() throws IOException, InterruptedException {
        Histogram cold = Figures.latencies();
        Histogram warm = Figures.latencies();
        for (int round = 0; round < rounds; round++) {
            List<Long> micros = inFreshMachine();
            cold.recordValue(micros.getFirst());
            micros.stream().skip(1).forEach(warm::recordValue);
        }
        Table table = new Table("injecting a Millstream", "tests", "p50 ms", "max ms", "100 ms");
        row(table, "first test of a virtual machine", cold);
        row(table, "later tests", warm);
        System.out.println("## JUnit start on the in-memory disk\n");
        System.out.println(table);
    }

    private static void row(Table table, String what, Histogram micros) {
        table.row(
                what,
                micros.getTotalCount(),
                Figures.millis(micros, 50),
                Figures.millis(micros, 100),
                Figures.verdict(GOAL_MICROS, Figures.at(micros, 50)));
    }

    private static List<Long> inFreshMachine() throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.millstream.bench.Main",
                                "junit-starts")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("The tests failed: " + line);
        }
        return line.strip().lines().map(Long::valueOf).toList();
    }

    /// Runs the tests in this virtual machine and prints a line for each.
    public static void runTests() {
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(DiscoverySelectors.selectClass(Starts.class))
                                .build(),
                        summary);
        if (summary.getSummary().getTestsSucceededCount() != Starts.TESTS) {
            throw new IllegalStateException(
                    "Tests failed: " + summary.getSummary().getFailures().getFirst());
        }
        System.out.println(
                Starts.MICROS.stream().map(String::valueOf).collect(Collectors.joining("\n")));
    }
}
