package io.millstream.jobs;

import io.millstream.api.Lease;
import io.millstream.api.Lifecycle;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// What one attempt says of itself until it is told: how far it has come, lines of its log, why it
/// failed. Told twice a second while it runs, by the [Scribe], and the rest with the commit that
/// settles it. For use by any thread.
final class Notes {
    /// How much of a log one attempt may write, in characters; what comes then is left out.
    static final int LOG_CHARS_MAX = 64_000;

    private static final String CUT = "… the log of this attempt is longer than %d characters";

    private final Lifecycle.Place place;
    private final int attempt;

    // Guarded by this.
    private final List<Lifecycle> pending = new ArrayList<>();
    private final StringBuilder lines = new StringBuilder();
    private Lifecycle.@Nullable Progressed progress;
    private int logged;
    private boolean isSettling;

    Notes(Lease lease) {
        this.place = placeOf(lease);
        this.attempt = lease.attempts();
    }

    static Lifecycle.Place placeOf(Lease lease) {
        return new Lifecycle.Place(
                new Lifecycle.Life(lease.handle().queue(), lease.handle().incarnation()),
                lease.handle().sequence());
    }

    /// How far it has come; what was said before and not told yet is forgotten.
    synchronized void progress(long done, long total, String text) {
        progress = new Lifecycle.Progressed(place, attempt, done, total, text);
    }

    /// A line for people.
    synchronized void log(String text) {
        if (logged > LOG_CHARS_MAX) {
            return;
        }
        logged += text.length() + 1;
        String line = logged > LOG_CHARS_MAX ? CUT.formatted(LOG_CHARS_MAX) : text;
        int at = 0;
        do {
            int end = Math.min(line.length(), at + Lifecycle.NOTE_CHARS_MAX);
            addLine(line.substring(at, end));
            at = end;
        } while (at < line.length());
    }

    private void addLine(String line) {
        if (lines.length() + 1 + line.length() > Lifecycle.NOTE_CHARS_MAX) {
            endLines();
        }
        lines.append(lines.isEmpty() ? "" : "\n").append(line);
    }

    private void endLines() {
        if (!lines.isEmpty()) {
            pending.add(new Lifecycle.Logged(place, attempt, lines.toString()));
            lines.setLength(0);
        }
    }

    synchronized void failed(String reason, String fingerprint) {
        gather();
        pending.add(new Lifecycle.Failed(place, attempt, reason, fingerprint));
    }

    /// It ends otherwise than as done.
    synchronized void ended(JobState how, String reason) {
        gather();
        pending.add(new Lifecycle.Ended(place, attempt, how.word(), reason));
    }

    private void gather() {
        endLines();
        if (progress != null) {
            pending.add(progress);
            progress = null;
        }
    }

    /// All that is to be told now, which is forgotten here; nothing when it is being settled.
    synchronized List<Lifecycle> take() {
        if (isSettling) {
            return List.of();
        }
        gather();
        List<Lifecycle> taken = List.copyOf(pending);
        pending.clear();
        return taken;
    }

    /// All that is to be told with the commit that settles it. From now on nobody else tells it.
    synchronized List<Lifecycle> rest() {
        isSettling = true;
        gather();
        return List.copyOf(pending);
    }

    /// The commit is done.
    synchronized void told() {
        pending.clear();
    }
}
