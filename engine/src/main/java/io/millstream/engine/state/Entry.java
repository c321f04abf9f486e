package io.millstream.engine.state;

import io.millstream.api.BindingName;
import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Via;
import io.millstream.engine.bytes.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// One effect, as the log stores it: what happened, never what was asked for.
///
/// Channels are numbered; a queue's number is its incarnation. Times are milliseconds of the
/// engine's clock since 1970.
public sealed interface Entry {

    /// The store was opened: leases of sessions return, timed ones get at least `graceMillis` more.
    record Opened(int epoch, long graceMillis) implements Entry {}

    /// The store goes on from a backup, in an epoch far from those that the store it was taken from
    /// can reach; see [Lineage].
    record Restored(int epoch) implements Entry {}

    /// A queue exists with this definition from now on.
    record QueueDefined(long channel, long version, Definition.Queue definition) implements Entry {}

    /// A queue is gone with all that was in it.
    record QueueRemoved(long channel, long version) implements Entry {}

    /// A message is in its queue.
    ///
    /// @param message as [StoredMessage] encodes it
    record Put(long channel, long sequence, byte[] message) implements Entry {}

    /// A message is in several queues, and its bytes lie once in the log.
    ///
    /// @param slots at least one place
    /// @param message as [StoredMessage] encodes it
    record FannedOut(List<Slot> slots, byte[] message) implements Entry {
        /// A place in a queue.
        public record Slot(long channel, long sequence) {}

        /// Copies the places.
        public FannedOut {
            slots = List.copyOf(slots);
        }

        /// What it comes to for each queue.
        List<Put> puts() {
            return slots.stream()
                    .map(slot -> new Put(slot.channel, slot.sequence, message))
                    .toList();
        }
    }

    /// Messages are leased.
    ///
    /// @param sequences in the order they were handed out
    /// @param deadline when the leases end, or [#SESSION] or [#AUTO]
    record Taken(long channel, long deadline, long[] sequences) implements Entry {
        /// The deadline of a lease that lasts as long as its session.
        public static final long SESSION = 0;

        /// The deadline of a lease that is settled by being delivered.
        public static final long AUTO = 1;

        /// The deadline of a lease whose session ended with the process.
        static final long ENDED = 2;
    }

    /// A message is finished.
    ///
    /// @param dead whether it was given up rather than done
    record Settled(long channel, long sequence, boolean dead) implements Entry {}

    /// A lease ended and its message waits again.
    ///
    /// @param due when it joins the ready ones, or 0 for at once and in its old place
    /// @param uncount how the delivery counts
    record Returned(long channel, long sequence, long due, Uncount uncount) implements Entry {}

    /// What a return takes back of the counts that the take made.
    enum Uncount {
        /// Nothing: it was delivered and used an attempt.
        NOTHING(0),
        /// It was delivered but used no attempt.
        ATTEMPT(1),
        /// It never reached anybody.
        DELIVERY(2);

        /// What stands for it in the log; never renumbered.
        final int code;

        Uncount(int code) {
            this.code = code;
        }

        static Uncount of(int code) {
            for (Uncount uncount : values()) {
                if (uncount.code == code) {
                    return uncount;
                }
            }
            throw new MalformedException("A return takes back " + code);
        }
    }

    /// A lease has a new deadline.
    record Extended(long channel, long sequence, long deadline) implements Entry {}

    /// A message went to another queue, where it has a new sequence; its body stays where it lies.
    /// It need not have been handed out before.
    record Moved(
            long channel,
            long sequence,
            long target,
            long targetSequence,
            Via.Cause cause,
            String reason)
            implements BetweenQueues {}

    /// A message went to another queue as a new one, without having died.
    record Transferred(long channel, long sequence, long target, long targetSequence)
            implements BetweenQueues {}

    /// A message went from one queue to another.
    sealed interface BetweenQueues extends Entry {
        /// The queue that it was in.
        long channel();

        /// Its place there.
        long sequence();

        /// The queue that it is in now.
        long target();

        /// Its place there.
        long targetSequence();
    }

    /// A queue keeps what is settled as done from now on, in a channel of its own.
    record ArchiveBegun(long channel, long archive) implements OfArchive {}

    /// A message that a queue keeps was put again.
    ///
    /// @param kept its place among those that are kept
    /// @param sequence its place in the queue
    record Replayed(long channel, long kept, long sequence) implements OfArchive {}

    /// Something about what a queue keeps.
    sealed interface OfArchive extends Entry {
        /// The queue.
        long channel();
    }

    /// A message was given up that need not have been handed out before.
    record Dropped(long channel, long sequence) implements Entry {}

    /// A message is to be dead-lettered but its target refuses it: it stays, undeliverable. It need
    /// not have been handed out before.
    record Stranded(long channel, long sequence, Via.Cause cause, String reason) implements Entry {}

    /// Messages have become too old for their queue and are gone.
    ///
    /// @param ranges of sequences, in order; they may include sequences that were gone before
    record Expired(long channel, List<Range> ranges) implements Entry {
        /// Messages that follow each other.
        ///
        /// @param first the first one's sequence
        /// @param end the sequence after the last one
        public record Range(long first, long end) implements Comparable<Range> {
            @Override
            public int compareTo(Range other) {
                return Long.compare(first, other.first);
            }
        }

        /// Copies the ranges.
        public Expired {
            ranges = List.copyOf(ranges);
        }
    }

    /// Everything in a queue below `upTo` is gone.
    record Purged(long channel, long upTo) implements Entry {}

    /// A row has this value, or is gone.
    record RowWritten(String table, String key, @Nullable Bytes value, long version, long expiresAt)
            implements Entry {
        /// The expiry of a row that stays.
        public static final long NEVER = 0;
    }

    /// A commit was answered so, and may be asked for again; see [Senders]. It lies in the frame of
    /// what the commit did.
    ///
    /// @param from numbers of this sender below this one are forgotten
    /// @param receipt as [AnswerCodec] encodes it
    record Answered(String sender, long number, long from, byte[] receipt) implements Entry {}

    /// Messages of a queue have been copied to a segment and lie there from now on.
    ///
    /// @param parts each a run of messages
    record Evacuated(long channel, List<Part> parts) implements Entry {
        /// One run.
        ///
        /// @param first the sequence of the run's first message
        /// @param position where the copied ones begin
        /// @param copied which of the run's messages were copied, a bit for each
        public record Part(long first, long position, long copied) {}

        /// Copies the parts.
        public Evacuated {
            parts = List.copyOf(parts);
        }
    }

    /// What happens to a topic.
    sealed interface OfTopic extends Entry {}

    /// A topic exists with this definition from now on.
    record TopicDefined(long channel, long version, Definition.Topic definition)
            implements OfTopic {}

    /// A topic is gone with all that was in it.
    record TopicRemoved(long channel, long version) implements OfTopic {}

    /// A batch is in its partition.
    ///
    /// @param stored when, in milliseconds since 1970
    /// @param baseOffset the offset of its first record
    /// @param batch as [io.millstream.engine.batch.RecordBatch] lays it out, whatever base offset
    ///   it has
    record Appended(long channel, int partition, long stored, long baseOffset, byte[] batch)
            implements OfTopic {}

    /// Retention has dropped a partition's records before `start`.
    record Trimmed(long channel, int partition, long start) implements OfTopic {}

    /// A named cursor of a topic stands here, or is gone.
    ///
    /// @param offset the next record to read, or [#GONE] if the cursor is gone, of all partitions
    record CursorMoved(long channel, int partition, String cursor, long offset) implements OfTopic {
        /// The offset of a cursor that is gone.
        public static final long GONE = -1;
    }

    /// Extents of a partition have been copied to a segment and lie there from now on.
    ///
    /// @param parts each an extent
    record ExtentsMoved(long channel, int partition, List<Place> parts) implements OfTopic {
        /// One extent.
        ///
        /// @param first the offset of its first record
        /// @param position where it begins
        public record Place(long first, long position) {}

        /// Copies the parts.
        public ExtentsMoved {
            parts = List.copyOf(parts);
        }
    }

    /// What happens to exchanges and bindings.
    sealed interface OfRoute extends Entry {
        /// The version that it was given, or that its end was.
        long version();
    }

    /// An exchange exists with this definition from now on.
    record ExchangeDefined(long version, Definition.Exchange definition) implements OfRoute {}

    /// An exchange is gone, and the bindings from and to it.
    record ExchangeRemoved(long version, ChannelName name) implements OfRoute {}

    /// A binding exists with this definition from now on.
    record BindingDefined(long version, Definition.Binding definition) implements OfRoute {}

    /// A binding is gone.
    record BindingRemoved(long version, BindingName id) implements OfRoute {}
}
