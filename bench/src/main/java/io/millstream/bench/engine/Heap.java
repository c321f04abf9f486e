package io.millstream.bench.engine;

/// The heap of this virtual machine.
final class Heap {
    private static final int COLLECTIONS = 3;

    private Heap() {}

    /// How many bytes are in use by what is still needed.
    static long used() {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }
}
