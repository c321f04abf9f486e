package io.millstream.protocols.aws.wire;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads a JSON object that stands in a parameter's text into maps, lists, texts, numbers, booleans
/// and nulls. A name that comes twice is refused.
public final class JsonValues {
    /// The longest text that is read, which is that of SNS's longest message.
    public static final int CHARS_MAX = 262_144;

    private static final int TOKENS_MAX = 20_000;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(60)
                                    .maxNumberLength(64)
                                    .maxTokenCount(TOKENS_MAX)
                                    .build())
                    .build();

    private JsonValues() {}

    /// The object.
    ///
    /// @throws IllegalArgumentException if the text is none; the message says why
    public static Map<String, @Nullable Object> object(String text) {
        checkLength(text, CHARS_MAX);
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("It is no JSON object.");
            }
            Map<String, @Nullable Object> object = fields(parser);
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("Something follows the JSON object.");
            }
            return object;
        } catch (JacksonException e) {
            throw new IllegalArgumentException("It is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /// What is kept of a text: all but the spaces between its parts.
    ///
    /// @throws IllegalArgumentException if the text, with them, has more than `charsMax` characters
    public static String kept(String text, int charsMax) {
        checkLength(text, charsMax);
        StringBuilder kept = new StringBuilder(text.length());
        boolean inside = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                inside = !inside;
            } else if (c == '\\' && inside && i + 1 < text.length()) {
                kept.append(c);
                c = text.charAt(++i);
            }
            if (inside || (c != ' ' && c != '\t' && c != '\n' && c != '\r')) {
                kept.append(c);
            }
        }
        return kept.toString();
    }

    private static void checkLength(String text, int charsMax) {
        if (text.length() > charsMax) {
            throw new IllegalArgumentException("It has at most " + charsMax + " characters.");
        }
    }

    private static Map<String, @Nullable Object> fields(JsonParser parser) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            fields.put(name, value(parser));
        }
        return fields;
    }

    private static @Nullable Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> fields(parser);
            case START_ARRAY -> {
                List<@Nullable Object> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(parser));
                }
                yield items;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case null, default -> parser.getString();
        };
    }
}
