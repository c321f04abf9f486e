package io.millstream.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What `openapi.json` says, to hold answers and requests against it. Its schemas are closed here:
/// a member that they do not name is a mistake, though clients may not mind it.
final class Described {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final String SCHEMAS = "#/components/schemas/";
    private static final ObjectNode DOCUMENT = read();
    private static final ObjectNode COMPONENTS = closed();
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final Map<JsonNode, Schema> COMPILED = new ConcurrentHashMap<>();

    private Described() {}

    static ObjectNode document() {
        return DOCUMENT;
    }

    private static ObjectNode read() {
        try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
            return (ObjectNode) JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode closed() {
        ObjectNode components = (ObjectNode) DOCUMENT.path("components").deepCopy();
        close(components.path("schemas"));
        return components;
    }

    private static void close(JsonNode node) {
        if (node instanceof ObjectNode schema
                && schema.path("properties").isObject()
                && !schema.has("additionalProperties")) {
            schema.put("additionalProperties", false);
        }
        for (JsonNode child : node) {
            close(child);
        }
    }

    /// That something is as a schema says.
    static void check(String schema, JsonNode value) {
        check(JSON.createObjectNode().put("$ref", SCHEMAS + schema), value, schema);
    }

    private static void check(JsonNode schema, JsonNode value, String what) {
        Schema compiled =
                COMPILED.computeIfAbsent(
                        schema,
                        one -> {
                            ObjectNode whole = ((ObjectNode) one).deepCopy();
                            whole.set("components", COMPONENTS);
                            return REGISTRY.getSchema(whole);
                        });
        assertThat(compiled.validate(value)).as("%s is no %s", value, what).isEmpty();
    }

    /// The operation of a method and a path of a request, and its template.
    record Operation(String template, JsonNode operation) {}

    static Operation operation(String method, String path) {
        String plain = path.replaceFirst("\\?.*", "");
        List<Operation> fitting = new ArrayList<>();
        for (Map.Entry<String, JsonNode> one : DOCUMENT.path("paths").properties()) {
            String pattern = one.getKey().replaceAll("\\{[a-z]+}", "[^/]+");
            JsonNode operation = one.getValue().path(method.toLowerCase(Locale.ROOT));
            if (plain.matches(pattern) && operation.isObject()) {
                fitting.add(new Operation(one.getKey(), operation));
            }
        }
        // Where a name stands in one path what is a word in the other, the word is meant.
        fitting.sort(Comparator.comparingInt(one -> one.template().split("\\{", -1).length));
        assertThat(fitting).as("%s %s is described", method, plain).isNotEmpty();
        return fitting.getFirst();
    }

    /// That an answer is as it is described, and so is the request where it went well.
    static void checkAnswer(
            String method, String path, String request, int status, String type, JsonNode body) {
        if (status == 404 || status == 405) {
            check("Problem", body);
            return;
        }
        Operation found = operation(method, path);
        JsonNode response = found.operation().path("responses").path(Integer.toString(status));
        if (status >= 400) {
            assertThat(type).isEqualTo("application/problem+json");
            check("Problem", body);
            return;
        }
        assertThat(response.isObject()).as("%s %s answers %d", method, path, status).isTrue();
        JsonNode content = response.path("content").path("application/json").path("schema");
        assertThat(body.isMissingNode()).as("%s %s", method, path).isEqualTo(!content.isObject());
        if (content.isObject()) {
            check(content, body, found.template() + " " + status);
        }
        JsonNode wanted =
                found.operation()
                        .path("requestBody")
                        .path("content")
                        .path("application/json")
                        .path("schema");
        assertThat(wanted.isObject())
                .as("%s %s has a body", method, path)
                .isEqualTo(!request.isEmpty());
        if (!request.isEmpty()) {
            check(wanted, JSON.readTree(request), found.template() + " request");
        }
    }
}
