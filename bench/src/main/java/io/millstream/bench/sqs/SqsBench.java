package io.millstream.bench.sqs;

import io.millstream.bench.Arguments;
import io.millstream.bench.Figures;
import io.millstream.bench.Machine;
import io.millstream.bench.Scratch;
import io.millstream.bench.Table;

import org.elasticmq.rest.sqs.SQSRestServerBuilder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Drives Millstream and ElasticMQ in turns, round by round, and compares the medians.
public final class SqsBench {
    private static final double WARM_UP_SECONDS = 6;
    private static final int WARM_UP_CONNECTIONS = 16;
    private static final double MEMORY_GOAL = 3;
    private static final double DATABASE_GOAL = 20;

    private final Path data;
    private final double seconds;
    private final int rounds;
    private final List<Workload> workloads = new ArrayList<>();
    private int queues;

    /// A benchmark of what `arguments` choose.
    public SqsBench(Arguments arguments) {
        this.data = arguments.data().resolve("sqs");
        this.seconds = arguments.seconds(10);
        this.rounds = arguments.number("rounds", 3);
        for (Workload.Kind kind : Workload.Kind.values()) {
            for (int connections : arguments.numbers("connections", "1,8,32,64")) {
                workloads.add(new Workload(kind, connections));
            }
        }
    }

    /// The rounds of one workload on one peer.
    ///
    /// @param outcomes one for each round
    /// @param syncs how often it synced in all rounds together
    private record Row(List<Outcome> outcomes, long syncs) {
        Row() {
            this(new ArrayList<>(), 0);
        }

        Row plus(Outcome outcome, long more) {
            List<Outcome> all = new ArrayList<>(outcomes);
            all.add(outcome);
            return new Row(all, syncs + more);
        }

        double perSecond() {
            return median(outcomes.stream().map(Outcome::perSecond).toList());
        }

        double processorMicros() {
            return median(outcomes.stream().map(Outcome::processorMicros).toList());
        }

        double disturbance() {
            return median(outcomes.stream().map(Outcome::disturbance).toList());
        }

        double quantile(double percentile) {
            return median(outcomes.stream().map(one -> one.quantile(percentile)).toList());
        }

        long requests() {
            return outcomes.stream().mapToLong(Outcome::requests).sum();
        }

        private static double median(List<Double> figures) {
            return figures.stream().sorted().toList().get(figures.size() / 2);
        }
    }

    /// Runs and prints.
    public void run() throws IOException {
        Scratch.delete(data);
        Files.createDirectories(data);
        System.out.println("## Server over SQS\n");
        System.out.printf(
                "AWS JSON protocol, bodies of 1 KB, keep-alive connections with one request under"
                        + " way each. Each figure is the median of %d rounds of %.1f s, in which"
                        + " the peers take turns. Millstream has every message synced before it"
                        + " answers. ElasticMQ is version %s; its H2 storage does not sync before"
                        + " it answers. Every server has the options `%s`.%n%n",
                rounds,
                seconds / rounds,
                elasticVersion(),
                System.getenv().getOrDefault("BENCH_JAVA_OPTS", "-Xms1g -Xmx1g"));
        ceiling();
        List<Peer> peers = new ArrayList<>();
        try {
            peers.add(Peer.millstream(data));
            peers.add(Peer.elasticInMemory(data));
            peers.add(Peer.elasticWithDatabase(data));
            for (Peer peer : peers) {
                for (Workload.Kind kind : Workload.Kind.values()) {
                    Workload warmUp = new Workload(kind, WARM_UP_CONNECTIONS);
                    round(peer, warmUp, WARM_UP_SECONDS, new Outcome());
                }
            }
            Map<Workload, Map<Peer, Row>> results = new LinkedHashMap<>();
            for (Workload workload : workloads) {
                results.put(workload, measure(workload, peers));
            }
            print(results, peers);
        } finally {
            peers.forEach(Peer::close);
            Scratch.delete(data);
        }
    }

    private static String elasticVersion() {
        String jar =
                Objects.requireNonNull(SQSRestServerBuilder.class.getProtectionDomain())
                        .getCodeSource()
                        .getLocation()
                        .getPath();
        return jar.replaceAll(".*-([0-9.]+)\\.jar", "$1");
    }

    /// What the generator itself can ask, of a responder that does nothing.
    private void ceiling() throws IOException {
        Table table = new Table("connections", "requests/s", "p50 ms", "p99 ms");
        try (Peer echo = Peer.echo(data)) {
            Requests requests = new Requests(echo.port());
            List<Integer> connections =
                    workloads.stream().map(Workload::connections).distinct().toList();
            for (int count : connections) {
                Workload workload = new Workload(Workload.Kind.SEND, count);
                HttpLoad.run(
                        echo.port(),
                        workload.scripts(requests, "x"),
                        2,
                        Long.MAX_VALUE,
                        new Outcome());
                Outcome outcome = new Outcome();
                HttpLoad.run(
                        echo.port(),
                        workload.scripts(requests, "x"),
                        Math.max(2, seconds / rounds),
                        Long.MAX_VALUE,
                        outcome);
                table.row(
                        count,
                        Figures.rate(outcome.perSecond()),
                        Figures.millis(outcome.quantile(50)),
                        Figures.millis(outcome.quantile(99)));
            }
        }
        System.out.println("The generator against a responder that does nothing (SendMessage):\n");
        System.out.println(table);
    }

    private Map<Peer, Row> measure(Workload workload, List<Peer> peers) throws IOException {
        Map<Peer, Row> rows = new LinkedHashMap<>();
        for (int i = 0; i < rounds; i++) {
            for (Peer peer : peers) {
                long syncs = peer.syncs();
                double used = peer.processorSeconds();
                double others = others(peer);
                long began = System.nanoTime();
                Outcome outcome = new Outcome();
                round(peer, workload, seconds / rounds, outcome);
                outcome.cost(
                        peer.processorSeconds() - used,
                        others(peer) - others,
                        (System.nanoTime() - began) / 1e9);
                Row row = rows.getOrDefault(peer, new Row());
                rows.put(peer, row.plus(outcome, peer.syncs() - syncs));
                System.err.printf(
                        "%s, %s: %s requests/s, p99 %s ms%n",
                        peer.name(),
                        workload,
                        Figures.rate(outcome.perSecond()),
                        Figures.millis(outcome.quantile(99)));
            }
        }
        return rows;
    }

    private static double others(Peer peer) {
        return Machine.busySeconds()
                + Machine.stolenSeconds()
                - Machine.ownSeconds()
                - peer.processorSeconds();
    }

    /// One round, on a queue of its own.
    private void round(Peer peer, Workload workload, double lasting, Outcome outcome)
            throws IOException {
        Requests requests = new Requests(peer.port());
        try (HttpConnection control = new HttpConnection(peer.port())) {
            String created = control.call(requests.createQueue("bench-" + queues++));
            String url = created.replaceAll("(?s).*\"QueueUrl\"\\s*:\\s*\"([^\"]+)\".*", "$1");
            HttpLoad.run(
                    peer.port(),
                    workload.scripts(requests, url),
                    lasting,
                    workload.requestsMax(),
                    outcome);
            control.call(requests.deleteQueue(url));
        }
    }

    private void print(Map<Workload, Map<Peer, Row>> results, List<Peer> peers) {
        Table table =
                new Table(
                        "requests",
                        "connections",
                        "peer",
                        "requests/s",
                        "messages/s",
                        "p50 ms",
                        "p99 ms",
                        "Millstream / peer",
                        "CPU µs/request",
                        "cores taken by others",
                        "requests per sync");
        results.forEach((workload, rows) ->
                rows.forEach((peer, row) -> {
                    double ours = Objects.requireNonNull(rows.get(peers.getFirst())).perSecond();
                    table.row(
                            workload.kind(),
                            workload.connections(),
                            peer.name(),
                            Figures.rate(row.perSecond()),
                            Figures.rate(row.perSecond() * workload.kind().messages()),
                            Figures.millis(row.quantile(50)),
                            Figures.millis(row.quantile(99)),
                            peer == peers.getFirst() ? "" : Figures.ratio(ours, row.perSecond()),
                            "%.0f".formatted(row.processorMicros()),
                            "%.2f".formatted(row.disturbance()),
                            row.syncs() > 0
                                    ? "%.1f".formatted((double) row.requests() / row.syncs())
                                    : "");
                }));
        System.out.println(table);
        System.out.println(goals(results, peers));
    }

    private static Table goals(Map<Workload, Map<Peer, Row>> results, List<Peer> peers) {
        Table table = new Table("to reach (best of all connections)", "goal", "here", "verdict");
        double[] goals = {0, MEMORY_GOAL, DATABASE_GOAL};
        for (Workload.Kind kind : Workload.Kind.values()) {
            double[] best = new double[peers.size()];
            results.forEach((workload, rows) -> {
                for (int i = 0; i < best.length && workload.kind() == kind; i++) {
                    Row row = Objects.requireNonNull(rows.get(peers.get(i)));
                    best[i] = Math.max(best[i], row.perSecond());
                }
            });
            for (int i = 1; i < best.length; i++) {
                double ratio = best[0] / best[i];
                table.row(
                        kind + " against " + peers.get(i).name(),
                        "%.0f×".formatted(goals[i]),
                        Figures.ratio(best[0], best[i]),
                        Figures.verdict(ratio, goals[i]));
            }
        }
        return table;
    }
}
