package io.millstream.server.jobs;

import io.millstream.protocols.http.ProblemException;
import io.millstream.protocols.http.Trouble;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// An object of a request's body that is read strictly: its members are asked for by name, those
/// that nobody asked for are refused at its end, and so is null everywhere.
final class JsonIn {
    private static final int DEPTH_MAX = 200;
    private static final int TOKENS_MAX = 1_000_000;

    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(DEPTH_MAX)
                                                    .maxTokenCount(TOKENS_MAX)
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .build())
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    private final String place;
    private final ObjectNode object;
    private final List<String> asked = new ArrayList<>();

    private JsonIn(String place, ObjectNode object) {
        this.place = place;
        this.object = object;
    }

    /// What a body says.
    ///
    /// @throws ProblemException if it is no JSON
    static JsonNode tree(byte[] body) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
            JsonNode tree = MAPPER.readTree(text);
            if (tree.isMissingNode()) {
                throw wrong("$", "is missing", "Give a body in JSON");
            }
            Flaw flaw = flawOf(tree);
            if (flaw != null) {
                throw wrong("$" + flaw.path, flaw.wrong, flaw.right);
            }
            return tree;
        } catch (CharacterCodingException _) {
            throw wrong("$", "is not UTF-8", "Send it in UTF-8");
        } catch (JacksonException malformed) {
            throw wrong("$", "is no JSON: " + malformed.getOriginalMessage(), "Give JSON");
        }
    }

    /// What is wrong, and where below the place that was looked at.
    private record Flaw(String path, String wrong, String right) {
        Flaw below(String step) {
            return new Flaw(step + path, wrong, right);
        }
    }

    /// Finds half of a surrogate pair, which no UTF-8 could give back. Where it is, is put together
    /// only if there is one: names may be long, and places many.
    private static @Nullable Flaw flawOf(JsonNode node) {
        if (node.isString() && !isWhole(node.asString())) {
            return new Flaw("", "has half of a surrogate pair", "Give whole characters");
        }
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> member : object.properties()) {
                if (!isWhole(member.getKey())) {
                    return new Flaw("", "has a name with half of a surrogate pair", "Leave it out");
                }
                Flaw flaw = flawOf(member.getValue());
                if (flaw != null) {
                    return flaw.below("." + member.getKey());
                }
            }
            return null;
        }
        for (int i = 0; i < node.size(); i++) {
            Flaw flaw = flawOf(node.get(i));
            if (flaw != null) {
                return flaw.below("[" + i + "]");
            }
        }
        return null;
    }

    private static boolean isWhole(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /// The object at a place.
    ///
    /// @throws ProblemException if it is none
    static JsonIn of(String place, JsonNode node) {
        if (node instanceof ObjectNode object) {
            return new JsonIn(place, object);
        }
        throw wrong(place, "is " + shown(node), "Give an object");
    }

    /// That something is wrong.
    ///
    /// @param wrong what the place is or does
    /// @param right what to do instead, without its end
    static ProblemException wrong(String place, String wrong, String right) {
        return Trouble.MALFORMED.at(place, place + " " + wrong + ". " + right + ".");
    }

    private static String shown(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "an array";
            case NUMBER -> "the number " + cut(node.asString());
            case STRING -> "the text \"" + cut(node.asString()) + "\"";
            case BOOLEAN -> node.asString();
            default -> "null";
        };
    }

    /// The beginning of what was sent, for who is told that it is wrong.
    static String cut(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    String place(String name) {
        return place + "." + name;
    }

    boolean has(String name) {
        return object.has(name);
    }

    private @Nullable JsonNode maybe(String name, String right) {
        asked.add(name);
        JsonNode node = object.get(name);
        if (node != null && node.isNull()) {
            throw wrong(place(name), "is null", "Leave it out, or give " + right);
        }
        return node;
    }

    private static ProblemException isOther(String place, JsonNode node, String right) {
        return wrong(place, "is " + shown(node), "Give " + right);
    }

    /// A text that has to be there.
    String text(String name) {
        String text = maybeText(name);
        if (text == null) {
            throw wrong(place(name), "is missing", "Give a text");
        }
        return text;
    }

    /// A text, or null if it is left out.
    @Nullable String maybeText(String name) {
        JsonNode node = maybe(name, "a text");
        if (node != null && !node.isString()) {
            throw isOther(place(name), node, "a text");
        }
        return node == null ? null : node.asString();
    }

    /// Texts in an array; none if it is left out.
    List<String> texts(String name) {
        String right = "an array of texts";
        JsonNode node = maybe(name, right);
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            throw isOther(place(name), node, right);
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            if (!node.get(i).isString()) {
                throw isOther(place(name) + "[" + i + "]", node.get(i), "a text");
            }
            texts.add(node.get(i).asString());
        }
        return texts;
    }

    /// A whole number, or null if it is left out.
    @Nullable Long maybeWhole(String name, long least, long most) {
        String right = "a whole number from %d to %d".formatted(least, most);
        JsonNode node = maybe(name, right);
        if (node == null) {
            return null;
        }
        boolean fits =
                node.isIntegralNumber()
                        && node.canConvertToLong()
                        && node.asLong() >= least
                        && node.asLong() <= most;
        if (!fits) {
            throw isOther(place(name), node, right);
        }
        return node.asLong();
    }

    /// Milliseconds, or null if they are left out.
    @Nullable Duration maybeMillis(String name, long least, long most) {
        Long millis = maybeWhole(name, least, most);
        return millis == null ? null : Duration.ofMillis(millis);
    }

    /// A number, or null if it is left out.
    @Nullable Double maybeNumber(String name) {
        JsonNode node = maybe(name, "a number");
        if (node != null && !node.isNumber()) {
            throw isOther(place(name), node, "a number");
        }
        return node == null ? null : node.asDouble(Double.NaN);
    }

    boolean flag(String name) {
        JsonNode node = maybe(name, "true or false");
        if (node != null && !node.isBoolean()) {
            throw isOther(place(name), node, "true or false");
        }
        return node != null && node.asBoolean();
    }

    /// A time, or null if it is left out.
    @Nullable Instant maybeTime(String name) {
        String text = maybeText(name);
        return text == null ? null : time(place(name), text);
    }

    static Instant time(String place, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException _) {
            throw wrong(
                    place,
                    "is the text \"" + cut(text) + "\"",
                    "Give a time as 2026-01-31T12:00:00Z");
        }
    }

    /// One of the words of an enum, or null if it is left out.
    <E extends Enum<E>> @Nullable E maybeWord(String name, Class<E> type) {
        String word = maybeText(name);
        if (word == null) {
            return null;
        }
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(word)) {
                return constant;
            }
        }
        List<String> words = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            words.add(word(constant));
        }
        throw wrong(
                place(name),
                "is the text \"" + cut(word) + "\"",
                "Give one of " + String.join(", ", words));
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /// An object that has to be there.
    JsonIn object(String name) {
        JsonIn found = maybeObject(name);
        if (found == null) {
            throw wrong(place(name), "is missing", "Give an object");
        }
        return found;
    }

    /// An object, or null if it is left out.
    @Nullable JsonIn maybeObject(String name) {
        JsonNode node = maybe(name, "an object");
        return node == null ? null : of(place(name), node);
    }

    /// An object as it is, empty if it is left out. Whatever is in it is somebody else's.
    ObjectNode free(String name) {
        JsonNode node = maybe(name, "an object");
        if (node == null) {
            return MAPPER.createObjectNode();
        }
        if (node instanceof ObjectNode found) {
            return found;
        }
        throw isOther(place(name), node, "an object");
    }

    /// That one of its members is wrong.
    ProblemException wrongMember(String name, String wrong, String right) {
        return wrong(place(name), wrong, right);
    }

    /// Refuses what was not asked for.
    void end() {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!asked.contains(member.getKey())) {
                throw wrong(
                        place(cut(member.getKey())),
                        "is not known here",
                        "Leave it out, or give one of " + String.join(", ", asked));
            }
        }
    }

    /// Does it, where what makes no sense to those who do it is told as wrong at this place.
    <T> T sensible(Sense<T> sense) {
        return sensible(place, sense);
    }

    static <T> T sensible(String place, Sense<T> sense) {
        try {
            return sense.make();
        } catch (IllegalArgumentException | DateTimeException senseless) {
            throw Trouble.MALFORMED.at(place, sentence(senseless));
        }
    }

    /// What an exception says, with its end.
    static String sentence(Exception failure) {
        String text = String.valueOf(failure.getMessage());
        return text.matches("(?s).*[.?!]") ? text : text + ".";
    }

    /// Makes something of what was read.
    @FunctionalInterface
    interface Sense<T> {
        T make();
    }
}
