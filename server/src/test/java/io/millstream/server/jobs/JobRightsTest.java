package io.millstream.server.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Path;

/// Who may do what with jobs: as `docs/http-jobs.md` has it.
class JobRightsTest {
    private static final String JOB = "{\"type\":\"a\",\"queue\":\"mail\"}";
    private static final String SCHEDULE = "{\"every_ms\":60000,\"job\":" + JOB + "}";

    @TempDir static Path data;

    private static JobServer server;

    private String job;

    @BeforeAll
    static void start() throws Exception {
        server = new JobServer(data);
        server.user("admin", "all:*");
        server.user("writer", "write:mail");
        server.user("reader", "read:mail");
        server.user("manager", "manage:mail");
        server.user("owner", "all:mail");
        server.user("other", "all:other");
        server.user("another", "write:new");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void submit() throws Exception {
        job = server.as("admin", "POST", "/jobs", JOB).is(202).text("id");
        server.as("admin", "PUT", "/schedules/s", SCHEDULE);
        server.as("admin", "DELETE", "/schedules/t", "");
    }

    /// JOB stands for the id of a job in the queue mail.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    POST|/jobs|new|writer|202
                    POST|/jobs|new|owner|202
                    POST|/jobs|new|reader|403
                    POST|/jobs|new|other|403
                    POST|/jobs|many|writer|202
                    POST|/jobs|many|reader|403
                    GET|/jobs/JOB||reader|200
                    GET|/jobs/JOB||writer|404
                    GET|/jobs/JOB||manager|404
                    GET|/jobs/JOB||other|404
                    GET|/jobs/JOB/events||other|404
                    GET|/jobs/JOB/why||reader|200
                    GET|/jobs/JOB/why||other|404
                    POST|/jobs/JOB/cancel||manager|200
                    POST|/jobs/JOB/cancel||reader|403
                    POST|/jobs/JOB/cancel||writer|404
                    POST|/jobs/JOB/cancel||other|404
                    GET|/jobs?queue=mail||reader|200
                    GET|/jobs?queue=mail||writer|403
                    GET|/jobs?state=dead||reader|403
                    GET|/dead?queue=mail||reader|200
                    GET|/dead||reader|403
                    GET|/dead||admin|200
                    GET|/dead/kinds?queue=mail||other|403
                    POST|/dead/redrive|{"jobs":{"queue":"mail"}}|manager|200
                    POST|/dead/redrive|{"jobs":{"queue":"mail"}}|reader|403
                    POST|/dead/redrive|{"jobs":{"queue":"mail"},"to":"other"}|manager|403
                    POST|/dead/redrive|{"jobs":{}}|manager|403
                    POST|/dead/redrive|{"jobs":{}}|admin|200
                    POST|/dead/discard|{"jobs":{"queue":"mail"}}|writer|403
                    GET|/schedules/s||reader|200
                    GET|/schedules/s||other|404
                    PUT|/schedules/t|schedule|owner|201
                    PUT|/schedules/t|schedule|manager|403
                    PUT|/schedules/t|schedule|other|403
                    POST|/schedules/s/pause||manager|204
                    POST|/schedules/s/pause||reader|403
                    POST|/schedules/s/trigger||other|404
                    DELETE|/schedules/s||other|404
                    DELETE|/schedules/s||manager|204
                    GET|/schedules/s/preview||other|404
                    GET|/queues/mail||writer|200
                    GET|/queues/mail||other|403
                    GET|/queues/none||other|403
                    GET|/topics/mail||other|403
                    POST|/queues/mail/pause||manager|204
                    POST|/queues/mail/pause||reader|403
                    POST|/queues/none/pause||reader|403
                    GET|/openapi.json||other|200
                    """)
    void somebody_may_do_what_is_granted(
            String method, String path, String body, String user, int status) throws Exception {
        String sent =
                switch (body == null ? "" : body) {
                    case "new" -> JOB;
                    case "many" -> "[" + JOB + "," + JOB + "]";
                    case "schedule" -> SCHEDULE;
                    default -> body == null ? "" : body;
                };
        server.as(user, method, path.replace("JOB", job), sent).is(status);
    }

    @Test
    void what_is_not_granted_is_answered_like_what_is_not_there() throws Exception {
        assertThat(server.as("other", "GET", "/jobs/" + job, "").is(404).body())
                .isEqualTo(server.as("other", "GET", "/jobs/nobody", "").is(404).body());
        assertThat(server.as("other", "GET", "/schedules/s", "").is(404).body())
                .isEqualTo(server.as("other", "GET", "/schedules/none", "").is(404).body());
    }

    @Test
    void lists_leave_out_what_is_not_granted() throws Exception {
        assertThat(server.as("reader", "GET", "/jobs", "").body().path("jobs")).isNotEmpty();
        assertThat(server.as("other", "GET", "/jobs", "").body().path("jobs")).isEmpty();
        assertThat(server.as("other", "GET", "/schedules", "").body().path("schedules")).isEmpty();
        assertThat(server.as("reader", "GET", "/schedules", "").body().path("schedules"))
                .hasSize(1);
        assertThat(server.as("writer", "GET", "/queues", "").body().path("queues")).hasSize(1);
        assertThat(server.as("admin", "GET", "/queues?limit=2", "").text("next")).isNotEmpty();
    }

    @Test
    void a_cancelled_job_is_still_seen_by_who_may_read_its_queue_alone() throws Exception {
        server.as("owner", "POST", "/jobs/" + job + "/cancel", "").is(200);

        assertThat(server.as("reader", "GET", "/jobs/" + job, "").is(200).text("state"))
                .isEqualTo("cancelled");
        server.as("other", "GET", "/jobs/" + job, "").is(404);
    }

    @Test
    void who_may_only_write_makes_no_queue() throws Exception {
        String body = "{\"type\":\"a\",\"queue\":\"new\"}";
        server.as("another", "POST", "/jobs", body).is(404);
        server.as("admin", "GET", "/queues/new", "").is(404);
        server.as("admin", "POST", "/jobs", body).is(202);
        server.as("another", "POST", "/jobs", body).is(202);
    }

    @Test
    void a_name_that_is_another_s_schedule_is_taken() throws Exception {
        String body = "{\"every_ms\":60000,\"job\":{\"type\":\"a\",\"queue\":\"other\"}}";

        server.as("other", "PUT", "/schedules/s", body).is(409);
        assertThat(server.as("reader", "GET", "/schedules/s", "").body().path("job").path("queue"))
                .hasToString("\"mail\"");
    }

    @Test
    void keys_of_one_user_are_nothing_to_another() throws Exception {
        String first =
                server.send(
                                server.requestAs("writer", "POST", "/jobs", JOB)
                                        .with("Idempotency-Key", "k"))
                        .is(202)
                        .text("id");
        String second =
                server.send(
                                server.requestAs("owner", "POST", "/jobs", JOB)
                                        .with("Idempotency-Key", "k"))
                        .is(202)
                        .text("id");

        assertThat(second).isNotEqualTo(first);
    }
}
