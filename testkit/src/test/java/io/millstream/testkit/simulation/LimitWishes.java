package io.millstream.testkit.simulation;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Rate;
import io.millstream.api.Take;
import io.millstream.api.Term;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// What a [LimitClient] asks for next, by the dice.
final class LimitWishes {
    private static final String HOST = "limits";
    private static final int NAMES = 3;

    private final RandomGenerator random;

    /// Whether messages have groups, and types, in this run.
    private final boolean groups;

    private final boolean types;
    private final boolean rates;
    private final boolean keeps;
    private int count;

    LimitWishes(RandomGenerator random) {
        this.random = random;
        int dice = random.nextInt(8);
        this.groups = dice != 0 && dice != 1;
        this.types = dice != 2 && dice != 3;
        this.rates = random.nextInt(3) > 0;
        this.keeps = random.nextBoolean();
    }

    static ChannelName name(int number) {
        return new ChannelName(HOST, "l" + number);
    }

    private Duration millis(int least, int most) {
        return Duration.ofMillis(random.nextInt(least, most));
    }

    // Definitions.

    Definition.Queue plain(LimitQueue queue) {
        return Definition.Queue.builder(queue.name).typed(isTyped(queue)).build();
    }

    /// Whether it tells types apart never changes: that is declared while it is empty.
    private boolean isTyped(LimitQueue queue) {
        return types && !queue.name.name().endsWith("2");
    }

    Definition.Queue definition(LimitQueue queue) {
        QueueBuilder wanted = Definition.Queue.builder(queue.name).typed(isTyped(queue));
        Limits limits = Limits.NONE;
        if (random.nextInt(3) == 0) {
            wanted.maxInFlight(random.nextInt(1, 6));
        }
        if (rates && random.nextInt(3) == 0) {
            limits = limits.withRate(rate());
        }
        if (isTyped(queue) && random.nextInt(4) > 0) {
            limits = limits.withTypes(each("t"));
        }
        if (groups) {
            List<Groups> all =
                    List.of(
                            Groups.ORDERED,
                            Groups.ORDERED_SINGLY,
                            Groups.FAIR,
                            Groups.FAIR,
                            Groups.FAIR_ORDERED);
            wanted.groups(all.get(random.nextInt(all.size())));
            if (random.nextInt(4) > 0) {
                limits = limits.withGroups(each("g"));
            }
            if (random.nextInt(3) == 0) {
                wanted.weights(Map.of("g0", random.nextInt(1, 5), "g1", 2));
            }
        }
        if (keeps && random.nextInt(6) > 0) {
            wanted.keepSettled(random.nextInt(3) == 0 ? millis(1, 3000) : millis(8000, 60_000));
        }
        return wanted.limits(limits).build();
    }

    private Limits.Each each(String kind) {
        Map<String, Limit> exceptions = new TreeMap<>();
        for (int i = 0; i < NAMES; i++) {
            if (random.nextInt(4) == 0) {
                exceptions.put(kind + i, random.nextInt(4) == 0 ? Limit.NONE : limit());
            }
        }
        return new Limits.Each(random.nextInt(4) == 0 ? null : limit(), exceptions);
    }

    private Limit limit() {
        int concurrency = random.nextInt(3) == 0 ? 0 : random.nextInt(1, 4);
        boolean often = !rates || (concurrency > 0 && random.nextBoolean());
        return new Limit(concurrency, often ? null : rate());
    }

    private Rate rate() {
        return new Rate(random.nextInt(1, 6), millis(50, 3000), random.nextInt(1, 5));
    }

    // Messages.

    Message message() {
        byte[] body = new byte[random.nextInt(8) == 0 ? random.nextInt(1000) : random.nextInt(60)];
        Message.Builder message = Message.builder(Bytes.of(body)).id("l" + ++count);
        if (groups && random.nextInt(4) > 0) {
            message.group("g" + random.nextInt(NAMES));
        } else if (random.nextInt(8) == 0) {
            message.delay(millis(1, 3000));
        }
        if (types && random.nextInt(4) > 0) {
            message.type("t" + random.nextInt(NAMES));
        }
        if (random.nextInt(4) == 0) {
            message.priority(random.nextInt(1, 3));
        }
        return message.build();
    }

    Take take(LimitQueue queue) {
        Set<String> named = new TreeSet<>();
        if (isTyped(queue) && random.nextInt(3) == 0) {
            named.add("t" + random.nextInt(NAMES));
            named.add("t" + random.nextInt(NAMES + 1));
        }
        return new Take(
                queue.name,
                random.nextInt(3) == 0 ? 1 : random.nextInt(1, 12),
                random.nextInt(6) == 0 ? random.nextInt(1, 400) : Long.MAX_VALUE,
                random.nextBoolean() ? Term.WhileOpen.WHILE_OPEN : timed(),
                random.nextBoolean() ? Duration.ZERO : millis(1, 20_000),
                named);
    }

    Term.Timed timed() {
        return new Term.Timed(millis(1, 6000));
    }

    Outcome outcome() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> Outcome.retry();
            case 2 -> Outcome.retry(millis(1, 2000));
            case 3 -> Outcome.dead("bad");
            default -> Outcome.done();
        };
    }

    /// A replay of all that is kept, or of what was settled between two of them.
    Operation.Edit.Replay replay(LimitQueue queue) {
        int most = random.nextInt(3) == 0 ? random.nextInt(1, 4) : 100;
        Instant since = Instant.EPOCH;
        Instant until = Instant.EPOCH.plus(Duration.ofDays(100_000));
        if (!queue.kept.isEmpty() && random.nextBoolean()) {
            since = Instant.ofEpochMilli(any(queue.kept).at().from());
        }
        if (!queue.kept.isEmpty() && random.nextBoolean()) {
            until = Instant.ofEpochMilli(any(queue.kept).at().until() + random.nextInt(2));
        }
        return new Operation.Edit.Replay(queue.name, since, until, 0, most);
    }

    private <T> T any(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }
}
