package io.millstream.index;

import io.millstream.api.ChannelName;
import io.millstream.index.JobHistory.Event;
import io.millstream.index.JobHistory.Line;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A job while it is being changed. A time of 0 is none.
final class Row {
    /// Where it is in the order of submission, and what its row is called by.
    final long number;

    final long stored;

    /// The kind that its stored row counts for; null if it is not stored yet.
    Kinds.@Nullable Kind counted;

    boolean isChanged;

    /// Which life it is in, 0 for none any more, and its place there.
    int life;

    long place;

    String id = "";
    ChannelName queue;
    @Nullable String type;
    IndexedState state = IndexedState.WAITING;
    @Nullable String key;
    @Nullable String tags;
    int priority;
    int attempts;
    long changed;
    long due;
    long until;
    long ended;
    String reason = "";
    String fingerprint = "";

    /// How it will have ended when the store says that it has, if it was told before.
    @Nullable String how;

    long progressDone;
    long progressTotal;
    @Nullable String progressText;
    Steps steps = new Steps();

    /// The number of the line that comes next, that of the first one that is kept, and how many
    /// characters those have.
    int logEnd;

    int logStart;
    int logChars;
    final List<Line> newLines = new ArrayList<>();

    /// What its stored row says.
    int storedLife;

    long storedPlace;
    long storedDue;

    /// What is indexed of it by now.
    String indexedReason = "";

    String indexedFingerprint = "";

    Row(long number, long stored, ChannelName queue) {
        this.number = number;
        this.stored = stored;
        this.changed = stored;
        this.queue = queue;
    }

    void step(Event event, long at, int attempt, String text) {
        steps.add(event, at - stored, attempt, text);
        touch(at);
    }

    void touch(long at) {
        changed = Math.max(changed, at);
        isChanged = true;
    }

    /// It waits.
    void waits(long dueMillis) {
        state = dueMillis == 0 ? IndexedState.WAITING : IndexedState.DELAYED;
        due = dueMillis;
        until = 0;
        ended = 0;
        how = null;
        isChanged = true;
    }

    /// It has ended; it may still be somewhere.
    void ends(IndexedState as, long at) {
        state = as;
        ended = at;
        due = 0;
        until = 0;
        how = null;
        touch(at);
    }

    void leaves() {
        life = 0;
        place = 0;
        isChanged = true;
    }

    IndexedJob job() {
        return new IndexedJob(
                id,
                type,
                queue,
                state,
                key,
                priority,
                Set.copyOf(Marks.tags(tags)),
                attempts,
                Instant.ofEpochMilli(stored),
                Instant.ofEpochMilli(changed),
                time(due),
                time(until),
                time(ended),
                reason,
                fingerprint,
                progressText == null
                        ? null
                        : new IndexedJob.Progress(progressDone, progressTotal, progressText));
    }

    private static @Nullable Instant time(long millis) {
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }
}
