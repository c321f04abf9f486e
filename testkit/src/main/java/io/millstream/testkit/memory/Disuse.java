package io.millstream.testkit.memory;

import io.millstream.testkit.memory.Alarms.Due;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/// How long a queue has gone without anybody who uses it, and what happens then. Guarded by the
/// backend's lock.
final class Disuse {

    private final MemoryQueue queue;
    private @Nullable Due due;

    Disuse(MemoryQueue queue) {
        this.queue = queue;
    }

    /// It is used at this moment.
    ///
    /// @param goesOn whether somebody waits for its messages, so that it is in use until told anew
    void used(boolean goesOn) {
        end();
        Duration unusedFor = queue.declared().definition().unusedFor();
        if (unusedFor == null || goesOn) return;
        Store store = queue.store();
        due = new Due(store.now().plus(unusedFor).nanos(), store.next());
        store.alarms().set(due, () -> store.removeForGood(queue));
    }

    /// It is gone, so nothing will happen.
    void end() {
        if (due != null) queue.store().alarms().cancel(due);
        due = null;
    }
}
