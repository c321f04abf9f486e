package io.millstream.testkit.simulation;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Take;
import io.millstream.api.Term;
import io.millstream.testkit.simulation.Sent.Attempt;
import io.millstream.testkit.simulation.Sent.Held;
import io.millstream.testkit.simulation.Sent.Life;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// What a client asks for next, by the dice.
final class Wishes {
    private static final int KEYS = 6;

    private final int client;
    private final Plan plan;
    private final RandomGenerator random;
    private final RandomGenerator limits;
    private final Specials specials;
    private final Machine machine;
    private final History history;
    private int count;

    /// @param limits dice for what queues keep and take
    Wishes(
            int client,
            Plan plan,
            RandomGenerator random,
            RandomGenerator limits,
            Specials specials,
            Machine machine,
            History history) {
        this.client = client;
        this.plan = plan;
        this.random = random;
        this.limits = limits;
        this.specials = specials;
        this.machine = machine;
        this.history = history;
    }

    ChannelName queue() {
        return ChannelName.of("q" + random.nextInt(plan.queues()));
    }

    boolean mayCancel() {
        return plan.cancels();
    }

    long bytes() {
        return random.nextInt(3) == 0 ? random.nextInt(1, 5000) : Long.MAX_VALUE;
    }

    Take take() {
        ChannelName queue = queue();
        return new Take(
                queue,
                random.nextInt(3) == 0 ? 1 : random.nextInt(1, 20),
                bytes(),
                term(queue),
                random.nextBoolean() ? Duration.ZERO : millis(random.nextInt(1, 3000)),
                Set.of());
    }

    Term term(ChannelName queue) {
        if (plan.auto() && queue.name().equals("q0") && random.nextBoolean()) {
            return Term.Auto.AUTO;
        }
        return random.nextBoolean()
                ? Term.WhileOpen.WHILE_OPEN
                : new Term.Timed(millis(random.nextInt(1, 4000)));
    }

    private static Duration millis(int millis) {
        return Duration.ofMillis(millis);
    }

    /// A commit, if there is anything to wish for.
    Optional<Attempt> next(List<Held> leases) {
        List<Operation> operations = new ArrayList<>();
        List<Held> concerned = new ArrayList<>();
        Set<String> touched = new HashSet<>();
        int wanted = random.nextInt(4) == 0 ? random.nextInt(2, 9) : 1;
        for (int i = 0; i < wanted; i++) {
            Held held = leases.isEmpty() ? null : leases.get(random.nextInt(leases.size()));
            Operation operation = operation(held, touched);
            if (operation != null) {
                operations.add(operation);
                boolean leased =
                        operation instanceof Operation.Settle
                                || operation instanceof Operation.Extend
                                || operation instanceof Operation.Check;
                concerned.add(leased ? held : null);
            }
        }
        if (operations.isEmpty()) {
            return Optional.empty();
        }
        Attempt attempt = new Attempt(client, operations);
        concerned.toArray(attempt.leases);
        return Optional.of(attempt);
    }

    List<Attempt> definitions() {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < plan.queues(); i++) {
            attempts.add(new Attempt(client, List.of(define(ChannelName.of("q" + i)))));
        }
        return attempts;
    }

    Attempt finish(Held held) {
        Attempt attempt =
                new Attempt(
                        client,
                        List.of(
                                new Operation.Settle(
                                        held.handle, Outcome.done(), Operation.Stale.REFUSE)));
        attempt.leases[0] = held;
        return attempt;
    }

    private Operation operation(Held held, Set<String> touched) {
        int dice = random.nextInt(100);
        if (held != null && dice < 40) {
            return touched.add(held.sent.id) ? onLease(held) : null;
        }
        if (dice < 82) {
            return isCrowded() ? relief(touched) : put();
        }
        if (dice < 91) {
            String key = key();
            return touched.add(key) ? write(key) : null;
        }
        ChannelName queue = queue();
        if (!touched.add(queue.name())) {
            return null;
        }
        if (dice < 98) {
            return define(queue);
        }
        // In a commit with other operations on the queue the answer would be harder to judge.
        if (!touched.contains("alone") && touched.size() == 1) {
            return dice < 99 ? new Operation.Edit.Purge(queue) : remove(queue);
        }
        return null;
    }

    /// Whether the log is half full: then some of the runs make room.
    private boolean isCrowded() {
        int used = machine.engine().engine().stats().logFiles();
        return plan.drops() && used > plan.log().filesMax() / 2;
    }

    private Operation relief(Set<String> touched) {
        ChannelName queue = queue();
        return touched.isEmpty() && touched.add(queue.name())
                ? new Operation.Edit.Purge(queue)
                : null;
    }

    private Operation onLease(Held held) {
        if (held.until != Long.MAX_VALUE && random.nextInt(6) == 0) {
            return new Operation.Extend(
                    held.handle, millis(random.nextInt(1, 5000)), random.nextBoolean());
        }
        if (random.nextInt(20) == 0) {
            return new Operation.Check(held.handle);
        }
        if (random.nextInt(12) == 0) {
            return new Operation.Settle(held.handle, Outcome.done(), Operation.Stale.ACCEPT);
        }
        Outcome outcome =
                switch (random.nextInt(8)) {
                    case 0 -> Outcome.retry();
                    case 1 -> new Outcome.Retry(Duration.ZERO, false);
                    case 2 -> Outcome.retry(millis(random.nextInt(1, 4000)));
                    case 3 -> Outcome.dead(text("bad ", random.nextInt(40) == 0 ? 9000 : 10));
                    default -> Outcome.done();
                };
        return new Operation.Settle(held.handle, outcome, Operation.Stale.REFUSE);
    }

    private Operation put() {
        String id = "m" + client + "-" + ++count;
        byte[] body = new byte[bodyBytes()];
        // Cheap, and different for each message.
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) (count * 31 + i * 7 + client);
        }
        Message message = specials.with(Message.builder(Bytes.of(body)).id(id)).build();
        return new Operation.Put(queue(), message);
    }

    private int bodyBytes() {
        int limit = plan.log().fileBytes() / 4;
        return switch (random.nextInt(24)) {
            case 0 -> random.nextInt(4000, 8200);
            case 1 -> random.nextInt(3) == 0 ? random.nextInt(limit - 300, limit + 50) : 1000;
            case 2, 3, 4 -> random.nextInt(500, 3000);
            default -> random.nextInt(0, 300);
        };
    }

    private String key() {
        int key = random.nextInt(KEYS);
        return key == 0 ? text("long ", 1000) : "k" + key;
    }

    private Operation write(String key) {
        long known = history.rows().version(key);
        Expect expect =
                switch (random.nextInt(4)) {
                    case 0 -> Expect.Nothing.NOTHING;
                    case 1 -> Expect.Anything.ANYTHING;
                    default ->
                            known == 0
                                    ? Expect.Nothing.NOTHING
                                    : new Expect.Version(known - random.nextInt(8) / 7);
                };
        boolean removes = random.nextInt(6) == 0;
        Instant expiresAt =
                random.nextInt(6) == 0
                        ? machine.clock().now().plusMillis(random.nextInt(1, 5000))
                        : null;
        return new Operation.Write(
                Rows.TABLE,
                key,
                removes ? null : Bytes.utf8("v" + client + "-" + ++count),
                expect,
                removes ? null : expiresAt);
    }

    private Operation define(ChannelName name) {
        ChannelName deadLetter = random.nextInt(3) > 0 ? queue() : null;
        if (name.equals(deadLetter)) {
            deadLetter = null;
        }
        int attempts = deadLetter == null && !plan.drops() ? 0 : random.nextInt(4);
        int inFlight =
                random.nextInt(3) == 0 ? random.nextInt(1, 6) : Definition.Queue.MAX_IN_FLIGHT;
        Map<String, String> arguments =
                random.nextInt(40) == 0 ? Map.of("note", text("x", 5000)) : Map.of();
        Definition.Queue queue =
                limited(
                        Definition.Queue.builder(name)
                                .maxAttempts(attempts)
                                .deadLetter(deadLetter)
                                .maxInFlight(inFlight)
                                .arguments(arguments)
                                .build());
        return new Operation.Define(specials.with(queue), expected(name));
    }

    /// A queue keeps messages not much longer or shorter than it ever did: otherwise what it once
    /// might have dropped would excuse what it drops too early. One of two keeps them for ever.
    private Definition.Queue limited(Definition.Queue queue) {
        int number = queue.name().name().charAt(1) - '0';
        if (!plan.expires() || number % 2 == 1) {
            return queue;
        }
        int retention = (number == 0 ? 2_000 : 20_000) + limits.nextInt(500);
        return queue.withRetention(millis(retention))
                .withMessageBytesMax(limits.nextInt(3) == 0 ? limits.nextInt(200, 5000) : 0);
    }

    private Operation remove(ChannelName name) {
        return new Operation.Remove(name, expected(name));
    }

    private Expect expected(ChannelName name) {
        Life life = history.names().life(name);
        return switch (random.nextInt(6)) {
            case 0 -> Expect.Nothing.NOTHING;
            case 1 -> life == null ? Expect.Nothing.NOTHING : new Expect.Version(life.version);
            default -> Expect.Anything.ANYTHING;
        };
    }

    private static String text(String start, int length) {
        return start + "x".repeat(length);
    }
}
