package io.millstream.server.client;

import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.Collection;

/// What is read and printed as JSON. Numbers keep all their digits.
final class Json {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// Made when something is read: it takes long to make, and most commands read nothing.
    private static final class Reading {
        static final JsonMapper MAPPER =
                JsonMapper.builder()
                        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                        .build();
    }

    private Json() {}

    static ObjectNode object() {
        return NODES.objectNode();
    }

    static ArrayNode array(Collection<String> texts) {
        ArrayNode array = NODES.arrayNode();
        texts.forEach(array::add);
        return array;
    }

    static byte[] bytes(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// What was written by somebody of this program.
    static JsonNode tree(byte[] json) {
        return Reading.MAPPER.readTree(json);
    }

    /// What a job was given or has returned: JSON, or a text if it is none.
    static JsonNode treeOrText(String text) {
        try {
            return Reading.MAPPER.readTree(text);
        } catch (JacksonException _) {
            return NODES.stringNode(text);
        }
    }

    /// What a job is to be given.
    ///
    /// @param what it is, as the beginning of a sentence
    /// @throws ConfigException if it is no JSON object
    static ObjectNode payload(String what, String text) {
        String wrong = "It is no object";
        try {
            if (Reading.MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException malformed) {
            wrong = malformed.getOriginalMessage();
        }
        throw new ConfigException(
                "%s is not what a job can be given. Give a JSON object, such as {\"user\": 7}. (%s)"
                        .formatted(what, Texts.cut(wrong, 200)));
    }

    static void putMaybe(ObjectNode object, String name, @Nullable Object value) {
        if (value != null) {
            object.put(name, value.toString());
        }
    }
}
