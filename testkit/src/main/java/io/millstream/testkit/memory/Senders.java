package io.millstream.testkit.memory;

import io.millstream.api.CommitId;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/// The receipts that the senders of commits may ask for once more. Guarded by the backend's lock.
final class Senders {

    /// What is known of one sender, which has sent something.
    private static final class Sender {
        final TreeMap<Long, Receipt> receipts = new TreeMap<>();

        /// Nobody knows what was below.
        long kept;

        Moment last;

        Sender(Moment last) {
            this.last = last;
        }
    }

    private final Store store;
    private final Map<String, Sender> senders = new HashMap<>();

    Senders(Store store) {
        this.store = store;
    }

    /// The receipt of the first commit of this id, which is made by `decide` if there was none.
    Receipt once(CommitId id, Supplier<Receipt> decide) {
        senders.values().removeIf(this::isOver);
        Sender sender = senders.get(id.sender());
        Receipt first = sender == null ? null : sender.receipts.get(id.number());
        if (first != null) return first;
        Refusal refusal = sender == null ? null : refusal(sender, id);
        if (refusal != null) return new Receipt.Refused(store.now().wall(), 0, refusal);
        Receipt receipt = decide.get();
        if (!isBusy(receipt)) remember(id, receipt);
        return receipt;
    }

    private boolean isOver(Sender sender) {
        return !store.now().isBefore(sender.last.plus(CommitId.REMEMBERED_FOR));
    }

    private static @Nullable Refusal refusal(Sender sender, CommitId id) {
        long highest = sender.receipts.lastKey();
        if (id.number() < sender.kept) return id.forgotten(sender.kept);
        if (id.number() < highest) return id.passedOver(highest);
        boolean many = sender.receipts.tailMap(id.from()).size() >= CommitId.ANSWERS_MAX;
        return many ? id.tooMany() : null;
    }

    private static boolean isBusy(Receipt receipt) {
        return receipt instanceof Receipt.Refused refused
                && refused.refusal() instanceof Refusal.Busy;
    }

    private void remember(CommitId id, Receipt receipt) {
        Sender sender = senders.computeIfAbsent(id.sender(), _ -> new Sender(store.now()));
        sender.receipts.put(id.number(), receipt);
        sender.kept = Math.max(sender.kept, id.from());
        sender.receipts.headMap(sender.kept).clear();
        sender.last = store.now();
    }

    /// Time in which nobody could ask does not count.
    void reopen() {
        senders.values().forEach(sender -> sender.last = store.now());
    }
}
