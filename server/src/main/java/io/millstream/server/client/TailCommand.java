package io.millstream.server.client;

import io.millstream.api.ChannelName;
import io.millstream.api.From;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Session;
import io.millstream.api.SessionSpec;
import io.millstream.api.View;
import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// `millstream tail`: prints the last records of a topic, or those from somewhere on, and goes on
/// if it is to follow.
final class TailCommand {
    private static final String FROM = "--from";
    private static final String LAST = "--last";
    private static final String LIMIT = "--limit";
    private static final String FOLLOW = "--follow";
    private static final String PARTITION = "--partition";
    private static final String BEGINNING = "beginning";
    private static final String END = "end";
    private static final int LAST_USUAL = 10;
    private static final int LAST_MAX = 1_000_000;

    /// More are read one by one: each costs the server a reader.
    private static final int PARTITIONS_MAX = 200;

    /// Where it begins, in each partition.
    sealed interface Start {

        /// So many records before the end.
        record Last(int records) implements Start {}

        /// With the first record that is kept.
        record Beginning() implements Start {}

        /// Behind the last record.
        record End() implements Start {}

        /// With the first record of this time or later.
        record At(Instant time) implements Start {}

        /// With this record.
        record Offset(long offset) implements Start {}
    }

    /// @param partition the only one, or null for all
    /// @param limit how many records at most
    record Wish(
            ChannelName topic,
            Start start,
            @Nullable Integer partition,
            long limit,
            boolean follows) {}

    private TailCommand() {}

    static Verb verb() {
        Verb verb =
                Specs.verb(
                        "tail",
                        "Prints the last records of a topic, and follows it if asked to.",
                        TailCommand::read);
        verb.spec()
                .addPositional(Specs.word(0, "TOPIC", "Which topic."))
                .addOption(
                        Specs.text(
                                "N",
                                "The last N of each partition. Default: " + LAST_USUAL,
                                "-n",
                                LAST))
                .addOption(
                        Specs.text(
                                "WHERE",
                                "Instead: beginning, end, an offset, a time, or how long ago, as"
                                        + " 10m.",
                                FROM))
                .addOption(Specs.flag("Go on with what is published, until Ctrl-C.", "-f", FOLLOW))
                .addOption(Specs.text("N", "End after N records.", LIMIT))
                .addOption(Specs.text("N", "Only this partition, from 0.", "-p", PARTITION));
        return verb;
    }

    private static Verb.Work read(Typed typed) {
        typed.notBoth(FROM, LAST);
        Long limit = typed.large(LIMIT, 1);
        Integer partition = typed.whole(PARTITION, 0, Integer.MAX_VALUE);
        Wish wish =
                new Wish(
                        ChannelName.of(typed.word(0, "")),
                        start(typed),
                        partition,
                        limit == null ? Long.MAX_VALUE : limit,
                        typed.has(FOLLOW));
        return call -> run(call, wish);
    }

    private static Start start(Typed typed) {
        String from = typed.text(FROM);
        if (from == null) {
            return new Start.Last(typed.whole(LAST, LAST_USUAL, 0, LAST_MAX));
        }
        if (from.equals(BEGINNING)) {
            return new Start.Beginning();
        }
        if (from.equals(END)) {
            return new Start.End();
        }
        try {
            long offset = Long.parseLong(from);
            if (offset >= 0) {
                return new Start.Offset(offset);
            }
        } catch (NumberFormatException _) {
            // A time then.
        }
        try {
            return new Start.At(Times.moment(FROM, from));
        } catch (ConfigException _) {
            throw Typed.wrong(
                    FROM,
                    from,
                    "Give beginning, end, an offset, a time such as 2026-01-31T12:00:00Z, or how"
                            + " long ago, such as 10m.");
        }
    }

    private static int run(Call call, Wish wish) {
        View.TopicView topic = call.one(new Query.TopicNamed(wish.topic));
        if (topic == null) {
            throw new RefusedException(
                    new Refusal.Invalid(
                            ("There is no topic %s. To look into a queue: millstream queues browse"
                                            + " %s")
                                    .formatted(wish.topic, wish.topic)));
        }
        List<Integer> partitions = partitions(wish, topic);
        try (Session session =
                call.millstream().backend().session(SessionSpec.of("millstream tail"))) {
            List<TailedPartition> tailed = new ArrayList<>();
            for (int partition : partitions) {
                View.PartitionView kept = topic.partitions().get(partition);
                tailed.add(
                        new TailedPartition(
                                session.read(from(wish, partition, kept)),
                                kept.end(),
                                partitions.size()));
            }
            return new Tail(call, tailed, wish).run();
        }
    }

    private static List<Integer> partitions(Wish wish, View.TopicView topic) {
        int all = topic.partitions().size();
        Integer only = wish.partition;
        if (only != null && only >= all) {
            throw new ConfigException(
                    "Topic %s has the partitions 0 to %d, and no partition %d."
                            .formatted(wish.topic, all - 1, only));
        }
        if (only == null && all > PARTITIONS_MAX) {
            throw new ConfigException(
                    "Topic %s has %d partitions, more than the %d that are read at once. Name one"
                                    .formatted(wish.topic, all, PARTITIONS_MAX)
                            + " with --partition.");
        }
        if (only != null) {
            return List.of(only);
        }
        List<Integer> each = new ArrayList<>();
        for (int i = 0; i < all; i++) {
            each.add(i);
        }
        return each;
    }

    private static From from(Wish wish, int partition, View.PartitionView kept) {
        ChannelName topic = wish.topic;
        return switch (wish.start) {
            case Start.Last(int records) ->
                    new From.Offset(topic, partition, Math.max(kept.start(), kept.end() - records));
            case Start.Beginning() -> new From.Offset(topic, partition, kept.start());
            case Start.End() -> new From.Offset(topic, partition, kept.end());
            case Start.At(Instant time) -> new From.Time(topic, partition, time);
            case Start.Offset(long offset) -> new From.Offset(topic, partition, offset);
        };
    }
}
