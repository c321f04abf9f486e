package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.Change;
import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Expect;
import io.millstream.api.Interest;
import io.millstream.api.MillstreamException;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.api.View;
import io.millstream.jobs.schedule.StillRunning;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/// Fires schedules when they are due, beside any number of others that do the same.
///
/// It is told of all rows, sleeps by the backend's clock until the first is due, and begins what is
/// due by one commit for each schedule: a write of the row that is refused if the row has changed,
/// and the puts of the jobs. So whoever else has fired it first has fired it, and who dies has or
/// has not; there is nothing between. It owns nothing that another one could not do as well.
///
/// What it remembers is a copy. After whatever goes wrong it is thrown away and read again.
final class Scheduler implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Scheduler.class.getName());
    private static final int SCHEDULES_PER_PASS = 500;

    /// After so long it is looked again whether what blocks a run is still there.
    private static final Duration BLOCKED = Duration.ofMinutes(1);

    /// After so long what was in the way for a moment is tried again.
    private static final Duration SOON = Duration.ofSeconds(1);

    /// A backend that has not answered for so long, by this machine's clock, is asked anew.
    private static final long ANSWER_SECONDS_MAX = 60;

    private static final long PAUSE_MILLIS = 1000;

    private final Backend backend;
    private final ScheduleLooks looks;
    private final Replacing replacing;
    private final AtomicBoolean started = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Alarm alarm;

    /// @param canceller of runs that later ones replace
    Scheduler(Backend backend, Canceller canceller) {
        this.backend = backend;
        this.looks = new ScheduleLooks(backend);
        this.replacing = new Replacing(canceller);
    }

    /// Begins; the second time it does nothing.
    void start() {
        if (started.compareAndSet(false, true)) {
            Thread.ofVirtual().name("millstream-schedules").start(this::work);
        }
    }

    private void work() {
        try {
            while (!isClosed()) {
                try (Session session = backend.session(SessionSpec.of("schedules"))) {
                    new Watch(session).run();
                } catch (StoppedException stopped) {
                    report("Schedules are not fired any more: %s", stopped);
                    return;
                } catch (RefusedException refused) {
                    if (refused.refusal() instanceof Refusal.NotSupported) {
                        // None can be declared either, so nobody misses anything.
                        LOGGER.log(
                                System.Logger.Level.DEBUG,
                                "Schedules are not fired: " + refused.getMessage());
                        return;
                    }
                    report("Schedules are fired a little later: %s", refused);
                } catch (RuntimeException wrong) {
                    report("Schedules are fired a little later: %s", wrong);
                }
                var _ = closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException _) {
            // Nobody does that but who ends the process.
        }
    }

    private void report(String text, RuntimeException why) {
        if (!isClosed()) {
            boolean isKnown = why instanceof MillstreamException;
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    text.formatted(isKnown ? why.getMessage() : why.toString()),
                    isKnown ? null : why);
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /// Fires no more. Does not block: what is being fired is fired.
    @Override
    public void close() {
        closed.countDown();
        Alarm sleeping = alarm;
        if (sleeping != null) {
            sleeping.wake();
        }
    }

    private static <T> T answer(CompletionStage<T> stage) {
        return Answer.of(
                stage.thenApply(value -> value)
                        .toCompletableFuture()
                        .orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS));
    }

    /// One session's view of all schedules, and what is done by it.
    private final class Watch {
        private final Session session;
        private final Alarm clock;
        private final ScheduleBook book = new ScheduleBook();
        private final Queue<Told> changes = new ConcurrentLinkedQueue<>();
        private Instant now = Instant.MIN;

        Watch(Session session) {
            this.session = session;
            this.clock = new Alarm(session);
        }

        void run() {
            alarm = clock;
            watch(ScheduleRow.TABLE);
            watch(Runs.TABLE);
            while (!isClosed()) {
                if (book.isEmpty()) {
                    clock.sleep();
                } else {
                    now = clock.sleep(book.first());
                }
                for (Told told = changes.poll(); told != null; told = changes.poll()) {
                    told(told);
                }
                if (!isClosed()) {
                    fire(book.due(now, SCHEDULES_PER_PASS));
                }
            }
        }

        /// What was told of a table.
        private record Told(String table, Change change) {}

        private void watch(String table) {
            var _ =
                    session.watch(
                            new Interest.Rows(table, ""),
                            change -> {
                                changes.add(new Told(table, change));
                                clock.wake();
                            });
        }

        private void told(Told told) {
            switch (told.change()) {
                case Change.RowSnapshot(List<View.RowView> rows) -> toldAll(told.table(), rows);
                case Change.RowChanged(View.RowView row) -> {
                    if (!isRun(row.key())) {
                        book.told(row);
                    }
                }
                case Change.RowRemoved(String key) -> {
                    if (isRun(key)) {
                        book.ended(Runs.scheduleOf(key));
                    } else {
                        book.gone(key);
                    }
                }
                case Change.Refused refused -> throw new RefusedException(refused.refusal());
                default -> {
                    // Not asked for.
                }
            }
        }

        /// Not for the first time, if the store is elsewhere and the connection was lost: what has
        /// gone meanwhile is told by not being there.
        private void toldAll(String table, List<View.RowView> rows) {
            if (table.equals(Runs.TABLE)) {
                book.runsMayHaveEnded();
            } else {
                book.only(rows.stream().map(View.RowView::key).collect(Collectors.toSet()));
                rows.forEach(book::told);
            }
        }

        /// Names of schedules have no mark of runs.
        private static boolean isRun(String key) {
            return !Runs.scheduleOf(key).isEmpty();
        }

        // Firing.

        private void fire(List<ScheduleBook.Entry> due) {
            if (due.isEmpty()) {
                return;
            }
            // Looked at after the rows were told: what a row says to have begun is seen there.
            Map<String, List<String>> running = running(due);
            List<ScheduleBook.Entry> entries = new ArrayList<>();
            List<Firing> firings = new ArrayList<>();
            List<Commit> commits = new ArrayList<>();
            List<Failed> failed = new ArrayList<>();
            for (ScheduleBook.Entry entry : due) {
                boolean isRunning = running.containsKey(entry.name());
                try {
                    Firing firing =
                            Firing.due(entry.name(), entry.row(), isRunning, now, entry.most());
                    if (firing == null) {
                        book.later(entry, wake(entry.row(), isRunning));
                    } else {
                        commits.add(new Commit(null, firing.operations(entry.version())));
                        entries.add(entry);
                        firings.add(firing);
                    }
                } catch (RuntimeException wrong) {
                    // Whatever is wrong with one costs the others nothing.
                    LOGGER.log(
                            System.Logger.Level.ERROR,
                            "What is due of schedule %s cannot be told.".formatted(entry.name()),
                            wrong);
                    failed.add(new Failed(entry, failure(entry, wrong.toString())));
                }
            }
            if (!commits.isEmpty()) {
                List<Receipt> receipts = answer(session.commit(commits));
                for (int i = 0; i < receipts.size(); i++) {
                    ended(entries.get(i), firings.get(i), receipts.get(i), failed);
                }
            }
            write(failed);
            running.forEach(this::replace);
        }

        /// Whoever dies before that has said by its commit that a run waits, which others see.
        private void replace(String name, List<String> runs) {
            ScheduleRow row = book.row(name);
            if (row != null
                    && row.plan().stillRunning() == StillRunning.REPLACE
                    && !row.progress().waiting().isEmpty()) {
                replacing.cancel(runs);
            }
        }

        /// A schedule that could not be fired, and what its row is to be.
        private record Failed(ScheduleBook.Entry entry, ScheduleRow row) {}

        private void ended(
                ScheduleBook.Entry entry, Firing firing, Receipt receipt, List<Failed> failed) {
            switch (receipt) {
                case Receipt.Committed committed -> {
                    boolean isRunning =
                            !firing.begun().isEmpty()
                                    || !firing.row().progress().waiting().isEmpty();
                    Instant wake = firing.more() ? now : wake(firing.row(), isRunning);
                    book.wrote(entry, firing.row(), versionOf(committed), wake);
                }
                case Receipt.Refused(Instant _, int _, Refusal.Busy _) ->
                        book.later(entry, now.plus(SOON));
                // Somebody else has fired it, or changed it: that is told.
                case Receipt.Refused(Instant _, int _, Refusal.Conflict _) ->
                        book.later(entry, now.plus(SOON));
                case Receipt.Refused(Instant _, int _, Refusal.Duplicate _) -> {
                    if (firing.begun().size() > 1) {
                        entry.begin();
                        book.later(entry, now);
                    } else {
                        failed.add(new Failed(entry, firing.leftOut(entry.row())));
                    }
                }
                case Receipt.Refused refused ->
                        failed.add(new Failed(entry, failure(entry, refused.refusal().text())));
            }
        }

        private ScheduleRow failure(ScheduleBook.Entry entry, String reason) {
            ScheduleRow row = Firing.failed(entry.name(), entry.row(), reason, now);
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "Schedule %s was due and could not begin; it is tried again: %s"
                            .formatted(entry.name(), reason));
            return row;
        }

        private void write(List<Failed> failed) {
            if (failed.isEmpty()) {
                return;
            }
            List<Commit> commits = new ArrayList<>();
            for (Failed one : failed) {
                commits.add(
                        Commit.of(Firing.write(one.entry.name(), one.row, one.entry.version())));
            }
            List<Receipt> receipts = answer(session.commit(commits));
            for (int i = 0; i < receipts.size(); i++) {
                ScheduleBook.Entry entry = failed.get(i).entry;
                ScheduleRow row = failed.get(i).row;
                if (receipts.get(i) instanceof Receipt.Committed committed) {
                    // What was left out may have had others behind it.
                    boolean isLeftOut = row.progress().failing() == null;
                    Instant wake = isLeftOut ? now : wake(row, true);
                    book.wrote(entry, row, versionOf(committed), wake);
                } else {
                    book.later(entry, now.plus(SOON));
                }
            }
        }

        private static long versionOf(Receipt.Committed committed) {
            return ((Receipt.Effect.Changed) committed.effects().getFirst()).version();
        }

        /// When a schedule of which all is done that can be done now is to be looked at again.
        private Instant wake(ScheduleRow row, boolean isRunning) {
            ScheduleRow.Failing failing = row.progress().failing();
            if (failing != null && failing.again().isAfter(now)) {
                return failing.again();
            }
            Instant next = row.next(now);
            if (row.progress().waiting().isEmpty()) {
                return next;
            }
            Instant look = isRunning ? now.plus(BLOCKED) : now;
            return look.isBefore(next) ? look : next;
        }

        // What runs.

        /// The runs that have not ended, by their schedules.
        private Map<String, List<String>> running(List<ScheduleBook.Entry> due) {
            Set<String> asked = new HashSet<>();
            for (ScheduleBook.Entry entry : due) {
                if (entry.row().plan().isOneAtATime()) {
                    asked.add(entry.name());
                }
            }
            Map<String, List<String>> running = new HashMap<>();
            if (!asked.isEmpty()) {
                Map<ChannelName, Boolean> empty = new HashMap<>();
                for (View.RowView run : looks.runs("")) {
                    String schedule = Runs.scheduleOf(run.key());
                    if (asked.contains(schedule) && !hasVanished(run, empty)) {
                        running.computeIfAbsent(schedule, _ -> new ArrayList<>()).add(run.key());
                    }
                }
            }
            return running;
        }

        /// Whether a job ended without a word, because its queue was purged or removed, or somebody
        /// settled it who knows nothing of runs: it is in its queue as long as it has not ended, so
        /// if nothing is there, nor on its way to [Endings], it is nowhere. Who ends it meanwhile
        /// removes the row.
        private boolean hasVanished(View.RowView run, Map<ChannelName, Boolean> empty) {
            ChannelName queue = Runs.queueOf(run);
            boolean isGone =
                    queue == null
                            || (empty.computeIfAbsent(queue, looks::isEmpty)
                                    && looks.isEmpty(Envelope.ENDED));
            if (!isGone) {
                return false;
            }
            Operation end = Runs.end(run.key(), new Expect.Version(run.version()));
            boolean isEnded = answer(session.commit(Commit.of(end))) instanceof Receipt.Committed;
            if (isEnded) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        ("Run %s ended without a word: its queue was emptied, or its job was"
                                        + " settled by others. It counts as ended.")
                                .formatted(run.key()));
            }
            // Else somebody has ended it just now.
            return true;
        }
    }
}
