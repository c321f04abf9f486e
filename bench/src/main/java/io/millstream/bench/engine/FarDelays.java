package io.millstream.bench.engine;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.View;
import io.millstream.bench.Figures;
import io.millstream.bench.Scratch;
import io.millstream.bench.Table;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A million messages that are due in the next ten years: listed page by page, some of them called
/// off, and the same after the process was killed and has started again.
final class FarDelays {
    private static final ChannelName QUEUE = ChannelName.of("far");
    private static final int AT_ONCE = 1000;
    private static final int CALLED_OFF = 1000;
    private static final int PAGE = 100;

    private final Path data;
    private final int bytes;
    private final int many;
    private final Table table =
            new Table(
                    "when",
                    "listed",
                    "pages",
                    "items a page",
                    "first page ms",
                    "page p50 ms",
                    "p99 ms",
                    "max ms",
                    "called off",
                    "call off p50 ms",
                    "p99 ms",
                    "max ms");

    FarDelays(Path data, int bytes, int many) {
        this.data = data.resolve("far");
        this.bytes = bytes;
        this.many = many;
    }

    void run() throws IOException {
        Scratch.delete(data);
        int left = many;
        double putSeconds;
        try (Engine engine = open()) {
            Session session = engine.session(SessionSpec.of("bench far"));
            long began = System.nanoTime();
            put(session);
            putSeconds = (System.nanoTime() - began) / 1e9;
            left = look("after they were put", engine, session, left);
            engine.kill();
        }
        long starting = System.nanoTime();
        double startSeconds;
        try (Engine engine = open()) {
            startSeconds = (System.nanoTime() - starting) / 1e9;
            look("after a restart", engine, engine.session(SessionSpec.of("bench far")), left);
        }
        Scratch.delete(data);
        System.out.printf("### %s messages, due in the next ten years%n%n", text());
        System.out.printf(
                "Put in %.1f s; started again after a kill in %.2f s.%n%n",
                putSeconds, startSeconds);
        System.out.println(table);
        System.out.flush();
    }

    private String text() {
        String words = QueueKinds.text(many);
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    private Engine open() throws IOException {
        return Engine.open(FileDisk.at(data), EngineOptions.standard());
    }

    private void put(Session session) {
        Commits.require(
                session, new Operation.Define(Definition.Queue.of(QUEUE), Expect.Nothing.NOTHING));
        Bytes body = Bytes.of(new byte[bytes]);
        List<Operation> puts = new ArrayList<>(AT_ONCE);
        for (int i = 0; i < many; i++) {
            Message message = Message.builder(body).delay(QueueHeap.delay(i)).build();
            puts.add(new Operation.Put(QUEUE, message));
            if (puts.size() == AT_ONCE || i + 1 == many) {
                Commits.require(session, puts);
                puts.clear();
            }
        }
    }

    /// Lists all and calls some of them off.
    ///
    /// @return how many are left
    private int look(String when, Engine engine, Session session, int expected) {
        for (int limit : List.of(PAGE, Query.PAGE_ITEMS_MAX)) {
            Listing listing = list(engine, limit);
            if (listing.sequences.size() != expected) {
                throw new IllegalStateException(
                        "%d were listed of %d".formatted(listing.sequences.size(), expected));
            }
            Histogram calls = Figures.latencies();
            List<Long> off = some(listing.sequences);
            for (long sequence : off) {
                long began = System.nanoTime();
                Commits.require(session, new Operation.Edit.Drop(QUEUE, sequence));
                calls.recordValue((System.nanoTime() - began) / 1000);
            }
            expected -= off.size();
            table.row(
                    when,
                    listing.sequences.size(),
                    listing.pages.getTotalCount(),
                    limit,
                    Figures.millis((double) listing.firstMicros),
                    Figures.millis(listing.pages, 50),
                    Figures.millis(listing.pages, 99),
                    Figures.millis(listing.pages, 100),
                    off.size(),
                    Figures.millis(calls, 50),
                    Figures.millis(calls, 99),
                    Figures.millis(calls, 100));
        }
        return expected;
    }

    /// @param sequences in the order in which they were listed
    /// @param pages how long each page took, in microseconds
    private record Listing(List<Long> sequences, Histogram pages, long firstMicros) {}

    private static Listing list(Engine engine, int limit) {
        List<Long> sequences = new ArrayList<>();
        Histogram pages = Figures.latencies();
        long first = 0;
        Instant before = Instant.MIN;
        @Nullable String after = null;
        do {
            long began = System.nanoTime();
            Page<View.MessageView> page =
                    engine.find(new Query.Delayed(QUEUE, 0, after, limit))
                            .toCompletableFuture()
                            .join()
                            .page();
            long micros = (System.nanoTime() - began) / 1000;
            first = after == null ? micros : first;
            pages.recordValue(micros);
            for (View.MessageView view : page.items()) {
                Instant due = view.due();
                if (due == null || due.isBefore(before)) {
                    throw new IllegalStateException(
                            "Message %d is due %s, listed behind %s"
                                    .formatted(view.sequence(), due, before));
                }
                before = due;
                sequences.add(view.sequence());
            }
            after = page.next();
        } while (after != null);
        return new Listing(sequences, pages, first);
    }

    private static List<Long> some(List<Long> sequences) {
        List<Long> some = new ArrayList<>();
        int step = Math.max(1, sequences.size() / CALLED_OFF);
        for (int i = step / 2; i < sequences.size() && some.size() < CALLED_OFF; i += step) {
            some.add(sequences.get(i));
        }
        return some;
    }
}
