package io.millstream.testkit.simulation;

import java.util.random.RandomGenerator;

/// What the clients of a run use of what queues can do.
///
/// @param delays whether messages wait for their time
/// @param groups whether messages have groups, and queues different ideas of them
/// @param priorities whether messages have priorities, which age in some queues
/// @param backOffs whether messages wait when their leases end by themselves
/// @param books whether there is a [Bookkeeper], if there is room for one
/// @param fair whether its queues may share fairly: who has been served is known in memory alone,
///   so that what dies first after a restart is not the same each time
/// @param weights whether the shares of groups are of different sizes there
record Features(
        boolean delays,
        boolean groups,
        boolean priorities,
        boolean backOffs,
        boolean books,
        boolean fair,
        boolean weights) {
    static final Features NONE = new Features(false, false, false, false, false, false, false);
    static final Features ALL = new Features(true, true, true, true, false, false, false);

    /// One of them, or all at once.
    static Features draw(RandomGenerator random) {
        int one = random.nextInt(8);
        return one > 3
                ? ALL
                : new Features(one == 0, one == 1, one == 2, one == 3, false, false, false);
    }

    /// @param fairly whether it has queues whose groups share fairly
    /// @param weighs whether some of these groups have larger shares
    Features withBooks(boolean kept, boolean fairly, boolean weighs) {
        boolean shares = kept && fairly;
        return new Features(delays, groups, priorities, backOffs, kept, shares, shares && weighs);
    }

    /// Whether nothing is left out.
    boolean areAll() {
        return delays && groups && priorities && backOffs && books && fair;
    }

    boolean areAny() {
        return delays || groups || priorities || backOffs;
    }
}
