package io.millstream.engine.state;

import org.jspecify.annotations.Nullable;

/// The messages of a queue that have a group in common. It goes with the last of them.
final class Group {
    /// The sequence of the message that began it, which stands for it in a [Mark].
    final long birth;

    final KeyHash key;

    /// Where worked in order: all that is neither leased nor stuck, by sequence alone. Where shared
    /// fairly: what is ready, in its order.
    final TimeOrder members = new TimeOrder();

    /// How many of its messages are in the queue, whatever they wait for.
    int messages;

    int leased;

    /// Where shared fairly: how much it has been served. Not part of what is known.
    long served;

    /// What it is listed in, by which pair; null if it waits.
    @Nullable TimeOrder listedIn;

    long listedTime;
    long listedSequence;

    Group(long birth, KeyHash key) {
        this.birth = birth;
        this.key = key;
    }

    void list(TimeOrder in, long time, long sequence) {
        in.add(time, sequence);
        listedIn = in;
        listedTime = time;
        listedSequence = sequence;
    }

    void unlist() {
        TimeOrder in = listedIn;
        if (in != null) {
            in.remove(listedTime, listedSequence);
            listedIn = null;
        }
    }
}
