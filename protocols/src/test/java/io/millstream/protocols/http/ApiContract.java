package io.millstream.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Taken;
import io.millstream.api.View;
import io.millstream.wire.Forms;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// What the API does, whatever backend is behind it.
abstract class ApiContract {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final String PUT =
            "{\"op\":\"put\",\"queue\":\"mail\",\"message\":{\"text\":\"hi\"}}";
    private static final String TAKE = "{\"queue\":\"mail\"}";

    private ApiServer server;

    abstract Backend backend();

    @BeforeEach
    void open() {
        open(ApiLimits.USUAL);
    }

    private void open(ApiLimits limits) {
        if (server != null) {
            server.close();
        }
        server = new ApiServer(backend(), limits);
        server.commit(new Operation.Define(Definition.Queue.of(MAIL), Expect.Anything.ANYTHING));
    }

    @AfterEach
    void close() {
        assertNothingIsHeld();
        server.close();
    }

    private void assertNothingIsHeld() {
        await().untilAsserted(() -> {
            assertThat(server.api().requests()).as("requests under way").isZero();
            assertThat(server.api().heldBytes()).as("bytes held").isZero();
        });
    }

    private Receipt commit(String session, String operations) {
        HttpResponse<String> answer =
                server.post(session + "/commits", "[{\"operations\":[" + operations + "]}]");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return ApiServer.read(Forms.RECEIPT.list(), answer).getFirst();
    }

    private List<Lease> take(String session, String take) {
        return leases(server.post(session + "/takes", take));
    }

    private static List<Lease> leases(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return ((Taken.Leased) ApiServer.read(Forms.TAKEN, answer)).leases();
    }

    private static String handle(Lease lease) {
        String json = new String(Forms.LEASE.write(lease), java.nio.charset.StandardCharsets.UTF_8);
        return json.replaceFirst(".*\"handle\":\"([^\"]*)\".*", "$1");
    }

    private static String settle(Lease lease) {
        return "{\"op\":\"settle\",\"handle\":\"" + handle(lease) + "\",\"outcome\":\"done\"}";
    }

    @Test
    void capabilities_are_those_of_the_backend() {
        HttpResponse<String> answer = server.get("/capabilities");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(ApiServer.read(Forms.CAPABILITIES, answer))
                .isEqualTo(server.backend().capabilities());
    }

    @Test
    void a_look_shows_what_is_there() {
        server.put("mail", "hi");

        HttpResponse<String> answer =
                server.post("/find", "{\"query\":\"queue_named\",\"name\":\"mail\"}");

        View.QueueView view =
                ApiServer.read(Forms.found(new Query.QueueNamed(MAIL)), answer)
                        .page()
                        .items()
                        .getFirst();
        assertThat(view.definition()).isEqualTo(Definition.Queue.of(MAIL));
        assertThat(view.counts().ready()).isEqualTo(1);
    }

    @Test
    void rows_that_are_too_many_for_an_answer_come_in_pages() {
        String session = server.open();
        String large = "x".repeat(400_000);
        for (int i = 0; i < 5; i++) {
            assertThat(
                            commit(
                                    session,
                                    ("{\"op\":\"write\",\"table\":\"t\",\"key\":\"%d\","
                                                    + "\"value\":\"%s\"}")
                                            .formatted(i, large)))
                    .isInstanceOf(Receipt.Committed.class);
        }

        String after = null;
        int seen = 0;
        int pages = 0;
        do {
            String from = after == null ? "" : ",\"after\":\"" + after + "\"";
            var page =
                    ApiServer.read(
                                    Forms.found(new Query.Rows("t", "", after, 1000)),
                                    server.post(
                                            "/find",
                                            "{\"query\":\"rows\",\"table\":\"t\",\"limit\":1000"
                                                    + from
                                                    + "}"))
                            .page();
            seen += page.items().size();
            after = page.next();
            pages++;
        } while (after != null);

        assertThat(seen).isEqualTo(5);
        assertThat(pages).isGreaterThan(2);
    }

    @Test
    void a_message_is_put_taken_and_settled() {
        String session = server.open();

        Receipt put = commit(session, PUT);
        List<Lease> leases = take(session, TAKE);
        Receipt settled = commit(session, settle(leases.getFirst()));

        assertThat(put)
                .isInstanceOfSatisfying(
                        Receipt.Committed.class,
                        done ->
                                assertThat(done.effects().getFirst())
                                        .isInstanceOf(Receipt.Effect.Stored.class));
        assertThat(leases).hasSize(1);
        assertThat(leases.getFirst().message().text()).isEqualTo("hi");
        assertThat(settled).isInstanceOf(Receipt.Committed.class);
        assertThat(take(session, TAKE)).isEmpty();
    }

    @Test
    void a_refusal_is_an_answer_and_does_not_keep_the_next_commit_from_being_done() {
        String session = server.open();
        String nowhere = PUT.replace("mail", "nowhere");

        HttpResponse<String> answer =
                server.post(
                        session + "/commits",
                        "[{\"operations\":[%s,%s]},{\"operations\":[%s]}]"
                                .formatted(PUT, nowhere, PUT));
        HttpResponse<String> take = server.post(session + "/takes", "{\"queue\":\"nowhere\"}");

        assertThat(answer.statusCode()).isEqualTo(200);
        List<Receipt> receipts = ApiServer.read(Forms.RECEIPT.list(), answer);
        assertThat(receipts.get(0))
                .isInstanceOfSatisfying(
                        Receipt.Refused.class,
                        refused -> {
                            assertThat(refused.operation()).isEqualTo(1);
                            assertThat(refused.refusal())
                                    .isEqualTo(
                                            new Refusal.NoSuchChannel(ChannelName.of("nowhere")));
                        });
        assertThat(receipts.get(1)).isInstanceOf(Receipt.Committed.class);
        assertThat(take.statusCode()).isEqualTo(200);
        assertThat(ApiServer.read(Forms.TAKEN, take)).isInstanceOf(Taken.Refused.class);
        assertThat(take(session, "{\"queue\":\"mail\",\"messages\":10}")).hasSize(1);
    }

    @Test
    void a_lease_is_extended_and_given_back_by_commits() {
        String session = server.open();
        server.put("mail", "hi");
        Lease lease = take(session, TAKE).getFirst();

        Receipt extended =
                commit(
                        session,
                        "{\"op\":\"extend\",\"handle\":\"%s\",\"length_ms\":3600000}"
                                .formatted(handle(lease)));
        Receipt back =
                commit(session, settle(lease).replace("\"done\"", "\"retry\",\"counts\":false"));

        assertThat(extended)
                .isInstanceOfSatisfying(
                        Receipt.Committed.class,
                        done ->
                                assertThat(
                                                ((Receipt.Effect.Extended)
                                                                done.effects().getFirst())
                                                        .until())
                                        .isAfter(lease.until()));
        assertThat(back).isInstanceOf(Receipt.Committed.class);
        assertThat(take(session, TAKE)).hasSize(1);
    }

    @Test
    void a_session_ends_and_gives_back_what_lasted_as_long_as_it() {
        server.put("mail", "hi");
        String session = server.open();
        assertThat(take(session, "{\"queue\":\"mail\",\"lease\":\"while_open\"}")).hasSize(1);

        assertThat(server.delete(session).statusCode()).isEqualTo(204);

        assertThat(ApiServer.problem(server.delete(session)).type())
                .isEqualTo("urn:millstream:no-such-session");
        assertThat(server.post(session + "/commits", "[]").statusCode()).isEqualTo(404);
        assertThat(take(server.open(), TAKE)).hasSize(1);
    }

    @Test
    void a_session_of_which_nothing_is_asked_ends_and_one_that_waits_does_not() {
        open(ApiLimitsForTests.withSilence(400));
        server.put("mail", "hi");
        String silent = server.open();
        assertThat(take(silent, "{\"queue\":\"mail\",\"lease\":\"while_open\"}")).hasSize(1);
        String waiting = server.open();

        // It waits for longer than a session lasts, and gets what comes back when the other ends.
        List<Lease> leases = take(waiting, "{\"queue\":\"mail\",\"max_wait_ms\":20000}");

        assertThat(leases).hasSize(1);
        assertThat(server.post(silent + "/commits", "[]").statusCode()).isEqualTo(404);
        assertThat(server.post(waiting + "/commits", "[]").body()).isEqualTo("[]");
    }

    @Test
    void sessions_are_bounded_and_an_ended_one_makes_room() {
        open(ApiLimitsForTests.withSessions(3, 1));
        server.user("ann", "read:mail");
        server.user("bob", "read:mail");
        String first = server.openAs("ann");

        HttpResponse<String> second = server.postAs("ann", "/sessions", "{\"name\":\"b\"}");
        server.openAs("bob");
        server.open();
        HttpResponse<String> full = server.post("/sessions", "{\"name\":\"c\"}");

        assertThat(ApiServer.problem(second).status()).isEqualTo(429);
        assertThat(ApiServer.problem(full).status()).isEqualTo(503);
        assertThat(full.headers().firstValue("Retry-After")).contains("1");
        assertThat(server.deleteAs("ann", first).statusCode()).isEqualTo(204);
        assertThat(server.openAs("ann")).isNotEqualTo(first);
    }

    @Test
    void a_take_waits_for_what_comes() throws Exception {
        String session = server.open();
        CompletableFuture<List<Lease>> taken =
                CompletableFuture.supplyAsync(
                        () -> take(session, "{\"queue\":\"mail\",\"max_wait_ms\":20000}"));
        await().until(() -> server.api().requests() == 1);

        server.put("mail", "hi");

        assertThat(taken.get()).hasSize(1);
    }

    @Test
    void who_hangs_up_while_it_waits_swallows_nothing() throws Exception {
        String session = server.open();
        try (Socket _ =
                server.rawPost(session + "/takes", "{\"queue\":\"mail\",\"max_wait_ms\":40000}")) {
            await().until(() -> server.api().requests() == 1);
        }
        await().until(() -> server.api().requests() == 0);

        server.put("mail", "hi");

        List<Lease> leases = take(session, TAKE);
        assertThat(leases).hasSize(1);
        assertThat(leases.getFirst().deliveries()).isEqualTo(1);
    }

    @Test
    void takes_of_a_session_are_bounded_and_its_end_answers_them() throws Exception {
        open(ApiLimitsForTests.withTakes(1));
        String session = server.open();
        CompletableFuture<List<Lease>> waiting =
                CompletableFuture.supplyAsync(
                        () -> take(session, "{\"queue\":\"mail\",\"max_wait_ms\":40000}"));
        await().until(() -> server.api().requests() == 1);

        HttpResponse<String> second = server.post(session + "/takes", TAKE);
        assertThat(server.delete(session).statusCode()).isEqualTo(204);

        assertThat(ApiServer.problem(second).status()).isEqualTo(429);
        assertThat(waiting.get()).isEmpty();
    }

    @Test
    void a_take_brings_as_much_as_fits_and_one_message_always_does() {
        String session = server.open();
        String large = "x".repeat(900_000);
        server.put("mail", large);
        server.put("mail", large);
        server.put("mail", "x".repeat(3_000_000));
        String take = "{\"queue\":\"mail\",\"messages\":10}";

        assertThat(take(session, take)).hasSize(1);
        assertThat(take(session, take)).hasSize(1);
        assertThat(take(session, take))
                .singleElement()
                .satisfies(
                        lease -> assertThat(lease.message().body().length()).isEqualTo(3_000_000));
    }

    @Test
    void what_finds_no_room_goes_back_and_comes_when_there_is_some() throws Exception {
        open(ApiLimitsForTests.withAnswers(1 << 20));
        String session = server.open();
        server.put("mail", "x".repeat(8_000_000));
        // Somebody takes it and reads nothing of it.
        Socket lazy = server.rawPost(session + "/takes", TAKE);
        await().until(() -> lazy.getInputStream().available() > 0);
        server.put("mail", "y".repeat(2_000_000));

        CompletableFuture<List<Lease>> taken =
                CompletableFuture.supplyAsync(
                        () -> take(session, "{\"queue\":\"mail\",\"max_wait_ms\":20000}"));
        await().until(() -> server.ready("mail") == 1);
        assertThat(taken).isNotDone();
        lazy.close();

        assertThat(taken.get())
                .singleElement()
                .satisfies(lease ->
                        assertThat(lease.message().body().length()).isGreaterThan(1_000_000));
    }

    @Test
    void a_server_that_stops_answers_what_waits() throws Exception {
        String session = server.open();
        CompletableFuture<List<Lease>> waiting =
                CompletableFuture.supplyAsync(
                        () -> take(session, "{\"queue\":\"mail\",\"max_wait_ms\":40000}"));
        await().until(() -> server.api().requests() == 1);

        server.api().stop();

        assertThat(waiting.get()).isEmpty();
        assertThat(ApiServer.problem(server.post("/sessions", "{\"name\":\"x\"}")).type())
                .isEqualTo("urn:millstream:store-away");
    }
}
