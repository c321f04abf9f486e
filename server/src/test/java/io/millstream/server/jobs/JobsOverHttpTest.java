package io.millstream.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Capacity;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Retry;
import io.millstream.jobs.Workers;
import io.millstream.server.jobs.JobServer.Answer;
import io.opentelemetry.api.trace.Span;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Jobs that are submitted, awaited, looked at and cancelled over HTTP, and done by workers beside.
class JobsOverHttpTest {
    private static final JobType<ObjectNode, JsonNode> ECHO =
            JobType.of("echo", ObjectNode.class, JsonNode.class);
    private static final JobType<ObjectNode, JsonNode> FAIL =
            JobType.of("fail", ObjectNode.class, JsonNode.class)
                    .with(options -> options.retry(Retry.never()));
    private static final JobType<ObjectNode, JsonNode> HOLD =
            JobType.of("hold", ObjectNode.class, JsonNode.class);
    private static final String JOB = "{\"type\":\"echo\",\"payload\":{\"n\":1}}";

    @TempDir Path data;

    private final CountDownLatch end = new CountDownLatch(1);
    private JobServer server;
    private Workers workers;

    @BeforeEach
    void start() {
        server = new JobServer(data);
    }

    @AfterEach
    void stop() {
        end.countDown();
        if (workers != null) {
            workers.close();
        }
        server.close();
    }

    private void work() {
        workers =
                server.jobs()
                        .workers("jobs")
                        .handle(ECHO, (payload, _) -> payload)
                        .handle(
                                FAIL,
                                (_, _) -> {
                                    throw new IllegalStateException("card refused");
                                })
                        .handle(
                                HOLD,
                                (payload, _) -> {
                                    end.await();
                                    return payload;
                                })
                        .start();
    }

    // Submitting and waiting.

    @Test
    void a_job_is_submitted_and_its_result_is_had_at_its_address() throws Exception {
        Answer submitted = server.post("/jobs", JOB).is(202);
        String path = submitted.header("Location").replace("/api/v1", "");
        assertThat(path).isEqualTo("/jobs/" + submitted.text("id"));
        assertThat(server.get(path).is(200).text("state")).isEqualTo("waiting");

        work();
        Answer ended = server.get(path + "?wait_ms=20000").is(200);

        assertThat(ended.text("state")).isEqualTo("done");
        assertThat(ended.text("queue")).isEqualTo("jobs");
        assertThat(ended.body().path("result").toString()).isEqualTo("{\"n\":1}");
    }

    @Test
    void the_trace_of_a_request_and_tags_go_on_to_who_does_the_job() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        workers =
                server.jobs()
                        .workers("jobs")
                        .handle(
                                ECHO,
                                (payload, context) -> {
                                    String trace = Span.current().getSpanContext().getTraceId();
                                    seen.complete(trace + " " + context.tags());
                                    return payload;
                                })
                        .start();

        server.post(
                        "/jobs",
                        "{\"type\":\"echo\",\"tags\":[\"red\",\"customer:7\"]}",
                        "traceparent",
                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .is(202);

        assertThat(seen.get(20, TimeUnit.SECONDS))
                .isEqualTo("0af7651916cd43dd8448eb211c80319c [customer:7, red]");
    }

    @ParameterizedTest
    @CsvSource({
        "'[\"a,b\"]', A tag has 1 to 50 letters",
        "'\"red\"', $.tags is the text \"red\". Give an array of texts.",
        "'[1]', $.tags[0] is the number 1. Give a text.",
    })
    void tags_that_make_no_sense_are_refused(String tags, String why) throws Exception {
        String json = "{\"type\":\"echo\",\"tags\":%s}".formatted(tags);

        assertThat(server.post("/jobs", json).is(400).text("detail")).contains(why);
    }

    @Test
    void who_prefers_to_wait_gets_the_result_at_once() throws Exception {
        work();

        Answer ended = server.post("/jobs", JOB, "Prefer", "respond-async, wait=20").is(200);

        assertThat(ended.header("Preference-Applied")).isEqualTo("wait=20");
        assertThat(ended.body().path("result").path("n").asInt()).isEqualTo(1);
    }

    @Test
    void who_prefers_to_wait_for_less_than_it_takes_gets_the_address() throws Exception {
        Answer accepted = server.post("/jobs", JOB, "Prefer", "wait=1").is(202);

        assertThat(accepted.header("Preference-Applied")).isEqualTo("wait=1");
        assertThat(accepted.header("Location")).isNotEmpty();
    }

    @Test
    void digits_of_what_is_given_are_kept() throws Exception {
        server.submit(
                "{\"type\":\"echo\",\"payload\":{\"price\":1.10,\"id\":123456789012345678901}}");
        work();
        String id = server.get("/jobs").body().path("jobs").path(0).path("id").asString("");
        await().until(() -> server.get("/jobs").body().path("jobs").isEmpty());

        assertThat(id).isNotNull();
        Answer again =
                server.post(
                                "/jobs",
                                "{\"type\":\"echo\",\"payload\":{\"id\":123456789012345678901}}",
                                "Prefer",
                                "wait=20")
                        .is(200);
        assertThat(again.response().body()).contains("123456789012345678901");
    }

    @Test
    void a_job_that_dies_says_why_and_is_in_the_dead_set() throws Exception {
        work();
        Answer dead = server.post("/jobs", "{\"type\":\"fail\"}", "Prefer", "wait=20").is(200);

        assertThat(dead.text("state")).isEqualTo("dead");
        assertThat(dead.text("reason")).contains("card refused");
        JsonNode kind = server.get("/dead/kinds").is(200).body().path("kinds").path(0);
        assertThat(kind.path("jobs").asInt()).isEqualTo(1);
        String fingerprint = kind.path("fingerprint").asString("");
        assertThat(server.get("/dead?fingerprint=" + fingerprint).body().path("jobs")).hasSize(1);
        assertThat(server.get("/jobs?state=dead").body().path("jobs")).hasSize(1);
    }

    // Once.

    @Test
    void a_repetition_with_the_same_key_gets_the_first_one_s_job_also_after_a_restart()
            throws Exception {
        String id = server.post("/jobs", JOB, "Idempotency-Key", "k").is(202).text("id");

        assertThat(server.post("/jobs", JOB, "Idempotency-Key", "k").is(202).text("id"))
                .isEqualTo(id);
        server.restart();
        assertThat(server.post("/jobs", JOB, "Idempotency-Key", "k").is(202).text("id"))
                .isEqualTo(id);
        assertThat(server.get("/jobs").body().path("jobs")).hasSize(1);
        assertThat(server.post("/jobs", JOB, "Idempotency-Key", "other").is(202).text("id"))
                .isNotEqualTo(id);
    }

    @Test
    void the_same_key_with_another_body_is_refused() throws Exception {
        server.post("/jobs", JOB, "Idempotency-Key", "k").is(202);

        Answer refused =
                server.post("/jobs", JOB.replace("1", "2"), "Idempotency-Key", "k").is(422);

        assertThat(refused.text("type")).isEqualTo("urn:millstream:used-key");
        assertThat(server.get("/jobs").body().path("jobs")).hasSize(1);
    }

    @Test
    void of_requests_that_are_sent_at_once_with_one_key_all_get_one_job() throws Exception {
        List<CompletableFuture<Answer>> all =
                IntStream.range(0, 8)
                        .mapToObj(_ ->
                                server.sendLater(
                                        server.request("POST", "/jobs", JOB)
                                                .with("Idempotency-Key", "k")))
                        .toList();

        assertThat(all.stream().map(each -> each.join().is(202).text("id")).distinct()).hasSize(1);
        assertThat(server.get("/jobs").body().path("jobs")).hasSize(1);
    }

    @Test
    void an_array_that_is_sent_again_submits_nothing_twice() throws Exception {
        String array = "[{\"type\":\"a\"},{\"type\":\"b\"},{\"type\":\"b\"},{\"type\":\"a\"}]";
        JsonNode first = server.post("/jobs", array, "Idempotency-Key", "k").is(202).body();

        assertThat(server.post("/jobs", array, "Idempotency-Key", "k").is(202).body())
                .isEqualTo(first);
        assertThat(server.get("/jobs").body().path("jobs")).hasSize(4);
    }

    // Many.

    @Test
    void an_array_keeps_its_order() throws Exception {
        StringBuilder array = new StringBuilder("[");
        for (int i = 0; i < 100; i++) {
            array.append(
                    "%s{\"type\":\"t%d\",\"key\":\"%d\"}"
                            .formatted(i == 0 ? "" : ",", i / 30 % 2, i));
        }
        JsonNode ids = server.post("/jobs", array + "]").is(202).body();

        List<String> sent = new ArrayList<>();
        ids.forEach(one -> sent.add(one.path("id").asString()));
        List<String> listed = new ArrayList<>();
        server.get("/jobs?queue=jobs&limit=1000")
                .body()
                .path("jobs")
                .forEach(one -> listed.add(one.path("id").asString()));
        assertThat(listed).isEqualTo(sent);
    }

    @Test
    void what_a_full_queue_refuses_is_said_for_itself() throws Exception {
        server.jobs()
                .declare(
                        "small",
                        queue -> queue.capacity(new Capacity(1, 0, Capacity.Overflow.REFUSE)));
        String array =
                "[{\"type\":\"a\",\"queue\":\"small\"},{\"type\":\"b\",\"queue\":\"small\"},"
                        + "{\"type\":\"a\"}]";

        JsonNode fates = server.post("/jobs", array).is(202).body();

        assertThat(fates.path(0).path("id").asString("")).isNotEmpty();
        assertThat(fates.path(1).path("problem").path("type").asString(""))
                .isEqualTo("urn:millstream:is-full");
        assertThat(fates.path(2).path("id").asString("")).isNotEmpty();
        Answer alone = server.post("/jobs", "{\"type\":\"a\",\"queue\":\"small\"}").is(503);
        assertThat(alone.header("Retry-After")).isEqualTo("1");
    }

    @Test
    void unique_jobs_are_there_once() throws Exception {
        String unique = "{\"type\":\"echo\",\"unique\":{\"until\":\"done\",\"key\":\"x\"}}";
        String id = server.submit(unique);

        Answer again = server.post("/jobs", unique).is(202);

        assertThat(again.text("id")).isEqualTo(id);
        assertThat(again.body().path("duplicate").asBoolean()).isTrue();
    }

    // Looking.

    @Test
    void lists_show_what_waits_page_by_page_and_by_state_and_type() throws Exception {
        for (int i = 0; i < 5; i++) {
            server.submit("{\"type\":\"t%d\",\"queue\":\"q%d\"}".formatted(i % 2, i % 3));
        }
        String later = server.submit("{\"type\":\"t0\",\"delay_ms\":3600000}");

        List<String> all = new ArrayList<>();
        String after = "";
        do {
            Answer page = server.get("/jobs?limit=2" + after).is(200);
            page.body().path("jobs").forEach(job -> all.add(job.path("id").asString()));
            after = page.text("next").isEmpty() ? "" : "&after=" + page.text("next");
        } while (!after.isEmpty());

        assertThat(all).hasSize(6).doesNotHaveDuplicates();
        assertThat(server.get("/jobs?queue=q0").body().path("jobs")).hasSize(2);
        assertThat(server.get("/jobs?type=t1").body().path("jobs")).hasSize(2);
        assertThat(server.get("/jobs?state=waiting").body().path("jobs")).hasSize(5);
        assertThat(server.get("/jobs?state=delayed").body().path("jobs").path(0).path("id"))
                .hasToString("\"" + later + "\"");
    }

    @Test
    void why_a_job_does_not_run_is_said_in_words() throws Exception {
        String id = server.submit(JOB);
        server.post("/queues/jobs/pause", "").is(204);

        Answer why = server.get("/jobs/" + id + "/why").is(200);

        assertThat(why.body().path("why").toString()).contains("paused").contains("no_workers");
        server.post("/queues/jobs/resume", "").is(204);
        assertThat(server.get("/jobs/" + id + "/why").body().toString()).doesNotContain("paused");
    }

    // Cancelling.

    @Test
    void jobs_are_cancelled_where_they_are() throws Exception {
        String waiting = server.submit(JOB);
        assertThat(server.post("/jobs/" + waiting + "/cancel", "").is(200).text("state"))
                .isEqualTo("cancelled");
        server.post("/jobs/" + waiting + "/cancel", "").is(200);
        assertThat(server.get("/jobs/" + waiting).text("state")).isEqualTo("cancelled");

        work();
        String running = server.submit("{\"type\":\"hold\"}");
        await().until(() -> server.get("/jobs/" + running).text("state").equals("running"));
        Answer cancelled = server.post("/jobs/" + running + "/cancel", "").is(200);
        assertThat(cancelled.body().path("was_running").asBoolean()).isTrue();

        String done = server.post("/jobs", JOB, "Prefer", "wait=20").is(200).text("id");
        assertThat(server.post("/jobs/" + done + "/cancel", "").is(409).text("detail"))
                .contains("done");
        server.post("/jobs/nobody/cancel", "").is(404);
    }

    // Events.

    @Test
    void events_tell_each_state_until_the_end() throws Exception {
        String id = server.submit("{\"type\":\"hold\",\"payload\":{\"n\":7}}");
        URI uri = URI.create(server.base() + "/api/v1/jobs/" + id + "/events");
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(20_000);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.getPort()));
            ask(socket, uri.getPath(), "text/event-stream");
            BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(until(lines, "\"state\":\"waiting\"")).isNotEmpty();
            work();
            assertThat(until(lines, "\"state\":\"running\"")).isNotEmpty();
            end.countDown();
            List<String> last = until(lines, "\"state\":\"done\"");

            assertThat(last).contains("event: ended").anyMatch(line -> line.contains("{\"n\":7}"));
        }
    }

    private static void ask(Socket socket, String path, String accept) throws Exception {
        OutputStream out = socket.getOutputStream();
        out.write(
                ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: " + accept + "\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static List<String> until(BufferedReader lines, String what) throws Exception {
        List<String> read = new ArrayList<>();
        String line = lines.readLine();
        while (line != null) {
            read.add(line);
            if (line.contains(what)) {
                return read;
            }
            line = lines.readLine();
        }
        throw new AssertionError("The stream ended before " + what + ": " + read);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?wait_ms=50000", "/events"})
    void who_hangs_up_ends_its_wait(String what) throws Exception {
        String id = server.submit(JOB);
        URI uri = URI.create(server.base() + "/api/v1/jobs/" + id);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.getPort()));
            ask(socket, uri.getPath() + what, "*/*");
            await().until(() -> requests() == 1);
            await().until(() -> works() == 1);
        }
        await().until(() -> requests() == 0);
        await().until(() -> works() == 0);
    }

    private double requests() throws Exception {
        return metric("millstream_api_requests ");
    }

    private double works() throws Exception {
        return metric("millstream_api_works ");
    }

    private double metric(String name) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.base() + "/metrics")).build();
        try (var client = HttpClient.newHttpClient()) {
            String metrics = client.send(request, BodyHandlers.ofString()).body();
            return Stream.of(metrics.split("\n"))
                    .filter(line -> line.startsWith(name))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                    .findFirst()
                    .orElse(-1);
        }
    }

    @Test
    void a_server_that_stops_answers_who_waits() throws Exception {
        String id = server.submit(JOB);
        CompletableFuture<Answer> waiting =
                server.sendLater(server.request("GET", "/jobs/" + id + "?wait_ms=50000", ""));
        await().until(() -> works() == 1);

        long began = System.nanoTime();
        server.stop();

        assertThat(waiting.get(5, TimeUnit.SECONDS).status()).isEqualTo(503);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    }

    // The dead.

    @Test
    void the_dead_are_sent_back_and_removed() throws Exception {
        work();
        for (int i = 0; i < 3; i++) {
            server.post("/jobs", "{\"type\":\"fail\"}", "Prefer", "wait=20").is(200);
        }
        workers.close();
        workers = null;

        Answer dry = server.post("/dead/redrive", "{\"jobs\":{},\"dry_run\":true}").is(200);
        assertThat(dry.body().path("by_queue").path("jobs").asInt()).isEqualTo(3);
        assertThat(server.get("/dead").body().path("jobs")).hasSize(3);
        Answer sent =
                server.post(
                                "/dead/redrive",
                                "{\"jobs\":{\"queue\":\"jobs\"},\"most\":2,\"per_second\":0.5}")
                        .is(200);
        assertThat(sent.body().path("jobs").asInt()).isEqualTo(2);
        assertThat(server.get("/jobs?state=delayed").body().path("jobs")).hasSize(1);
        assertThat(
                        server.post("/dead/discard", "{\"jobs\":{\"type\":\"fail\"}}")
                                .is(200)
                                .body()
                                .path("discarded")
                                .asInt())
                .isEqualTo(1);
        assertThat(server.get("/dead").body().path("jobs")).isEmpty();
    }

    // Schedules.

    @Test
    void schedules_are_made_changed_triggered_and_removed() throws Exception {
        String cron =
                "{\"cron\":\"0 3 * *"
                    + " MON-FRI\",\"zone\":\"Europe/Berlin\",\"still_running\":\"beside\","
                    + "\"misfire\":{\"policy\":\"all\",\"most\":10},"
                    + "\"job\":{\"type\":\"report\",\"payload\":{\"of\":\"all\"},\"priority\":3}}";
        server.put("/schedules/nightly", cron).is(201);
        assertThat(server.put("/schedules/nightly", cron).is(200).text("cron"))
                .isEqualTo("0 3 * * MON-FRI");
        server.put("/schedules/nightly", "{\"every_ms\":60000,\"job\":{\"type\":\"report\"}}")
                .is(200);

        Answer shown = server.get("/schedules/nightly").is(200);
        assertThat(shown.body().path("every_ms").asInt()).isEqualTo(60_000);
        assertThat(server.get("/schedules").body().path("schedules")).hasSize(1);
        assertThat(server.get("/schedules/nightly/preview?count=3").body().path("runs")).hasSize(3);
        assertThat(
                        server.post("/schedules/preview", "{\"cron\":\"0 0 29 2 *\",\"count\":2}")
                                .is(200)
                                .body()
                                .path("runs"))
                .hasSize(2);
        String run = server.post("/schedules/nightly/trigger", "").is(202).text("id");
        assertThat(server.get("/jobs/" + run.replace("#", "%23")).is(200).text("type"))
                .isEqualTo("report");
        server.post("/schedules/nightly/trigger", "").is(409);
        server.post("/schedules/nightly/pause", "").is(204);
        assertThat(server.get("/schedules/nightly").body().path("paused").asBoolean()).isTrue();
        server.post("/schedules/nightly/resume", "").is(204);
        server.send(server.request("DELETE", "/schedules/nightly", "")).is(204);
        server.get("/schedules/nightly").is(404);
        server.send(server.request("DELETE", "/schedules/nightly", "")).is(404);
    }

    // Channels.

    @Test
    void queues_and_topics_are_shown() throws Exception {
        server.submit(JOB);

        Answer queue = server.get("/queues/jobs").is(200);
        assertThat(queue.body().path("counts").path("ready").asInt()).isEqualTo(1);
        assertThat(server.get("/queues?prefix=jobs.&limit=1").body().path("queues")).hasSize(1);
        server.get("/queues/none").is(404);
        JsonNode topics = server.get("/topics").is(200).body().path("topics");
        assertThat(topics).hasSize(1);
        assertThat(topics.get(0).path("definition").path("name").asString())
                .isEqualTo("jobs.history");
        server.get("/topics/none").is(404);
        server.post("/queues/none/pause", "").is(404);
    }

    // Rubbish.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    POST|/jobs|rubbish|400
                    POST|/jobs|[]|400
                    POST|/jobs|7|400
                    POST|/jobs|{"type":"a"} {}|400
                    POST|/jobs|{"type":"a","type":"b"}|400
                    POST|/jobs|{}|400
                    POST|/jobs|{"type":null}|400
                    POST|/jobs|{"type":7}|400
                    POST|/jobs|{"type":""}|400
                    POST|/jobs|{"type":"a#1"}|400
                    POST|/jobs|{"type":"a#b#2"}|400
                    POST|/jobs|{"type":"a","tpye":"b"}|400
                    POST|/jobs|{"type":"a","payload":7}|400
                    POST|/jobs|{"type":"a","payload":{"x":"\\ud800"}}|400
                    POST|/jobs|{"type":"a","queue":""}|400
                    POST|/jobs|{"type":"a","queue":"jobs.dead"}|400
                    POST|/jobs|{"type":"a","priority":32}|400
                    POST|/jobs|{"type":"a","priority":1.5}|400
                    POST|/jobs|{"type":"a","priority":1e999999999}|400
                    POST|/jobs|{"type":"a","delay_ms":-1}|400
                    POST|/jobs|{"type":"a","delay_ms":99999999999999999999}|400
                    POST|/jobs|{"type":"a","start_within_ms":0}|400
                    POST|/jobs|{"type":"a","unique":{}}|400
                    POST|/jobs|{"type":"a","unique":{"until":"never"}}|400
                    POST|/jobs|{"type":"a","unique":{"until":"done","within_ms":5}}|400
                    POST|/jobs|{"type":"a","unique":{"debounce_ms":5}}|400
                    POST|/jobs|{"type":"a","unique":{"debounce_ms":5,"most_ms":4}}|400
                    POST|/jobs|{"type":"a","delay_ms":5,"unique":{"debounce_ms":5,"most_ms":6}}|400
                    POST|/jobs?wait=5|{"type":"a"}|400
                    """)
    void rubbish_in_jobs_is_refused_with_what_to_do(
            String method, String path, String body, int status) throws Exception {
        assertRefused(method, path, body, status);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    GET|/jobs?state=done||501
                    GET|/jobs?state=happy||400
                    GET|/jobs?text=timeout||400
                    GET|/jobs?limit=0||400
                    GET|/jobs?limit=1001||400
                    GET|/jobs?limit=many||400
                    GET|/jobs?after=xyz||400
                    GET|/jobs?queue=a&queue=b||400
                    GET|/jobs/x?wait_ms=50001||400
                    GET|/jobs/x?wait_ms=-1||400
                    GET|/jobs/x||404
                    GET|/jobs/x/events||404
                    GET|/jobs/x/why||404
                    DELETE|/jobs/x||405
                    GET|/dead?since=yesterday||400
                    POST|/dead/redrive|{}|400
                    POST|/dead/redrive|{"jobs":{"kind":"x"}}|400
                    POST|/dead/redrive|{"jobs":{},"per_second":0}|400
                    POST|/dead/redrive|{"jobs":{},"per_second":-1e999}|400
                    POST|/dead/redrive|{"jobs":{},"per_second":1e-300}|400
                    POST|/dead/redrive|{"jobs":{},"most":0}|400
                    POST|/dead/redrive|{"jobs":{},"to":"jobs.dead"}|400
                    POST|/dead/discard|{"jobs":[]}|400
                    PUT|/schedules/x|{}|400
                    PUT|/schedules/x|{"cron":"* * * *","job":{"type":"a"}}|400
                    PUT|/schedules/x|{"cron":"* * * * *"}|400
                    PUT|/schedules/x|{"cron":"* * * * *","every_ms":5,"job":{"type":"a"}}|400
                    PUT|/schedules/x|{"cron":"@daily","zone":"Europe/Belin","job":{"type":"a"}}|400
                    PUT|/schedules/x|{"every_ms":5,"zone":"UTC","job":{"type":"a"}}|400
                    PUT|/schedules/x|{"every_ms":5,"gap":"skip","job":{"type":"a"}}|400
                    PUT|/schedules/x|{"every_ms":5,"misfire":{"most":5},"job":{"type":"a"}}|400
                    PUT|/schedules/x|{"every_ms":5,"job":{"type":"a","unique":{"within_ms":5}}}|400
                    PUT|/schedules/a%23b|{"every_ms":5000,"job":{"type":"a"}}|400
                    GET|/schedules/x||404
                    POST|/schedules/x/trigger||404
                    POST|/schedules/x/pause||404
                    GET|/schedules/x/preview?count=0||400
                    POST|/schedules/preview|{"cron":"@never"}|400
                    GET|/queues?limit=0||400
                    PUT|/queues/x||405
                    """)
    void rubbish_is_refused_with_what_to_do(String method, String path, String body, int status)
            throws Exception {
        assertRefused(method, path, body, status);
    }

    private void assertRefused(String method, String path, String body, int status)
            throws Exception {
        Answer answer =
                server.send(server.request(method, path, body == null ? "" : body)).is(status);

        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.text("detail")).matches("(?s).{20,}[.?]");
        assertThat(server.get("/jobs").is(200).body().path("jobs")).isEmpty();
    }

    @Test
    void keys_that_are_none_are_refused() throws Exception {
        server.post("/jobs", JOB, "Idempotency-Key", "x".repeat(256)).is(400);
        server.post("/jobs", JOB, "Idempotency-Key", " ").is(400);
        server.post(
                        "/jobs",
                        "{\"type\":\"a\",\"unique\":{\"debounce_ms\":5,\"most_ms\":6}}",
                        "Idempotency-Key",
                        "k")
                .is(400);
        server.post("/jobs", "{\"type\":\"a\",\"keep_result_ms\":0}", "Prefer", "wait=5").is(400);
        assertThat(server.get("/jobs").is(200).body().path("jobs")).isEmpty();
    }
}
