package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.FLOATING;
import static io.millstream.wire.Kinds.MILLIS;
import static io.millstream.wire.Kinds.SMALL_COUNT;
import static io.millstream.wire.Kinds.TEXTS;

import io.millstream.api.BackOff;
import io.millstream.api.Capacity;
import io.millstream.api.Deduplication;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Rate;

import java.util.Map;

/// What queues are declared to be. `{"name": "mail"}` is a whole queue.
final class QueueForm {
    static final Kind<Definition.Queue> KIND =
            Kind.object("a queue", QueueForm::write, QueueForm::read);

    private static final Kind<Groups> GROUPS = Kinds.word(Groups.class);
    private static final Kind<Deduplication.Scope> SCOPE = Kinds.word(Deduplication.Scope.class);
    private static final Kind<Capacity.Overflow> OVERFLOW = Kinds.word(Capacity.Overflow.class);
    private static final Kind<Integer> POSITIVE = Kinds.small(1, Integer.MAX_VALUE);
    private static final Kind<Map<String, Integer>> WEIGHTS =
            Kinds.map("weights", Kinds.small(1, Definition.Queue.WEIGHT_MAX));

    private static final Kind<BackOff> BACK_OFF =
            Kind.object(
                    "a back-off, such as {\"first_ms\":1000,\"factor\":2,\"most_ms\":60000}",
                    (out, backOff) ->
                            out.put("first_ms", MILLIS, backOff.first())
                                    .put("factor", FLOATING, backOff.factor())
                                    .put("most_ms", MILLIS, backOff.most()),
                    in ->
                            new BackOff(
                                    in.get("first_ms", MILLIS),
                                    in.get("factor", FLOATING),
                                    in.get("most_ms", MILLIS)));

    private static final Kind<Rate> RATE =
            Kind.object(
                    "a rate, such as {\"permits\":10,\"per_ms\":1000}",
                    (out, rate) ->
                            out.put("permits", POSITIVE, rate.permits())
                                    .put("per_ms", MILLIS, rate.per())
                                    .or("burst", POSITIVE, rate.burst(), rate.permits()),
                    QueueForm::readRate);

    private static final Kind<Limit> LIMIT =
            Kind.object(
                    "a limit, such as {\"concurrency\":3}",
                    (out, limit) ->
                            out.or("concurrency", SMALL_COUNT, limit.concurrency(), 0)
                                    .maybe("rate", RATE, limit.rate()),
                    in -> new Limit(in.or("concurrency", SMALL_COUNT, 0), in.maybe("rate", RATE)));

    private static final Kind<Map<String, Limit>> EXCEPTIONS = Kinds.map("limits", LIMIT);

    private static final Kind<Limits.Each> EACH =
            Kind.object(
                    "a limit for each, such as {\"each\":{\"concurrency\":3}}",
                    (out, each) ->
                            out.maybe("each", LIMIT, each.each())
                                    .or("exceptions", EXCEPTIONS, each.exceptions(), Map.of()),
                    in ->
                            new Limits.Each(
                                    in.maybe("each", LIMIT),
                                    in.or("exceptions", EXCEPTIONS, Map.of())));

    private static final Kind<Limits> LIMITS =
            Kind.object(
                    "limits, such as {\"types\":{\"each\":{\"concurrency\":3}}}",
                    (out, limits) ->
                            out.maybe("rate", RATE, limits.rate())
                                    .or("types", EACH, limits.types(), Limits.Each.NONE)
                                    .or("groups", EACH, limits.groups(), Limits.Each.NONE),
                    in ->
                            new Limits(
                                    in.maybe("rate", RATE),
                                    in.or("types", EACH, Limits.Each.NONE),
                                    in.or("groups", EACH, Limits.Each.NONE)));

    private static final Kind<Deduplication> DEDUPLICATION =
            Kind.object(
                    "a deduplication, such as {\"window_ms\":300000}",
                    (out, one) ->
                            out.put("window_ms", MILLIS, one.window())
                                    .or("scope", SCOPE, one.scope(), Deduplication.Scope.QUEUE),
                    in ->
                            new Deduplication(
                                    in.get("window_ms", MILLIS),
                                    in.or("scope", SCOPE, Deduplication.Scope.QUEUE)));

    private static final Kind<Capacity> CAPACITY =
            Kind.object(
                    "a capacity, such as {\"messages\":1000}",
                    (out, capacity) ->
                            out.or("messages", COUNT, capacity.messages(), 0L)
                                    .or("bytes", COUNT, capacity.bytes(), 0L)
                                    .or(
                                            "overflow",
                                            OVERFLOW,
                                            capacity.overflow(),
                                            Capacity.Overflow.REFUSE),
                    in ->
                            new Capacity(
                                    in.or("messages", COUNT, 0L),
                                    in.or("bytes", COUNT, 0L),
                                    in.or("overflow", OVERFLOW, Capacity.Overflow.REFUSE)));

    private QueueForm() {}

    static void write(Out out, Definition.Queue queue) {
        out.put("name", CHANNEL, queue.name())
                .or("max_attempts", SMALL_COUNT, queue.maxAttempts(), 0)
                .maybe("back_off", BACK_OFF, queue.backOff())
                .maybe("dead_letter", CHANNEL, queue.deadLetter())
                .or("max_in_flight", POSITIVE, queue.maxInFlight(), Definition.Queue.MAX_IN_FLIGHT)
                .or("groups", GROUPS, queue.groups(), Groups.ORDERED)
                .or("weights", WEIGHTS, queue.weights(), Map.of())
                .or("typed", FLAG, queue.typed(), false)
                .or("limits", LIMITS, queue.limits(), Limits.NONE)
                .maybe("ageing_ms", MILLIS, queue.ageing())
                .maybe("deduplication", DEDUPLICATION, queue.deduplication())
                .or("capacity", CAPACITY, queue.capacity(), Capacity.UNLIMITED)
                .or("message_bytes_max", COUNT, queue.messageBytesMax(), 0L)
                .maybe("retention_ms", MILLIS, queue.retention())
                .maybe("time_to_live_ms", MILLIS, queue.timeToLive())
                .maybe("unused_for_ms", MILLIS, queue.unusedFor())
                .maybe("keep_settled_ms", MILLIS, queue.keepSettled())
                .or("single_active", FLAG, queue.singleActive(), false)
                .or("paused", FLAG, queue.paused(), false)
                .maybe("lifecycle", CHANNEL, queue.lifecycle())
                .or("arguments", TEXTS, queue.arguments(), Map.of());
    }

    static Definition.Queue read(In in) {
        return Definition.Queue.builder(in.get("name", CHANNEL))
                .maxAttempts(in.or("max_attempts", SMALL_COUNT, 0))
                .backOff(in.maybe("back_off", BACK_OFF))
                .deadLetter(in.maybe("dead_letter", CHANNEL))
                .maxInFlight(in.or("max_in_flight", POSITIVE, Definition.Queue.MAX_IN_FLIGHT))
                .groups(in.or("groups", GROUPS, Groups.ORDERED))
                .weights(in.or("weights", WEIGHTS, Map.of()))
                .typed(in.or("typed", FLAG, false))
                .limits(in.or("limits", LIMITS, Limits.NONE))
                .ageing(in.maybe("ageing_ms", MILLIS))
                .deduplication(in.maybe("deduplication", DEDUPLICATION))
                .capacity(in.or("capacity", CAPACITY, Capacity.UNLIMITED))
                .messageBytesMax(in.or("message_bytes_max", COUNT, 0L))
                .retention(in.maybe("retention_ms", MILLIS))
                .timeToLive(in.maybe("time_to_live_ms", MILLIS))
                .unusedFor(in.maybe("unused_for_ms", MILLIS))
                .keepSettled(in.maybe("keep_settled_ms", MILLIS))
                .singleActive(in.or("single_active", FLAG, false))
                .paused(in.or("paused", FLAG, false))
                .lifecycle(in.maybe("lifecycle", CHANNEL))
                .arguments(in.or("arguments", TEXTS, Map.of()))
                .build();
    }

    private static Rate readRate(In in) {
        int permits = in.get("permits", POSITIVE);
        return new Rate(permits, in.get("per_ms", MILLIS), in.or("burst", POSITIVE, permits));
    }
}
