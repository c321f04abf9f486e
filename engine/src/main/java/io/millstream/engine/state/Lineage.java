package io.millstream.engine.state;

import io.millstream.api.Fence;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import java.util.ArrayList;
import java.util.List;

/// Which fences can have been given out in this store's own past.
///
/// A restored backup goes on from a past state, and so did the store that it was taken from: both
/// number their messages, takes and openings from there. What the other one gave out since names
/// other messages here. So a restored store jumps ahead to an epoch chosen at random, and remembers
/// from where: nothing between is its own.
final class Lineage {
    private final List<Branch> branches = new ArrayList<>();

    /// A restore.
    ///
    /// @param epoch that of the state that was restored
    /// @param entries how many entries that state was folded from
    /// @param resumed the epoch from which on everything is ours again
    private record Branch(int epoch, long entries, int resumed) {
        private boolean isForeign(Fence fence) {
            boolean isLater =
                    fence.epoch() > epoch || (fence.epoch() == epoch && fence.position() > entries);
            return isLater && fence.epoch() < resumed;
        }
    }

    void restored(int epoch, long entries, int resumed) {
        Invariant.check(resumed > epoch, "Restored from epoch %d to %d", epoch, resumed);
        branches.add(new Branch(epoch, entries, resumed));
    }

    /// Whether a store in `epoch` may have given `fence` out.
    boolean isOwn(Fence fence, int epoch) {
        return fence.epoch() <= epoch
                && branches.stream().noneMatch(branch -> branch.isForeign(fence));
    }

    void write(Output out) {
        out.varint(branches.size());
        for (Branch branch : branches) {
            out.varint(branch.epoch);
            out.varint(branch.entries);
            out.varint(branch.resumed);
        }
    }

    static Lineage read(Input in) {
        Lineage lineage = new Lineage();
        int size = in.size();
        for (int i = 0; i < size; i++) {
            lineage.branches.add(new Branch(in.intValue(), in.varint(), in.intValue()));
        }
        return lineage;
    }
}
