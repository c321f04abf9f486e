package io.millstream.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Header;
import io.millstream.api.Lifecycle;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.server.MemoryServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// What the index knows, over HTTP.
class SearchOverHttpTest {
    private static final ChannelName HISTORY = ChannelName.of("jobs.history");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private MemoryServer server;
    private Millstream millstream;

    @BeforeEach
    void start() {
        server = MemoryServer.searched(folder.resolve("data"));
        millstream = Millstream.over(server.engine());
        millstream.commit(
                new Operation.Define(Definition.Topic.of(HISTORY), Expect.Anything.ANYTHING));
        List<Lifecycle> told =
                List.of(
                        stored(1, "a", "red,blue"),
                        stored(2, "b", "red"),
                        stored(3, "c", ""),
                        new Lifecycle.Taken(place(1), 1, null),
                        new Lifecycle.Failed(place(1), 1, "Connection refused", "f1"),
                        new Lifecycle.Logged(place(1), 1, "hello"),
                        new Lifecycle.Ended(place(1), 1, "dead", "Connection refused"),
                        new Lifecycle.Done(place(1)),
                        new Lifecycle.Done(place(2)));
        millstream.commit(
                new Operation.Append(
                        HISTORY, 0, told.stream().map(Lifecycle::message).toList(), null));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> get("/jobs?order=oldest").path("jobs").size() == 3);
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private static Lifecycle stored(long sequence, String id, String tags) {
        return Lifecycle.Stored.put(
                place(sequence),
                Message.builder("")
                        .id(id)
                        .type("mail.send")
                        .group("k" + id)
                        .header(Header.text("millstream-tags", tags))
                        .build());
    }

    private static Lifecycle.Place place(long sequence) {
        return new Lifecycle.Place(new Lifecycle.Life(ChannelName.of("mail"), 1), sequence);
    }

    private JsonNode get(String path) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(server.address() + "/api/v1" + path))
                        .timeout(Duration.ofSeconds(30))
                        .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        JsonNode body = JSON.readTree(answer.body());
        Described.checkAnswer(
                "GET",
                "/api/v1" + path,
                "",
                answer.statusCode(),
                answer.headers().firstValue("Content-Type").orElse(""),
                body);
        return body;
    }

    @ParameterizedTest
    @CsvSource({
        "state=done, b",
        "state=dead&tag=blue, a",
        "tag=red, b a",
        "tag=red&order=oldest, a b",
        "key=kc, c",
        "error=connection%20ref*, a",
        "fingerprint=f1, a",
        "id=b, b",
        "queue=mail&order=newest&limit=2, c b",
        "type=mail.send&since=2000-01-01T00:00:00Z, c b a",
        "before=2000-01-01T00:00:00Z, ''",
        "queue=other&tag=red, ''"
    })
    void jobs_are_found_by_what_is_asked_for(String asked, String ids) throws Exception {
        JsonNode found = get("/jobs?" + asked);

        Stream<String> there =
                found.path("jobs").valueStream().map(job -> job.path("id").asString(""));
        assertThat(String.join(" ", there.toList())).isEqualTo(ids);
        assertThat(found.path("as_of").asString("")).isNotEmpty();
    }

    @Test
    void a_page_goes_on_where_the_last_one_ended() throws Exception {
        String next = get("/jobs?tag=red&limit=1").path("next").asString("");

        JsonNode page = get("/jobs?tag=red&limit=1&after=" + next);

        assertThat(page.path("jobs").path(0).path("id").asString("")).isEqualTo("a");
        assertThat(page.has("next")).isFalse();
    }

    @Test
    void a_job_has_its_history_and_its_log() throws Exception {
        JsonNode history = get("/jobs/a/history");

        assertThat(history.path("job").path("state").asString("")).isEqualTo("dead");
        assertThat(history.path("job").path("tags").toString()).isEqualTo("[\"blue\",\"red\"]");
        assertThat(
                        history.path("steps")
                                .valueStream()
                                .map(step -> step.path("event").asString(""))
                                .toList())
                .containsExactly("submitted", "started", "failed", "dead");
        assertThat(history.path("log").path(0).path("text").asString("")).isEqualTo("hello");
        assertThat(get("/jobs/nobody/history").path("type").asString(""))
                .isEqualTo("urn:millstream:no-such-job");
    }

    @Test
    void jobs_are_counted() throws Exception {
        JsonNode counts = get("/jobs/counts").path("counts");

        assertThat(counts.valueStream().mapToInt(count -> count.path("jobs").asInt(0)).sum())
                .isEqualTo(3);
        assertThat(counts.toString())
                .contains(
                        "{\"queue\":\"mail\",\"type\":\"mail.send\","
                                + "\"state\":\"done\",\"jobs\":1}");
    }

    @ParameterizedTest
    @CsvSource({
        "/jobs?error=a*, 400",
        "/jobs?error=%22, 400",
        "/jobs?state=done&after=x, 400",
        "/jobs?order=random, 400",
        "/jobs?since=yesterday, 400",
        "/jobs?state=finished, 400",
        "/jobs?tag=a&limit=1001, 400"
    })
    void rubbish_is_refused(String path, int status) throws Exception {
        assertThat(get(path).path("status").asInt(0)).isEqualTo(status);
    }
}
