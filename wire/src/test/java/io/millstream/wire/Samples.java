package io.millstream.wire;

import io.millstream.api.Bytes;
import io.millstream.api.Filter;
import io.millstream.api.Found;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Makes random values of records and sealed sets from their declarations, and remembers what it
/// has made. A new record needs a line here only where its numbers have bounds.
final class Samples {
    private static final int TRIES_MAX = 2000;
    private static final int DEPTH_MAX = 9;
    private static final int KEPT_MAX = 8;
    private static final List<String> TEXTS =
            List.of(
                    "",
                    "a",
                    "mail",
                    "größe 😀 \u2028",
                    "tab\t\"quoted\\\" \u0001\u007f",
                    "a.b/c:d");
    private static final List<Bytes> BYTES =
            List.of(
                    Bytes.EMPTY,
                    Bytes.utf8("hi"),
                    Bytes.utf8("{\"größe\":\"😀\"}\r\n"),
                    Bytes.utf8("bell \u0007"),
                    Bytes.of(new byte[] {0}),
                    Bytes.of(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}),
                    Bytes.of(new byte[] {(byte) 0xFF, 1, 2}));
    private static final List<Duration> DURATIONS =
            List.of(
                    Duration.ZERO,
                    Duration.ofMillis(1),
                    Duration.ofSeconds(30),
                    Duration.ofDays(36_500),
                    Duration.ofNanos(1),
                    Duration.ofSeconds(7, 1_500_000),
                    Duration.ofSeconds(Long.MAX_VALUE, 999_999_999));
    private static final List<Duration> WHOLE_DURATIONS =
            List.of(Duration.ofMillis(1), Duration.ofSeconds(5), Duration.ofDays(36));
    private static final List<Instant> INSTANTS =
            List.of(
                    Instant.EPOCH,
                    Instant.parse("2026-01-31T12:00:00Z"),
                    Instant.parse("2026-01-31T12:00:00.123456789Z"),
                    Instant.ofEpochMilli(Long.MAX_VALUE),
                    Instant.ofEpochMilli(Long.MIN_VALUE));
    private static final List<BigDecimal> DECIMALS =
            List.of(
                    new BigDecimal("0"),
                    new BigDecimal("1.50"),
                    new BigDecimal("-2E+3"),
                    new BigDecimal("123456789012345678901234567890"));

    private final Random random;

    /// The classes of all records that were made.
    final Set<Class<?>> made = new HashSet<>();

    /// Some of the values that each component of a record had.
    final Map<String, Set<Object>> values = new TreeMap<>();

    Samples(long seed) {
        random = new Random(seed);
    }

    <T> T any(Class<T> type) {
        return type.cast(value(type, 0));
    }

    private Object value(Type type, int depth) {
        return switch (type) {
            case ParameterizedType generic when generic.getRawType() == Query.class ->
                    value(Query.class, depth);
            case ParameterizedType generic -> container(generic, depth);
            case Class<?> one when one.isSealed() -> value(leafOf(one, depth), depth);
            case Class<?> one when one.isRecord() -> record(one, depth + 1);
            case Class<?> one when one.isEnum() -> pick(List.of(one.getEnumConstants()));
            case Class<?> one -> simple(one);
            default -> throw new IllegalStateException("No samples of " + type);
        };
    }

    private Object simple(Class<?> type) {
        if (type == String.class) {
            return pick(TEXTS);
        }
        if (type == Bytes.class) {
            return pick(BYTES);
        }
        if (type == Duration.class) {
            return pick(DURATIONS);
        }
        if (type == Instant.class) {
            return pick(INSTANTS);
        }
        if (type == BigDecimal.class) {
            return pick(DECIMALS);
        }
        if (type == boolean.class) {
            return random.nextBoolean();
        }
        if (type == int.class || type == Integer.class) {
            return pick(List.of(0, 1, 7, 1000, Integer.MAX_VALUE));
        }
        if (type == long.class || type == Long.class) {
            return pick(List.of(0L, 1L, 1L << 40, Long.MAX_VALUE));
        }
        throw new IllegalStateException("No samples of " + type);
    }

    private Object container(ParameterizedType type, int depth) {
        int size = depth > DEPTH_MAX ? 0 : random.nextInt(3);
        Type[] of = type.getActualTypeArguments();
        if (type.getRawType() == Map.class) {
            Map<Object, Object> map = new HashMap<>();
            for (int i = 0; i < size; i++) {
                map.put(value(of[0], depth), value(of[1], depth));
            }
            return map;
        }
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            list.add(value(of[0], depth));
        }
        return type.getRawType() == Set.class ? Set.copyOf(list) : list;
    }

    private Class<?> leafOf(Class<?> sealed, int depth) {
        if (depth > DEPTH_MAX) {
            if (sealed == Filter.Rule.class) {
                return Filter.Rule.Field.class;
            }
            if (sealed == Receipt.Effect.class) {
                return Receipt.Effect.Stored.class;
            }
        }
        return pick(leavesOf(sealed).toList());
    }

    /// The records of a sealed set, however deep.
    static Stream<Class<?>> leavesOf(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(Samples::leavesOf)
                : Stream.of(type);
    }

    private Object record(Class<?> type, int depth) {
        RecordComponent[] components = type.getRecordComponents();
        IllegalArgumentException last = null;
        for (int i = 0; i < TRIES_MAX; i++) {
            Object[] arguments = new Object[components.length];
            for (int j = 0; j < arguments.length; j++) {
                arguments[j] = component(type, components[j], depth);
            }
            try {
                Object record = constructor(type, components).newInstance(arguments);
                remember(type, components, record);
                return record;
            } catch (InvocationTargetException refused) {
                if (!(refused.getCause() instanceof IllegalArgumentException why)) {
                    throw new IllegalStateException(refused);
                }
                last = why;
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new IllegalStateException("No sample of " + type + " was right", last);
    }

    private static Constructor<?> constructor(Class<?> type, RecordComponent[] components)
            throws NoSuchMethodException {
        return type.getConstructor(
                Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    }

    private void remember(Class<?> type, RecordComponent[] components, Object record)
            throws ReflectiveOperationException {
        made.add(type);
        for (RecordComponent component : components) {
            Set<Object> seen =
                    values.computeIfAbsent(nameOf(type, component), _ -> new HashSet<>());
            Object value = component.getAccessor().invoke(record);
            if (value == null) {
                seen.add("null");
            } else if (seen.size() < KEPT_MAX) {
                seen.add(value);
            }
        }
    }

    static String nameOf(Class<?> type, RecordComponent component) {
        String name = type.getName();
        return name.substring(name.lastIndexOf('.') + 1).replace('$', '.')
                + "."
                + component.getName();
    }

    static boolean mayBeNull(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private @Nullable Object number(String name) {
        if (name.endsWith(".limit") && name.startsWith("Query.")) {
            return pick(List.of(1, 100, 1000));
        }
        boolean counts = name.matches("(Ask|Told)\\.\\w+\\.(id|session|reader)");
        return counts ? pick(List.of(0L, 1L, Long.MAX_VALUE)) : null;
    }

    private @Nullable Object component(Class<?> type, RecordComponent component, int depth) {
        if (mayBeNull(component) && random.nextInt(3) == 0) {
            return null;
        }
        Object bounded = bounded(nameOf(type, component));
        return bounded == null ? value(component.getGenericType(), depth) : bounded;
    }

    /// Values of what has closer bounds than its type, where most others would be refused.
    private @Nullable Object bounded(String name) {
        return switch (name) {
            case "Message.priority" -> pick(List.of(0, 1, 31));
            case "ChannelName.host" -> pick(List.of("/", "blue", "größe"));
            case "ChannelName.name" -> pick(List.of("mail", "größe 😀", "n".repeat(255)));
            case "Header.name", "Header.type", "CommitId.sender" ->
                    pick(List.of("text", "number.int", "größe"));
            case "CommitId.number" -> pick(List.of(0L, 7L, Long.MAX_VALUE));
            case "CommitId.from" -> pick(List.of(0L, 7L));
            case "Network.cidr" -> pick(List.of("10.0.0.0/24", "2001:db8::/32"));
            case "BackOff.factor" -> pick(List.of(1.0, 1.5, 100.0));
            case "BackOff.first",
                    "BackOff.most",
                    "Deduplication.window",
                    "Rate.per",
                    "Definition.Queue.ageing",
                    "Definition.Queue.retention",
                    "Definition.Queue.timeToLive",
                    "Definition.Queue.unusedFor",
                    "Definition.Queue.keepSettled" ->
                    pick(WHOLE_DURATIONS);
            case "Rate.permits", "Rate.burst", "Definition.Topic.partitions" ->
                    pick(List.of(1, 2, 500));
            case "Definition.Queue.maxInFlight" -> pick(List.of(120_000, 1));
            case "Definition.Queue.weights" -> pick(List.of(Map.of(), Map.of("a", 3, "b", 1000)));
            case "Via.Death.count", "Via.DeadLettered.deaths" -> pick(List.of(1, 2));
            case "Definition.Exchange.hashHeader" -> pick(List.of("tenant", "region"));
            case "Ask.Next.messages" -> pick(List.of(1, 100));
            case "Ask.Next.bytes" -> pick(List.of(1L, Long.MAX_VALUE));
            case "Ask.Commits.flaws" -> List.of();
            case "Told.Seen.found" ->
                    random.nextBoolean()
                            ? new Page<>(List.of(any(View.class)), "n", Instant.EPOCH)
                            : new Found.Refused<View>(Instant.EPOCH, any(Refusal.class));
            case "Told.Welcome.bytesMax" -> pick(List.of(1L, 1L << 20));
            default -> number(name);
        };
    }

    private <E> E pick(List<E> from) {
        return from.get(random.nextInt(from.size()));
    }
}
