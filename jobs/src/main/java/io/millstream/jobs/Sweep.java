package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Commit;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Session;
import io.millstream.api.View;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Removes rows about jobs that are not there any more, because their messages were removed behind
/// the jobs' back: purged, or with their queue. One of all workers does it, each ten minutes, and
/// nothing is looked at where there are no such rows.
///
/// A row is written in the commit that puts its job, and removed in the one that ends it. So a job
/// that is in no queue after its row was seen has left without its row, or the row has changed,
/// which the removal notices. A job moves from queues to the one of ended jobs and not back, which
/// is therefore looked at last; and as other moves are possible by hand, all is looked at twice.
final class Sweep {
    static final Duration INTERVAL = Duration.ofMinutes(10);

    private static final String TABLE = "jobs.upkeep";
    private static final String KEY = "sweep";
    private static final int ROWS_PER_LOOK = 50_000;

    private final Search search;
    private final Pages pages;
    private final Session session;
    private Instant next = Instant.MIN;

    /// A row about a job.
    private record Row(String table, String key, long version) {}

    Sweep(Backend backend, Session session) {
        this.search = new Search(backend);
        this.pages = new Pages(backend);
        this.session = session;
    }

    /// Sweeps if it is time to, and nobody else does. Blocks.
    ///
    /// @param now the backend's clock
    void perhaps(Instant now) {
        if (now.isBefore(next)) {
            return;
        }
        next = now.plus(INTERVAL);
        Operation mine =
                new Operation.Write(
                        TABLE,
                        KEY,
                        Json.bytes(Json.newObject()),
                        Expect.Nothing.NOTHING,
                        now.plus(INTERVAL));
        if (Answer.of(session.commit(Commit.of(mine))) instanceof Receipt.Committed) {
            sweep();
        }
    }

    private void sweep() {
        Map<String, List<Row>> rows = new HashMap<>();
        for (String table : List.of(Claims.TABLE, Cancels.TABLE)) {
            pages.eachRow(
                    table,
                    "",
                    row -> {
                        if (!Claims.isForATime(row.value())) {
                            rows.computeIfAbsent(jobOf(table, row), _ -> new ArrayList<>())
                                    .add(new Row(table, row.key(), row.version()));
                        }
                        if (rows.size() >= ROWS_PER_LOOK) {
                            removeAbsent(rows);
                        }
                    });
        }
        removeAbsent(rows);
        wakeDebounced();
    }

    /// A debounced job that is long due has lost what wakes those who see to it: another one, which
    /// does nothing if it is not needed.
    private void wakeDebounced() {
        List<Commit> tokens = new ArrayList<>();
        pages.eachRow(
                Envelope.DEBOUNCED_ROWS,
                "",
                row -> {
                    Postponed job = Postponed.from(row.value());
                    if (job != null && job.due().plus(INTERVAL).isBefore(next)) {
                        tokens.add(Commit.of(Debounce.token(row.key(), job.job(), Duration.ZERO)));
                    }
                });
        if (!tokens.isEmpty()) {
            var _ = Answer.of(session.commit(tokens));
        }
    }

    private static String jobOf(String table, View.RowView row) {
        return table.equals(Claims.TABLE) ? Claims.jobOf(row.value()) : row.key();
    }

    private void removeAbsent(Map<String, List<Row>> rows) {
        for (int looks = 0; looks < 2 && !rows.isEmpty(); looks++) {
            search.queues().forEach(queue -> removePresent(rows, queue));
            removePresent(rows, Definition.Queue.of(Envelope.ENDED));
        }
        List<Commit> removals =
                rows.values().stream()
                        .flatMap(List::stream)
                        .map(row ->
                                Commit.of(
                                        RowLook.write(
                                                row.table(), row.key(), null, row.version(), null)))
                        .toList();
        rows.clear();
        if (!removals.isEmpty()) {
            // One that was refused has changed: the next sweep looks at it.
            var _ = Answer.of(session.commit(removals));
        }
    }

    /// Looks no further than it takes to see them all.
    private void removePresent(Map<String, List<Row>> rows, Definition.Queue queue) {
        if (!rows.isEmpty()) {
            var _ =
                    search.first(
                            queue.name(),
                            message -> {
                                rows.remove(Search.idOf(queue.name(), message));
                                return rows.isEmpty();
                            });
        }
    }
}
