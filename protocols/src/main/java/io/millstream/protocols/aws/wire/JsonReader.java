package io.millstream.protocols.aws.wire;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the body of a JSON request into a [Tree]. Nulls are left out, as if they were not there.
final class JsonReader {
    private static final int DEPTH_MAX = 12;
    private static final int NAME_CHARS_MAX = 1024;
    private static final int NUMBER_CHARS_MAX = 64;
    private static final int TOKENS_MAX = 20_000;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEPTH_MAX)
                                    .maxNameLength(NAME_CHARS_MAX)
                                    .maxNumberLength(NUMBER_CHARS_MAX)
                                    .maxTokenCount(TOKENS_MAX)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private JsonReader() {}

    /// The structure in `body`; an empty body is an empty structure.
    static Tree.Fields read(byte[] body) {
        if (body.length == 0) {
            return new Tree.Fields(Map.of());
        }
        if (isOtherUnicode(body)) {
            throw malformed("The body is not in UTF-8.");
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw malformed("The body is not a JSON object.");
            }
            Tree.Fields fields = fields(parser);
            if (parser.nextToken() != null) {
                throw malformed("Something follows the JSON object in the body.");
            }
            return fields;
        } catch (JacksonException e) {
            throw malformed("The body cannot be read as JSON in UTF-8: " + e.getOriginalMessage());
        }
    }

    /// Whether the body is in UTF-16 or UTF-32, which the parser would read without a word: an
    /// object begins with characters of ASCII, and those have zeros there.
    private static boolean isOtherUnicode(byte[] body) {
        boolean marked = body[0] == (byte) 0xFE || body[0] == (byte) 0xFF;
        return marked || body[0] == 0 || (body.length > 1 && body[1] == 0);
    }

    private static Tree.Fields fields(JsonParser parser) {
        Map<String, Tree> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (token != JsonToken.VALUE_NULL && members.put(name, value(parser, token)) != null) {
                throw malformed("The member " + name + " stands there twice.");
            }
        }
        return new Tree.Fields(members);
    }

    private static Tree value(JsonParser parser, JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> new Tree.Text(parser.getString());
            case VALUE_NUMBER_INT -> new Tree.Whole(parser.getLongValue());
            case VALUE_TRUE -> new Tree.Flag(true);
            case VALUE_FALSE -> new Tree.Flag(false);
            case START_OBJECT -> fields(parser);
            case START_ARRAY -> items(parser);
            default -> throw malformed(parser.getString() + " is not a whole number.");
        };
    }

    private static Tree.Items items(JsonParser parser) {
        List<Tree> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            if (token == JsonToken.VALUE_NULL) {
                throw malformed("A list holds a null.");
            }
            items.add(value(parser, token));
        }
        return new Tree.Items("", items);
    }

    private static FaultException malformed(String message) {
        return AwsError.MALFORMED.with(message);
    }
}
