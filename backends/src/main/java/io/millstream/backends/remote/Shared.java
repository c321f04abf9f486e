package io.millstream.backends.remote;

import io.millstream.api.Receipt;
import io.millstream.wire.Told;

import java.util.List;

/// The answer to a message that several callers share.
final class Shared {
    private Shared() {}

    /// Tells each its part.
    static void tell(List<Work> works, Told told) {
        if (!(told instanceof Told.Receipts(long id, List<Receipt> receipts))) {
            works.forEach(work -> work.told(told));
            return;
        }
        int at = 0;
        for (Work work : works) {
            int count = work instanceof CommitWork commits ? commits.count() : 0;
            work.told(new Told.Receipts(id, receipts.subList(at, at + count)));
            at += count;
        }
    }
}
