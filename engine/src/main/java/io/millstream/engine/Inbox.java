package io.millstream.engine;

import org.jspecify.annotations.Nullable;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Commands on their way to the loop, from any thread, in order. Bounded by the bytes of the
/// commits in it.
final class Inbox {
    private static final int COMMAND_BYTES = 128;

    private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();
    private final long bytesMax;
    private final Signal loop;
    private volatile boolean closed;

    Inbox(long bytesMax, Signal loop) {
        this.bytesMax = bytesMax;
        this.loop = loop;
    }

    /// Whether there is no room for another publish.
    boolean isFull() {
        return bytes.get() > bytesMax;
    }

    /// Hands a command over, or does not because the engine has stopped.
    boolean offer(Command command) {
        if (closed) {
            return false;
        }
        bytes.addAndGet(sizeOf(command));
        commands.add(command);
        if (closed && commands.remove(command)) {
            return false;
        }
        loop.give();
        return true;
    }

    /// The next command, which stays; or null. The loop's.
    @Nullable Command peek() {
        return commands.peek();
    }

    /// Drops the command that was peeked at. The loop's.
    void drop() {
        Command command = commands.poll();
        if (command != null) {
            bytes.addAndGet(-sizeOf(command));
        }
    }

    /// Takes no more commands; those that are in it stay.
    void close() {
        closed = true;
    }

    private static long sizeOf(Command command) {
        return command instanceof Command.Commits commits
                ? COMMAND_BYTES + commits.work().bytes()
                : COMMAND_BYTES;
    }
}
