package io.millstream.server.client;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Partitioner;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/// `millstream publish`: a message, or one for each line, to an exchange, or to the end of a topic.
final class PublishCommand {
    private static final String KEY = "--key";
    private static final String TO = "--to";

    /// What the name is the name of. Exchanges have names of their own, so both may be there.
    private enum Kind {
        EXCHANGE,
        TOPIC
    }

    /// @param name of what is published to
    /// @param kind of that, or null for whatever there is
    /// @param key by which it is routed, or its partition is found
    /// @param message without its body
    private record Wish(
            ChannelName name, @Nullable Kind kind, @Nullable String key, Message message) {}

    private PublishCommand() {}

    static Verb verb() {
        Verb verb =
                Specs.verb(
                        "publish",
                        "Publishes a message to an exchange or a topic: the text, or what is"
                                + " piped in.",
                        PublishCommand::read);
        verb.spec()
                .addPositional(Specs.word(0, "NAME", "Which exchange or topic."))
                .addPositional(Specs.maybe(1, "TEXT", "The body; - or none for standard input."))
                .addOption(
                        Specs.text("KEY", "The routing key, or the key of a topic's record.", KEY))
                .addOption(
                        Specs.text(
                                "exchange|topic", "Which of the two, if both have the name.", TO))
                .addOption(
                        Specs.flag(
                                "Each line of standard input is a message.",
                                SendCommand.EACH_LINE));
        MessageOptions.addTo(verb.spec(), MessageOptions.GROUP);
        return verb;
    }

    private static Verb.Work read(Typed typed) {
        Wish wish =
                new Wish(
                        ChannelName.of(typed.word(0, "")),
                        typed.oneOf(TO, Kind.class),
                        typed.text(KEY),
                        MessageOptions.read(typed));
        String text = Bodies.text(typed, 1);
        return typed.has(SendCommand.EACH_LINE)
                ? call -> publishLines(call, wish)
                : call -> publish(call, wish, text);
    }

    private static int publish(Call call, Wish wish, @Nullable String text) throws IOException {
        Function<Bytes, Operation> publishing = publishing(call, wish);
        Bytes body = Bodies.read(call, text);
        Receipt.Effect effect = call.millstream().commit(publishing.apply(body)).getFirst();
        return switch (effect) {
            case Receipt.Effect.Routed routed -> tellRouted(call, wish, routed);
            case Receipt.Effect.Appended appended -> {
                ObjectNode json =
                        Json.object()
                                .put("topic", wish.name.toString())
                                .put("offset", appended.last());
                call.out().say(json, "Published to topic %s, at %d.", wish.name, appended.last());
                yield Status.DONE;
            }
            default -> throw new IllegalStateException("A publish has the effect " + effect);
        };
    }

    private static int tellRouted(Call call, Wish wish, Receipt.Effect.Routed routed) {
        List<String> targets =
                routed.reached().stream().map(one -> one.target().toString()).toList();
        ObjectNode json = Json.object().put("exchange", wish.name.toString());
        ArrayNode reached = Json.array(targets);
        json.set("reached", reached);
        if (routed.isNowhere()) {
            call.out().say(json, "No binding of exchange %s takes it: it is nowhere.", wish.name);
            return Status.NOTHING;
        }
        call.out().say(json, "Published to %s.", String.join(", ", targets));
        return Status.DONE;
    }

    private static int publishLines(Call call, Wish wish) throws IOException {
        long[] nowhere = {0};
        Bulk bulk = new Bulk(call.millstream(), effect -> nowhere[0] += isNowhere(effect) ? 1 : 0);
        Bodies.eachLine(call, bulk, publishing(call, wish));
        ObjectNode json =
                Json.object()
                        .put("name", wish.name.toString())
                        .put("published", bulk.sent())
                        .put("nowhere", nowhere[0]);
        call.out()
                .say(
                        json,
                        "Published %s to %s%s.",
                        Texts.count(bulk.sent(), "message"),
                        wish.name,
                        nowhere[0] == 0 ? "" : ", of which no binding took " + nowhere[0]);
        return nowhere[0] == 0 ? Status.DONE : Status.NOTHING;
    }

    private static boolean isNowhere(Receipt.Effect effect) {
        return effect instanceof Receipt.Effect.Routed routed && routed.isNowhere();
    }

    private static Function<Bytes, Operation> publishing(Call call, Wish wish) {
        View.ExchangeView exchange =
                wish.kind == Kind.TOPIC ? null : call.one(new Query.ExchangeNamed(wish.name));
        View.TopicView topic =
                wish.kind == Kind.EXCHANGE ? null : call.one(new Query.TopicNamed(wish.name));
        if (exchange != null && topic != null) {
            throw new RefusedException(
                    new Refusal.Invalid(
                            "There is an exchange %s and a topic %s. Say which: %s exchange, or %s"
                                            .formatted(wish.name, wish.name, TO, TO)
                                    + " topic."));
        }
        if (exchange != null) {
            String key = wish.key == null ? "" : wish.key;
            return body ->
                    new Operation.Publish(
                            wish.name,
                            key,
                            wish.message.with().body(body).build(),
                            Operation.WhenFull.REFUSE);
        }
        if (topic != null) {
            return appending(wish, topic.partitions().size());
        }
        String what = wish.kind == null ? "exchange or topic" : Typed.word(wish.kind);
        throw new RefusedException(
                new Refusal.Invalid(
                        "There is no %s %s. To put a message into a queue: millstream send %s"
                                .formatted(what, wish.name, wish.name)));
    }

    private static Function<Bytes, Operation> appending(Wish wish, int partitions) {
        Bytes key = wish.key == null ? null : Bytes.utf8(wish.key);
        int[] turn = {ThreadLocalRandom.current().nextInt(partitions)};
        return body -> {
            int partition =
                    key == null ? turn[0]++ % partitions : Partitioner.partitionOf(key, partitions);
            Message message = wish.message.with().key(key).body(body).build();
            return new Operation.Append(wish.name, partition, List.of(message), null);
        };
    }
}
