package io.millstream.bench.engine;

import io.millstream.api.ChannelName;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Groups;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Rate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The kinds of queues that are measured.
final class QueueKinds {
    private static final ChannelName QUEUE = ChannelName.of("kind");
    private static final int PRIORITIES = 10;
    private static final int TYPES = 10;
    private static final int TYPE_CONCURRENCY = 400;
    private static final int GROUP_CONCURRENCY = 4;
    private static final int GROUP_PER_SECOND = 1000;
    private static final int DELAY_MILLIS_MAX = 100;
    private static final long DELAYED_BACKLOG_MAX = 200_000;
    static final int KEYS = 1000;
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final Duration YEARS = Duration.ofDays(3650);
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final int ONE_IN = 10;

    private final int many;

    /// @param many how many a million are
    QueueKinds(int many) {
        this.many = many;
    }

    /// What a queue has of which each message, once it is settled, is followed by a new one.
    List<QueueKind> deep() {
        QueueKind.Making urgent =
                (number, body) ->
                        Message.builder(body).priority((int) mixed(number, PRIORITIES)).build();
        return List.of(
                QueueKind.of("plain", queue().build(), (_, body) -> Message.of(body)),
                QueueKind.of("priorities 0 to 9, ageing", queue().ageing(STEP).build(), urgent),
                QueueKind.of("1000 groups", queue().build(), grouped(KEYS)),
                QueueKind.of("%s groups".formatted(text(many)), queue().build(), grouped(many)),
                QueueKind.of(
                        "%s groups, fair".formatted(text(many)),
                        queue().groups(Groups.FAIR).build(),
                        grouped(many)),
                QueueKind.of(
                        "%s groups, fair, each 1000/s, 1 ms apart".formatted(text(many)),
                        limited(Groups.FAIR, perSecond()).build(),
                        grouped(many)));
    }

    /// What all others are compared with.
    static QueueKind plain() {
        return QueueKind.of(
                "plain",
                Definition.Queue.of(ChannelName.of("plain")),
                (_, body) -> Message.of(body));
    }

    List<QueueKind> all() {
        List<QueueKind> kinds = new ArrayList<>();
        kinds.add(QueueKind.of("plain", queue().build(), (_, body) -> Message.of(body)));
        kinds.addAll(prioritiesAndDelays());
        kinds.addAll(groups());
        kinds.addAll(limits());
        kinds.add(together());
        kinds.addAll(several());
        return kinds;
    }

    private static QueueBuilder queue() {
        return Definition.Queue.builder(QUEUE);
    }

    private List<QueueKind> prioritiesAndDelays() {
        QueueKind.Making urgent =
                (number, body) ->
                        Message.builder(body).priority((int) mixed(number, PRIORITIES)).build();
        return List.of(
                QueueKind.of("priorities 0 to 9, strict", queue().build(), urgent),
                QueueKind.of("priorities 0 to 9, ageing", queue().ageing(STEP).build(), urgent),
                QueueKind.of(
                                "delayed 1 to 100 ms",
                                queue().build(),
                                (number, body) ->
                                        Message.builder(body)
                                                .delay(
                                                        Duration.ofMillis(
                                                                1
                                                                        + mixed(
                                                                                number,
                                                                                DELAY_MILLIS_MAX)))
                                                .build())
                        .withBacklogMax(DELAYED_BACKLOG_MAX),
                QueueKind.of(
                        "deduplicated, 1 in 10 a duplicate",
                        queue().deduplication(new Deduplication(WINDOW, Deduplication.Scope.QUEUE))
                                .build(),
                        (number, body) ->
                                Message.builder(body).deduplication(onceOrTwice(number)).build()));
    }

    /// Every tenth names what the one before it named.
    private static String onceOrTwice(long number) {
        return "once-" + (number % ONE_IN == 0 ? Math.max(0, number - 1) : number);
    }

    private List<QueueKind> groups() {
        return List.of(
                QueueKind.of("1 group", queue().build(), grouped(1)),
                QueueKind.of("1000 groups", queue().build(), grouped(KEYS)),
                QueueKind.of(
                                "a new group each, beside %s groups whose head is delayed"
                                        .formatted(text(many)),
                                queue().build(),
                                numbered("new-"))
                        .withStanding(
                                new QueueKind.Standing(
                                        many,
                                        (number, body) ->
                                                numbered("group-")
                                                        .message(number, body)
                                                        .with()
                                                        .delay(YEARS)
                                                        .build())),
                QueueKind.of(
                        "1000 groups, fair", queue().groups(Groups.FAIR).build(), grouped(KEYS)),
                QueueKind.of(
                        "1000 groups, fair and in order",
                        queue().groups(Groups.FAIR_ORDERED).build(),
                        grouped(KEYS)));
    }

    private static QueueKind.Making grouped(int keys) {
        return (number, body) ->
                Message.builder(body).group("group-" + mixed(number, keys)).build();
    }

    private static QueueKind.Making numbered(String prefix) {
        return (number, body) -> Message.builder(body).group(prefix + number).build();
    }

    private static QueueBuilder limited(Groups groups, Limit each) {
        return queue().groups(groups).limits(Limits.NONE.withGroups(each));
    }

    private static Limit perSecond() {
        return Limit.rate(new Rate(GROUP_PER_SECOND, Duration.ofSeconds(1), 1));
    }

    private static List<QueueKind> limits() {
        return List.of(
                QueueKind.of(
                        "10 types, 400 at once of each",
                        queue().typed(true)
                                .limits(Limits.NONE.withTypes(Limit.concurrency(TYPE_CONCURRENCY)))
                                .build(),
                        (number, body) ->
                                Message.builder(body).type("type-" + mixed(number, TYPES)).build()),
                QueueKind.of(
                        "1000 groups, 4 at once of each",
                        limited(Groups.FAIR, Limit.concurrency(GROUP_CONCURRENCY)).build(),
                        grouped(KEYS)),
                QueueKind.of(
                        "1000 groups, each 1000/s, 1 ms apart",
                        limited(Groups.FAIR, perSecond()).build(),
                        grouped(KEYS)));
    }

    /// Everything that a message can say, in a queue that heeds it.
    private static QueueKind together() {
        Definition.Queue queue =
                limited(
                                Groups.FAIR_ORDERED,
                                Limit.concurrency(GROUP_CONCURRENCY).withRate(perSecond().rate()))
                        .typed(true)
                        .ageing(STEP)
                        .deduplication(new Deduplication(WINDOW, Deduplication.Scope.GROUP))
                        .timeToLive(Duration.ofHours(1))
                        .maxAttempts(ONE_IN)
                        .build();
        return QueueKind.of(
                "all at once: 1000 groups fair, in order, limited; types, priorities, duplicates,"
                        + " ends",
                queue,
                (number, body) ->
                        Message.builder(body)
                                .group("group-" + mixed(number, KEYS))
                                .type("type-" + mixed(number, TYPES))
                                .priority((int) mixed(number, PRIORITIES))
                                .deduplication("once-" + number)
                                .timeToLive(Duration.ofHours(1))
                                .build());
    }

    private static List<QueueKind> several() {
        QueueKind one =
                QueueKind.of(
                        "plain, a commit for each settle",
                        queue().build(),
                        (_, body) -> Message.of(body));
        return List.of(
                fanOut(10),
                fanOut(100),
                one.settledOneByOne(),
                queues("1000 queues in turn", KEYS),
                queues("1000 queues in turn, a commit for each settle", KEYS).settledOneByOne());
    }

    private static List<Definition.Queue> numberedQueues(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Definition.Queue.of(ChannelName.of("kind-" + i)))
                .toList();
    }

    private static QueueKind queues(String words, int count) {
        List<Definition.Queue> queues = numberedQueues(count);
        return new QueueKind(
                words,
                List.copyOf(queues),
                (_, body) -> Message.of(body),
                new QueueKind.Way.Queues(queues.stream().map(Definition.Queue::name).toList()),
                QueueKind.Standing.NOTHING,
                QueueKind.BACKLOG_MAX,
                false);
    }

    private static QueueKind fanOut(int count) {
        ChannelName exchange = ChannelName.of("bench-fan-out");
        List<Definition.Queue> queues = numberedQueues(count);
        List<Definition> definitions = new ArrayList<>(queues);
        definitions.add(Definition.Exchange.of(exchange, ExchangeKind.FANOUT));
        queues.forEach(queue -> definitions.add(Definition.Binding.of(exchange, queue.name(), "")));
        return new QueueKind(
                "fan-out to %d queues".formatted(count),
                definitions,
                (_, body) -> Message.of(body),
                new QueueKind.Way.Exchange(exchange),
                QueueKind.Standing.NOTHING,
                count * QueueKind.BACKLOG_MAX,
                false);
    }

    /// A number below `bound` that does not follow from the ones before it, and is the same in each
    /// run.
    static long mixed(long number, int bound) {
        long hash = (number + 1) * 0x9E3779B97F4A7C15L;
        hash = (hash ^ (hash >>> 32)) * 0xD6E8FEB86659FD93L;
        return Math.floorMod(hash ^ (hash >>> 32), bound);
    }

    static String text(int count) {
        return count == 1_000_000 ? "a million" : String.valueOf(count);
    }
}
