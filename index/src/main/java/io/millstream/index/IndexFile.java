package io.millstream.index;

import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteErrorCode;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;

/// The file of an index: what is in it, how it is opened, and whether it is whole.
///
/// | table | a row is |
/// |---|---|
/// | `job` | a job, by its number in the order of submission |
/// | `kind` | a queue, a type and a state, and how many jobs are so |
/// | `life` | a life of a queue |
/// | `mark` | that a job has a tag, a key or a fingerprint; see [Marks] |
/// | `word` | the words of the text of a job's error |
/// | `log` | what a job's attempt wrote down |
/// | `gone` | a job that has left its place and has not come to another one yet |
/// | `position` | up to where the topic was read; one row |
final class IndexFile implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(JobIndex.class.getName());
    private static final String NAME = "jobs.sqlite";
    private static final int VERSION = 1;

    /// A file of this size is looked through at each opening; a larger one only if it was not
    /// closed, since it takes about a second for each gigabyte.
    private static final long SMALL_BYTES = 64L << 20;

    private static final List<String> SCHEMA =
            List.of(
                    "CREATE TABLE position(one INTEGER PRIMARY KEY, topic TEXT, incarnation"
                            + " INTEGER, next INTEGER, time INTEGER, digest INTEGER, number"
                            + " INTEGER, closed INTEGER)",
                    "INSERT INTO position VALUES (1, '', 0, 0, 0, 0, 1, 0)",
                    "CREATE TABLE life(life INTEGER PRIMARY KEY, host TEXT, queue TEXT,"
                            + " incarnation INTEGER)",
                    "CREATE TABLE kind(kind INTEGER PRIMARY KEY, host TEXT, queue TEXT, type TEXT,"
                            + " state TEXT, jobs INTEGER)",
                    "CREATE TABLE job(n INTEGER PRIMARY KEY, kind INTEGER NOT NULL, stored INTEGER"
                            + " NOT NULL, changed INTEGER NOT NULL, id TEXT NOT NULL, attempts"
                            + " INTEGER NOT NULL, steps BLOB NOT NULL, life INTEGER, place"
                            + " INTEGER, ended INTEGER, due INTEGER, until INTEGER, priority"
                            + " INTEGER, key TEXT, tags TEXT, reason TEXT, fingerprint TEXT, how"
                            + " TEXT, done INTEGER, total INTEGER, progress TEXT, log_start"
                            + " INTEGER, log_end INTEGER, log_chars INTEGER)",
                    "CREATE INDEX job_kind ON job(kind)",
                    "CREATE INDEX job_id ON job(id)",
                    "CREATE INDEX job_place ON job(life, place) WHERE life IS NOT NULL",
                    "CREATE INDEX job_due ON job(due) WHERE due IS NOT NULL",
                    "CREATE TABLE mark(hash INTEGER, n INTEGER, PRIMARY KEY(hash, n)) WITHOUT"
                            + " ROWID",
                    "CREATE TABLE log(n INTEGER, line INTEGER, at INTEGER, attempt INTEGER, text"
                            + " TEXT, PRIMARY KEY(n, line)) WITHOUT ROWID",
                    "CREATE TABLE gone(n INTEGER PRIMARY KEY, life INTEGER, place INTEGER, id TEXT,"
                            + " why TEXT, time INTEGER)",
                    "CREATE VIRTUAL TABLE word USING fts5(text, content='', contentless_delete=1,"
                            + " detail=none, tokenize='unicode61 remove_diacritics 2 categories"
                            + " ''L* N* Co Mn Mc Me''')",
                    "PRAGMA user_version=" + VERSION);

    private final Path path;
    private final FileChannel lockChannel;
    private final Connection connection;

    private IndexFile(Path path, FileChannel lockChannel, Connection connection) {
        this.path = path;
        this.lockChannel = lockChannel;
        this.connection = connection;
    }

    /// Opens what is in a directory, or begins anew if it is damaged, or of another version.
    static IndexFile open(Path directory) throws IOException, SQLException {
        Files.createDirectories(directory);
        FileChannel lock = lock(directory.resolve("LOCK"));
        Path path = directory.resolve(NAME);
        try {
            return new IndexFile(path, lock, openOrAnew(path));
        } catch (SQLException | IOException | RuntimeException | Error failed) {
            lock.close();
            throw failed;
        }
    }

    private static Connection openOrAnew(Path path) throws IOException, SQLException {
        if (Files.exists(path)) {
            Connection opened = null;
            try {
                opened = connect(path);
                String wrong = wrongOf(opened, Files.size(path));
                if (wrong.isEmpty()) {
                    return opened;
                }
                anew(path, wrong);
            } catch (SQLException failed) {
                if (!isDamage(failed)) {
                    close(opened);
                    throw failed;
                }
                anew(path, "it is damaged: " + failed.getMessage());
            }
            close(opened);
            remove(path);
        }
        Connection made = connect(path);
        try (Statement statement = made.createStatement()) {
            for (String sql : SCHEMA) {
                statement.executeUpdate(sql);
            }
            made.commit();
            return made;
        } catch (SQLException failed) {
            close(made);
            throw failed;
        }
    }

    private static void anew(Path path, String why) {
        LOGGER.log(
                System.Logger.Level.WARNING,
                "The index %s is made anew, as far as its topic reaches: %s".formatted(path, why));
    }

    /// Empty if nothing is.
    private static String wrongOf(Connection opened, long bytes) throws SQLException {
        long version = number(opened, "PRAGMA user_version");
        if (version != VERSION) {
            return "it has version %d, and this program makes version %d"
                    .formatted(version, VERSION);
        }
        boolean closed = number(opened, "SELECT closed FROM position") != 0;
        if (!closed || bytes < SMALL_BYTES) {
            try (Statement statement = opened.createStatement();
                    ResultSet found = statement.executeQuery("PRAGMA quick_check(1)")) {
                String first = found.next() ? found.getString(1) : "nothing";
                if (!first.equals("ok")) {
                    return "it is damaged: " + first;
                }
            }
        }
        return "";
    }

    private static Connection connect(Path path) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("busy_timeout", "5000");
        Connection connection = connection(path, properties);
        try (Statement statement = connection.createStatement()) {
            // A power cut may take the last records, which are read again, and damages nothing.
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=NORMAL");
            statement.execute("PRAGMA cache_size=-32768");
            statement.execute("PRAGMA temp_store=MEMORY");
            statement.execute("PRAGMA wal_autocheckpoint=8192");
            statement.execute("PRAGMA journal_size_limit=67108864");
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException failed) {
            close(connection);
            throw failed;
        }
    }

    private static Connection connection(Path path, Properties properties) throws SQLException {
        return JDBC.createConnection("jdbc:sqlite:" + path.toAbsolutePath(), properties);
    }

    /// One more connection, to look only.
    Connection look() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("open_mode", "1");
        properties.setProperty("busy_timeout", "1000");
        Connection looking = connection(path, properties);
        try (Statement statement = looking.createStatement()) {
            statement.execute("PRAGMA query_only=1");
            statement.execute("PRAGMA cache_size=-8192");
            looking.setAutoCommit(false);
            return looking;
        } catch (SQLException failed) {
            close(looking);
            throw failed;
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException _) {
            // Told below.
        }
        if (lock == null) {
            channel.close();
            throw new IOException(
                    "The index in %s is in use by another program. Give each one a directory of its"
                                    .formatted(path.getParent())
                            + " own.");
        }
        return channel;
    }

    private static void remove(Path path) throws IOException {
        for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
            Files.deleteIfExists(path.resolveSibling(path.getFileName() + suffix));
        }
    }

    /// Whether a file cannot be read any more, and not only now.
    static boolean isDamage(SQLException failed) {
        int code = failed.getErrorCode() & 0xFF;
        return code == SQLiteErrorCode.SQLITE_CORRUPT.code
                || code == SQLiteErrorCode.SQLITE_NOTADB.code;
    }

    static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static void close(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException failed) {
            LOGGER.log(System.Logger.Level.DEBUG, "A connection did not close", failed);
        }
    }

    /// The one that writes.
    Connection connection() {
        return connection;
    }

    /// How much of the file is in use, in bytes.
    long usedBytes() throws SQLException {
        long pages =
                number(connection, "PRAGMA page_count")
                        - number(connection, "PRAGMA freelist_count");
        return pages * number(connection, "PRAGMA page_size");
    }

    /// Closes and removes it.
    void discard() throws IOException {
        try {
            close(connection);
            remove(path);
        } finally {
            lockChannel.close();
        }
    }

    @Override
    public void close() throws IOException {
        close(connection);
        lockChannel.close();
    }
}
