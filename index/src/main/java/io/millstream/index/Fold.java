package io.millstream.index;

import io.millstream.api.ChannelName;
import io.millstream.api.Lifecycle;
import io.millstream.api.Lifecycle.Life;
import io.millstream.api.Lifecycle.Place;
import io.millstream.api.Lifecycle.Said;
import io.millstream.api.TopicRecord;
import io.millstream.api.Via;
import io.millstream.index.JobHistory.Event;
import io.millstream.index.JobHistory.Line;

import org.jspecify.annotations.Nullable;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Takes in what was told, in its order. What happens to a job within a batch happens in the heap,
/// and its row is written once, when the batch is [#commit]ted. For one thread.
///
/// A row is a message in its place, and follows it: when it is moved, when it dies and goes to the
/// dead set of jobs, and when it is sent back from there. A dead letter in a queue of another kind
/// is a message of its own, beside the row of the dead one.
final class Fold {
    private static final System.Logger LOGGER = System.getLogger(JobIndex.class.getName());
    private static final ChannelName DEAD_SET = ChannelName.of("jobs.dead");
    private static final ChannelName ENDED = ChannelName.of("jobs.ended");
    private static final String TAGS = "millstream-tags";
    private static final String DEAD_QUEUE = "millstream-dead-queue";
    private static final String DEAD_REASON = "millstream-dead-reason";
    private static final String DEAD_FINGERPRINT = "millstream-dead-fingerprint";
    private static final int ROWS_AT_ONCE = 1000;
    private static final int ROWS_KEPT = 50_000;

    private final Connection connection;
    private final Kinds kinds;
    private final Lives lives;
    private final Rows rows;
    private final Gone gone;
    private final Map<Integer, Map<Long, Row>> placed = new HashMap<>();
    private final Set<Row> changed = new LinkedHashSet<>();
    private Position position;
    private long number;
    private long now;
    private @Nullable TopicRecord last;

    Fold(Connection connection) throws SQLException {
        this.connection = connection;
        this.kinds = Kinds.of(connection);
        this.lives = new Lives(connection);
        this.rows = new Rows(connection, kinds);
        this.gone = new Gone(connection, rows);
        this.position = Position.read(connection);
        this.number = position.number();
        this.now = position.time();
    }

    Position position() {
        return position;
    }

    Kinds kinds() {
        return kinds;
    }

    Rows rows() {
        return rows;
    }

    /// It is this topic that is taken in.
    void of(ChannelName topic, long incarnation) throws SQLException {
        position = position.of(topic, incarnation);
        position.write(connection);
        connection.commit();
    }

    /// Nothing comes any more; the next opening need not look whether all is whole.
    void close() throws SQLException {
        commit();
        position = position.asClosed();
        position.write(connection);
        connection.commit();
        rows.close();
    }

    /// Takes in a record; it is there for others with the next [#commit].
    void add(TopicRecord record) throws SQLException {
        now = Math.max(now, record.stored().toEpochMilli());
        gone.passes(now);
        Lifecycle event = Lifecycle.in(record.message()).orElse(null);
        if (event != null) {
            try {
                apply(event);
            } catch (RuntimeException strange) {
                // Anybody may write to the topic; what makes no sense must not stop the rest.
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "The index passes over the record at offset %d: %s"
                                .formatted(record.offset(), event),
                        strange);
            }
        }
        last = record;
    }

    /// All that was taken in is there for others from now on.
    void commit() throws SQLException {
        flush();
        if (last != null) {
            position = position.behind(last, number);
            last = null;
        }
        gone.write();
        kinds.write(connection);
        position.write(connection);
        connection.commit();
        if (placed.values().stream().mapToInt(Map::size).sum() > ROWS_KEPT) {
            placed.clear();
        }
    }

    private void flush() throws SQLException {
        for (Row row : changed) {
            if (row.isChanged) {
                rows.write(row);
            }
        }
        changed.clear();
    }

    /// What waited for a time until `millis` waits no more for it.
    ///
    /// @return whether there was any
    boolean endDelays(long millis) throws SQLException {
        flush();
        boolean any = false;
        while (true) {
            List<Row> due = rows.due(millis, ROWS_AT_ONCE);
            for (Row found : due) {
                Row row = known(found);
                row.due = 0;
                row.isChanged = true;
                row.state = row.state == IndexedState.DELAYED ? IndexedState.WAITING : row.state;
                changed.add(row);
            }
            flush();
            any |= !due.isEmpty();
            if (due.size() < ROWS_AT_ONCE) {
                return any;
            }
        }
    }

    private Row known(Row found) {
        Map<Long, Row> life = placed.get(found.life);
        Row known = life == null ? null : life.get(found.place);
        // Whoever writes to the topic may have told of two in one place.
        return known == null || known.number != found.number ? found : known;
    }

    // What was told.

    private void apply(Lifecycle event) throws SQLException {
        switch (event) {
            case Lifecycle.Stored stored -> stored(stored);
            case Lifecycle.Dropped(Life life, long first, long end) ->
                    endAll(life, first, end, Gone.Why.LEAVES_DEAD_SET);
            case Lifecycle.Purged(Life life, long end) -> endAll(life, Long.MIN_VALUE, end, null);
            case Lifecycle.Left(Life life) -> forget(life);
            case Lifecycle.Removed(Life life) -> forget(life);
            case Lifecycle.OfMessage ofMessage -> {
                Row row = find(ofMessage.place());
                if (row != null) {
                    changed.add(row);
                    if (isPassed(ofMessage.life())) {
                        passing(row, ofMessage);
                    } else {
                        happens(row, ofMessage);
                    }
                }
            }
        }
    }

    private @Nullable Row find(Place place) throws SQLException {
        int life = lives.of(place.life());
        Map<Long, Row> there = placed.computeIfAbsent(life, _ -> new HashMap<>());
        Row row = there.get(place.sequence());
        if (row == null) {
            row = rows.at(life, place.sequence());
            if (row != null) {
                there.put(place.sequence(), row);
            }
        }
        return row;
    }

    private void happens(Row row, Lifecycle.OfMessage event) throws SQLException {
        switch (event) {
            case Lifecycle.Taken(_, int attempts, Instant until) -> {
                row.waits(0);
                row.state = IndexedState.RUNNING;
                row.attempts = attempts;
                row.until = until == null ? 0 : until.toEpochMilli();
                row.step(Event.STARTED, now, attempts, "");
            }
            case Lifecycle.Returned(_, int attempts, Instant due) -> {
                row.waits(due == null ? 0 : due.toEpochMilli());
                row.attempts = attempts;
                row.step(Event.RETURNED, now, attempts, due == null ? "" : due.toString());
            }
            case Lifecycle.Stranded(_, Via.Cause cause, String reason) -> dies(row, cause, reason);
            case Lifecycle.Done _ -> done(row);
            case Lifecycle.Dead(_, Via.Cause cause, String reason, _) -> {
                dies(row, cause, reason);
                leave(row, Gone.Why.LETTERED);
            }
            case Lifecycle.Moved(_, Place to) -> moved(row, to);
            case Lifecycle.OfAttempt ofAttempt -> said(row, ofAttempt);
            case Lifecycle.Stored _ -> throw new IllegalStateException("Not handled here");
        }
    }

    private void said(Row row, Lifecycle.OfAttempt event) {
        row.touch(now);
        switch (event) {
            case Lifecycle.Failed(_, int attempt, String reason, String fingerprint) -> {
                row.reason = reason;
                row.fingerprint = fingerprint;
                row.step(Event.FAILED, now, attempt, reason);
            }
            case Lifecycle.Progressed(_, _, long done, long total, String text) -> {
                row.progressDone = done;
                row.progressTotal = total;
                row.progressText = text;
            }
            case Lifecycle.Logged(_, int attempt, String text) ->
                    row.newLines.add(new Line(Instant.ofEpochMilli(now), attempt, text));
            case Lifecycle.Ended(_, _, String how, String reason) -> {
                row.how = how;
                if (!reason.isEmpty()) {
                    row.reason = reason;
                }
            }
        }
    }

    private void done(Row row) {
        IndexedState state = row.how == null ? IndexedState.DONE : IndexedState.ended(row.how);
        ends(row, state, row.how == null ? "" : row.reason);
        leave(row, null);
    }

    private void ends(Row row, IndexedState state, String text) {
        Event event =
                switch (state) {
                    case WAITING, DELAYED, RUNNING, DONE -> Event.DONE;
                    case DEAD -> Event.DEAD;
                    case CANCELLED -> Event.CANCELLED;
                    case DISCARDED -> Event.DISCARDED;
                    case EXPIRED -> Event.EXPIRED;
                    case REMOVED -> Event.REMOVED;
                };
        row.ends(state, now);
        row.step(event, now, row.attempts, text);
    }

    private void dies(Row row, Via.Cause cause, String reason) {
        boolean isExpired = cause == Via.Cause.EXPIRED;
        // What a worker said of it is worth more than that it has had all its attempts.
        if (row.reason.isEmpty() || cause != Via.Cause.ATTEMPTS) {
            row.reason = reason.isEmpty() ? row.reason : reason;
        }
        ends(row, isExpired ? IndexedState.EXPIRED : IndexedState.DEAD, reason);
    }

    private void moved(Row row, Place to) {
        row.ends(IndexedState.REMOVED, now);
        row.step(Event.MOVED, now, 0, to.life().queue().toString());
        leave(row, Gone.Why.MOVED);
    }

    private void leave(Row row, Gone.@Nullable Why why) {
        Map<Long, Row> there = placed.get(row.life);
        if (there != null) {
            there.remove(row.place);
        }
        int life = row.life;
        long place = row.place;
        row.leaves();
        if (why != null) {
            gone.add(row, life, place, why, now);
        }
    }

    // The queues that dead jobs pass through.

    private static boolean isPassed(Life life) {
        return life.queue().equals(DEAD_SET) || life.queue().equals(ENDED);
    }

    /// It has ended already, whatever is told of its message.
    private void passing(Row row, Lifecycle.OfMessage event) {
        switch (event) {
            case Lifecycle.Done _ -> passed(row, event.life());
            case Lifecycle.Dead dead -> leave(row, Gone.Why.LETTERED);
            case Lifecycle.Moved(_, Place to) -> moved(row, to);
            case Lifecycle.Taken _, Lifecycle.Returned _, Lifecycle.Stranded _ -> {}
            case Lifecycle.OfAttempt _, Lifecycle.Stored _ -> {}
        }
    }

    private void passed(Row row, Life life) {
        if (life.queue().equals(ENDED)) {
            leave(row, Gone.Why.IS_SEEN_TO);
        } else {
            ends(row, IndexedState.DISCARDED, "");
            leave(row, Gone.Why.LEAVES_DEAD_SET);
        }
    }

    // Many at once.

    private void forget(Life life) throws SQLException {
        endAll(life, Long.MIN_VALUE, Long.MAX_VALUE, null);
        placed.remove(lives.of(life));
        lives.forget(life);
    }

    /// Some at a time, each of them stored before this was: when it is cut off it is done again,
    /// and finds those that are left.
    ///
    /// @param why they have left the dead set, if they were there; null if they come nowhere
    private void endAll(Life life, long first, long end, Gone.@Nullable Why why)
            throws SQLException {
        if (end - first == 1) {
            Row row = find(new Place(life, first));
            if (row != null) {
                removed(row, life, why);
            }
            return;
        }
        commit();
        int number = lives.of(life);
        List<Row> some;
        do {
            some = rows.between(number, first, end, ROWS_AT_ONCE);
            for (Row found : some) {
                removed(known(found), life, why);
            }
            commit();
        } while (some.size() == ROWS_AT_ONCE);
    }

    /// @param why it has left the dead set, if it was there; null if it comes nowhere
    private void removed(Row row, Life life, Gone.@Nullable Why why) {
        changed.add(row);
        if (life.queue().equals(ENDED)) {
            leave(row, null);
        } else if (isPassed(life)) {
            ends(row, IndexedState.DISCARDED, "");
            leave(row, why);
        } else {
            IndexedState state =
                    row.how == null ? IndexedState.REMOVED : IndexedState.ended(row.how);
            ends(row, state, row.how == null ? "" : row.reason);
            leave(row, null);
        }
    }

    // What comes.

    private void stored(Lifecycle.Stored stored) throws SQLException {
        Said said = stored.said();
        Place from = stored.from();
        Row row = null;
        if (from != null) {
            row = comesFrom(stored.place(), from);
        } else if (said != null && said.id() != null) {
            row = comesBack(stored.place(), said.id(), said);
        }
        if (row == null) {
            row = comes(stored.place(), said);
        }
        row.life = lives.of(stored.place().life());
        row.place = stored.place().sequence();
        row.isChanged = true;
        placed.computeIfAbsent(row.life, _ -> new HashMap<>()).put(row.place, row);
        changed.add(row);
    }

    private @Nullable Row comesFrom(Place to, Place from) throws SQLException {
        int life = lives.of(from.life());
        Row moved = gone.movedFrom(life, from.sequence());
        if (moved != null) {
            if (!isPassed(to.life())) {
                moved.queue = to.life().queue();
                moved.attempts = 0;
                moved.waits(0);
            }
            return moved;
        }
        Row dead = gone.letteredFrom(life, from.sequence());
        if (dead == null || isPassed(to.life())) {
            return dead;
        }
        Row letter = new Row(number++, now, to.life().queue());
        letter.id = dead.id;
        letter.type = dead.type;
        letter.key = dead.key;
        letter.tags = dead.tags;
        letter.priority = dead.priority;
        letter.step(Event.SUBMITTED, now, 0, from.life().queue().toString());
        return letter;
    }

    private @Nullable Row comesBack(Place to, String id, Said said) throws SQLException {
        if (isPassed(to.life())) {
            return to.life().queue().equals(DEAD_SET) ? buried(id, said) : null;
        }
        Row back = gone.sentBack(id);
        if (back != null) {
            back.steps.withdrawLast(Event.DISCARDED);
            back.queue = to.life().queue();
            back.attempts = 0;
            back.waits(dueOf(said));
            back.step(Event.REDRIVEN, now, 0, back.queue.toString());
        }
        return back;
    }

    /// Whoever puts a job into the dead set settles it in the same commit.
    private @Nullable Row buried(String id, Said said) throws SQLException {
        flush();
        Row seenTo = gone.seenTo(id);
        Row row = rows.called(id);
        if (row == null || row.life != 0) {
            return null;
        }
        boolean isSeenTo = seenTo != null && seenTo.number == row.number;
        if (!isSeenTo && now - row.ended > Gone.MILLIS_MAX) {
            return null;
        }
        if (row.state != IndexedState.DEAD) {
            row.steps.withdrawLast(Event.DONE);
            row.step(Event.DEAD, now, row.attempts, said.headers().getOrDefault(DEAD_REASON, ""));
        }
        row.ends(IndexedState.DEAD, now);
        explain(row, said);
        return row;
    }

    private Row comes(Place to, @Nullable Said said) {
        ChannelName queue = to.life().queue();
        Row row = new Row(number++, now, queue);
        row.id = queue.name() + "-" + to.sequence();
        if (said != null) {
            row.id = said.id() == null ? row.id : said.id();
            row.type = said.type();
            row.key = said.group();
            row.priority = said.priority();
            row.tags = Marks.join(Marks.tags(said.headers().get(TAGS)));
            row.waits(dueOf(said));
        }
        row.step(Event.SUBMITTED, now, 0, "");
        if (isPassed(to.life())) {
            // How it came here was not told.
            row.ends(IndexedState.DEAD, now);
            if (said != null) {
                String where = said.headers().getOrDefault(DEAD_QUEUE, "");
                row.queue = where.isEmpty() ? queue : ChannelName.of(where);
                explain(row, said);
            }
        }
        return row;
    }

    private static void explain(Row dead, Said said) {
        if (dead.reason.isEmpty()) {
            dead.reason = said.headers().getOrDefault(DEAD_REASON, "");
        }
        if (dead.fingerprint.isEmpty()) {
            dead.fingerprint = said.headers().getOrDefault(DEAD_FINGERPRINT, "");
        }
    }

    private long dueOf(Said said) {
        long delay = said.delay().toMillis();
        return delay <= 0 ? 0 : Math.min(now, Long.MAX_VALUE - delay) + delay;
    }
}
