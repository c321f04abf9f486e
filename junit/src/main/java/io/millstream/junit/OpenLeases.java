package io.millstream.junit;

import io.millstream.api.ChannelName;
import io.millstream.api.Commit;
import io.millstream.api.Handle;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The leases that went through a store's sessions and have not been settled through them. Some may
/// have ended by themselves.
final class OpenLeases {
    private final Map<ChannelName, Map<Long, Handle>> queues = new ConcurrentHashMap<>();

    void handedOut(List<Lease> leases) {
        for (Lease lease : leases) {
            Handle handle = lease.handle();
            of(handle.queue()).put(handle.sequence(), handle);
        }
    }

    /// Forgets what these commits have settled.
    void settled(List<Commit> commits, List<Receipt> receipts) {
        for (int i = 0; i < receipts.size(); i++) {
            if (receipts.get(i) instanceof Receipt.Committed) {
                commits.get(i).operations().forEach(this::settled);
            }
        }
    }

    private void settled(Operation operation) {
        if (operation instanceof Operation.Settle settle) {
            Handle handle = settle.handle();
            of(handle.queue()).remove(handle.sequence(), handle);
        }
    }

    /// Takes out those of one queue.
    List<Handle> take(ChannelName queue) {
        Map<Long, Handle> open = queues.remove(queue);
        return open == null ? List.of() : new ArrayList<>(open.values());
    }

    private Map<Long, Handle> of(ChannelName queue) {
        return queues.computeIfAbsent(queue, key -> new ConcurrentHashMap<>());
    }
}
