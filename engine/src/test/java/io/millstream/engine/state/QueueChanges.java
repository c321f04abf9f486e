package io.millstream.engine.state;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.api.Via;
import io.millstream.api.View;
import io.millstream.engine.position.Positions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/// Makes all that can happen to queues happen.
final class QueueChanges {
    private final State state;
    private final Consumer<Entry> log;
    private Random random = new Random(1);
    private int segment = 100;

    /// Changes `state` by entries that it gives to `log`, which applies them.
    QueueChanges(State state, Consumer<Entry> log) {
        this.state = state;
        this.log = log;
    }

    void change(Random source) {
        random = source;
        switch (random.nextInt(19)) {
            case 0 -> define();
            case 1, 2, 3, 4 -> puts();
            case 5, 6, 7 -> take();
            case 8, 9, 10 -> letGo();
            case 11 -> expire();
            case 12, 13 -> fanOut();
            case 14, 15 -> edit();
            case 16 -> outlive();
            case 17 -> giveUp();
            default -> rarely();
        }
    }

    private void apply(Entry entry) {
        log.accept(entry);
    }

    private void rarely() {
        QueueState queue = any();
        if (queue == null) {
            return;
        }
        switch (random.nextInt(7)) {
            case 0 -> apply(new Entry.Purged(queue.channel(), queue.end()));
            case 1 -> apply(new Entry.QueueRemoved(queue.channel(), state.versions() + 1));
            case 2 -> apply(new Entry.Opened(state.epoch() + 1, 200));
            case 3 -> apply(new Entry.Restored(state.epoch() + 1000));
            default -> evacuate();
        }
    }

    private void define() {
        ChannelName name = ChannelName.of("queue-" + random.nextInt(8));
        QueueState old = state.queue(name);
        long channel = old == null ? state.channels() + 1 : old.channel();
        Definition.Queue queue = Definition.Queue.of(name);
        if (random.nextInt(3) > 0) {
            queue = queue.withRetention(Duration.ofMillis(1 + random.nextInt(300)));
        }
        apply(new Entry.QueueDefined(channel, state.versions() + 1, special(queue)));
    }

    private Definition.Queue special(Definition.Queue queue) {
        Definition.Queue.Builder special =
                queue.with()
                        .groups(
                                List.of(Groups.values())
                                        .get(random.nextInt(Groups.values().length)));
        if (random.nextInt(3) == 0) {
            special.timeToLive(Duration.ofMillis(1 + random.nextInt(300)));
        }
        if (random.nextInt(3) == 0) {
            special.ageing(Duration.ofMillis(1 + random.nextInt(100)));
        }
        if (random.nextInt(3) > 0) {
            Duration window = Duration.ofMillis(1 + random.nextInt(300));
            special.deduplication(
                    new Deduplication(
                            window, List.of(Deduplication.Scope.values()).get(random.nextInt(2))));
        }
        return special.build();
    }

    private byte[] message() {
        if (random.nextBoolean()) {
            return new byte[0];
        }
        Message.Builder message = Message.builder(Bytes.EMPTY);
        if (random.nextInt(3) == 0) {
            message.group("group-" + random.nextInt(6));
        }
        if (random.nextInt(3) == 0) {
            message.priority(random.nextInt(4));
        }
        if (random.nextInt(4) == 0) {
            message.delay(Duration.ofMillis(random.nextInt(80)));
        }
        if (random.nextInt(4) == 0) {
            message.timeToLive(Duration.ofMillis(random.nextInt(200)));
        }
        if (random.nextInt(3) == 0) {
            message.deduplication("equal-" + random.nextInt(5000));
        }
        return StoredMessage.encode(message.build());
    }

    private void outlive() {
        for (QueueState queue = state.outlived(); queue != null; queue = state.outlived()) {
            TimeToLive.decide(state, queue).forEach(this::apply);
        }
    }

    /// Takes messages out that nobody has in hands.
    private void edit() {
        QueueState queue = any();
        QueueState target = any();
        for (int i = random.nextInt(queue == null ? 1 : 20); i > 0; i--) {
            long next = queue.next(random.nextLong(queue.end()));
            if (next < 0 || isLeased(queue, next)) {
                continue;
            }
            if (random.nextBoolean()) {
                apply(new Entry.Dropped(queue.channel(), next));
            } else if (Standing.stateOf(queue, next) == View.MessageState.READY
                    && target != queue) {
                apply(new Entry.Transferred(queue.channel(), next, target.channel(), target.end()));
            }
        }
    }

    /// Messages that were never handed out wait for a dead-letter target.
    private void giveUp() {
        QueueState queue = any();
        for (int i = random.nextInt(queue == null ? 1 : 5); i > 0; i--) {
            long next = queue.next(random.nextLong(queue.end()));
            if (next >= 0 && queue.delivery(next) == null) {
                apply(new Entry.Stranded(queue.channel(), next, Via.Cause.EXPIRED, "expired"));
            }
        }
    }

    private static boolean isLeased(QueueState queue, long sequence) {
        Delivery delivery = queue.delivery(sequence);
        return delivery != null && delivery.isLeased();
    }

    private void expire() {
        for (QueueState queue = state.overdue(); queue != null; queue = state.overdue()) {
            apply(ExpiryDecider.decide(state, queue, 1 + random.nextInt(50)));
        }
    }

    private QueueState any() {
        List<QueueState> all = all();
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    private List<QueueState> all() {
        List<QueueState> all = new ArrayList<>();
        for (QueueState q = state.queueAfter(0); q != null; q = state.queueAfter(q.channel())) {
            all.add(q);
        }
        return all;
    }

    private void puts() {
        QueueState queue = any();
        for (int i = random.nextInt(queue == null ? 1 : 100); i > 0; i--) {
            apply(new Entry.Put(queue.channel(), queue.end(), message()));
        }
    }

    private void fanOut() {
        for (int i = random.nextInt(50); i > 0; i--) {
            List<Entry.FannedOut.Slot> slots = new ArrayList<>();
            for (QueueState queue : all()) {
                if (random.nextBoolean()) {
                    slots.add(new Entry.FannedOut.Slot(queue.channel(), queue.end()));
                }
            }
            if (!slots.isEmpty()) {
                apply(new Entry.FannedOut(slots, message()));
            }
        }
    }

    private void take() {
        QueueState queue = any();
        if (queue == null) {
            return;
        }
        ReadyOrder order = new ReadyOrder(queue, Integer.MAX_VALUE);
        List<Long> sequences = new ArrayList<>();
        for (int i = random.nextInt(40); i > 0; i--) {
            long next = order.next();
            if (next > 0) {
                sequences.add(next);
            }
        }
        long[] deadlines = {Entry.Taken.SESSION, Entry.Taken.AUTO, state.now() + 100};
        long[] taken = sequences.stream().mapToLong(Long::longValue).toArray();
        if (taken.length > 0) {
            apply(new Entry.Taken(queue.channel(), deadlines[random.nextInt(3)], taken));
        }
    }

    private void letGo() {
        QueueState queue = any();
        List<Delivery> all = queue == null ? List.of() : queue.deliveries();
        for (Delivery delivery : all) {
            if (delivery.isLeased() && random.nextInt(3) == 0) {
                letGo(delivery);
            }
        }
    }

    private void letGo(Delivery delivery) {
        long channel = delivery.queue().channel();
        long sequence = delivery.sequence();
        switch (random.nextInt(6)) {
            case 0 -> {
                Entry.Uncount uncount = Entry.Uncount.of(random.nextInt(3));
                long due = random.nextBoolean() ? 0 : state.now() + random.nextInt(50);
                apply(new Entry.Returned(channel, sequence, due, uncount));
            }
            case 1 -> {
                QueueState target = any();
                apply(
                        new Entry.Moved(
                                channel,
                                sequence,
                                target.channel(),
                                target.end(),
                                Via.Cause.REJECTED,
                                "why"));
            }
            case 2 -> apply(new Entry.Stranded(channel, sequence, Via.Cause.REJECTED, "no target"));
            case 3 -> {
                if (!delivery.isSessionBound()) {
                    apply(new Entry.Extended(channel, sequence, state.now() + 500));
                }
            }
            default -> apply(new Entry.Settled(channel, sequence, random.nextBoolean()));
        }
    }

    private void evacuate() {
        segment++;
        long offset = 4096;
        for (QueueState queue : all()) {
            List<Entry.Evacuated.Part> parts = new ArrayList<>();
            for (RunCopy run = queue.runFrom(0); run != null; ) {
                if (random.nextBoolean()) {
                    long to = Positions.inSegment(segment, offset);
                    parts.add(new Entry.Evacuated.Part(run.first(), to, run.copied()));
                    offset += run.bytes();
                }
                run = queue.runFrom(run.first() + 1);
            }
            apply(new Entry.Evacuated(queue.channel(), parts));
        }
    }
}
