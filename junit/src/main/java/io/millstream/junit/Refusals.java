package io.millstream.junit;

import io.millstream.api.Commit;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Since when the same commits have been sent again and again because there is no room for them, as
/// all that publish and wait do. Knows the newest ones, which is enough for those that are sent
/// more than once.
final class Refusals {
    private static final int COMMITS_MAX = 1_000;

    private final SequencedMap<Same, Long> since = new LinkedHashMap<>();

    /// A commit itself, and none that is equal to it.
    private record Same(Commit commit) {
        @Override
        @SuppressWarnings("ReferenceEquality") // Which is what it is for.
        public boolean equals(Object other) {
            return other instanceof Same(Commit another) && another == commit;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(commit);
        }
    }

    /// Notes what has become of commits.
    ///
    /// @return whether one of them has been refused for `time` or longer
    synchronized boolean note(List<Commit> commits, List<Receipt> receipts, Duration time) {
        boolean isLong = false;
        for (int i = 0; i < receipts.size(); i++) {
            Same commit = new Same(commits.get(i));
            if (receipts.get(i) instanceof Receipt.Refused refused
                    && refused.refusal() instanceof Refusal.Busy) {
                long now = System.nanoTime();
                Long first = since.putIfAbsent(commit, now);
                isLong |= first != null && now - first >= time.toNanos();
            } else {
                since.remove(commit);
            }
        }
        while (since.size() > COMMITS_MAX) {
            since.pollFirstEntry();
        }
        return isLong;
    }
}
