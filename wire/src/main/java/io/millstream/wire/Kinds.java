package io.millstream.wire;

import io.millstream.api.ChannelName;
import io.millstream.api.Handle;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.Base64Variants;
import tools.jackson.core.JsonGenerator;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The values that objects are made of.
final class Kinds {
    private static final int MILLI_PLACES = 6;
    private static final BigDecimal NANOS_IN_MILLI = BigDecimal.TEN.pow(MILLI_PLACES);
    private static final BigDecimal MILLIS_IN_SECOND = BigDecimal.valueOf(1000);
    private static final Duration WHOLE_MILLIS_MAX = Duration.ofMillis(Long.MAX_VALUE);

    /// A text.
    static final Kind<String> TEXT =
            new Kind<>(
                    "a text in quotation marks",
                    (json, text) -> json.writeString(unbroken(text)),
                    (_, raw) -> raw instanceof String text ? text : null);

    /// True or false.
    static final Kind<Boolean> FLAG =
            new Kind<>(
                    "true or false",
                    JsonGenerator::writeBoolean,
                    (_, raw) -> raw instanceof Boolean flag ? flag : null);

    /// A whole number of 64 bits.
    static final Kind<Long> WHOLE = whole(Long.MIN_VALUE, Long.MAX_VALUE);

    /// A whole number of 64 bits that counts something.
    static final Kind<Long> COUNT = whole(0, Long.MAX_VALUE);

    /// A whole number of 32 bits that counts something.
    static final Kind<Integer> SMALL_COUNT = small(0, Integer.MAX_VALUE);

    /// A whole number of 32 bits.
    static final Kind<Integer> SMALL = small(Integer.MIN_VALUE, Integer.MAX_VALUE);

    /// Any number, exactly.
    static final Kind<BigDecimal> DECIMAL =
            new Kind<>(
                    "a number of at most %d characters".formatted(Bounds.NUMBER_CHARS_MAX),
                    JsonGenerator::writeNumber,
                    (_, raw) -> decimal(raw));

    /// A number as machines have it.
    static final Kind<Double> FLOATING =
            new Kind<>("a number", JsonGenerator::writeNumber, (_, raw) -> floating(decimal(raw)));

    /// How long something takes, in milliseconds.
    static final Kind<Duration> MILLIS =
            new Kind<>(
                    "a number of milliseconds, 0 or more, with at most %d decimals"
                            .formatted(MILLI_PLACES),
                    Kinds::writeMillis,
                    (_, raw) -> millis(decimal(raw)));

    /// A time.
    static final Kind<Instant> TIME =
            new Kind<>(
                    "a time as ISO 8601 has it, such as \"2026-01-31T12:00:00Z\"",
                    (json, time) -> json.writeString(time.toString()),
                    (_, raw) -> time(raw));

    /// Uninterpreted bytes.
    static final Kind<byte[]> BASE64 =
            new Kind<>(
                    "bytes in base64, as RFC 4648 has it in section 4",
                    (json, bytes) ->
                            json.writeBinary(
                                    Base64Variants.MIME_NO_LINEFEEDS, bytes, 0, bytes.length),
                    (_, raw) -> base64(raw));

    /// The name of a queue, topic or exchange: a text in the default virtual host, else an object.
    static final Kind<ChannelName> CHANNEL = channel();

    /// A handle, as an opaque text.
    static final Kind<Handle> HANDLE =
            new Kind<>(
                    "a handle as it came with its lease, unchanged",
                    (json, handle) -> json.writeString(Handles.write(handle)),
                    (_, raw) -> raw instanceof String text ? Handles.read(text) : null);

    /// Texts by names.
    static final Kind<Map<String, String>> TEXTS = map("texts", TEXT);

    private Kinds() {}

    /// A whole number of 64 bits within bounds.
    static Kind<Long> whole(long min, long max) {
        return new Kind<>(
                "a whole number" + range(min, max, Long.MIN_VALUE, Long.MAX_VALUE),
                JsonGenerator::writeNumber,
                (_, raw) ->
                        raw instanceof Long number && number >= min && number <= max
                                ? number
                                : null);
    }

    /// A whole number of 32 bits within bounds.
    static Kind<Integer> small(int min, int max) {
        return new Kind<>(
                "a whole number" + range(min, max, Long.MIN_VALUE, Long.MAX_VALUE),
                JsonGenerator::writeNumber,
                (_, raw) ->
                        raw instanceof Long number && number >= min && number <= max
                                ? number.intValue()
                                : null);
    }

    private static String range(long min, long max, long lowest, long highest) {
        if (max == highest) {
            return min == lowest ? " of 64 bits" : ", %d or more, of 64 bits".formatted(min);
        }
        return " from %d to %d".formatted(min, max);
    }

    /// One of an enumeration's words, in lower case.
    static <E extends Enum<E>> Kind<E> word(Class<E> type) {
        E[] all = type.getEnumConstants();
        Map<String, E> byWord = new HashMap<>();
        for (E one : all) {
            byWord.put(word(one), one);
        }
        return new Kind<>(
                "one of " + Stream.of(all).map(Kinds::word).collect(Collectors.joining(", ")),
                (json, one) -> json.writeString(word(one)),
                (_, raw) -> raw instanceof String text ? byWord.get(text) : null);
    }

    static String word(Enum<?> one) {
        return one.name().toLowerCase(Locale.ROOT);
    }

    /// Several of a kind, in order.
    static <T> Kind<List<T>> list(Kind<T> kind) {
        return new Kind<>(
                "an array",
                (json, items) -> {
                    json.writeStartArray();
                    items.forEach(item -> kind.write(json, item));
                    json.writeEndArray();
                },
                (place, raw) -> raw instanceof List<?> items ? items(place, items, kind) : null);
    }

    private static <T> List<T> items(Place place, List<?> raw, Kind<T> kind) {
        List<T> items = new ArrayList<>(raw.size());
        for (Object item : raw) {
            items.add(kind.read(place.item(items.size()), item));
        }
        return items;
    }

    /// Several of a kind by their names, written in the order of these.
    static <T> Kind<Map<String, T>> map(String what, Kind<T> kind) {
        return new Kind<>(
                "an object of " + what + " by their names",
                (json, values) -> {
                    json.writeStartObject();
                    new TreeMap<>(values)
                            .forEach((name, value) -> {
                                json.writeName(readable(name));
                                kind.write(json, value);
                            });
                    json.writeEndObject();
                },
                (place, raw) -> raw instanceof Map<?, ?> map ? values(place, map, kind) : null);
    }

    private static <T> Map<String, T> values(Place place, Map<?, ?> raw, Kind<T> kind) {
        Map<String, T> values = new HashMap<>();
        raw.forEach((key, value) -> {
            String name = String.valueOf(key);
            values.put(name, kind.read(place.member(name), value));
        });
        return values;
    }

    private static Kind<ChannelName> channel() {
        Kind<ChannelName> object =
                Kind.object(
                        "a name",
                        (out, name) ->
                                out.put("host", TEXT, name.host()).put("name", TEXT, name.name()),
                        in ->
                                new ChannelName(
                                        in.or("host", TEXT, ChannelName.DEFAULT_HOST),
                                        in.get("name", TEXT)));
        return new Kind<>(
                "a name of 1 to %d characters, or one like {\"host\":\"blue\",\"name\":\"mail\"}"
                        .formatted(ChannelName.NAME_CHARS_MAX),
                (json, name) -> {
                    if (name.host().equals(ChannelName.DEFAULT_HOST)) {
                        json.writeString(unbroken(name.name()));
                    } else {
                        object.write(json, name);
                    }
                },
                (place, raw) ->
                        raw instanceof String name
                                ? channel(name)
                                : object.reading().read(place, raw));
    }

    private static @Nullable ChannelName channel(String name) {
        return name.isEmpty() || name.length() > ChannelName.NAME_CHARS_MAX
                ? null
                : ChannelName.of(name);
    }

    /// Refuses what would not be read as a name of a member.
    static String readable(String name) {
        if (name.length() > Bounds.NAME_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "It cannot be sent as JSON: a name in it has %d characters, and %d are read."
                            .formatted(name.length(), Bounds.NAME_CHARS_MAX));
        }
        return unbroken(name);
    }

    /// Refuses what would be another text when it is read.
    static String unbroken(String text) {
        if (!Utf8.isWhole(text)) {
            throw new IllegalArgumentException(
                    "It cannot be sent as JSON: a text in it has half of a surrogate pair. Send"
                            + " bytes instead.");
        }
        return text;
    }

    private static @Nullable BigDecimal decimal(Object raw) {
        return switch (raw) {
            case Long whole -> BigDecimal.valueOf(whole);
            case BigDecimal decimal -> decimal;
            default -> null;
        };
    }

    private static @Nullable Double floating(@Nullable BigDecimal number) {
        double value = number == null ? Double.NaN : number.doubleValue();
        return Double.isFinite(value) ? value : null;
    }

    /// Whole milliseconds as a whole number; what is finer, or longer than a hundred million years,
    /// exactly.
    private static void writeMillis(JsonGenerator json, Duration time) {
        if (time.getNano() % 1_000_000 == 0 && time.compareTo(WHOLE_MILLIS_MAX) <= 0) {
            json.writeNumber(time.toMillis());
        } else {
            json.writeNumber(
                    BigDecimal.valueOf(time.getSeconds())
                            .multiply(MILLIS_IN_SECOND)
                            .add(BigDecimal.valueOf(time.getNano(), MILLI_PLACES))
                            .stripTrailingZeros());
        }
    }

    private static @Nullable Duration millis(@Nullable BigDecimal millis) {
        if (millis == null || millis.signum() < 0) {
            return null;
        }
        BigDecimal[] seconds = millis.divideAndRemainder(MILLIS_IN_SECOND);
        BigDecimal nanos = seconds[1].multiply(NANOS_IN_MILLI).stripTrailingZeros();
        boolean fits =
                nanos.scale() <= 0 && seconds[0].compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
        return fits ? Duration.ofSeconds(seconds[0].longValue(), nanos.longValue()) : null;
    }

    private static @Nullable Instant time(Object raw) {
        try {
            return raw instanceof String text ? Instant.parse(text) : null;
        } catch (DateTimeParseException none) {
            return null;
        }
    }

    private static byte @Nullable [] base64(Object raw) {
        try {
            return raw instanceof String text ? Base64.getDecoder().decode(text) : null;
        } catch (IllegalArgumentException none) {
            return null;
        }
    }
}
