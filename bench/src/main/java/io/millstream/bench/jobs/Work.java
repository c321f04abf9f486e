package io.millstream.bench.jobs;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// What every job is given, whoever does it.
///
/// @param number of its own
/// @param due when it was to be enqueued, by [System#nanoTime], which on Linux all processes of a
///   machine share
/// @param text so that it is as long as what jobs are usually given
record Work(long number, long due, String text) implements Serializable {
    private static final String TEXT = "A job is seldom given more than a line as long as this.";
    private static final AtomicLong NUMBERS = new AtomicLong();

    static Work of(long due) {
        return new Work(NUMBERS.getAndIncrement(), due, TEXT);
    }

    static Work now() {
        return of(System.nanoTime());
    }

    static List<Work> now(int count) {
        List<Work> many = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            many.add(now());
        }
        return many;
    }
}
