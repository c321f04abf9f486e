package io.millstream.engine;

import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.io.Disk;
import io.millstream.engine.log.Log;
import io.millstream.engine.log.LogReplay;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.Invariant;
import io.millstream.engine.state.SegmentEnds;
import io.millstream.engine.state.State;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/// The parts of an engine, wired: opened from a disk, and stepped by whoever owns them.
final class EngineCore {
    private static final System.Logger LOGGER = System.getLogger(Engine.class.getName());
    private static final long ABSENCE_MILLIS = Duration.ofDays(2).toMillis();

    private final EngineOptions options;
    private final Disk disk;
    private final Log log;
    private final State state;
    private final Background background;
    private final Backups backups;
    private final Inbox inbox;
    private final Answers answers;
    private final ReadWork reads;
    private final EngineLoop loop;
    private final Signal looping = new Signal();
    private final Signal answering = new Signal();
    private final Signal reading = new Signal();

    /// Recovers what is on `disk` and opens it in its next epoch.
    EngineCore(Disk disk, EngineOptions options) throws IOException {
        this(disk, options, (log, state) -> List.of(opened(state.epoch() + 1, options)));
    }

    /// What is stored first of all; may refuse what was recovered.
    interface Beginning {
        List<Entry> entries(Log log, State state) throws IOException;
    }

    /// Recovers what is on `disk` and begins as `beginning` says.
    EngineCore(Disk disk, EngineOptions options, Beginning beginning) throws IOException {
        this.options = options;
        this.disk = disk;
        Recovered recovered = recover(disk, options);
        this.log = recovered.log;
        this.state = recovered.state;
        reportAbsence(options.time().wallMillis() - state.now());
        EngineClock clock = new EngineClock(options.time(), state.now(), EngineCore::reportJump);
        this.background = new Background(log, options.time(), recovered.checkpointed);
        this.inbox = new Inbox(options.queuedBytesMax(), looping);
        this.answers = new Answers(answering);
        this.reads = new ReadWork(log.bytes(), inbox, reading);
        this.backups = new Backups(state, log, background, answers, looping, options);
        this.loop =
                new EngineLoop(
                        options, log, state, clock, background, backups, inbox, answers, reads);
        try {
            loop.begin(beginning.entries(log, state));
        } catch (IOException | RuntimeException failed) {
            log.close();
            disk.close();
            throw failed;
        }
        options.time().onMoved(looping::give);
    }

    static Entry opened(int epoch, EngineOptions options) {
        return new Entry.Opened(epoch, options.grace().toMillis());
    }

    /// What was found on the disk.
    private record Recovered(Log log, State state, long checkpointed) {}

    private static Recovered recover(Disk disk, EngineOptions options) throws IOException {
        Replay[] replay = new Replay[1];
        try {
            disk.lock();
            Log log =
                    Log.open(
                            disk,
                            options.log(),
                            fileBytes -> {
                                replay[0] = new Replay(fileBytes);
                                return replay[0];
                            });
            State state = replay[0].state;
            try {
                long end = log.appender().position();
                Map<Integer, Long> needed = SegmentEnds.of(state);
                Invariant.check(
                        needed.keySet().equals(state.segments().keySet()),
                        "Segments %s are needed, and %s are counted",
                        needed.keySet(),
                        state.segments().keySet());
                log.require(state.oldestNeeded(end), needed);
                state.takeEmptiedSegments();
            } catch (IOException damaged) {
                log.close();
                throw damaged;
            }
            return new Recovered(log, state, log.checkpointed());
        } catch (IOException failed) {
            disk.close();
            throw failed;
        } catch (MalformedException | Invariant.BrokenException unreadable) {
            disk.close();
            throw new IOException(
                    ("The log in %s is sound but makes no sense: %s. Nothing was changed. Was it"
                                    + " written by a later version?")
                            .formatted(disk.describe(), unreadable.getMessage()),
                    unreadable);
        }
    }

    private static final class Replay implements LogReplay {
        private final int fileBytes;
        private State state;

        Replay(int fileBytes) {
            this.fileBytes = fileBytes;
            this.state = new State(fileBytes);
        }

        @Override
        public void begin() {
            state = new State(fileBytes);
        }

        @Override
        public void slice(ByteBuffer slice) {
            state.load(slice);
        }

        @Override
        public void checkpointed() {
            state.loaded();
        }

        @Override
        public void frame(long now) {
            state.advance(now);
        }

        @Override
        public void entry(long position, int framedBytes, ByteBuffer entry) {
            state.apply(EntryCodec.decode(entry), position, framedBytes);
        }
    }

    /// Asks for an orderly end.
    void stopSoon() {
        loop.stopSoon();
        inbox.offer(new Command.Stop());
    }

    /// The clock of an engine that does not run can be looked at only, not corrected.
    private void reportAbsence(long millis) {
        if (state.now() > 0 && millis > ABSENCE_MILLIS) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "The clock is %s ahead of what was stored last. If it is right, what has become"
                                    .formatted(
                                            Duration.ofMillis(millis)
                                                    .truncatedTo(ChronoUnit.SECONDS))
                            + " too old meanwhile is dropped. If it is wrong, stop at once, restore"
                            + " a backup, and start with the right time.");
        }
    }

    private static void reportJump(long millis) {
        LOGGER.log(
                System.Logger.Level.WARNING,
                ("The wall clock is %d s %s the time that has passed. Leases and delays go on by"
                                + " the time that passes; the difference is made up slowly.")
                        .formatted(Math.abs(millis) / 1000, millis > 0 ? "ahead of" : "behind"));
    }

    EngineOptions options() {
        return options;
    }

    Disk disk() {
        return disk;
    }

    Log log() {
        return log;
    }

    Background background() {
        return background;
    }

    Inbox inbox() {
        return inbox;
    }

    Answers answers() {
        return answers;
    }

    ReadWork reads() {
        return reads;
    }

    EngineLoop loop() {
        return loop;
    }

    Backups backups() {
        return backups;
    }

    /// Fails everything that waits.
    void abandon() {
        loop.abandon();
        backups.abandon();
    }

    Signal looping() {
        return looping;
    }

    Signal answering() {
        return answering;
    }

    Signal reading() {
        return reading;
    }

    long now() {
        return state.now();
    }

    byte[] snapshot() {
        Invariant.check(!log.appender().isOpen(), "A snapshot was asked for inside a frame");
        Output out = new Output(1 << 16);
        state.write(out);
        return out.toArray();
    }

    EngineStats stats() {
        return new EngineStats(
                log.writer().syncs(),
                log.writer().syncNanos(),
                log.writer().durable(),
                log.ring().usedFiles(),
                log.ring().capacityBytes(),
                background.checkpointed(),
                state.heap().bytes(),
                options.heapBytesMax(),
                loop.refusing(),
                loop.mistakes());
    }
}
