package io.millstream.jobs;

import io.millstream.api.Bytes;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What jobs are given and return, as JSON. Members that nobody knows are passed over, so that an
/// older worker reads what a newer program sends; a member that a record needs and that is not
/// there is an error.
final class Json {
    static final String CONTENT_TYPE = "application/json";

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    // Jobs that are given the same are the same, whatever a map's order is.
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .build();
    private static final ObjectReader PLAIN = MAPPER.reader();
    private static final ObjectReader EXACT =
            MAPPER.reader().with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private static final ObjectWriter ASCII =
            MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

    private Json() {}

    /// @throws IllegalArgumentException if Jackson cannot write it as an object
    static Bytes payload(Object payload) {
        JsonNode tree;
        try {
            tree = MAPPER.valueToTree(payload);
        } catch (JacksonException unwritable) {
            throw new IllegalArgumentException(
                    "A %s cannot be written as JSON: %s"
                            .formatted(
                                    payload.getClass().getName(), unwritable.getOriginalMessage()),
                    unwritable);
        }
        if (!tree.isObject()) {
            throw new IllegalArgumentException(
                    "What a job is given is an object in JSON, such as a record; a %s is not."
                            .formatted(payload.getClass().getName()));
        }
        return Bytes.of(MAPPER.writeValueAsBytes(tree));
    }

    /// @throws Unreadable if it is no object
    static ObjectNode object(Bytes bytes) throws Unreadable {
        return object(PLAIN, bytes);
    }

    /// As [#object], with numbers that keep all their digits: what is read here is equal, and
    /// written as much, to what was written.
    ///
    /// @throws Unreadable if it is no object
    static ObjectNode exactObject(Bytes bytes) throws Unreadable {
        return object(EXACT, bytes);
    }

    private static ObjectNode object(ObjectReader reader, Bytes bytes) throws Unreadable {
        try {
            if (reader.readTree(bytes.toArray()) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException malformed) {
            throw new Unreadable("It is not JSON: " + malformed.getOriginalMessage(), malformed);
        }
        throw new Unreadable("It is no JSON object.", null);
    }

    /// @throws Unreadable if it does not fit the type
    static <T> T read(JsonNode tree, Class<T> type) throws Unreadable {
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JacksonException unfit) {
            throw new Unreadable(
                    "It is no %s: %s".formatted(type.getName(), unfit.getOriginalMessage()), unfit);
        }
    }

    static ObjectNode newObject() {
        return MAPPER.createObjectNode();
    }

    static JsonNode tree(@Nullable Object value) {
        return MAPPER.valueToTree(value);
    }

    static Bytes bytes(JsonNode tree) {
        return Bytes.of(MAPPER.writeValueAsBytes(tree));
    }

    /// As text in ASCII, which every store of texts can keep.
    static String ascii(JsonNode tree) {
        return ASCII.writeValueAsString(tree);
    }

    /// Bytes are not what their reader expects.
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
