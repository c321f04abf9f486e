package io.millstream.engine.doctor;

import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.log.LogSurvey;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.Location;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.state.RunCopy;
import io.millstream.engine.state.State;
import io.millstream.engine.state.StoredMessage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Proves every unsettled message, in the order in which they lie, so that each stretch of a file
/// is read once.
final class MessageCheck {
    private final State state;
    private final LogSurvey survey;

    /// A run of messages and where it lies; the rest is looked up again, because there are many.
    private record Lying(long position, long channel, long first) {}

    /// Told of messages that are not what was stored.
    interface Sink {
        /// No file has the bytes of a message.
        void absent(QueueState queue, long sequence, long position);

        /// The bytes are those of something else.
        void rotten(QueueState queue, long sequence, long position, String what);
    }

    MessageCheck(State state, LogSurvey survey) {
        this.state = state;
        this.survey = survey;
    }

    /// Checks them all.
    ///
    /// @return how many there are
    long run(Sink sink) throws IOException {
        List<Lying> all = lying();
        all.sort(Comparator.comparingLong(Lying::position));
        long messages = 0;
        for (Lying lying : all) {
            QueueState queue = state.queue(lying.channel);
            RunCopy run = queue == null ? null : queue.runFrom(lying.first);
            if (queue == null || run == null) {
                continue;
            }
            List<Location> places = run.places();
            long held = run.copied();
            for (Location place : places) {
                check(queue, run.first() + Long.numberOfTrailingZeros(held), place, sink);
                held &= held - 1;
                messages++;
            }
        }
        return messages;
    }

    private List<Lying> lying() {
        List<Lying> all = new ArrayList<>();
        for (QueueState queue = state.queueAfter(0);
                queue != null;
                queue = state.queueAfter(queue.channel())) {
            for (RunCopy run = queue.runFrom(0);
                    run != null;
                    run = queue.runFrom(run.first() + 1)) {
                all.add(new Lying(run.position(), queue.channel(), run.first()));
            }
        }
        return all;
    }

    private void check(QueueState queue, long sequence, Location location, Sink sink)
            throws IOException {
        byte[] framed = survey.bytes(location.position(), location.bytes());
        if (framed == null) {
            sink.absent(queue, sequence, location.position());
            return;
        }
        String problem = problemOf(framed, queue, sequence);
        if (problem != null) {
            sink.rotten(queue, sequence, location.position(), problem);
        }
    }

    /// What keeps these bytes from being the message, or null. One that was dead-lettered still
    /// says where it was first put.
    private static @Nullable String problemOf(byte[] framed, QueueState queue, long sequence) {
        Entry.FannedOut put;
        try {
            put = EntryCodec.putIn(framed);
        } catch (MalformedException malformed) {
            return "there is no message where one was stored";
        }
        if (!StoredMessage.isSound(ByteBuffer.wrap(put.message()))) {
            return "a message's checksum is wrong";
        }
        boolean ours = put.slots().contains(new Entry.FannedOut.Slot(queue.channel(), sequence));
        Entry.FannedOut.Slot first = put.slots().getFirst();
        return ours || queue.isArchive() || queue.arrival(sequence) != null
                ? null
                : "it is message %d of queue number %d"
                        .formatted(first.sequence(), first.channel());
    }
}
