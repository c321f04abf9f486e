package io.millstream.jobs;

import io.millstream.api.Definition;
import io.millstream.api.Limits;
import io.millstream.api.QueueBuilder;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// One thing that is declared of a queue.
///
/// @param name in words
/// @param of what it is in a definition
/// @param set makes it something else
record QueuePart<T extends @Nullable Object>(
        String name, Function<Definition.Queue, T> of, Setter<T> set) {

    /// Makes a definition that is the same in all else.
    interface Setter<T extends @Nullable Object> {
        Definition.Queue apply(Definition.Queue queue, T value);
    }

    /// What a limit needs comes before it. Whether a queue is paused is not declared, but done.
    private static final List<QueuePart<?>> ALL =
            List.of(
                    part("typed", Definition.Queue::typed, QueueBuilder::typed),
                    part("groups", Definition.Queue::groups, QueueBuilder::groups),
                    part("maxAttempts", Definition.Queue::maxAttempts, QueueBuilder::maxAttempts),
                    part("backOff", Definition.Queue::backOff, QueueBuilder::backOff),
                    part("deadLetter", Definition.Queue::deadLetter, QueueBuilder::deadLetter),
                    part("maxInFlight", Definition.Queue::maxInFlight, QueueBuilder::maxInFlight),
                    part("ageing", Definition.Queue::ageing, QueueBuilder::ageing),
                    part(
                            "deduplication",
                            Definition.Queue::deduplication,
                            QueueBuilder::deduplication),
                    part("capacity", Definition.Queue::capacity, QueueBuilder::capacity),
                    part(
                            "messageBytesMax",
                            Definition.Queue::messageBytesMax,
                            QueueBuilder::messageBytesMax),
                    part("retention", Definition.Queue::retention, QueueBuilder::retention),
                    part("timeToLive", Definition.Queue::timeToLive, QueueBuilder::timeToLive),
                    part("unusedFor", Definition.Queue::unusedFor, QueueBuilder::unusedFor),
                    part("keepSettled", Definition.Queue::keepSettled, QueueBuilder::keepSettled),
                    part(
                            "singleActive",
                            Definition.Queue::singleActive,
                            QueueBuilder::singleActive),
                    part("lifecycle", Definition.Queue::lifecycle, QueueBuilder::lifecycle),
                    limits("rate", Limits::rate, Limits::withRate),
                    limits(
                            "limit of each type",
                            limits -> limits.types().each(),
                            (limits, each) ->
                                    limits.withTypes(
                                            new Limits.Each(each, limits.types().exceptions()))),
                    limits(
                            "limit of each key",
                            limits -> limits.groups().each(),
                            (limits, each) ->
                                    limits.withGroups(
                                            new Limits.Each(each, limits.groups().exceptions()))),
                    new Entries<>(
                                    "limit of type",
                                    queue -> queue.limits().types().exceptions(),
                                    (queue, exceptions) -> {
                                        Limits limits = queue.limits();
                                        return with(
                                                queue,
                                                limits.withTypes(
                                                        new Limits.Each(
                                                                limits.types().each(),
                                                                exceptions)));
                                    })
                            .part(),
                    new Entries<>(
                                    "limit of key",
                                    queue -> queue.limits().groups().exceptions(),
                                    (queue, exceptions) -> {
                                        Limits limits = queue.limits();
                                        return with(
                                                queue,
                                                limits.withGroups(
                                                        new Limits.Each(
                                                                limits.groups().each(),
                                                                exceptions)));
                                    })
                            .part(),
                    new Entries<>(
                                    "weight of key",
                                    Definition.Queue::weights,
                                    (queue, weights) -> queue.with().weights(weights).build())
                            .part(),
                    new Entries<>(
                                    "argument",
                                    Definition.Queue::arguments,
                                    (queue, arguments) -> queue.with().arguments(arguments).build())
                            .part());

    /// Many things that are declared one by one, by their names.
    private record Entries<V>(
            String name,
            Function<Definition.Queue, Map<String, V>> of,
            Setter<Map<String, V>> set) {
        QueuePart<Map<String, V>> part() {
            return new QueuePart<>(name, of, set);
        }
    }

    private static <T extends @Nullable Object> QueuePart<T> part(
            String name, Function<Definition.Queue, T> of, BiConsumer<QueueBuilder, T> set) {
        return new QueuePart<>(
                name,
                of,
                (queue, value) -> {
                    QueueBuilder builder = queue.with();
                    set.accept(builder, value);
                    return builder.build();
                });
    }

    private interface LimitsSetter<T extends @Nullable Object> {
        Limits apply(Limits limits, T value);
    }

    private static <T extends @Nullable Object> QueuePart<T> limits(
            String name, Function<Limits, T> of, LimitsSetter<T> set) {
        return new QueuePart<>(
                name,
                queue -> of.apply(queue.limits()),
                (queue, value) -> with(queue, set.apply(queue.limits(), value)));
    }

    private static Definition.Queue with(Definition.Queue queue, Limits limits) {
        return queue.with().limits(limits).build();
    }

    /// What a queue is if one more program says what it is to be: all that somebody says, if nobody
    /// says otherwise. What is as `standard` has it was said by nobody.
    ///
    /// @throws DeclaredOtherwiseException if two say different things
    static Definition.Queue merge(
            Definition.Queue standard, Definition.Queue there, Definition.Queue wanted) {
        List<String> differences = new ArrayList<>();
        Definition.Queue merged = there;
        for (QueuePart<?> part : ALL) {
            merged = part.merge(standard, merged, wanted, differences);
        }
        if (!differences.isEmpty()) {
            throw new DeclaredOtherwiseException(
                    ("Queue %s is declared otherwise: %s. Say the same everywhere, or change it for"
                                    + " all with redeclare.")
                            .formatted(there.name(), String.join("; ", differences)));
        }
        return merged;
    }

    @SuppressWarnings("unchecked") // A part that is a map is one in each definition.
    private Definition.Queue merge(
            Definition.Queue standard,
            Definition.Queue there,
            Definition.Queue wanted,
            List<String> differences) {
        T now = of.apply(there);
        T other = of.apply(wanted);
        T usual = of.apply(standard);
        if (now instanceof Map<?, ?> entries && other instanceof Map<?, ?> more) {
            return set.apply(there, (T) merge(entries, more, differences));
        }
        if (Objects.equals(other, usual) || Objects.equals(other, now)) {
            return there;
        }
        if (!Objects.equals(now, usual)) {
            differences.add("%s is %s, and not %s".formatted(name, now, other));
            return there;
        }
        return set.apply(there, other);
    }

    private Map<Object, Object> merge(Map<?, ?> entries, Map<?, ?> more, List<String> differences) {
        Map<Object, Object> merged = new HashMap<>(entries);
        more.forEach((key, value) -> {
            Object now = merged.putIfAbsent(key, value);
            if (now != null && !now.equals(value)) {
                differences.add("%s %s is %s, and not %s".formatted(name, key, now, value));
            }
        });
        return merged;
    }
}
