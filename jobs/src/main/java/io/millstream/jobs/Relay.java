package io.millstream.jobs;

import io.millstream.api.Backend;
import io.millstream.api.MillstreamException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.StoppedException;
import io.millstream.jobs.outbox.Outbox;
import io.millstream.jobs.outbox.OutboxKey;
import io.millstream.jobs.outbox.OutboxLook;
import io.millstream.jobs.outbox.OutboxTable;

import org.jspecify.annotations.Nullable;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import javax.sql.DataSource;

/// Puts jobs that were enqueued by [Jobs#in] into their queues, once their transactions are
/// committed: each of them once, whatever dies meanwhile.
///
/// Any number of processes may relay the same outbox. One of them does at a time; the others stand
/// by, and go on when the first job of the outbox has waited for [#PATIENCE]. The one that began
/// last is the first that does.
///
/// A relay looks at the database again and again: within milliseconds after jobs were found, or
/// enqueued through the same [Jobs], then less often, at last once in [Builder#pause]. [#nudge]
/// after a commit makes it look at once.
///
/// All methods may be called from any thread.
public final class Relay implements AutoCloseable {
    /// How long a relay that stands by waits for the one that relays to get on.
    public static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final System.Logger LOGGER = System.getLogger(Relay.class.getName());
    private static final Duration FAILED_MOST = Duration.ofSeconds(10);
    private static final Duration LOGS_APART = Duration.ofMinutes(1);
    private static final Duration CLOSE_MOST = Duration.ofSeconds(10);
    private static final int DOUBLINGS_MAX = 6;
    private static final int NAME_BITS = 40;
    private static final int NAME_RADIX = 32;

    private final Backend backend;
    private final Declarations declarations;
    private final DataSource database;
    private final Consumer<Relay> closing;
    private final int batch;
    private final String name;
    private final Duration patience;
    private final Pauses pauses;
    private final Pauses failures = new Pauses(FAILED_MOST);
    private final AtomicLong relayed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final Thread thread;
    private volatile boolean isClosed;
    private volatile boolean isActive;
    private volatile @Nullable String trouble;

    /// Whether the trouble was logged, and when the last one was; the thread's own.
    private boolean isLogged;

    private long loggedAt = System.nanoTime() - 2 * LOGS_APART.toNanos();

    private Relay(Builder from) {
        this.backend = from.backend;
        this.declarations = from.declarations;
        this.database = from.database;
        this.closing = from.closing;
        this.batch = from.batch;
        this.patience = from.patience;
        this.pauses = new Pauses(from.pause);
        this.name = "relay-" + new BigInteger(NAME_BITS, new SecureRandom()).toString(NAME_RADIX);
        this.thread = Thread.ofVirtual().name("millstream-outbox").unstarted(this::work);
    }

    /// Looks at the outbox within 10 ms. Does not block.
    public void nudge() {
        pauses.wake();
    }

    /// How many jobs this relay has put since it began; those that were duplicates of others count.
    public long relayed() {
        return relayed.get();
    }

    /// How many jobs this relay has marked as refused since it began, see [Outbox#refused].
    public long refused() {
        return refused.get();
    }

    /// Whether this relay is the one that relays, and others stand by.
    public boolean isActive() {
        return isActive;
    }

    /// Why jobs wait, in words, if some do at present: the database or the store is not reached, or
    /// a queue is full. The relay tries again by itself.
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /// What the outbox holds. Blocks for the database, and counts its rows.
    public OutboxLook look() throws SQLException {
        try (Connection connection = database.getConnection()) {
            return Outbox.look(connection);
        }
    }

    /// Relays no more; what waits is for others, or for later. Blocks until what is being done is
    /// done, for seconds at most.
    @Override
    public void close() {
        isClosed = true;
        pauses.end();
        failures.end();
        closing.accept(this);
        try {
            if (!thread.join(CLOSE_MOST)) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        ("The outbox's relay still waits for its database or its store, %s after it"
                                        + " was closed. It is left behind; it puts nothing twice.")
                                .formatted(CLOSE_MOST));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    // What the thread does.

    private void work() {
        boolean standsBy = false;
        int turns = -1;
        try {
            while (!isClosed) {
                long before = relayed();
                try {
                    if (standsBy) {
                        standBy(patience.multipliedBy(1L << Math.max(turns, 0)));
                    }
                    standsBy = false;
                    relay();
                } catch (Baton.LostException _) {
                    // Who could do no better than the other one leaves it alone for longer.
                    turns = relayed() > before ? 0 : Math.min(turns + 1, DOUBLINGS_MAX);
                    standsBy = true;
                    trouble = null;
                } catch (StoppedException stopped) {
                    stopped("Jobs are not relayed any more: " + stopped.getMessage());
                    return;
                } catch (SQLException | RuntimeException wrong) {
                    failed("Jobs of the outbox wait, and are tried again", wrong);
                    failures.pause();
                } finally {
                    isActive = false;
                }
            }
        } catch (InterruptedException _) {
            // Nobody does that but who ends the process.
        }
    }

    /// Until it is closed, or something goes wrong.
    private void relay() throws SQLException, InterruptedException, Baton.LostException {
        try (Session session = backend.session(SessionSpec.of("outbox"))) {
            RelayTerm term = new RelayTerm(backend, session, declarations, name, batch);
            while (!isClosed) {
                try (Transaction transaction = new Transaction(database)) {
                    drain(term, transaction.connection);
                }
                pauses.pause();
            }
        }
    }

    private void drain(RelayTerm term, Connection connection)
            throws SQLException, Baton.LostException {
        int passed = 1;
        while (passed > 0 && !isClosed) {
            long relayedBefore = term.relayed();
            long refusedBefore = term.refused();
            try {
                passed = term.pass(connection);
            } finally {
                relayed.addAndGet(term.relayed() - relayedBefore);
                refused.addAndGet(term.refused() - refusedBefore);
            }
            isActive = true;
            if (passed > 0) {
                pauses.shorten();
            }
            succeeded(term.trouble());
        }
    }

    /// Until the first job of the outbox has not changed for too long.
    private void standBy(Duration most) throws SQLException, InterruptedException {
        OutboxKey first = null;
        long since = System.nanoTime();
        while (!isClosed) {
            OutboxKey now;
            try (Transaction transaction = new Transaction(database)) {
                now = new OutboxTable(transaction.connection).first();
            }
            succeeded(null);
            if (now == null || !now.equals(first)) {
                first = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > most.toNanos()) {
                return;
            }
            pauses.pause();
        }
    }

    /// A connection that does not commit by itself, and is as it was when it is given back.
    private static final class Transaction implements AutoCloseable {
        private final Connection connection;
        private final boolean committedByItself;

        Transaction(DataSource database) throws SQLException {
            connection = database.getConnection();
            try {
                committedByItself = connection.getAutoCommit();
                connection.setAutoCommit(false);
            } catch (SQLException failed) {
                try (connection) {
                    throw failed;
                }
            }
        }

        @Override
        public void close() throws SQLException {
            try (connection) {
                connection.rollback();
                connection.setAutoCommit(committedByItself);
            }
        }
    }

    private void stopped(String text) {
        trouble = text;
        if (!isClosed) {
            LOGGER.log(System.Logger.Level.WARNING, text);
        }
    }

    private void failed(String what, Exception why) {
        String text =
                why instanceof MillstreamException || why instanceof SQLException
                        ? String.valueOf(why.getMessage())
                        : why.toString();
        report(what + ": " + text);
    }

    private void succeeded(@Nullable String blocked) {
        failures.shorten();
        if (blocked != null) {
            report("Jobs of the outbox wait, and are tried again: " + blocked);
        } else if (trouble != null) {
            trouble = null;
            if (isLogged) {
                isLogged = false;
                LOGGER.log(System.Logger.Level.INFO, "Jobs are relayed from the outbox again.");
            }
        }
    }

    /// Once for as long as it lasts, and no more often than [#LOGS_APART] if it comes and goes.
    private void report(String text) {
        long now = System.nanoTime();
        if (trouble == null && !isClosed && now - loggedAt > LOGS_APART.toNanos()) {
            LOGGER.log(System.Logger.Level.WARNING, text);
            loggedAt = now;
            isLogged = true;
        }
        trouble = text;
    }

    /// Describes a relay; not for use by several threads.
    public static final class Builder {
        private static final Duration PAUSE = Duration.ofSeconds(1);
        private static final int BATCH = 500;
        private static final int BATCH_MAX = 5000;

        private final Backend backend;
        private final Declarations declarations;
        private final DataSource database;
        private final Consumer<Relay> started;
        private final Consumer<Relay> closing;
        private Duration pause = PAUSE;
        private Duration patience = PATIENCE;
        private int batch = BATCH;

        /// @param started is told of a relay that has begun
        /// @param closing is told of one that ends
        Builder(
                Backend backend,
                Declarations declarations,
                DataSource database,
                Consumer<Relay> started,
                Consumer<Relay> closing) {
            this.backend = backend;
            this.declarations = declarations;
            this.database = database;
            this.started = started;
            this.closing = closing;
        }

        /// How long it waits at most between two looks at the database, give or take a fifth; a
        /// second if nothing is said, 10 ms at least.
        public Builder pause(Duration pause) {
            if (pause.compareTo(Pauses.LEAST) < 0) {
                throw new IllegalArgumentException(
                        "A relay waits %s or longer, not %s".formatted(Pauses.LEAST, pause));
            }
            this.pause = pause;
            return this;
        }

        /// In place of [#PATIENCE].
        Builder patience(Duration patience) {
            this.patience = patience;
            return this;
        }

        /// How many jobs are put by one commit at most: 1 to 5000, 500 if nothing is said. So many
        /// are in the heap at once, and no more than 4 MiB of them unless one is larger.
        public Builder batch(int jobs) {
            if (jobs < 1 || jobs > BATCH_MAX) {
                throw new IllegalArgumentException(
                        "A relay puts 1 to %d jobs at once, not %d".formatted(BATCH_MAX, jobs));
            }
            this.batch = jobs;
            return this;
        }

        /// Begins to relay. What goes wrong from then on is tried again, and said by
        /// [Relay#trouble] and once in the log.
        public Relay start() {
            Relay relay = new Relay(this);
            started.accept(relay);
            relay.thread.start();
            return relay;
        }
    }
}
