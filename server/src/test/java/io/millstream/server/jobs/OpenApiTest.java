package io.millstream.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.protocols.access.Access;
import io.millstream.protocols.access.Principal;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.protocols.http.Entrance;
import io.millstream.protocols.http.HttpApi;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `openapi.json` is a sound document, and says what the code does: no more and no less.
class OpenApiTest {
    private static final Pattern REFERENCE = Pattern.compile("\"\\$ref\":\"#/([^\"]+)\"");
    private static final Pattern JSON_BLOCK =
            Pattern.compile("```(?:json|console)\n(.*?)```", Pattern.DOTALL);
    private static final Pattern SENT = Pattern.compile("-d '((?:[^']|'\\$[a-z]+')*)'");

    /// What a form is told by, and which it is.
    private static final Map<String, String> TAGS =
            Map.of(
                    "op", "Operation",
                    "receipt", "Receipt",
                    "refusal", "Refusal",
                    "taken", "Taken",
                    "query", "Query",
                    "view", "View",
                    "found", "Found",
                    "operations", "Commit",
                    "backend", "Capabilities",
                    "session", "OpenedSession");

    /// What tells forms that go over a line alone.
    private static final Set<String> OTHERS =
            Set.of("ask", "told", "change", "interest", "fetched", "credit");

    @TempDir Path data;

    @Test
    void a_validator_of_openapi_finds_nothing_wrong() {
        ParseOptions options = new ParseOptions();
        options.setResolve(true);

        SwaggerParseResult result =
                new OpenAPIV3Parser().readContents(Described.document().toString(), null, options);

        assertThat(result.getMessages()).isEmpty();
        assertThat(result.getOpenAPI().getOpenapi()).startsWith("3.1");
        assertThat(result.getOpenAPI().getPaths())
                .hasSameSizeAs(Described.document().path("paths"));
    }

    @Test
    void each_of_its_schemas_is_one() {
        Schema meta =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(
                                SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        Described.document()
                .path("components")
                .path("schemas")
                .properties()
                .forEach(one ->
                        assertThat(meta.validate(one.getValue())).as(one.getKey()).isEmpty());
    }

    @Test
    void all_that_it_refers_to_is_there_and_all_that_is_there_is_referred_to() {
        ObjectNode document = Described.document();
        Set<String> referred = new HashSet<>();
        Matcher reference = REFERENCE.matcher(document.toString());
        while (reference.find()) {
            referred.add(reference.group(1));
            assertThat(document.at("/" + reference.group(1)).isMissingNode())
                    .as(reference.group(1))
                    .isFalse();
        }
        document.path("components")
                .path("schemas")
                .propertyNames()
                .forEach(name -> assertThat(referred).contains("components/schemas/" + name));
    }

    @Test
    void it_has_each_endpoint_that_the_code_has_and_no_other() {
        Set<String> described = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : Described.document().path("paths").properties()) {
            if (!path.getKey().startsWith("/api/v1/users")) {
                path.getValue()
                        .propertyNames()
                        .forEach(method ->
                                described.add(
                                        method.toUpperCase(Locale.ROOT)
                                                + " "
                                                + path.getKey().replaceAll("\\{([a-z]+)}", ":$1")));
            }
        }
        Vertx vertx = Vertx.vertx();
        try (Engine engine = Engine.open(new MemoryDisk(), EngineOptions.inMemory());
                JobApi jobs = JobApi.over(engine);
                HttpApi api =
                        new HttpApi(
                                vertx,
                                engine,
                                ApiLimits.USUAL,
                                Access.OPEN,
                                new Closed(),
                                jobs.endpoints())) {
            assertThat(new TreeSet<>(api.described())).isEqualTo(described);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    /// Nobody comes in.
    private static final class Closed implements Entrance {
        @Override
        public void meet(RoutingContext request, Consumer<Principal> then) {
            then.accept(Principal.NOBODY);
        }

        @Override
        public Principal now(Principal who) {
            return Principal.NOBODY;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /users, 200",
        "PUT, /users/ann, 404",
        "DELETE, /users/ann, 404",
        "POST, /users/ann/keys, 404",
        "DELETE, /users/ann/keys/AKMS, 404",
        "PATCH, /users/ann, 405"
    })
    void users_are_where_it_says(String method, String path, int status) throws Exception {
        boolean isDescribed = status != 405;
        try (JobServer server = new JobServer(data)) {
            String body = method.equals("PUT") ? "{\"grants\":[\"read:mail\"]}" : "";
            server.send(server.request(method, path, body)).is(status);
        }
        JsonNode described =
                Described.document()
                        .path("paths")
                        .path(
                                "/api/v1"
                                        + path.replace("/AKMS", "/{key}")
                                                .replace("/ann", "/{name}"))
                        .path(method.toLowerCase(Locale.ROOT));
        assertThat(described.isObject()).isEqualTo(isDescribed);
    }

    @Test
    void it_is_served_as_it_is() throws Exception {
        try (JobServer server = new JobServer(data)) {
            assertThat(server.get("/openapi.json").is(200).body()).isEqualTo(Described.document());
            assertThat(server.get("/capabilities").is(200).body().path("backend")).isNotNull();
        }
    }

    // Examples.

    @Test
    void examples_of_each_form_of_the_seam_are_as_it_says() throws Exception {
        int checked = 0;
        Path examples = root().resolve("wire/src/test/resources/io/millstream/wire/examples.txt");
        for (String line : Files.readAllLines(examples)) {
            if (line.startsWith("{") && checkByForm(Described.JSON.readTree(line))) {
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(60);
    }

    @ParameterizedTest
    @CsvSource({"docs/http.md, 12", "docs/http-jobs.md, 20"})
    void examples_of_the_pages_are_as_it_says(String page, int least) throws Exception {
        Matcher block = JSON_BLOCK.matcher(Files.readString(root().resolve(page)));
        List<String> examples = new ArrayList<>();
        while (block.find()) {
            String text = block.group(1).replace("\n> ", "\n");
            Matcher sent = SENT.matcher(text);
            // What is shown to be refused is not as it has to be.
            while (sent.find() && !text.contains("urn:millstream:malformed")) {
                examples.add(sent.group(1).replaceAll("'\\$[a-z]+'", "x"));
            }
            for (String line : text.split("\n", -1)) {
                if (line.startsWith("{") || line.startsWith("[")) {
                    examples.add(line);
                }
            }
        }
        int checked = 0;
        for (String example : examples) {
            if (!example.contains("…") && isWhole(example)) {
                checked += checkByForm(Described.JSON.readTree(example)) ? 1 : 0;
            }
        }
        assertThat(checked).isGreaterThanOrEqualTo(least);
    }

    /// Of what takes several lines, the first one is no whole.
    private static boolean isWhole(String example) {
        try {
            Described.JSON.readTree(example);
            return true;
        } catch (JacksonException _) {
            return false;
        }
    }

    /// @return false if it is of another form than the document has
    private static boolean checkByForm(JsonNode value) {
        if (value.isArray()) {
            boolean all = !value.isEmpty();
            for (JsonNode one : value) {
                all &= checkByForm(one);
            }
            return all;
        }
        String form = formOf(value);
        if (form == null) {
            return false;
        }
        Described.check(form, value);
        return true;
    }

    private static String formOf(JsonNode value) {
        if (OTHERS.stream().anyMatch(value::has)) {
            return null;
        }
        if (value.has("status") && value.has("title")) {
            return "Problem";
        }
        for (String tag : List.of("receipt", "taken", "found", "op", "query", "view")) {
            if (value.has(tag)) {
                return TAGS.get(tag);
            }
        }
        for (Map.Entry<String, String> tag : TAGS.entrySet()) {
            if (value.has(tag.getKey())) {
                return tag.getValue();
            }
        }
        String type = value.path("type").asString("");
        boolean isDefinition = Set.of("queue", "topic", "exchange", "binding").contains(type);
        return isDefinition && (value.has("name") || value.has("binding"))
                ? "Definition"
                : formOfJobs(value);
    }

    private static String formOfJobs(JsonNode value) {
        if (value.has("state") && value.has("id")) {
            String job =
                    value.path("state").asString().equals("cancelled") ? "CancelledJob" : "Job";
            return value.has("why") ? "Why" : value.has("reason") ? "Job" : job;
        }
        if (value.has("id") && value.size() == 1) {
            return "SubmittedJob";
        }
        if (value.has("cron") || value.has("every_ms")) {
            return value.has("job") ? "NewSchedule" : "Timetable";
        }
        if (value.has("jobs")) {
            boolean isRedrive = value.has("per_second") || value.has("dry_run");
            String asked = isRedrive ? "Redrive" : "Discard";
            return value.path("jobs").isObject() ? asked : jobsOf(value);
        }
        if (value.has("runs") || value.has("discarded")) {
            return value.has("runs") ? "Runs" : "Discarded";
        }
        return value.has("type") && !value.has("text") && !value.has("base64") ? "NewJob" : null;
    }

    private static String jobsOf(JsonNode value) {
        return value.path("jobs").isArray() ? "JobPage" : "Redriven";
    }

    private static Path root() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/http.md"))) {
            root = root.getParent();
        }
        return root;
    }
}
