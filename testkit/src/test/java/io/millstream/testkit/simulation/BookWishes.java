package io.millstream.testkit.simulation;

import io.millstream.api.BackOff;
import io.millstream.api.Bytes;
import io.millstream.api.Capacity;
import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Groups;
import io.millstream.api.Handle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Take;
import io.millstream.api.Term;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/// What a [Bookkeeper] asks for next, by the dice.
final class BookWishes {
    static final String HOST = "books";
    static final String HEAVY = "g0";
    private static final int WEIGHT = 10;
    private static final int QUEUES = 4;
    private static final int MESSAGES_MAX = 50;
    private static final int HANDLES_MAX = 30;

    private final RandomGenerator random;
    private final List<Groups> groups;
    private final Map<String, Integer> weights;

    /// Which of the features are used.
    private final Set<Feature> features = EnumSet.noneOf(Feature.class);

    /// Of leases that have ended, some of them.
    private final List<Handle> old = new ArrayList<>();

    private int count;

    /// @param fair whether groups may share fairly
    /// @param weighs whether the group [#HEAVY] has a larger share then
    BookWishes(RandomGenerator random, boolean fair, boolean weighs) {
        this.random = random;
        this.weights = weighs ? Map.of(HEAVY, WEIGHT) : Map.of();
        this.groups =
                Arrays.stream(Groups.values()).filter(some -> fair || !some.isFair()).toList();
        boolean all = random.nextInt(3) == 0;
        for (Feature feature : Feature.values()) {
            if (all || random.nextBoolean()) {
                features.add(feature);
            }
        }
    }

    private enum Feature {
        DELAYS,
        GROUPS,
        PRIORITIES,
        AGEING,
        LIVES,
        CAPACITY,
        DUPLICATES,
        BACK_OFF,
        PAUSE
    }

    /// Whether a feature is used this time, if it is at all.
    private boolean uses(Feature feature, int oneIn) {
        return features.contains(feature) && random.nextInt(oneIn) == 0;
    }

    private ChannelName queue() {
        return name(random.nextInt(QUEUES));
    }

    private static ChannelName name(int number) {
        return new ChannelName(HOST, "b" + number);
    }

    private Duration millis(int least, int most) {
        return Duration.ofMillis(random.nextInt(least, most));
    }

    void ended(Handle handle) {
        old.add(handle);
        if (old.size() > HANDLES_MAX) {
            old.removeFirst();
        }
    }

    // Definitions.

    List<Operation> definitions() {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < QUEUES; i++) {
            operations.add(define(name(i)));
        }
        return operations;
    }

    /// Nothing stands in the way of anything.
    List<Operation> plainDefinitions() {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < QUEUES; i++) {
            QueueBuilder queue = Definition.Queue.builder(name(i));
            if (uses(Feature.GROUPS, 2)) {
                queue.groups(groups.get(random.nextInt(groups.size()))).weights(weights);
            }
            operations.add(new Operation.Define(queue.build(), Expect.Anything.ANYTHING));
        }
        return operations;
    }

    List<Operation> removals() {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < QUEUES; i++) {
            operations.add(new Operation.Remove(name(i), Expect.Anything.ANYTHING));
        }
        return operations;
    }

    private Operation define(ChannelName name) {
        QueueBuilder queue =
                Definition.Queue.builder(name)
                        .maxAttempts(random.nextInt(3) == 0 ? 0 : random.nextInt(1, 4))
                        .deadLetter(deadLetter(name));
        if (random.nextInt(6) == 0) {
            queue.maxInFlight(random.nextInt(1, 6));
        }
        if (uses(Feature.GROUPS, 1)) {
            queue.weights(weights);
            queue.groups(
                    random.nextInt(3) == 0
                            ? Groups.ORDERED
                            : groups.get(random.nextInt(groups.size())));
        }
        if (uses(Feature.AGEING, 2)) {
            queue.ageing(millis(1, 2000));
        }
        if (uses(Feature.DUPLICATES, 1) && random.nextInt(4) > 0) {
            Deduplication.Scope[] scopes = Deduplication.Scope.values();
            queue.deduplication(
                    new Deduplication(millis(1, 6000), scopes[random.nextInt(scopes.length)]));
        }
        if (uses(Feature.LIVES, 3)) {
            queue.timeToLive(millis(1, 6000));
        }
        if (uses(Feature.BACK_OFF, 1) && random.nextInt(4) > 0) {
            queue.backOff(new BackOff(millis(1, 800), random.nextInt(1, 4), millis(800, 3000)));
        }
        queue.paused(uses(Feature.PAUSE, 8));
        Definition.Queue without = queue.build();
        if (uses(Feature.CAPACITY, 2)) {
            queue.capacity(capacity(without.deadLetter() != null));
        }
        return new Operation.Define(queue.build(), Expect.Anything.ANYTHING);
    }

    private ChannelName deadLetter(ChannelName name) {
        ChannelName other = random.nextInt(8) == 0 ? new ChannelName(HOST, "nowhere") : queue();
        return random.nextInt(3) == 0 || other.equals(name) ? null : other;
    }

    private Capacity capacity(boolean hasDeadLetter) {
        Capacity.Overflow[] ways = Capacity.Overflow.values();
        Capacity.Overflow way = ways[random.nextInt(ways.length)];
        if (way == Capacity.Overflow.DEAD_LETTER && !hasDeadLetter) {
            way = Capacity.Overflow.DROP_HEAD;
        }
        boolean byBytes = random.nextInt(4) == 0;
        return new Capacity(
                byBytes && random.nextBoolean() ? 0 : random.nextInt(1, 12),
                byBytes ? random.nextInt(200, 2000) : 0,
                way);
    }

    // Messages.

    private Message message() {
        byte[] body = new byte[random.nextInt(8) == 0 ? random.nextInt(1000) : random.nextInt(60)];
        Message.Builder message = Message.builder(Bytes.of(body)).id("b" + ++count);
        if (uses(Feature.GROUPS, 1) && random.nextInt(3) > 0) {
            message.group("g" + random.nextInt(3));
        }
        if (uses(Feature.PRIORITIES, 2)) {
            message.priority(random.nextInt(8) == 0 ? 31 : random.nextInt(1, 4));
        }
        if (uses(Feature.DELAYS, message.build().group() == null ? 3 : 20)) {
            message.delay(millis(1, 3000));
        }
        if (uses(Feature.LIVES, 4)) {
            message.timeToLive(millis(0, 4000));
        }
        if (uses(Feature.DUPLICATES, 1) && random.nextInt(3) > 0) {
            message.deduplication("d" + random.nextInt(6));
        }
        return message.build();
    }

    /// A put whose answer is certain, or null.
    private Operation put(Ledger ledger) {
        ChannelName queue = queue();
        Message message = message();
        Book book = ledger.book(queue);
        if (book.perhapsSeen(message, ledger.now) != book.surelySeen(message, ledger.now)) {
            return null;
        }
        return new Operation.Put(
                queue,
                message,
                random.nextInt(4) == 0 ? Operation.IfDuplicate.REFUSE : Operation.IfDuplicate.SKIP);
    }

    // Commits and takes.

    Take take(Ledger ledger) {
        Term term =
                random.nextBoolean() ? Term.WhileOpen.WHILE_OPEN : new Term.Timed(millis(1, 4000));
        int messages = random.nextInt(3) == 0 ? random.nextInt(1, 20) : random.nextInt(1, 4);
        return Take.of(fullest(ledger), messages, term, Duration.ZERO);
    }

    /// Mostly one where there is much.
    private ChannelName fullest(Ledger ledger) {
        ChannelName one = queue();
        ChannelName other = queue();
        return ledger.book(one).messages.size() >= ledger.book(other).messages.size() ? one : other;
    }

    boolean wantsToTake(Ledger ledger) {
        return random.nextInt(ledger.size() > MESSAGES_MAX ? 2 : 4) == 0;
    }

    /// What belongs together; may be empty.
    List<Operation> commit(Ledger ledger) {
        int dice = random.nextInt(100);
        if (dice < 5) {
            return List.of(define(queue()));
        }
        if (dice < 12) {
            ChannelName to = random.nextInt(3) == 0 ? null : queue();
            return List.of(new Operation.Edit.Move(fullest(ledger), to, random.nextInt(1, 6)));
        }
        if (dice < 17) {
            return drop(ledger);
        }
        if (dice < 18) {
            return List.of(new Operation.Edit.Purge(queue()));
        }
        List<Operation> operations = new ArrayList<>();
        boolean crowded = ledger.size() > MESSAGES_MAX;
        int wanted = random.nextInt(3) == 0 ? random.nextInt(2, 6) : 1;
        boolean settles = crowded || dice < 55;
        for (int i = 0; i < wanted; i++) {
            Operation operation =
                    settles && (i == 0 || random.nextBoolean())
                            ? settle(ledger, operations)
                            : crowded ? null : put(ledger);
            if (operation != null) {
                operations.add(operation);
            }
        }
        return isCertain(ledger, operations)
                ? operations
                : operations.subList(0, Math.min(1, operations.size()));
    }

    /// Whether it will be seen which messages made room for which, and what they left to whom.
    private static boolean isCertain(Ledger ledger, List<Operation> operations) {
        List<Book> targets =
                operations.stream()
                        .filter(Operation.Put.class::isInstance)
                        .map(one -> ledger.book(((Operation.Put) one).queue()))
                        .toList();
        return operations.size() == 1
                || targets.stream()
                        .allMatch(book ->
                                book.definition.capacity().bytes() == 0
                                        && (book.definition.capacity().overflow()
                                                        != Capacity.Overflow.DROP_HEAD
                                                || targets.stream()
                                                        .allMatch(other -> other == book)));
    }

    private List<Operation> drop(Ledger ledger) {
        ChannelName queue = fullest(ledger);
        List<Booked> messages = ledger.book(queue).messages;
        long sequence =
                messages.isEmpty() || random.nextInt(8) == 0
                        ? random.nextInt(1, 50)
                        : messages.get(random.nextInt(messages.size())).sequence;
        Operation.Edit.IfHeld ifHeld =
                random.nextBoolean() ? Operation.Edit.IfHeld.PASS : Operation.Edit.IfHeld.REFUSE;
        return List.of(new Operation.Edit.Drop(queue, sequence, ifHeld));
    }

    private Operation settle(Ledger ledger, List<Operation> before) {
        List<Handle> handles = new ArrayList<>();
        for (Book book : ledger.books.values()) {
            book.messages.stream()
                    .filter(one -> one.handle != null)
                    .forEach(one -> handles.add(one.handle));
        }
        boolean stale = before.isEmpty() && !old.isEmpty() && random.nextInt(20) == 0;
        List<Handle> some = stale ? old : handles;
        if (some.isEmpty()) {
            return null;
        }
        Handle handle = some.get(random.nextInt(some.size()));
        boolean again =
                before.stream()
                        .anyMatch(one ->
                                one instanceof Operation.Settle settle
                                        && settle.handle().equals(handle));
        if (again) {
            return null;
        }
        Outcome outcome =
                switch (random.nextInt(8)) {
                    case 0 -> Outcome.retry();
                    case 1 -> new Outcome.Retry(Duration.ZERO, false);
                    case 2, 3 -> Outcome.retry(millis(1, 3000));
                    case 4 -> Outcome.dead("bad");
                    default -> Outcome.done();
                };
        return new Operation.Settle(handle, outcome, Operation.Stale.REFUSE);
    }

    /// How long until the next thing that happens by itself, or a little less or more; mostly not
    /// at all.
    Duration pause(Ledger ledger) {
        if (random.nextInt(3) > 0) {
            return Duration.ZERO;
        }
        List<Long> times = new ArrayList<>();
        for (Book book : ledger.books.values()) {
            times.addAll(book.windowEnds());
            for (Booked one : book.messages) {
                times.add(one.due == null ? 0 : one.due.from());
                times.add(one.leaseEnd == null ? 0 : one.leaseEnd.from());
                times.add(book.endOfLife(one).from());
            }
        }
        times.removeIf(time -> time <= ledger.now || time > ledger.now + 10_000);
        if (times.isEmpty() || random.nextInt(4) == 0) {
            return millis(1, 1500);
        }
        times.sort(null);
        long next = times.get(random.nextInt(Math.min(3, times.size())));
        return Duration.ofMillis(Math.max(1, next - ledger.now + random.nextInt(-1, 2)));
    }
}
