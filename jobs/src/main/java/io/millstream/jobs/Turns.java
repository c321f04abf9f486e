package io.millstream.jobs;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// Which of several queues is asked for how many jobs when places are free. They are numbered from
/// 0. One thread uses it.
sealed interface Turns {
    /// Each is asked anew, whatever it had before.
    void begin();

    /// For how many jobs each queue is asked.
    ///
    /// @param free how many places there are, 1 or more
    /// @param among those that may have some, at least one
    /// @return one number for each queue, `free` in all
    int[] shares(int free, BitSet among);

    /// A queue was asked.
    ///
    /// @param got how many jobs it had; if there are fewer than `asked`, it has no more
    void answered(int queue, int asked, int got);

    /// The first one has what it can get, then the second one, and so on.
    final class Strict implements Turns {
        @Override
        public void begin() {}

        @Override
        public int[] shares(int free, BitSet among) {
            int[] shares = new int[among.length()];
            shares[among.nextSetBit(0)] = free;
            return shares;
        }

        @Override
        public void answered(int queue, int asked, int got) {}
    }

    /// Each queue has its own time, which each of its jobs moves on by so much less as its weight
    /// is greater; the next place is for the one whose time is the earliest. One that has nothing
    /// comes along with the others, so that it is owed nothing when it has something again.
    final class Weighted implements Turns {
        private static final long STEP = 1L << 30;

        private final long[] steps;
        private final long[] times;

        /// Which were asked last and had no more.
        private final BitSet idle = new BitSet();

        Weighted(List<Integer> weights) {
            this.steps = weights.stream().mapToLong(weight -> STEP / weight).toArray();
            this.times = new long[steps.length];
        }

        @Override
        public void begin() {
            BitSet busy = new BitSet();
            busy.set(0, times.length);
            busy.andNot(idle);
            if (busy.isEmpty()) {
                // None has waited for another.
                Arrays.fill(times, 0);
            } else {
                long earliest = times[first(times, busy)];
                for (int i = idle.nextSetBit(0); i >= 0; i = idle.nextSetBit(i + 1)) {
                    times[i] = times[i] - earliest < 0 ? earliest : times[i];
                }
            }
            idle.clear();
        }

        @Override
        public int[] shares(int free, BitSet among) {
            int[] shares = new int[times.length];
            long[] then = times.clone();
            for (int place = 0; place < free; place++) {
                int next = first(then, among);
                shares[next]++;
                then[next] += steps[next];
            }
            return shares;
        }

        /// Times are compared by their difference, so that they may grow for ever.
        private static int first(long[] times, BitSet among) {
            int first = among.nextSetBit(0);
            for (int i = first; i >= 0; i = among.nextSetBit(i + 1)) {
                first = times[i] - times[first] < 0 ? i : first;
            }
            return first;
        }

        @Override
        public void answered(int queue, int asked, int got) {
            idle.set(queue, got < asked);
            times[queue] += steps[queue] * got;
        }
    }
}
