package io.millstream.engine;

import io.millstream.engine.bytes.Output;
import io.millstream.engine.log.Log;
import io.millstream.engine.log.LogAppender;
import io.millstream.engine.position.Positions;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.State;

import java.util.List;
import java.util.function.Consumer;

/// Where entries become true: appended to the open frame and applied to the state, in one move.
final class Journal {
    private final State state;
    private final Log log;
    private final Chronicle chronicle;
    private final Output scratch = new Output(64 << 10);
    private final Output telling = new Output(64 << 10);
    private Consumer<Entry.Appended> onTold = _ -> {};
    private List<Chronicle.Told> told = List.of();
    private long needed;
    private int[] ends = new int[16];
    private long lastSealed = -1;
    private boolean lacksRoom;

    Journal(State state, Log log) {
        this.state = state;
        this.log = log;
        this.chronicle = new Chronicle(state);
    }

    /// Has `told` called with each batch that tells a topic what happens to messages, once it has
    /// been applied.
    void onTold(Consumer<Entry.Appended> told) {
        this.onTold = told;
    }

    /// How many bytes it takes to tell what these entries do, or something above `bytesMax`; none
    /// for most.
    long bytesToTell(List<Entry> entries, long bytesMax) {
        return chronicle.bytesOf(entries, bytesMax);
    }

    State state() {
        return state;
    }

    /// Moves the state's clock; only between frames, because a frame has one time.
    List<QueueState> advance(long now) {
        return log.appender().isOpen() ? List.of() : state.advance(now);
    }

    /// Stores and applies `entries` in one frame, or does nothing because there is no room for them
    /// now.
    boolean store(List<Entry> entries) {
        if (entries.isEmpty()) {
            return true;
        }
        encode(entries);
        lacksRoom = !hasRoomBeyond(log.reserveBytes());
        return !lacksRoom && storeEncoded(entries);
    }

    /// Whether the last [#store] or [#storeFromHalfReserve] failed because the log is full up to
    /// what it may use, and not because the writer has yet to take a frame.
    boolean lacksRoom() {
        return lacksRoom;
    }

    /// As [#store], for entries that free the log: they may use the last of its room.
    boolean storeFromReserve(List<Entry> entries) {
        encode(entries);
        return storeEncoded(entries);
    }

    /// As [#store], for entries that may free the log, or may not yet: they leave half of the
    /// reserve to those that do.
    boolean storeFromHalfReserve(List<Entry> entries) {
        encode(entries);
        lacksRoom = !hasRoomBeyond(log.reserveBytes() / 2);
        return !lacksRoom && storeEncoded(entries);
    }

    private boolean hasRoomBeyond(long reserve) {
        long open = log.appender().isOpen() ? log.appender().payloadBytes() : 0;
        return log.appender().roomBytes() - open - needed > reserve;
    }

    private boolean storeEncoded(List<Entry> entries) {
        if (!makeRoom(Math.toIntExact(needed), entries.size())) {
            return false;
        }
        chronicle.add(entries, told);
        int start = 0;
        for (int i = 0; i < entries.size(); i++) {
            int length = ends[i] - start;
            long position = log.appender().append(scratch.view().slice(start, length));
            state.apply(entries.get(i), position, LogAppender.framedBytes(length));
            start = ends[i];
        }
        return true;
    }

    private void encode(List<Entry> entries) {
        told = chronicle.of(entries);
        if (ends.length < entries.size()) {
            ends = new int[entries.size()];
        }
        scratch.clear();
        for (int i = 0; i < entries.size(); i++) {
            EntryCodec.encode(entries.get(i), scratch);
            ends[i] = scratch.length();
        }
        // Room for what is to be told is asked for with each entry, so that it is there at the end.
        needed = scratch.length() + chronicle.bytesWith(told);
    }

    /// Whether there is room in a frame, or in a new one. If not, the entries have to be decided
    /// anew.
    private boolean makeRoom(int bytes, int entries) {
        if (log.appender().isOpen()) {
            if (log.appender().fits(bytes, entries)) {
                return true;
            }
            if (!log.writer().isIdle() || seal()) {
                // What was told has changed topics since these entries were decided.
                return false;
            }
        }
        return log.appender().open(bytes, entries, log.writer().durable());
    }

    /// Seals the open frame if the writer can take it.
    boolean sealIfPossible() {
        if (!log.appender().isOpen() || !log.writer().isIdle()) {
            return false;
        }
        var _ = seal();
        return true;
    }

    /// Seals an empty frame, which proves the one before it; not from the log's reserve. The writer
    /// must be idle, and no frame open.
    ///
    /// @return whether there was room for it
    boolean sealEmpty() {
        boolean fits = log.appender().roomBytes() > log.reserveBytes();
        if (!fits || !log.appender().open(0, 0, log.writer().durable())) {
            return false;
        }
        var _ = seal();
        return true;
    }

    /// @return whether topics were told anything by it
    private boolean seal() {
        List<Entry.Appended> batches = chronicle.take();
        batches.forEach(this::tell);
        lastSealed = log.appender().position();
        log.seal(state.now(), state.epoch());
        return !batches.isEmpty();
    }

    private void tell(Entry.Appended batch) {
        telling.clear();
        EntryCodec.encode(batch, telling);
        long position = log.appender().append(telling.view());
        state.apply(batch, position, LogAppender.framedBytes(telling.length()));
        onTold.accept(batch);
    }

    /// What an answer decided now has to wait for; see [Answers].
    long mark() {
        return log.appender().isOpen() ? log.appender().position() : lastSealed;
    }

    /// Whether a message at `position` is in the frame that is still open.
    boolean isInOpenFrame(long position) {
        return log.appender().isOpen()
                && !Positions.isInSegment(position)
                && position >= log.appender().position();
    }
}
