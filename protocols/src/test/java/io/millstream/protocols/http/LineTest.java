package io.millstream.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.api.Taken;
import io.millstream.engine.io.TimeSource;
import io.millstream.testkit.memory.MemoryBackend;
import io.millstream.wire.Told;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.util.List;

/// A line from outside: what it says in words, and what a client that does it wrong is told.
class LineTest {
    private static final ChannelName MAIL = ChannelName.of("mail");
    private static final String OPEN = "{\"ask\":\"open\",\"session\":1,\"spec\":{\"name\":\"t\"}}";

    private final HttpClient http = HttpClient.newHttpClient();
    private ApiServer server;

    @BeforeEach
    void open() {
        server = new ApiServer(new MemoryBackend(TimeSource.system()), ApiLimits.USUAL);
        server.commit(new Operation.Define(Definition.Queue.of(MAIL), Expect.Anything.ANYTHING));
    }

    @AfterEach
    void close() {
        http.shutdownNow();
        await().untilAsserted(() -> {
            assertThat(server.api().requests()).as("requests under way").isZero();
            assertThat(server.api().heldBytes()).as("bytes held").isZero();
            assertThat(server.api().sessions()).as("sessions").isZero();
        });
        server.close();
    }

    private LineClient line() {
        return line("");
    }

    private LineClient line(String user) {
        LineClient line = LineClient.open(http, server.port(), user);
        line.say(OPEN);
        return line;
    }

    private static String consume(int id, String queue, int messages) {
        return ("{\"ask\":\"consume\",\"id\":%d,\"session\":1,\"consume\":{\"queue\":\"%s\","
                        + "\"lease_ms\":600000,\"credit\":{\"name\":\"w\",\"messages\":%d}}}")
                .formatted(id, queue, messages);
    }

    private static String put(int id, String... queues) {
        StringBuilder commits = new StringBuilder();
        for (String queue : queues) {
            commits.append(commits.isEmpty() ? "" : ",")
                    .append("{\"operations\":[{\"op\":\"put\",\"queue\":\"")
                    .append(queue)
                    .append("\",\"message\":{\"text\":\"hi\"}}]}");
        }
        return "{\"ask\":\"commits\",\"id\":%d,\"session\":1,\"commits\":[%s]}"
                .formatted(id, commits);
    }

    private static String problem(Told.Failed failed) {
        return failed.problem().type();
    }

    @Test
    void what_is_put_is_pushed_to_a_consumer_until_its_window_is_full() {
        try (LineClient line = line()) {
            line.say(consume(1, "mail", 2));
            line.say(put(2, "mail", "mail", "mail"));

            int leased = 0;
            boolean answered = false;
            while (leased < 2 || !answered) {
                switch (line.told()) {
                    case Told.Delivered delivered -> leased += delivered.leases().size();
                    case Told.Receipts receipts -> answered = receipts.receipts().size() == 3;
                    case Told other -> throw new AssertionError(other);
                }
            }
            line.say(
                    "{\"ask\":\"resize\",\"session\":1,"
                            + "\"window\":{\"name\":\"w\",\"messages\":3}}");

            assertThat(line.told(Told.Delivered.class).leases()).hasSize(1);
        }
    }

    @Test
    void a_take_waits_and_may_be_called_off() {
        try (LineClient line = line()) {
            line.say(
                    "{\"ask\":\"take\",\"id\":1,\"session\":1,\"take\":{\"queue\":\"mail\","
                            + "\"max_wait_ms\":3600000}}");
            line.say("{\"ask\":\"end\",\"id\":1}");

            Told.Took took = line.told(Told.Took.class);
            assertThat(((Taken.Leased) took.taken()).leases()).isEmpty();
        }
    }

    @Test
    void what_is_asked_is_done_in_its_order() {
        try (LineClient line = line()) {
            for (int i = 0; i < 50; i++) {
                line.say(put(2 * i + 1, "mail"));
                line.say(
                        "{\"ask\":\"take\",\"id\":%d,\"session\":1,\"take\":{\"queue\":\"mail\"}}"
                                .formatted(2 * i + 2));
            }

            int taken = 0;
            for (int i = 0; i < 100; i++) {
                if (line.told() instanceof Told.Took took) {
                    List<Lease> leases = ((Taken.Leased) took.taken()).leases();
                    taken += leases.size();
                }
            }
            assertThat(taken).isEqualTo(50);
        }
    }

    @Test
    void what_cannot_be_read_is_refused_and_costs_nobody_else_anything() {
        try (LineClient line = line()) {
            line.say("{\"ask\":\"take\",\"id\":1,\"take\":{\"kueue\":\"mail\"}}");
            assertThat(line.told(Told.Failed.class).problem().place()).isEqualTo("$.take.queue");

            line.say(put(2, "mail", "mail").replaceFirst("\"put\"", "\"pot\""));
            List<Receipt> receipts = line.told(Told.Receipts.class).receipts();
            assertThat(receipts.get(0))
                    .isInstanceOfSatisfying(
                            Receipt.Refused.class,
                            refused ->
                                    assertThat(refused.refusal().text())
                                            .contains("$.commits[0].operations[0].op"));
            assertThat(receipts.get(1)).isInstanceOf(Receipt.Committed.class);
        }
    }

    @Test
    void what_does_not_say_what_it_is_ends_the_line_with_the_reason() {
        try (LineClient line = line()) {
            line.say("{\"ask\":\"take\",\"take\":{\"queue\":\"mail\"}}");

            assertThat(line.closed()).startsWith("1007 $.id is missing.");
        }
        try (LineClient line = line()) {
            line.say("not json");

            assertThat(line.closed()).startsWith("1007 ");
        }
    }

    @Test
    void a_session_that_is_not_open_and_a_number_that_is_in_use_are_named() {
        try (LineClient line = line()) {
            line.say("{\"ask\":\"take\",\"id\":1,\"session\":7,\"take\":{\"queue\":\"mail\"}}");
            assertThat(problem(line.told(Told.Failed.class)))
                    .isEqualTo("urn:millstream:no-such-session");

            line.say(consume(2, "mail", 1));
            line.say(consume(2, "mail", 1));
            assertThat(line.told(Told.Failed.class).problem().detail()).contains("is in use");

            line.say(OPEN);
            assertThat(line.told(Told.Failed.class).problem().detail()).contains("open already");

            line.say("{\"ask\":\"next\",\"id\":3,\"reader\":9}");
            assertThat(line.told(Told.Failed.class).problem().detail()).contains("no reader 9");
        }
    }

    @Test
    void a_request_that_is_no_websocket_is_told_so() {
        HttpResponse<String> answer = server.get("/socket");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(ApiServer.problem(answer).type()).isEqualTo("urn:millstream:no-socket");
    }

    @Test
    void a_page_of_another_site_gets_no_line() {
        assertThatThrownBy(() ->
                        http.newWebSocketBuilder()
                                .header("Sec-Fetch-Site", "cross-site")
                                .buildAsync(
                                        java.net.URI.create(
                                                "ws://127.0.0.1:%d/api/v1/socket"
                                                        .formatted(server.port())),
                                        new java.net.http.WebSocket.Listener() {})
                                .join())
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        refused -> assertThat(refused.getResponse().statusCode()).isEqualTo(403));
    }

    @Test
    void a_commit_that_is_not_granted_is_refused_by_itself() {
        server.user("ann", "write:mail");
        try (LineClient line = line("ann")) {
            line.say(put(1, "mail", "other", "mail"));

            List<Receipt> receipts = line.told(Told.Receipts.class).receipts();
            assertThat(receipts.get(0)).isInstanceOf(Receipt.Committed.class);
            assertThat(receipts.get(2)).isInstanceOf(Receipt.Committed.class);
            assertThat(receipts.get(1))
                    .isInstanceOfSatisfying(
                            Receipt.Refused.class,
                            refused -> {
                                assertThat(refused.refusal()).isInstanceOf(Refusal.Invalid.class);
                                assertThat(refused.refusal().text())
                                        .contains("ann may not: it takes write on other");
                            });

            line.say(consume(2, "mail", 1));
            assertThat(problem(line.told(Told.Failed.class))).isEqualTo("urn:millstream:forbidden");
            line.say(
                    "{\"ask\":\"watch\",\"id\":3,\"session\":1,\"interest\":"
                            + "{\"interest\":\"rows\",\"table\":\"millstream.users\"}}");
            assertThat(problem(line.told(Told.Failed.class))).isEqualTo("urn:millstream:forbidden");
        }
    }

    @Test
    void a_consumer_whose_right_is_withdrawn_gets_nothing_more_and_nothing_is_lost() {
        server.user("ann", "read:mail");
        try (LineClient line = line("ann")) {
            line.say(consume(1, "mail", 10));
            server.put("mail", "1");
            assertThat(line.told(Told.Delivered.class).leases()).hasSize(1);

            server.user("ann", "write:mail");
            server.put("mail", "2");

            assertThat(problem(line.told(Told.Failed.class))).isEqualTo("urn:millstream:forbidden");
            await().until(() -> server.ready("mail") == 1);
        }
    }

    @Test
    void a_user_that_is_gone_is_hung_up_on() {
        server.user("ann", "read:mail");
        try (LineClient line = line("ann")) {
            server.remove("ann");
            line.say(consume(1, "mail", 10));

            assertThat(line.closed()).startsWith("1008 This user is gone");
        }
    }

    @Test
    void definitions_show_what_their_watcher_may_do_something_with() {
        server.user("ann", "read:mail");
        server.commit(
                new Operation.Define(
                        Definition.Queue.of(ChannelName.of("other")), Expect.Anything.ANYTHING));
        try (LineClient line = line("ann")) {
            line.say(
                    "{\"ask\":\"watch\",\"id\":1,\"session\":1,"
                            + "\"interest\":{\"interest\":\"definitions\"}}");

            String told = line.hear();
            assertThat(told).contains("\"mail\"").doesNotContain("other");
        }
    }

    @Test
    void a_client_that_does_not_read_holds_little_and_loses_nothing() {
        String large = "x".repeat(200_000);
        for (int i = 0; i < 100; i++) {
            server.commit(new Operation.Put(MAIL, Message.of(large)));
        }
        try (LineClient deaf = LineClient.deaf(http, server.port())) {
            deaf.say(OPEN);
            deaf.say(consume(1, "mail", 1000));
            await().until(() -> server.ready("mail") < 100);

            assertThat(server.api().heldBytes()).isLessThan(64 << 20);
        }
        // What it was not given goes back at once; what it was given ends with its lease.
        await().until(() -> server.ready("mail") > 0);
    }

    @Test
    void leases_of_the_session_go_back_when_the_line_breaks() {
        server.put("mail", "1");
        try (LineClient line = line()) {
            line.say(
                    "{\"ask\":\"take\",\"id\":1,\"session\":1,\"take\":{\"queue\":\"mail\","
                            + "\"lease\":\"while_open\"}}");
            assertThat(((Taken.Leased) line.told(Told.Took.class).taken()).leases()).hasSize(1);
            assertThat(server.ready("mail")).isZero();
        }
        await().until(() -> server.ready("mail") == 1);
    }
}
