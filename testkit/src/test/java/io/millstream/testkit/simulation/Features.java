package io.millstream.testkit.simulation;

import java.util.random.RandomGenerator;

/// What the clients of a run use of what queues can do.
///
/// @param delays whether messages wait for their time
/// @param groups whether messages have groups, and queues different ideas of them
/// @param priorities whether messages have priorities, which age in some queues
/// @param backOffs whether messages wait when their leases end by themselves
record Features(boolean delays, boolean groups, boolean priorities, boolean backOffs) {
    static final Features NONE = new Features(false, false, false, false);
    static final Features ALL = new Features(true, true, true, true);

    /// One of them, or all at once.
    static Features draw(RandomGenerator random) {
        int one = random.nextInt(8);
        return one > 3 ? ALL : new Features(one == 0, one == 1, one == 2, one == 3);
    }

    boolean areAny() {
        return !equals(NONE);
    }
}
