package io.millstream.testkit.simulation;

import java.util.random.RandomGenerator;

/// What the clients of a run use of what queues can do.
///
/// @param delays whether messages wait for their time
/// @param groups whether messages have groups, and queues different ideas of them
/// @param priorities whether messages have priorities, which age in some queues
/// @param backOffs whether messages wait when their leases end by themselves
/// @param books whether there is a [Bookkeeper], if there is room for one
record Features(
        boolean delays, boolean groups, boolean priorities, boolean backOffs, boolean books) {
    static final Features NONE = new Features(false, false, false, false, false);
    static final Features ALL = new Features(true, true, true, true, false);

    /// One of them, or all at once.
    static Features draw(RandomGenerator random) {
        int one = random.nextInt(8);
        return one > 3 ? ALL : new Features(one == 0, one == 1, one == 2, one == 3, false);
    }

    Features withBooks(boolean kept) {
        return new Features(delays, groups, priorities, backOffs, kept);
    }

    boolean areAny() {
        return delays || groups || priorities || backOffs;
    }
}
