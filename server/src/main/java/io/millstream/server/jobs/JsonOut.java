package io.millstream.server.jobs;

import io.millstream.protocols.http.Reply;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;

/// An object of an answer. What is as usual, or not known, is left out.
final class JsonOut {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final ObjectNode object;

    JsonOut() {
        this(MAPPER.createObjectNode());
    }

    private JsonOut(ObjectNode object) {
        this.object = object;
    }

    /// What somebody else has written, an object in JSON.
    static JsonOut of(byte[] json) {
        return new JsonOut((ObjectNode) MAPPER.readTree(json));
    }

    JsonOut put(String name, String text) {
        object.put(name, text);
        return this;
    }

    JsonOut put(String name, long number) {
        object.put(name, number);
        return this;
    }

    JsonOut put(String name, boolean flag) {
        object.put(name, flag);
        return this;
    }

    JsonOut put(String name, JsonOut other) {
        object.set(name, other.object);
        return this;
    }

    JsonOut put(String name, Instant time) {
        return put(name, time.toString());
    }

    JsonOut maybe(String name, @Nullable String text) {
        return text == null || text.isEmpty() ? this : put(name, text);
    }

    JsonOut maybe(String name, @Nullable Instant time) {
        return time == null ? this : put(name, time);
    }

    JsonOut maybe(String name, @Nullable JsonOut other) {
        return other == null ? this : put(name, other);
    }

    JsonOut maybe(String name, @Nullable JsonNode node) {
        if (node != null) {
            object.set(name, node);
        }
        return this;
    }

    JsonOut maybe(String name, long number) {
        return number == 0 ? this : put(name, number);
    }

    JsonOut maybe(String name, boolean flag) {
        return flag ? put(name, true) : this;
    }

    JsonOut texts(String name, Collection<String> texts) {
        ArrayNode array = object.putArray(name);
        texts.forEach(array::add);
        return this;
    }

    <T> JsonOut all(String name, Collection<T> items, Function<T, JsonOut> form) {
        ArrayNode array = object.putArray(name);
        items.forEach(item -> array.add(form.apply(item).object));
        return this;
    }

    JsonOut numbers(String name, Map<String, Long> numbers) {
        ObjectNode inner = object.putObject(name);
        numbers.forEach(inner::put);
        return this;
    }

    /// What somebody else has written as JSON.
    static JsonNode read(byte[] json) {
        return MAPPER.readTree(json);
    }

    static JsonNode read(String json) {
        return MAPPER.readTree(json);
    }

    byte[] bytes() {
        return MAPPER.writeValueAsBytes(object);
    }

    static byte[] array(Collection<JsonOut> items) {
        ArrayNode array = MAPPER.createArrayNode();
        items.forEach(item -> array.add(item.object));
        return MAPPER.writeValueAsBytes(array);
    }

    Reply.Json ok() {
        return Reply.ok(bytes());
    }

    Reply.Json answer(int status) {
        return new Reply.Json(status, Map.of(), bytes());
    }
}
