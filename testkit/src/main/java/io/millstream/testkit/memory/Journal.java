package io.millstream.testkit.memory;

import java.util.ArrayDeque;
import java.util.Deque;

/// How to take back what the commit under way has done so far. Guarded by the backend's lock.
final class Journal {

    private final Deque<Runnable> reversals = new ArrayDeque<>();
    private boolean takingBack;

    /// Something has changed; `reversal` changes it back.
    void changed(Runnable reversal) {
        if (!takingBack) reversals.push(reversal);
    }

    /// All that has changed stays.
    void keep() {
        reversals.clear();
    }

    /// Nothing that has changed since the last [#keep()] stays.
    void takeBack() {
        takingBack = true;
        try {
            reversals.forEach(Runnable::run);
        } finally {
            takingBack = false;
            reversals.clear();
        }
    }
}
