package io.millstream.testkit.postgres;

import io.millstream.api.Fence;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Term;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One handing out of what is ready in one queue, to those of this node who wait.
///
/// Rows that another node looks at are skipped. The bound on leases is exact: when it may be met,
/// the queue is locked, so that no two nodes count at once.
final class Round {

    private static final int ROWS_MAX = 1000;

    private static final String READY =
            "WHERE channel = ? AND number IS NULL AND stuck IS NULL AND place <= ?"
                    + " AND (due IS NULL OR due <= ?)"
                    + " ORDER BY place, stored_there, sequence LIMIT ? FOR UPDATE SKIP LOCKED";

    private static final String LEASE =
            """
            UPDATE message AS m SET epoch = ?, number = x.number, until = x.until,
                session = x.session, deliveries = deliveries + 1, attempts = attempts + 1,
                delivered = coalesce(delivered, ?), due = NULL
            FROM unnest(?, ?, ?, ?) AS x (sequence, number, until, session)
            WHERE m.channel = ? AND m.sequence = x.sequence\
            """;

    /// A message and who gets it.
    private record Grant(Leased message, Term term, PostgresSession session, long number) {}

    private final Tx tx;
    private final Handing handing;
    private final QueueRow queue;
    private final Handing.Line line;
    private final Ends ends;
    private final Deque<Leased> ready = new ArrayDeque<>();
    private final Deque<Long> numbers = new ArrayDeque<>();
    private final List<Grant> grants = new ArrayList<>();

    Round(Tx tx, Handing handing, QueueRow queue, Handing.Line line) {
        this.tx = tx;
        this.handing = handing;
        this.queue = queue;
        this.line = line;
        this.ends = new Ends(tx);
    }

    void hand() throws SQLException {
        long wanted = 0;
        for (WaitingTake take : line.takes()) wanted += take.asked().messages();
        for (PushedTo consumer : line.consumers()) {
            boolean auto = consumer.asked().term() instanceof Term.Auto;
            wanted += auto ? ROWS_MAX : consumer.window().room(0, 0);
        }
        int asked = (int) Math.min(wanted, ROWS_MAX);
        int limit = Math.min(asked, room(asked));
        if (limit == 0) return;
        fetch(limit);
        boolean all = ready.size() < ROWS_MAX;
        number();
        serveTakes();
        serveConsumers();
        write();
        if (!all && ready.isEmpty()) {
            tx.afterwards(() -> handing.touch(queue.name()));
        }
    }

    /// How many messages more may be leased.
    private int room(int asked) throws SQLException {
        int most = queue.definition().maxInFlight();
        int free = most - leased(most);
        if (free >= most / 2 && free >= 2 * asked) return free;
        tx.locked(queue.name());
        return Math.max(0, most - leased(most));
    }

    private int leased(int most) throws SQLException {
        return (int)
                tx.one(
                        "SELECT count(*) FROM (SELECT 1 FROM message WHERE channel = ?"
                                + " AND number IS NOT NULL LIMIT ?) AS x",
                        queue.id(),
                        most);
    }

    private void fetch(int limit) throws SQLException {
        int most = queue.definition().maxAttempts();
        boolean buried;
        do {
            buried = false;
            ready.clear();
            long place = Math.max(tx.now(), queue.place());
            for (Leased message : ends.rows(READY, queue.id(), place, tx.now(), limit)) {
                if (most > 0 && message.attempts() >= most) {
                    ends.usedUp(queue, message);
                    buried = true;
                } else {
                    ready.add(message);
                }
            }
        } while (buried);
    }

    private void number() throws SQLException {
        if (ready.isEmpty()) return;
        String sql = "SELECT nextval('numbers') FROM generate_series(1, ?)";
        try (PreparedStatement statement = tx.prepare(sql, ready.size());
                ResultSet row = statement.executeQuery()) {
            while (row.next()) numbers.add(row.getLong(1));
        }
    }

    private void serveTakes() {
        for (WaitingTake take : List.copyOf(line.takes())) {
            List<Lease> leases = new ArrayList<>();
            long room = take.asked().bytes();
            while (leases.size() < take.asked().messages() && !ready.isEmpty()) {
                if (!leases.isEmpty() && ready.getFirst().size() > room) break;
                room -= ready.getFirst().size();
                leases.add(grant(take.asked().term(), take.session()));
            }
            if (!leases.isEmpty()) tx.afterwards(() -> take.answer(tx.wall(), leases));
        }
    }

    private void serveConsumers() {
        Map<PushedTo, List<Lease>> batches = new LinkedHashMap<>();
        Map<Window, long[]> out = new HashMap<>();
        Deque<PushedTo> turns = new ArrayDeque<>(line.consumers());
        int passed = 0;
        while (!ready.isEmpty() && passed < turns.size()) {
            PushedTo consumer = turns.removeFirst();
            Window window = consumer.window();
            long[] more = out.computeIfAbsent(window, _ -> new long[2]);
            if (window.room(more[0], more[1]) == 0) {
                turns.addLast(consumer);
                passed++;
                continue;
            }
            passed = 0;
            turns.addLast(consumer);
            int size = ready.getFirst().size();
            Lease lease = grant(consumer.asked().term(), consumer.session());
            batches.computeIfAbsent(consumer, _ -> new ArrayList<>()).add(lease);
            if (consumer.asked().term() instanceof Term.Auto) continue;
            more[0]++;
            more[1] += size;
            long number = lease.handle().fence().position();
            tx.afterwards(() -> handing.hold(number, new Handing.Held(window, size)));
        }
        if (batches.isEmpty()) return;
        tx.afterwards(() -> {
            line.consumers().clear();
            line.consumers().addAll(turns);
        });
        batches.forEach((consumer, leases) -> tx.afterwards(() -> consumer.sink().deliver(leases)));
    }

    private Lease grant(Term term, PostgresSession session) {
        Leased message = ready.removeFirst();
        long number = numbers.removeFirst();
        grants.add(new Grant(message, term, session, number));
        Long until = until(term);
        return new Lease(
                new Handle(
                        queue.name(),
                        queue.id(),
                        message.sequence(),
                        new Fence(tx.epoch(), number)),
                message.deliveries() + 1,
                message.attempts() + 1,
                Instant.ofEpochMilli(message.stored()),
                message.delivered() == null ? tx.wall() : Instant.ofEpochMilli(message.delivered()),
                until == null ? null : Instant.ofEpochMilli(until),
                message.cameBy(),
                message.message());
    }

    private Long until(Term term) {
        return switch (term) {
            case Term.Timed timed -> Long.valueOf(tx.now() + Durations.millis(timed.length()));
            case Term.WhileOpen _, Term.Auto _ -> null;
        };
    }

    private void write() throws SQLException {
        List<Object> sequences = new ArrayList<>();
        List<Object> fences = new ArrayList<>();
        List<Object> untils = new ArrayList<>();
        List<Object> sessions = new ArrayList<>();
        for (Grant grant : grants) {
            if (grant.term() instanceof Term.Auto) {
                ends.finish(queue, grant.message());
                continue;
            }
            sequences.add(grant.message().sequence());
            fences.add(grant.number());
            untils.add(until(grant.term()));
            boolean bound = grant.term() instanceof Term.WhileOpen;
            sessions.add(bound ? grant.session().number() : null);
        }
        if (sequences.isEmpty()) return;
        tx.update(
                LEASE,
                tx.epoch(),
                tx.now(),
                tx.longs(sequences.toArray()),
                tx.longs(fences.toArray()),
                tx.longs(untils.toArray()),
                tx.longs(sessions.toArray()),
                queue.id());
    }
}
