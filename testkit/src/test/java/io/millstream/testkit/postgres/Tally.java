package io.millstream.testkit.postgres;

/// What a transaction adds to the totals of a queue.
///
/// @param stored messages that came
/// @param done messages settled as done
/// @param dead messages dead-lettered or given up
record Tally(long stored, long done, long dead) {

    static final Tally STORED = new Tally(1, 0, 0);
    static final Tally DONE = new Tally(0, 1, 0);
    static final Tally DEAD = new Tally(0, 0, 1);

    Tally plus(Tally other) {
        return new Tally(stored + other.stored, done + other.done, dead + other.dead);
    }
}
