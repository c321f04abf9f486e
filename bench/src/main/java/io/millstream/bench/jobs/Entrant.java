package io.millstream.bench.jobs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Somebody who takes part, and is opened for each of its turns.
///
/// @param name what it is called in a report
/// @param opener opens it
record Entrant(String name, Opener opener) {
    static final String UNTRACKED = "Millstream, in process";
    static final String TRACKED = "Millstream, in process, tracked";
    static final String ONE_PROCESS = "Millstream server, 1 worker process";
    static final String EIGHT_PROCESSES = "Millstream server, 8 worker processes";

    /// Opens it.
    @FunctionalInterface
    interface Opener {
        /// @param data where its files may be
        /// @param workers how many jobs at once
        Contender open(Path data, int workers) throws Exception;
    }

    private record Library(String name, OnDatabase opener) {
        static final List<Library> ALL =
                List.of(
                        new Library("JobRunr", JobRunrPeer::new),
                        new Library("db-scheduler", DbSchedulerPeer::new),
                        new Library("Quartz", QuartzPeer::new));
    }

    @FunctionalInterface
    private interface OnDatabase {
        Contender open(Database database, int workers) throws Exception;
    }

    /// Ours first.
    ///
    /// @param peers the databases that peers are to have: `postgres`, `h2`, `all` or `none`
    static List<Entrant> chosen(String peers) {
        List<Entrant> entrants = new ArrayList<>();
        entrants.add(
                new Entrant(
                        UNTRACKED,
                        (data, workers) ->
                                new InProcess(data, Setting.untracked(UNTRACKED), workers)));
        entrants.add(
                new Entrant(
                        TRACKED,
                        (data, workers) -> new InProcess(data, Setting.tracked(TRACKED), workers)));
        entrants.add(overHttp(ONE_PROCESS, 1));
        entrants.add(overHttp(EIGHT_PROCESSES, 8));
        boolean all = peers.equals("all");
        for (Library library : Library.ALL) {
            if (all || peers.equals("postgres")) {
                entrants.add(on(library, "PostgreSQL", Postgres::open));
            }
            if (all || peers.equals("h2")) {
                entrants.add(on(library, "H2", H2::open));
            }
        }
        return entrants;
    }

    private static Entrant overHttp(String name, int processes) {
        return new Entrant(
                name,
                (data, workers) -> new OverHttp(data, Setting.untracked(name), processes, workers));
    }

    @FunctionalInterface
    private interface OfDatabase {
        Database open(Path data, int connections) throws Exception;
    }

    private static Entrant on(Library library, String database, OfDatabase of) {
        return new Entrant(
                library.name + ", " + database,
                (data, workers) -> open(library, of, data, workers));
    }

    private static Contender open(Library library, OfDatabase of, Path data, int workers)
            throws Exception {
        Database database = of.open(data, Database.connections(workers));
        try {
            return library.opener.open(database, workers);
        } catch (Exception failed) {
            database.close();
            throw failed;
        }
    }
}
