package io.millstream.jobs;

import io.millstream.api.Lease;
import io.millstream.api.Lifecycle;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What one attempt says of itself until it is told: how far it has come, lines of its log, why it
/// failed. The [Scribe] tells it twice a second while the attempt runs, and the commit that settles
/// it tells the rest. For use by any thread.
final class Notes {
    /// How much of a log one attempt may write, in characters; what comes then is left out.
    static final int LOG_CHARS_MAX = 64_000;

    /// For so long the rest waits for what is being told.
    private static final long UNDER_WAY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Lifecycle.Place place;
    private final int attempt;

    // Guarded by this.
    private final List<Lifecycle> pending = new ArrayList<>();
    private final StringBuilder lines = new StringBuilder();
    private Lifecycle.@Nullable Progressed progress;
    private List<Lifecycle> underWay = List.of();
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
        int left = LOG_CHARS_MAX - logged;
        logged += text.length() + 1;
        addParts(text.length() <= left ? text : text.substring(0, endOf(text, 0, left)));
        if (logged > LOG_CHARS_MAX) {
            addParts(
                    "… the log of this attempt is longer than %d characters"
                            .formatted(LOG_CHARS_MAX));
        }
    }

    private void addParts(String line) {
        int at = 0;
        do {
            int end = endOf(line, at, Lifecycle.NOTE_CHARS_MAX);
            addLine(line.substring(at, end));
            at = end;
        } while (at < line.length());
    }

    /// Where a part ends that begins at `at`: never in the middle of a character that is two.
    private static int endOf(String text, int at, int most) {
        int end = Math.min(text.length(), at + most);
        boolean splits =
                end < text.length()
                        && end > at + 1
                        && Character.isHighSurrogate(text.charAt(end - 1));
        return splits ? end - 1 : end;
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

    /// That it ends otherwise than as done: to be told with the commit that says so, and not if
    /// that is refused.
    Lifecycle.Ended ended(JobState how, String reason) {
        return new Lifecycle.Ended(place, attempt, how.word(), reason);
    }

    private void gather() {
        endLines();
        if (progress != null) {
            pending.add(progress);
            progress = null;
        }
    }

    /// All that is to be told now, by somebody who says with [#answered] whether it was; nothing
    /// when it is being settled, or something is being told.
    synchronized List<Lifecycle> take() {
        if (isSettling || !underWay.isEmpty()) {
            return List.of();
        }
        gather();
        underWay = List.copyOf(pending);
        pending.clear();
        return underWay;
    }

    /// What was taken has been told, or is to be told later.
    synchronized void answered(boolean isTold) {
        if (!isTold) {
            pending.addAll(0, underWay);
        }
        underWay = List.of();
        notifyAll();
    }

    /// All that is to be told with the commit that settles it. From now on nobody else tells it;
    /// what is being told is waited for, which takes as long as a commit.
    synchronized List<Lifecycle> rest() {
        isSettling = true;
        long end = System.nanoTime() + UNDER_WAY_NANOS;
        try {
            for (long left = UNDER_WAY_NANOS; !underWay.isEmpty() && left > 0; ) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
                left = end - System.nanoTime();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        gather();
        return List.copyOf(pending);
    }

    /// The commit is done.
    synchronized void told() {
        pending.clear();
    }
}
