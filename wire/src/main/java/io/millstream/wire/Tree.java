package io.millstream.wire;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Reads bytes into maps, lists, texts, booleans, nulls, and numbers that are a [Long] or else a
/// [BigDecimal]. As a tree, since the member that tells what an object is may stand last in it.
///
/// Only what RFC 8259 calls JSON, in well-formed UTF-8, without a name twice in an object and
/// without halves of pairs in texts, which no UTF-8 could give back.
final class Tree {
    private static final int UTF8_BYTES_MAX = 3;
    private static final int FACTORIES_MAX = 16;
    private static final Map<Bounds, JsonFactory> FACTORIES = new ConcurrentHashMap<>();

    private final JsonParser parser;

    private Tree(JsonParser parser) {
        this.parser = parser;
    }

    /// @throws MalformedException if it is no JSON, or more than the bounds allow
    static @Nullable Object read(byte[] json, Bounds bounds) {
        if (json.length > bounds.bytes()) {
            throw new MalformedException(
                    Place.ROOT,
                    "has %d bytes".formatted(json.length),
                    "Send at most %d at once".formatted(bounds.bytes()));
        }
        int flaw = Utf8.flawIn(ByteBuffer.wrap(json));
        if (flaw >= 0) {
            throw new MalformedException(
                    Place.ROOT, "is not UTF-8 at byte " + flaw, "Send JSON in UTF-8");
        }
        try (JsonParser parser = factory(bounds).createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() == null) {
                throw new MalformedException(Place.ROOT, "is empty", "Send JSON");
            }
            Object value = new Tree(parser).value(Place.ROOT);
            if (parser.nextToken() != null) {
                throw new MalformedException(
                        Place.ROOT, "is followed by something", "Send one value of JSON at a time");
            }
            return value;
        } catch (JacksonException e) {
            throw malformed(e);
        }
    }

    /// A factory remembers names, so one is kept for each of the few bounds that a program has.
    private static JsonFactory factory(Bounds bounds) {
        JsonFactory kept = FACTORIES.get(bounds);
        if (kept != null) {
            return kept;
        }
        JsonFactory made = newFactory(bounds);
        if (FACTORIES.size() < FACTORIES_MAX) {
            FACTORIES.put(bounds, made);
        }
        return made;
    }

    private static JsonFactory newFactory(Bounds bounds) {
        return JsonFactory.builder()
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .streamReadConstraints(
                        StreamReadConstraints.builder()
                                .maxNestingDepth(Bounds.DEPTH_MAX)
                                // It counts bytes where it reads bytes.
                                .maxNameLength(UTF8_BYTES_MAX * Bounds.NAME_CHARS_MAX)
                                .maxNumberLength(Bounds.NUMBER_CHARS_MAX)
                                .maxStringLength(bounds.bytes())
                                .maxTokenCount(bounds.tokens())
                                .build())
                .build();
    }

    private @Nullable Object value(Place place) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(place);
            case START_ARRAY -> array(place);
            case VALUE_STRING -> text(place, parser.getString());
            case VALUE_NUMBER_INT -> whole(place);
            case VALUE_NUMBER_FLOAT -> decimal(place);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case null, default ->
                    throw new MalformedException(place, "is no value", "Send a value of JSON");
        };
    }

    private Map<String, @Nullable Object> object(Place place) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = text(place, parser.currentName());
            Place member = place.member(name);
            parser.nextToken();
            if (members.containsKey(name)) {
                throw new MalformedException(member, "is there twice", "Give it once");
            }
            members.put(name, value(member));
        }
        return members;
    }

    private List<@Nullable Object> array(Place place) {
        List<@Nullable Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(place.item(items.size())));
        }
        return items;
    }

    private static String text(Place place, String text) {
        if (!Utf8.isWhole(text)) {
            throw new MalformedException(
                    place,
                    "has half of a surrogate pair in a text",
                    "Give both halves, or bytes in base64");
        }
        return text;
    }

    private Object whole(Place place) {
        return switch (parser.getNumberType()) {
            case INT, LONG -> parser.getLongValue();
            default -> decimal(place);
        };
    }

    private BigDecimal decimal(Place place) {
        BigDecimal number = null;
        try {
            number = parser.getDecimalValue();
        } catch (NumberFormatException beyond) {
            // Its exponent does not even fit into a decimal.
        }
        if (number == null || Math.abs((long) number.scale()) > Bounds.NUMBER_CHARS_MAX) {
            throw new MalformedException(
                    place,
                    "is a number with an exponent of more than " + Bounds.NUMBER_CHARS_MAX,
                    "Give one that is nearer to 1");
        }
        return number;
    }

    private static MalformedException malformed(JacksonException e) {
        String message = e.getOriginalMessage();
        String where =
                e.getLocation() == null
                        ? ""
                        : " at line %d, column %d"
                                .formatted(
                                        e.getLocation().getLineNr(), e.getLocation().getColumnNr());
        return new MalformedException(
                Place.ROOT,
                "cannot be read as JSON%s (%s)".formatted(where, Shown.cut(message, 200)),
                "Send JSON within the bounds");
    }
}
