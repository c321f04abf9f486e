package io.millstream.index;

import io.millstream.api.Backend;
import io.millstream.api.Fetched;
import io.millstream.api.Found;
import io.millstream.api.From;
import io.millstream.api.Query;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;
import io.millstream.index.IndexStatus.Phase;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/// Reads the topic and writes the file, on a thread of its own. What fails is said and tried again,
/// with longer and longer pauses; a file that is damaged, or is not of this topic, is made anew.
final class Following implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(JobIndex.class.getName());
    private static final long READ_BYTES = 8L << 20;
    private static final Duration IDLE = Duration.ofMillis(500);
    private static final long PAUSE_MILLIS_FIRST = 200;
    private static final long PAUSE_MILLIS_MAX = 60_000;

    /// Who has followed for so long has been well.
    private static final long LONG_NANOS = Duration.ofMinutes(1).toNanos();

    private final Backend backend;
    private final Path directory;
    private final IndexOptions options;
    private volatile @Nullable Lookers lookers;
    private volatile boolean isDamaged;

    // Guarded by this.
    private IndexStatus status =
            new IndexStatus(Phase.OPENING, "It is being opened.", AsOf.NOTHING, 0, 0);
    private long incarnation;
    private @Nullable TopicReader reader;
    private boolean isClosing;
    private String told = "";

    Following(Backend backend, Path directory, IndexOptions options) {
        this.backend = backend;
        this.directory = directory;
        this.options = options;
    }

    /// The file is to be begun anew.
    private static final class AnewException extends Exception {
        private static final long serialVersionUID = 1L;

        AnewException(String why) {
            super(why);
        }
    }

    // For others.

    synchronized IndexStatus status() {
        return status;
    }

    @Nullable Lookers lookers() {
        return lookers;
    }

    /// Somebody has seen that the file cannot be read any more.
    void damaged() {
        isDamaged = true;
        wake();
    }

    void close() {
        synchronized (this) {
            isClosing = true;
            notifyAll();
        }
        wake();
    }

    private void wake() {
        TopicReader waiting;
        synchronized (this) {
            waiting = reader;
        }
        if (waiting != null) {
            waiting.close();
        }
    }

    /// @param life which topic of that name
    /// @return whether it has read up to there in time
    synchronized boolean awaits(long life, long offset, Duration most) {
        long end = System.nanoTime() + most.toNanos();
        try {
            while (status.asOf().offset() < offset
                    || incarnation != life
                    || status.phase() != Phase.FOLLOWING) {
                long left = end - System.nanoTime();
                if (left <= 0 || isClosing) {
                    return false;
                }
                wait(Math.max(1, left / 1_000_000));
            }
            return true;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized void set(Phase phase, String why, AsOf asOf, long jobs, long bytes) {
        status = new IndexStatus(phase, why, asOf, jobs, bytes);
        notifyAll();
    }

    private synchronized void set(Phase phase, String why) {
        status = new IndexStatus(phase, why, status.asOf(), status.jobs(), status.bytes());
        notifyAll();
    }

    private synchronized boolean isClosing() {
        return isClosing;
    }

    // The thread.

    @Override
    public void run() {
        long pause = PAUSE_MILLIS_FIRST;
        while (!isClosing()) {
            long before = System.nanoTime();
            Throwable failed = null;
            try {
                open();
            } catch (SQLException | IOException | RuntimeException | Error failure) {
                failed = failure;
            }
            boolean wasLong = System.nanoTime() - before > LONG_NANOS;
            pause = wasLong ? PAUSE_MILLIS_FIRST : pause;
            if (!isClosing()) {
                if (failed != null) {
                    fail(failed, pause);
                }
                // Also who begins anew again and again does so less and less often.
                rest(pause);
                pause = Math.min(PAUSE_MILLIS_MAX, pause * 2);
            }
        }
        set(Phase.CLOSED, "It is closed.");
    }

    /// The same again and again is said once.
    private void fail(Throwable failed, long pause) {
        String why = failed.getMessage() == null ? failed.toString() : failed.getMessage();
        set(Phase.FAILED, why);
        if (why.equals(told)) {
            return;
        }
        told = why;
        String text =
                "The index in %s does not follow %s, and tries again in %d ms: %s"
                        .formatted(directory, options.topic(), pause, why);
        if (failed instanceof Error || failed instanceof NullPointerException) {
            LOGGER.log(System.Logger.Level.WARNING, text, failed);
        } else {
            LOGGER.log(System.Logger.Level.WARNING, text);
        }
    }

    private synchronized void rest(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        try {
            for (long left = millis; left > 0 && !isClosing; ) {
                wait(left);
                left = (end - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException _) {
            // Nobody does.
        }
    }

    /// Follows until it is closed, or something is wrong with the file.
    private void open() throws SQLException, IOException {
        set(Phase.OPENING, "It is being opened.");
        isDamaged = false;
        IndexFile file = IndexFile.open(directory);
        boolean discards = false;
        try {
            Lookers looking = new Lookers(file);
            lookers = looking;
            try {
                follow(file);
            } finally {
                lookers = null;
                looking.close();
            }
        } catch (AnewException anew) {
            discards = true;
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "The index in %s is made anew, as far as its topic reaches: %s"
                            .formatted(directory, anew.getMessage()));
        } catch (SQLException failed) {
            if (!IndexFile.isDamage(failed)) {
                throw failed;
            }
            discards = true;
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "The index in %s is damaged and is made anew, as far as its topic reaches: %s"
                            .formatted(directory, failed.getMessage()));
        } finally {
            if (discards) {
                file.discard();
            } else {
                file.close();
            }
        }
    }

    private void follow(IndexFile file) throws SQLException, AnewException {
        Fold fold = new Fold(file.connection());
        try (Session session = backend.session(SessionSpec.of("index"))) {
            while (!isClosing()) {
                View.TopicView topic = topic();
                if (topic == null) {
                    set(
                            Phase.WAITING,
                            "There is no topic %s yet.".formatted(options.topic()),
                            fold.position().asOf(),
                            fold.kinds().jobs(),
                            file.usedBytes());
                    rest(PAUSE_MILLIS_FIRST);
                    continue;
                }
                require(fold.position(), topic);
                fold.of(options.topic(), topic.incarnation());
                read(file, fold, session, topic);
            }
            fold.close();
        }
    }

    private View.@Nullable TopicView topic() {
        Found<View.TopicView> found =
                backend.find(new Query.TopicNamed(options.topic())).toCompletableFuture().join();
        List<View.TopicView> items = found.page().items();
        return items.isEmpty() ? null : items.getFirst();
    }

    /// What was read is what the topic has, and what comes next is still there.
    private void require(Position position, View.TopicView topic) throws AnewException {
        if (position.topic().isEmpty() || position.next() == 0) {
            return;
        }
        View.PartitionView partition = topic.partitions().getFirst();
        if (!position.topic().equals(options.topic().toString())
                || position.incarnation() != topic.incarnation()
                || partition.end() < position.next()) {
            throw new AnewException("what was read is not what topic %s has now".formatted(name()));
        }
        if (partition.start() > position.next()) {
            throw gone(partition.start() - position.next());
        }
    }

    private String name() {
        return options.topic().toString();
    }

    private AnewException gone(long records) {
        return new AnewException(
                "%d records of topic %s were dropped before they were read"
                        .formatted(records, name()));
    }

    private void read(IndexFile file, Fold fold, Session session, View.TopicView topic)
            throws SQLException, AnewException {
        Position position = fold.position();
        long start = topic.partitions().getFirst().start();
        boolean compares = position.next() > start;
        long from = compares ? position.next() - 1 : Math.max(start, position.next());
        Retirement retirement = new Retirement(file, fold, options);
        try (TopicReader opened = session.read(new From.Offset(options.topic(), 0, from))) {
            synchronized (this) {
                reader = opened;
            }
            boolean hasMore = false;
            while (!isClosing()) {
                if (isDamaged) {
                    throw new AnewException("a search has found it to be damaged");
                }
                Fetched fetched =
                        opened.next(options.batch(), READ_BYTES, hasMore ? Duration.ZERO : IDLE)
                                .stage()
                                .toCompletableFuture()
                                .join();
                if (!(fetched instanceof Fetched.Records read)) {
                    // The topic is gone; whether there is another one is seen to by the caller.
                    rest(PAUSE_MILLIS_FIRST);
                    return;
                }
                if (read.missed() > 0) {
                    throw gone(read.missed());
                }
                List<TopicRecord> records = read.records();
                if (compares && !records.isEmpty()) {
                    compare(position, records.getFirst());
                    records = records.subList(1, records.size());
                    compares = false;
                }
                take(fold, records);
                long now = read.now().toEpochMilli();
                if (fold.endDelays(now)) {
                    fold.commit();
                }
                hasMore = retirement.turn(now);
                tell(file, fold);
            }
        } finally {
            synchronized (this) {
                reader = null;
            }
        }
    }

    private void compare(Position position, TopicRecord last) throws AnewException {
        if (last.offset() != position.next() - 1 || Position.digestOf(last) != position.digest()) {
            throw new AnewException("what was read is not what topic %s has now".formatted(name()));
        }
    }

    private static void take(Fold fold, List<TopicRecord> records) throws SQLException {
        if (records.isEmpty()) {
            return;
        }
        for (TopicRecord record : records) {
            fold.add(record);
        }
        fold.commit();
    }

    private void tell(IndexFile file, Fold fold) throws SQLException {
        synchronized (this) {
            told = "";
            incarnation = fold.position().incarnation();
        }
        set(Phase.FOLLOWING, "", fold.position().asOf(), fold.kinds().jobs(), file.usedBytes());
    }
}
