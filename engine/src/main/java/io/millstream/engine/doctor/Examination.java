package io.millstream.engine.doctor;

import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.io.Disk;
import io.millstream.engine.log.Damage;
import io.millstream.engine.log.DamagedException;
import io.millstream.engine.log.DirectoryFormat;
import io.millstream.engine.log.LogSurvey;
import io.millstream.engine.log.LogSurvey.CheckpointFound;
import io.millstream.engine.log.LogSurvey.LogFound;
import io.millstream.engine.log.SurveyReplay;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.Invariant;
import io.millstream.engine.state.Salvage;
import io.millstream.engine.state.State;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// One look over a whole directory, which changes nothing in it: the log folded as far as it can be
/// read, and everything that is not what was written. Needs memory for the state and for what is
/// damaged, not for what is stored.
public final class Examination implements AutoCloseable {
    private final LogSurvey survey;
    private final Consumer<Finding> told;
    private final List<String> obstacles = new ArrayList<>();
    private final List<LogFound> unreadableHeaders = new ArrayList<>();
    private final List<Integer> unreadableSegments = new ArrayList<>();
    private @Nullable Salvage salvage;
    private @Nullable ContentCheck content;
    private long newestNumber;
    private boolean formatUnreadable;
    private LogSurvey.End end = new LogSurvey.End(LogSurvey.LOG_START, false);
    private long foldedFrom = LogSurvey.LOG_START;
    private long provedFrom = LogSurvey.LOG_START;
    private long findings;
    private int epoch;

    private Examination(LogSurvey survey, Consumer<Finding> told) {
        this.survey = survey;
        this.told = told;
    }

    /// Looks at a directory whose lock the caller has. Blocks while it reads the log since the
    /// older checkpoint.
    ///
    /// @param told each damage as it is found
    /// @throws DamagedException if its format file is missing or not readable, and nothing tells
    ///   what it said: without it nothing else can be read
    public static Examination of(Disk disk, Consumer<Finding> told) throws IOException {
        try {
            return of(LogSurvey.open(disk), disk, told, null);
        } catch (DamagedException damaged) {
            Optional<DirectoryFormat> rescued = LogSurvey.rescueFormat(disk);
            if (!damaged.damage().file().equals(DirectoryFormat.FILE) || rescued.isEmpty()) {
                throw damaged;
            }
            return of(LogSurvey.open(disk, rescued.get()), disk, told, damaged.damage());
        }
    }

    private static Examination of(
            LogSurvey survey, Disk disk, Consumer<Finding> told, @Nullable Damage format)
            throws IOException {
        Examination examination = new Examination(survey, told);
        try {
            if (format != null) {
                examination.formatUnreadable = true;
                examination.report(format, "no message: what it said can be told");
            }
            examination.fold();
            return examination;
        } catch (IOException failed) {
            survey.close();
            throw failed;
        } catch (MalformedException | Invariant.BrokenException unreadable) {
            survey.close();
            throw new IOException(
                    ("The log in %s is sound but makes no sense: %s. Nothing was changed. Was it"
                                    + " written by a later version?")
                            .formatted(disk.describe(), unreadable.getMessage()),
                    unreadable);
        }
    }

    private void fold() throws IOException {
        for (Damage twin : survey.twins()) {
            report(twin, "everything in it");
            obstacles.add("%s: %s".formatted(twin.file(), twin.what()));
        }
        CheckpointFound newest = survey.newest();
        long from = newest == null ? LogSurvey.LOG_START : newest.position();
        newestNumber = newest == null ? 0 : newest.number();
        boolean reaches = survey.holdsEnd(from);
        reportCheckpoints(reaches);
        if (!reaches && (newest == null || isAnyCheckpointDamaged())) {
            boolean noLog = survey.lastNumber() < 0;
            obstacles.add(obstacle(newest != null, noLog));
            if (survey.checkpoints().isEmpty()) {
                String lost = noLog ? LogSurvey.FIRST_LOG_FILE : "checkpoint-a";
                report(new Damage(lost, 0, "it is missing"), "every queue");
            }
            return;
        }
        Salvage fold = new Salvage(newest());
        foldedFrom = from;
        provedFrom = from;
        checkSince(from);
        if (!reaches) {
            reportMissing(from, fold);
        }
        end = survey.walk(from, new Folding(fold));
        long missing = survey.missingAt(end.position());
        if (missing > 0) {
            fold.lost(missing, false);
        }
        long missingFile = survey.missingAfter(end.position());
        if (missingFile >= 0) {
            reportMissingFile(missingFile);
            fold.lost(survey.format().fileBytes(), false);
        }
        int lastSegment = survey.segments().isEmpty() ? 0 : survey.segments().getLast();
        fold.finish(epoch, lastSegment);
        salvage = fold;
        reportHeaders(fold.state());
        reportSegments(fold.state());
    }

    private static String obstacle(boolean hasCheckpoint, boolean noLog) {
        if (noLog) {
            return "no log file is left, and no checkpoint that is readable";
        }
        return hasCheckpoint
                ? "the newest checkpoint is not readable, and the log since the older one has been"
                        + " used again"
                : "no checkpoint is readable and the log before it has been used again";
    }

    private void reportMissingFile(long number) {
        String file = survey.fileOf(number * survey.format().fileBytes());
        report(new Damage(file, 0, "the file is missing"), "what it said and the messages in it");
    }

    private State fresh() {
        return new State(survey.format().fileBytes());
    }

    /// What the newest checkpoint holds.
    private State newest() throws IOException {
        State state = fresh();
        survey.readNewest(state::load);
        state.loaded();
        return state;
    }

    private boolean isAnyCheckpointDamaged() {
        return survey.checkpoints().stream().anyMatch(found -> found.damage() != null);
    }

    private void reportCheckpoints(boolean replaceable) {
        for (CheckpointFound found : survey.checkpoints()) {
            if (found.damage() != null) {
                report(
                        found.damage(),
                        replaceable
                                ? "no message: the other one or the log says the same"
                                : "every queue");
            }
        }
    }

    /// The newest checkpoint is sound and what came after it is gone.
    private void reportMissing(long from, Salvage fold) {
        report(
                new Damage(survey.fileOf(from - 1), survey.offsetOf(from), "the file is missing"),
                "whatever happened after the newest checkpoint");
        fold.lost(survey.format().fileBytes(), false);
    }

    /// The log between the two checkpoints counts only if the newer one is lost; then it must be
    /// whole.
    private void checkSince(long newest) throws IOException {
        for (CheckpointFound found : survey.checkpoints()) {
            if (found.damage() == null
                    && found.position() < newest
                    && survey.holdsEnd(found.position())) {
                provedFrom = found.position();
                survey.walk(found.position(), new Proving(newest));
            }
        }
    }

    private void reportHeaders(State state) throws IOException {
        long needed = Math.min(state.oldestNeeded(end.position()), provedFrom);
        // A log that ends just behind a file goes on from that file.
        long oldest = (needed - 1) / survey.format().fileBytes();
        for (LogFound file : survey.logFiles()) {
            if (file.header() != LogSurvey.Header.SOUND && file.number() >= oldest) {
                unreadableHeaders.add(file);
                report(
                        new Damage(file.name(), 0, "its header is not readable"),
                        "no message: its frames say that it is number " + file.number());
            } else if (file.isShort() && file.number() >= oldest) {
                unreadableHeaders.add(file);
                report(file.shortness(), "what was said there and the messages in it");
            }
        }
        long last = (end.position() - 1) / survey.format().fileBytes();
        for (long number = oldest; number <= last; number++) {
            long position = number * survey.format().fileBytes();
            if (!survey.holds(position) && position > foldedFrom) {
                reportMissingFile(number);
            }
        }
    }

    private void reportSegments(State state) throws IOException {
        for (int number : state.segments().keySet()) {
            Damage damage = survey.segmentDamage(number);
            if (damage != null && survey.segmentBytes(number) > 0) {
                unreadableSegments.add(number);
                report(damage, "no message by itself: each proves itself");
            }
        }
    }

    private void report(Damage damage, String concerns) {
        findings++;
        told.accept(new Finding(damage, concerns));
    }

    private void reportHole(SurveyReplay.Hole hole) {
        String what =
                hole.oneFrame()
                        ? "a frame is not readable"
                        : "nothing is readable up to log position " + hole.next();
        report(
                new Damage(survey.fileOf(hole.position()), survey.offsetOf(hole.position()), what),
                "what only these %d bytes of the log said".formatted(hole.bytes()));
    }

    /// Folds what is there.
    private final class Folding implements SurveyReplay {
        private final Salvage fold;

        Folding(Salvage fold) {
            this.fold = fold;
        }

        @Override
        public void epoch(int frameEpoch) {
            epoch = Math.max(epoch, frameEpoch);
        }

        @Override
        public void frame(long now) {
            fold.advance(now);
        }

        @Override
        public void entry(long position, int framedBytes, ByteBuffer entry) {
            fold.apply(EntryCodec.decode(entry), position, framedBytes);
        }

        @Override
        public void hole(Hole hole) {
            reportHole(hole);
            fold.lost(hole.bytes(), hole.oneFrame());
        }
    }

    /// Looks for holes before a position only.
    private final class Proving implements SurveyReplay {
        private final long until;

        Proving(long until) {
            this.until = until;
        }

        @Override
        public void epoch(int frameEpoch) {
            epoch = Math.max(epoch, frameEpoch);
        }

        @Override
        public void frame(long now) {}

        @Override
        public void entry(long position, int framedBytes, ByteBuffer entry) {}

        @Override
        public void hole(Hole hole) {
            if (hole.position() < until) {
                report(
                        new Damage(
                                survey.fileOf(hole.position()),
                                survey.offsetOf(hole.position()),
                                "a frame is not readable"),
                        "no message: the newer checkpoint says the same");
            }
        }
    }

    /// Proves every unsettled message and every batch where it lies. Blocks while it reads all of
    /// them.
    public void checkMessages() throws IOException {
        Salvage fold = salvage;
        if (fold != null) {
            ContentCheck check = new ContentCheck(survey, fold.state(), this::report);
            check.run();
            content = check;
        }
    }

    /// How much damage was told.
    public long findings() {
        return findings;
    }

    /// How many messages [#checkMessages] looked at.
    public long messages() {
        return content == null ? 0 : content.messages();
    }

    /// How many batches of topics [#checkMessages] looked at.
    public long batches() {
        return content == null ? 0 : content.batches();
    }

    /// Why the state cannot be known; empty if it can.
    public List<String> obstacles() {
        return List.copyOf(obstacles);
    }

    /// What is in the files.
    public LogSurvey survey() {
        return survey;
    }

    /// Where the log ends.
    public LogSurvey.End end() {
        return end;
    }

    /// Everything that is known, or null if there is an obstacle.
    public @Nullable State state() {
        return salvage == null ? null : salvage.state();
    }

    @Nullable Salvage salvage() {
        return salvage;
    }

    /// The number of the newest sound checkpoint, or 0.
    long newestNumber() {
        return newestNumber;
    }

    boolean isFormatUnreadable() {
        return formatUnreadable;
    }

    /// What [#checkMessages] found, or null if it did not look.
    @Nullable ContentCheck content() {
        return content;
    }

    List<LogFound> unreadableHeaders() {
        return unreadableHeaders;
    }

    List<Integer> unreadableSegments() {
        return unreadableSegments;
    }

    @Override
    public void close() throws IOException {
        survey.close();
    }
}
