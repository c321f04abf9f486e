package io.millstream.server.work;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// A process and all that descend from it. One whose parents have all ended before is nobody's
/// descendant any more, and is not found.
final class Family {
    private final ProcessHandle head;

    Family(ProcessHandle head) {
        this.head = head;
    }

    /// Ends all of them: asks them to (TERM), and kills those that are still there after `time`, or
    /// when the thread is interrupted, if that is sooner. Blocks until they are gone, for `time`
    /// and a moment at most.
    void end(Duration time) {
        Set<ProcessHandle> all = grown(new LinkedHashSet<>(Set.of(head)));
        all.forEach(ProcessHandle::destroy);
        await(all, time);
        // Who was asked to end may have begun others on the way.
        Set<ProcessHandle> left = grown(all);
        left.forEach(ProcessHandle::destroyForcibly);
        await(left, time);
    }

    private static Set<ProcessHandle> grown(Set<ProcessHandle> known) {
        Set<ProcessHandle> all = new LinkedHashSet<>();
        for (ProcessHandle one : known) {
            if (one.isAlive()) {
                Stream.concat(Stream.of(one), one.descendants()).forEach(all::add);
            }
        }
        return all;
    }

    private static void await(Set<ProcessHandle> all, Duration time) {
        CompletableFuture<?>[] ends =
                all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends).get(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException | TimeoutException _) {
            // They had their time.
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("Processes only end", impossible);
        }
    }
}
