package io.millstream.engine.state;

import io.millstream.api.Fence;
import io.millstream.api.Via;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

/// What a queue knows of one message that has been handed out and is not settled.
///
/// Messages that were never handed out need none of this: they are what lies beyond the queue's
/// cursor.
public final class Delivery {

    /// What the message is waiting for.
    enum Status {
        /// To be settled.
        LEASED(0),
        /// To be handed out again.
        READY(1),
        /// For its time.
        WAITING(2),
        /// For a dead-letter target that takes it.
        STRANDED(3);

        private static final Status[] ALL = values();

        /// What stands for it in a snapshot; never renumbered.
        final int code;

        Status(int code) {
            this.code = code;
        }

        static Status of(int code) {
            for (Status status : ALL) {
                if (status.code == code) {
                    return status;
                }
            }
            throw new MalformedException("A message has status " + code);
        }
    }

    /// Told when a lease ends, however it ends; lives in memory only.
    public interface Holder {
        /// `delivery` is no longer leased.
        void released(Delivery delivery);
    }

    private static final Fence NO_FENCE = new Fence(0, 0);

    final QueueState queue;
    final long sequence;
    final int bytes;

    /// When its message was first stored, in milliseconds since 1970.
    final long stored;

    /// When it came into this queue, in milliseconds since 1970.
    long arrived;

    final Mark mark;

    /// When its last wait in this queue ended, in milliseconds since 1970, or 0 if it never waited.
    long waitedUntil;

    Status status = Status.LEASED;
    int deliveries;
    int attempts;
    long firstDelivered;
    Fence fence = NO_FENCE;

    /// The end of the lease ([Entry.Taken#SESSION] if it has none) or of the wait.
    long deadline;

    /// Of what it died, if it is stranded.
    Via.Cause strandedCause = Via.Cause.REJECTED;

    @Nullable String strandedReason;
    private @Nullable Holder holder;

    Delivery(QueueState queue, long sequence, Location at, long arrived) {
        this.queue = queue;
        this.sequence = sequence;
        this.bytes = at.bytes();
        this.stored = at.stored();
        this.arrived = arrived;
        this.mark = at.mark();
        this.waitedUntil = mark.due();
    }

    /// Where it stands among what is ready.
    long turn() {
        return waitedUntil == 0 ? Turn.ofPut(arrived) : Turn.ofWait(waitedUntil);
    }

    /// How much heap the reason takes that it is stranded for.
    long reasonBytes() {
        return strandedReason == null ? 0 : HeapCosts.text(strandedReason);
    }

    /// The queue it is in.
    public QueueState queue() {
        return queue;
    }

    /// Its place in the order of puts.
    public long sequence() {
        return sequence;
    }

    /// Its stored size in bytes.
    public int bytes() {
        return bytes;
    }

    /// How often it was handed out.
    public int deliveries() {
        return deliveries;
    }

    /// How many deliveries count towards the limit.
    public int attempts() {
        return attempts;
    }

    /// When it was first handed out, in milliseconds since 1970.
    public long firstDelivered() {
        return firstDelivered;
    }

    /// Which lease is current.
    public Fence fence() {
        return fence;
    }

    /// Whether it is leased.
    public boolean isLeased() {
        return status == Status.LEASED;
    }

    /// Whether its lease ended because its session did, with the process: its message is ready at
    /// once.
    boolean returnsAtOnce() {
        return deadline <= Entry.Taken.ENDED;
    }

    /// Whether its lease ends with a session instead of at a time.
    public boolean isSessionBound() {
        return deadline == Entry.Taken.SESSION;
    }

    /// When the lease ends, in milliseconds since 1970.
    public long deadline() {
        return deadline;
    }

    /// Has `holder` told when the lease ends.
    public void heldBy(Holder holder) {
        this.holder = holder;
    }

    void release() {
        Holder told = holder;
        holder = null;
        if (told != null) {
            told.released(this);
        }
    }
}
