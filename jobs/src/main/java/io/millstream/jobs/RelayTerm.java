package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.jobs.outbox.OutboxKey;
import io.millstream.jobs.outbox.OutboxRow;
import io.millstream.jobs.outbox.OutboxTable;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// A relay's time with the [Baton] of an outbox, from when it takes it until it loses it or
/// something goes wrong.
///
/// ```
/// database                                    store
/// ────────                                    ─────
/// which outbox is this?
///                                             take the baton: it says what was put last
/// remove what was put last, ┐
/// read what is next, commit ┘ ◄─────┐
///                                   │         put it, and write that into the baton
///                                   └────────
/// ```
///
/// What is put was read by a transaction that removed all that was put before, and is committed. So
/// nothing is put twice, whatever stops between any two of these steps, and whoever goes on. No
/// lock and no time is part of that.
///
/// One thread uses it.
final class RelayTerm {
    private static final long ANSWER_SECONDS_MAX = 60;
    private static final long BATCH_BYTES_MAX = 4L << 20;
    private static final long BUSY_MILLIS = 20;
    private static final int BUSY_TRIES_MAX = 100;
    private static final int TRIES_MAX = 100;

    private final Backend backend;
    private final Session session;
    private final Declarations declarations;
    private final String holder;
    private final int batch;
    private final long batchBytes;
    private final BlockedQueues blocked = new BlockedQueues();
    private @Nullable Baton baton;
    private long relayed;
    private long refused;

    /// @param holder what this relay is called
    /// @param batch how many jobs are put by one commit at most
    RelayTerm(
            Backend backend, Session session, Declarations declarations, String holder, int batch) {
        this.backend = backend;
        this.session = session;
        this.declarations = declarations;
        this.holder = holder;
        this.batch = batch;
        this.batchBytes = Math.min(BATCH_BYTES_MAX, backend.capabilities().commitBytesMax() / 4);
    }

    /// A job on its way.
    private record Entry(OutboxKey key, Draft draft) {}

    /// How many were put, or found to be duplicates.
    long relayed() {
        return relayed;
    }

    /// How many were refused for good.
    long refused() {
        return refused;
    }

    /// Why jobs of some queue wait, or null if none do.
    @Nullable String trouble() {
        return blocked.trouble();
    }

    /// Relays what is next. Blocks.
    ///
    /// @param connection that does not commit by itself
    /// @return how many jobs it could see to; if none, there is nothing to do at present
    /// @throws Baton.LostException if another relay relays this outbox
    int pass(Connection connection) throws SQLException, Baton.LostException {
        OutboxTable table = new OutboxTable(connection);
        Baton held = baton;
        if (held == null) {
            held = Baton.take(backend, session, table.identity(), holder);
            baton = held;
        }
        table.delete(held.put());
        List<OutboxRow> rows = table.waiting(batch, batchBytes, blocked.now());
        connection.commit();
        held.removed();
        if (rows.isEmpty()) {
            blocked.forgetOthers();
            return 0;
        }
        long before = relayed + refused;
        Map<OutboxKey, String> refusals = new HashMap<>();
        put(held, entries(rows, refusals), refusals);
        for (Map.Entry<OutboxKey, String> one : refusals.entrySet()) {
            table.refuse(one.getKey(), one.getValue());
        }
        if (!refusals.isEmpty()) {
            connection.commit();
            refused += refusals.size();
        }
        return (int) (relayed + refused - before);
    }

    /// The jobs up to one that would be debounced together with another one of them.
    private static List<Entry> entries(List<OutboxRow> rows, Map<OutboxKey, String> refusals) {
        List<Entry> entries = new ArrayList<>();
        Set<String> debounced = new HashSet<>();
        for (OutboxRow row : rows) {
            try {
                Draft draft = DraftJson.read(row.key().jobId(), row.job());
                if (draft.scope() instanceof Unique.Scope.Debounced
                        && !debounced.add(draft.key())) {
                    break;
                }
                entries.add(new Entry(row.key(), draft));
            } catch (Json.Unreadable unreadable) {
                refusals.put(row.key(), "It cannot be read. " + unreadable.getMessage());
            }
        }
        return entries;
    }

    /// Puts what can be put by one commit. What cannot be put now is left out, what can never be is
    /// refused.
    private void put(Baton held, List<Entry> entries, Map<OutboxKey, String> refusals)
            throws Baton.LostException {
        List<Entry> left = ensured(entries, refusals);
        int busy = 0;
        for (int tries = 0; !left.isEmpty() && tries < TRIES_MAX + entries.size(); tries++) {
            List<OutboxKey> keys = left.stream().map(Entry::key).toList();
            Proposal proposal;
            try {
                proposal = Proposal.of(backend, left.stream().map(Entry::draft).toList(), true);
            } catch (IllegalArgumentException | DateTimeException | ArithmeticException senseless) {
                left = half(left, "It makes no sense: " + senseless.getMessage(), refusals);
                continue;
            }
            List<Operation> operations = new ArrayList<>();
            operations.add(held.pass(keys));
            operations.addAll(proposal.operations());
            switch (answer(session.commit(new Commit(null, operations)))) {
                case Receipt.Committed committed -> {
                    held.passed(committed, keys);
                    blocked.passed(left.stream().map(entry -> entry.draft.queue()).toList());
                    relayed += left.size();
                    return;
                }
                case Receipt.Refused(var _, int _, Refusal.Busy refusal) -> {
                    if (++busy > BUSY_TRIES_MAX || !isPaused(BUSY_MILLIS)) {
                        throw new RefusedException(refusal);
                    }
                }
                case Receipt.Refused(var _, int operation, Refusal refusal) -> {
                    left =
                            operation == 0
                                    ? withoutRoom(left, refusal, refusals)
                                    : without(
                                            left, proposal.owner(operation - 1), refusal, refusals);
                }
            }
        }
    }

    private static boolean isPaused(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static <T> T answer(CompletionStage<T> stage) {
        return Answer.of(
                stage.thenApply(value -> value)
                        .toCompletableFuture()
                        .orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS));
    }

    /// Those whose queues are there. Who enqueued them did not ask the store.
    private List<Entry> ensured(List<Entry> entries, Map<OutboxKey, String> refusals) {
        List<Entry> left = entries;
        for (int place = 0; place < left.size(); ) {
            try {
                declarations.ensure(left.get(place).draft.queue());
                place++;
            } catch (RefusedException cannot) {
                List<Entry> others = without(left, place, cannot.refusal(), refusals);
                place = others.size() < left.size() ? place : place + 1;
                left = others;
            }
        }
        return left;
    }

    /// What is left if the commit as a whole is refused.
    private static List<Entry> withoutRoom(
            List<Entry> left, Refusal refusal, Map<OutboxKey, String> refusals)
            throws Baton.LostException {
        if (refusal instanceof Refusal.Conflict) {
            throw new Baton.LostException();
        }
        if (refusal instanceof Refusal.TooLarge) {
            return half(left, refusal.text(), refusals);
        }
        throw new RefusedException(refusal);
    }

    /// Something is wrong with one of them, or with all of them together: the rest is for another
    /// pass. A single one is refused.
    private static List<Entry> half(
            List<Entry> left, String reason, Map<OutboxKey, String> refusals) {
        if (left.size() > 1) {
            return left.subList(0, left.size() / 2);
        }
        refusals.put(left.getFirst().key, reason);
        return List.of();
    }

    /// What is left if one of them is refused.
    private List<Entry> without(
            List<Entry> left, int place, Refusal refusal, Map<OutboxKey, String> refusals) {
        Entry one = left.get(place);
        return switch (refusal) {
            // Somebody else got on: a new look says what is so now.
            case Refusal.Conflict _ -> left;
            case Refusal.IsFull _, Refusal.Busy _ -> withoutFrom(left, place, refusal);
            case Refusal.NoSuchChannel _ -> {
                declarations.forget(one.draft.queue());
                yield withoutFrom(left, place, refusal);
            }
            case Refusal.TooLarge _,
                    Refusal.Invalid _,
                    Refusal.NotSupported _,
                    Refusal.Duplicate _,
                    Refusal.NoSuchExchange _,
                    Refusal.StaleFence _ -> {
                refusals.put(one.key, refusal.text());
                List<Entry> others = new ArrayList<>(left);
                others.remove(place);
                yield others;
            }
        };
    }

    /// This one and what comes behind it wait, of its queue and no other.
    private List<Entry> withoutFrom(List<Entry> left, int place, Refusal refusal) {
        ChannelName queue = left.get(place).draft.queue();
        blocked.block(queue, refusal.text());
        List<Entry> others = new ArrayList<>(left.subList(0, place));
        for (Entry entry : left.subList(place, left.size())) {
            if (!entry.draft.queue().equals(queue)) {
                others.add(entry);
            }
        }
        return others;
    }
}
