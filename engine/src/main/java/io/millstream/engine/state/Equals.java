package io.millstream.engine.state;

import io.millstream.api.Deduplication;
import io.millstream.engine.heap.HeapAccount;

import org.jspecify.annotations.Nullable;

/// Tells which messages a queue takes for one that it has stored before, as it is declared.
final class Equals {
    /// How many pages are forgotten with one message at most: with each, more go than come.
    private static final int FORGOTTEN_MAX = 2;

    private final QueueState queue;
    private final Images images;
    private final SeenKeys keys;

    Equals(QueueState queue, Images images, HeapAccount heap) {
        this.queue = queue;
        this.images = images;
        this.keys = new SeenKeys(heap);
    }

    /// The message that was stored within the time for which equal ones are told, and has this key;
    /// or 0.
    long find(KeyHash key, long now) {
        Deduplication declared = queue.definition.deduplication();
        return declared == null ? 0 : keys.find(key, now - declared.window().toMillis());
    }

    /// Remembers a message by what equal ones have in common, if the queue looks for them.
    void remember(Traits traits, long sequence, long now) {
        Deduplication declared = queue.definition.deduplication();
        KeyHash key = Admission.equalKey(declared, traits);
        if (declared == null || key == null) {
            return;
        }
        long over = now - declared.window().toMillis();
        SeenKeys.Page page = keys.firstOver(over);
        for (int i = 0; page != null && i < FORGOTTEN_MAX; i++) {
            queue.images().changing(page);
            keys.dropFirst();
            page = keys.firstOver(over);
        }
        queue.images().changing(keys.open());
        keys.add(key, sequence, now, images.number());
    }

    void forget() {
        for (SeenKeys.Page page = keys.pageFrom(0);
                page != null;
                page = keys.pageFrom(page.number + 1)) {
            queue.images().changing(page);
        }
        keys.clear();
    }

    /// The first page of keys from a number on, or null.
    SeenKeys.@Nullable Page pageFrom(long number) {
        return keys.pageFrom(number);
    }

    /// Takes back what a snapshot remembers; [#loaded] comes when all of it has been.
    void restore(SeenKeys.Page page) {
        keys.restore(page);
    }

    void loaded() {
        keys.loaded();
    }

    long heapBytes() {
        return keys.heapBytes();
    }
}
