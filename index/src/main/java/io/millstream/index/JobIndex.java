package io.millstream.index;

import io.millstream.Millstream;
import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.api.View;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Finds jobs by what they are and what became of them, also when they have ended, and tells their
/// histories. It follows a lifecycle topic, [io.millstream.api.Lifecycle], into a file of its own:
///
/// ```java
/// try (JobIndex index = JobIndex.open(millstream, Path.of("index"))) {
///     index.search(JobSearch.ALL.state(IndexedState.DEAD).error("timeout"))
///             .jobs()
///             .forEach(job -> System.out.println(job.id() + " " + job.reason()));
/// }
/// ```
///
/// What it says is as of a moment, usually some milliseconds ago, and says which. Its file may be
/// deleted: it is made anew as far as the topic reaches. It holds up nobody: when it fails, such as
/// for a full disk, it says so in its [#status], in the log and to those who ask, and tries again.
///
/// All methods may be called from any thread. Searches block, for about as long as
/// [IndexOptions#searchTime]; 4 go on at once, and further ones wait for a moment.
public final class JobIndex implements AutoCloseable {
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final Backend backend;
    private final IndexOptions options;
    private final Following following;
    private final Thread thread;

    private JobIndex(Backend backend, Path directory, IndexOptions options) {
        this.backend = backend;
        this.options = options;
        this.following = new Following(backend, directory, options);
        this.thread = Thread.ofPlatform().name("millstream-index").daemon().unstarted(following);
    }

    /// Begins to follow the history of jobs. Does not block: the file is opened on a thread of its
    /// own.
    ///
    /// @param directory which the index has for itself; made if it is not there
    public static JobIndex open(Millstream millstream, Path directory) {
        return open(millstream.backend(), directory, IndexOptions.STANDARD);
    }

    /// Begins to follow a lifecycle topic.
    public static JobIndex open(Backend backend, Path directory, IndexOptions options) {
        JobIndex index = new JobIndex(backend, directory, options);
        index.thread.start();
        return index;
    }

    /// How it is.
    public IndexStatus status() {
        return following.status();
    }

    /// Waits until it has read what its topic has now.
    ///
    /// @return whether it has, in time
    public boolean catchUp(Duration most) {
        List<View.TopicView> topics =
                backend.find(new Query.TopicNamed(options.topic()))
                        .toCompletableFuture()
                        .join()
                        .page()
                        .items();
        if (topics.isEmpty()) {
            return true;
        }
        View.TopicView topic = topics.getFirst();
        long end = topic.partitions().getFirst().end();
        return following.awaits(topic.incarnation(), end, most);
    }

    /// A page of the jobs of which all that is asked for holds.
    ///
    /// @throws IndexUnavailableException if it cannot be asked now
    public FoundJobs search(JobSearch search) {
        return search(search, _ -> true);
    }

    /// A page of those that are, or were, in some queues.
    ///
    /// @param mayRead which queues
    /// @throws IndexUnavailableException if it cannot be asked now
    public FoundJobs search(JobSearch search, Predicate<ChannelName> mayRead) {
        return look(
                connection -> new Search(connection, search, mayRead, options.searchTime()).page());
    }

    /// What happened to a job; to the last one of that id if there were several.
    ///
    /// @throws IndexUnavailableException if it cannot be asked now
    public Optional<JobHistory> history(String id) {
        return look(connection -> history(connection, id));
    }

    /// How many jobs there are of each kind; of what there are none is left out.
    ///
    /// @throws IndexUnavailableException if it cannot be asked now
    public List<JobCount> counts() {
        return look(connection ->
                Kinds.read(connection).stream()
                        .filter(kind -> kind.jobs > 0)
                        .map(Kinds.Kind::count)
                        .toList());
    }

    private <T> T look(Lookers.Look<T> look) {
        Lookers lookers = following.lookers();
        if (lookers == null) {
            throw new IndexUnavailableException(
                    "The index cannot be asked now: " + following.status().why());
        }
        try {
            return lookers.look(look);
        } catch (SQLException failed) {
            if (IndexFile.isDamage(failed)) {
                following.damaged();
                throw new IndexUnavailableException(
                        "The index is damaged, and is made anew. Ask again later.", failed);
            }
            throw new IndexUnavailableException(
                    "The index cannot be read now: " + failed.getMessage(), failed);
        }
    }

    private static Optional<JobHistory> history(Connection connection, String id)
            throws SQLException {
        Map<Integer, Kinds.Kind> kinds = new HashMap<>();
        Kinds.read(connection).forEach(kind -> kinds.put(kind.number, kind));
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT %s FROM job WHERE id=? ORDER BY n DESC LIMIT 1"
                                .formatted(RowReader.COLUMNS))) {
            select.setString(1, id);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                Row row = RowReader.read(rows, kinds::get);
                return Optional.of(
                        new JobHistory(
                                row.job(),
                                row.steps.list(row.stored),
                                row.steps.leftOut(),
                                log(connection, row.number),
                                row.logStart,
                                Position.read(connection).asOf()));
            }
        }
    }

    private static List<JobHistory.Line> log(Connection connection, long number)
            throws SQLException {
        List<JobHistory.Line> lines = new ArrayList<>();
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT at, attempt, text FROM log WHERE n=? ORDER BY line")) {
            select.setLong(1, number);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    lines.add(
                            new JobHistory.Line(
                                    Instant.ofEpochMilli(rows.getLong(1)),
                                    rows.getInt(2),
                                    rows.getString(3)));
                }
            }
        }
        return lines;
    }

    /// Stops following. Blocks until what is under way is stored, some milliseconds; the store
    /// stays open.
    @Override
    public void close() {
        following.close();
        try {
            if (!thread.join(CLOSING)) {
                System.getLogger(JobIndex.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "The index did not stop in %d s; it is checked at its next opening"
                                        .formatted(CLOSING.toSeconds()));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
