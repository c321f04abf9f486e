package io.millstream.testkit.postgres;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Refusal;
import io.millstream.api.StoppedException;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Who of this node waits for which queue's messages, and which leases its windows count. On the
/// pump.
final class Handing {

    /// Those who wait at one queue.
    ///
    /// @param takes in the order they came
    /// @param consumers the one that was served longest ago first
    record Line(Deque<WaitingTake> takes, Deque<PushedTo> consumers) {
        boolean isEmpty() {
            return takes.isEmpty() && consumers.isEmpty();
        }

        List<Waiter> all() {
            List<Waiter> all = new ArrayList<>(takes);
            all.addAll(consumers);
            return all;
        }
    }

    /// A lease that a window counts.
    ///
    /// @param window which
    /// @param bytes how large the message is
    record Held(Window window, long bytes) {}

    private final Map<ChannelName, Line> lines = new LinkedHashMap<>();
    private final Map<Long, Held> held = new HashMap<>();
    private final Set<ChannelName> touched = new LinkedHashSet<>();

    void add(ChannelName queue, Waiter waiter) {
        Line line =
                lines.computeIfAbsent(queue, _ -> new Line(new ArrayDeque<>(), new ArrayDeque<>()));
        switch (waiter) {
            case WaitingTake take -> line.takes().add(take);
            case PushedTo consumer -> {
                line.consumers().add(consumer);
                consumer.window().share(consumer);
            }
            default -> throw new IllegalArgumentException("Unknown: " + waiter);
        }
        touched.add(queue);
    }

    void remove(ChannelName queue, Waiter waiter) {
        Line line = lines.get(queue);
        if (line == null) return;
        line.all().stream()
                .filter(waiter::equals)
                .forEach(one -> {
                    line.takes().remove(one);
                    line.consumers().remove(one);
                });
        if (line.isEmpty()) lines.remove(queue);
    }

    void touch(ChannelName queue) {
        touched.add(queue);
    }

    void touchAll() {
        touched.addAll(lines.keySet());
    }

    Set<ChannelName> waitedFor() {
        return lines.keySet();
    }

    void hold(long number, Held what) {
        held.put(number, what);
        what.window().take(what.bytes());
    }

    /// These leases have ended, wherever that was.
    void ended(Collection<Long> numbers) {
        for (long number : numbers) {
            Held what = held.remove(number);
            if (what != null) what.window().giveBack(what.bytes());
        }
    }

    void close(PostgresSession session) {
        for (Line line : List.copyOf(lines.values())) {
            line.all().stream().filter(one -> one.session().equals(session)).forEach(Waiter::stop);
        }
    }

    void kill(StoppedException why) {
        for (Line line : lines.values()) line.takes().forEach(take -> take.kill(why));
        lines.clear();
    }

    /// How long it is until the first of them has waited long enough.
    long leftMillis() {
        return lines.values().stream()
                .flatMap(line -> line.takes().stream())
                .mapToLong(WaitingTake::leftMillis)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /// The next queue where somebody waits and there may be something, or null.
    ChannelName next() {
        while (!touched.isEmpty()) {
            ChannelName queue = touched.iterator().next();
            touched.remove(queue);
            if (lines.containsKey(queue)) return queue;
        }
        return null;
    }

    /// Hands out what there is in one queue.
    void serve(Tx tx, ChannelName name) throws SQLException {
        Line line = lines.get(name);
        if (line == null) return;
        QueueRow queue = tx.queue(name);
        for (Waiter waiter : line.all()) {
            if (queue == null
                    || (waiter.incarnation() != 0 && waiter.incarnation() != queue.id())) {
                tx.afterwards(() -> waiter.refuse(tx, new Refusal.NoSuchChannel(name)));
            } else {
                tx.afterwards(() -> waiter.waitsAt(queue.id()));
            }
        }
        if (queue == null) return;
        Definition.Queue definition = queue.definition();
        if (!definition.paused()) new Round(tx, this, queue, line).hand();
        tx.afterwards(() -> {
            for (WaitingTake take : List.copyOf(line.takes())) {
                if (take.leftMillis() == 0) take.answer(tx.wall(), List.of());
            }
        });
    }
}
