package io.millstream.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Found;
import io.millstream.api.Operation;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.engine.io.TimeSource;
import io.millstream.protocols.access.Verb;
import io.millstream.testkit.memory.MemoryBackend;
import io.millstream.wire.Forms;
import io.millstream.wire.Problem;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Who may do what over the API. Each thing is asked by users with each verb alone.
class RightsTest {
    private ApiServer server;
    private String handle;

    @BeforeEach
    void open() {
        server = new ApiServer(new MemoryBackend(TimeSource.system()), ApiLimits.USUAL);
        for (String queue : new String[] {"mail", "dead", "secret"}) {
            server.commit(
                    new Operation.Define(
                            Definition.Queue.of(ChannelName.of(queue)), Expect.Anything.ANYTHING));
        }
        server.commit(
                new Operation.Define(
                        Definition.Exchange.of(ChannelName.of("events"), ExchangeKind.FANOUT),
                        Expect.Anything.ANYTHING));
        server.put("mail", "hi");
        String taken =
                server.post(server.open() + "/takes", "{\"queue\":\"mail\",\"lease_ms\":3600000}")
                        .body();
        handle = taken.replaceFirst(".*\"handle\":\"([^\"]*)\".*", "$1");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static final String M = "\"message\":{\"text\":\"hi\"}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "read on mail | {'op':'settle','handle':'HANDLE','outcome':'done'}",
                "read on mail | {'op':'extend','handle':'HANDLE','length_ms':1000}",
                "read on mail | {'op':'check','handle':'HANDLE'}",
                "read on mail | {'op':'move_cursor','topic':'mail','cursor':'c','offset':0}",
                "write on mail | {'op':'put','queue':'mail',MESSAGE}",
                "write on mail | {'op':'append','topic':'mail','messages':[{'text':'hi'}]}",
                "write on events | {'op':'publish','exchange':'events',MESSAGE}",
                "write on table | {'op':'write','table':'table','key':'k','value':'v'}",
                "any on mail | {'op':'check_definition','name':'mail'}",
                "manage on mail | {'op':'define','definition':{'type':'queue','name':'mail'}}",
                "manage on mail | {'op':'define','definition':{'type':'topic','name':'mail'}}",
                "manage on mail, write on dead | {'op':'define','definition':{'type':'queue',"
                        + "'name':'mail','dead_letter':'dead'}}",
                "manage on mail, write on told | {'op':'define','definition':{'type':'queue',"
                        + "'name':'mail','lifecycle':'told'}}",
                "manage on events | {'op':'define','definition':{'type':'exchange',"
                        + "'name':'events','kind':'fanout'}}",
                "manage on events, write on other | {'op':'define','definition':"
                    + "{'type':'exchange','name':'events','kind':'fanout','alternate':'other'}}",
                "manage on events, manage on mail | {'op':'define','definition':"
                        + "{'type':'binding','binding':{'exchange':'events',"
                        + "'target':{'channel':'mail'}}}}",
                "manage on mail | {'op':'remove','name':'mail'}",
                "manage on events | {'op':'remove_exchange','exchange':'events'}",
                "manage on events | {'op':'unbind','binding':"
                        + "{'exchange':'events','target':{'channel':'mail'}}}",
                "manage on mail | {'op':'purge','queue':'mail'}",
                "manage on mail | {'op':'drop','queue':'mail','sequence':1}",
                "manage on mail | {'op':'replay','queue':'mail','since':'2026-01-01T00:00:00Z',"
                        + "'until':'2026-01-02T00:00:00Z','messages':1}",
                "manage on mail, write on dead | {'op':'move','from':'mail','to':'dead',"
                        + "'messages':1}",
                "manage on mail, manage on * | {'op':'move','from':'mail','messages':1}"
            })
    void an_operation_takes_what_the_page_says(String needs, String operation) {
        String json = operation.replace("MESSAGE", M).replace('\'', '"').replace("HANDLE", handle);
        takes(
                needs,
                user -> {
                    String session = server.openAs(user);
                    return server.postAs(
                            user, session + "/commits", "[{\"operations\":[" + json + "]}]");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "any on mail | {'query':'queue_named','name':'mail'}",
                "any on mail | {'query':'topic_named','name':'mail'}",
                "any on events | {'query':'exchange_named','name':'events'}",
                "read on mail | {'query':'cursors','topic':'mail'}",
                "read on mail | {'query':'browse','queue':'mail'}",
                "read on mail | {'query':'delayed','queue':'mail'}",
                "read on table | {'query':'rows','table':'table'}",
                "any on events | {'query':'bindings','exchange':'events'}",
                "manage on events | {'query':'route','exchange':'events',MESSAGE}"
            })
    void a_look_takes_what_the_page_says(String needs, String query) {
        String json = query.replace("MESSAGE", M).replace('\'', '"');
        takes(needs, user -> server.postAs(user, "/find", json));
    }

    @Test
    void a_take_takes_read() {
        takes(
                "read on mail",
                user ->
                        server.postAs(
                                user, server.openAs(user) + "/takes", "{\"queue\":\"mail\"}"));
    }

    private interface Asking {
        HttpResponse<String> by(String user);
    }

    /// Whoever has all of it may, and whoever lacks one of it may not, and is told which.
    private void takes(String needs, Asking asking) {
        List<String> all = List.of(needs.split(", "));
        server.user("has", grants(all, -1));
        for (int lacking = 0; lacking < all.size(); lacking++) {
            List<String> grants = new ArrayList<>(List.of(grants(all, lacking)));
            String verb = all.get(lacking).split(" on ")[0];
            String channel = all.get(lacking).split(" on ")[1];
            if (!channel.equals("*") && all.contains(verb + " on *")) {
                continue;
            }
            for (Verb other : Verb.values()) {
                // Every other verb there does not help, nor that verb elsewhere.
                String pattern = channel.equals("*") || verb.equals("any") ? "elsewhere" : channel;
                if (!other.word().equals(verb) && isFree(all, other.word() + " on " + pattern)) {
                    grants.add(other.word() + ":" + pattern);
                }
                grants.add(other.word() + ":elsewhere");
            }
            server.user("lacks", grants.toArray(String[]::new));
            HttpResponse<String> refused = asking.by("lacks");
            Problem problem = ApiServer.problem(refused);
            assertThat(problem.type()).isEqualTo("urn:millstream:forbidden");
            assertThat(problem.detail())
                    .contains("lacks")
                    .contains(verb.equals("any") ? "some right on " + channel : all.get(lacking));
        }
        HttpResponse<String> done = asking.by("has");
        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    }

    private static boolean isFree(List<String> all, String need) {
        return !all.contains(need);
    }

    private static String[] grants(List<String> needs, int without) {
        List<String> grants = new ArrayList<>();
        for (int i = 0; i < needs.size(); i++) {
            if (i != without) {
                grants.add(needs.get(i).replace("any on ", "write on ").replace(" on ", ":"));
            }
        }
        return grants.toArray(String[]::new);
    }

    @Test
    void what_may_not_be_known_is_answered_alike_whether_it_is_there_or_not() {
        server.user("ann", "all:mail");
        String session = server.openAs("ann");

        for (String body :
                new String[] {
                    "{\"query\":\"queue_named\",\"name\":\"NAME\"}",
                    "{\"query\":\"browse\",\"queue\":\"NAME\"}"
                }) {
            String there = server.postAs("ann", "/find", body.replace("NAME", "secret")).body();
            String not = server.postAs("ann", "/find", body.replace("NAME", "nothing")).body();
            assertThat(there.replace("secret", "nothing")).isEqualTo(not);
        }
        String take = "{\"queue\":\"NAME\"}";
        assertThat(
                        server.postAs("ann", session + "/takes", take.replace("NAME", "secret"))
                                .body()
                                .replace("secret", "nothing"))
                .isEqualTo(
                        server.postAs("ann", session + "/takes", take.replace("NAME", "nothing"))
                                .body());
    }

    @Test
    void lists_leave_out_what_may_not_be_known_and_do_not_name_it_where_they_go_on() {
        server.user("ann", "read:mail", "write:dead");
        List<String> seen = new ArrayList<>();
        String after = null;
        int pages = 0;
        do {
            String from = after == null ? "" : ",\"after\":\"" + after + "\"";
            HttpResponse<String> answer =
                    server.postAs("ann", "/find", "{\"query\":\"queues\",\"limit\":1" + from + "}");
            Found<View.QueueView> found =
                    ApiServer.read(Forms.found(new Query.Queues("/", "", null, 1)), answer);
            Page<View.QueueView> page = found.page();
            page.items().forEach(view -> seen.add(view.definition().name().name()));
            assertThat(answer.body()).doesNotContain("secret");
            after = page.next();
            pages++;
        } while (after != null);

        assertThat(seen).containsExactly("dead", "mail");
        assertThat(pages).isEqualTo(3);
        assertThat(
                        ApiServer.problem(
                                        server.postAs(
                                                "ann",
                                                "/find",
                                                "{\"query\":\"queues\",\"after\":\"mail\"}"))
                                .place())
                .isEqualTo("$.after");
    }

    @Test
    void a_request_with_one_thing_that_is_not_granted_does_nothing() {
        server.user("ann", "write:mail");
        String session = server.openAs("ann");

        Problem problem =
                ApiServer.problem(
                        server.postAs(
                                "ann",
                                session + "/commits",
                                ("[{\"operations\":[{\"op\":\"put\",\"queue\":\"mail\",%1$s}]},"
                                     + "{\"operations\":[{\"op\":\"put\",\"queue\":\"mail\",%1$s},"
                                     + "{\"op\":\"put\",\"queue\":\"dead\",%1$s}]}]")
                                        .formatted(M)));

        assertThat(problem.place()).isEqualTo("$[1].operations[1]");
        assertThat(problem.detail()).contains("write on dead");
        View.QueueView mail =
                server.backend()
                        .find(new Query.QueueNamed(ChannelName.of("mail")))
                        .toCompletableFuture()
                        .join()
                        .page()
                        .items()
                        .getFirst();
        assertThat(mail.counts().messages()).isEqualTo(1);
    }

    @Test
    void a_user_without_grants_opens_no_session() {
        server.user("ann");

        assertThat(server.postAs("ann", "/sessions", "{\"name\":\"a\"}").statusCode())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aws",
                "aws.x",
                "millstream.users",
                "millstream.x",
                "sqs.attempts",
                "sqs.sent",
                "sqs.moves",
                "sns.published",
                "sns.replays",
                "sns.sequences"
            })
    void tables_of_the_servers_own_are_nobodys(String table) {
        server.commit(
                new Operation.Write(
                        table, "k", Bytes.utf8("hidden"), Expect.Anything.ANYTHING, null));
        server.user("admin", "all:*");
        String session = server.openAs("admin");

        HttpResponse<String> look =
                server.postAs("admin", "/find", "{\"query\":\"rows\",\"table\":\"" + table + "\"}");
        HttpResponse<String> write =
                server.postAs(
                        "admin",
                        session + "/commits",
                        ("[{\"operations\":[{\"op\":\"write\",\"table\":\"%s\",\"key\":\"k\","
                                        + "\"value\":\"v\"}]}]")
                                .formatted(table));

        assertThat(ApiServer.problem(look).detail()).contains(table).doesNotContain("hidden");
        assertThat(look.statusCode()).isEqualTo(403);
        assertThat(write.statusCode()).isEqualTo(403);
        // Without users it is the same.
        assertThat(
                        server.post("/find", "{\"query\":\"rows\",\"table\":\"" + table + "\"}")
                                .statusCode())
                .isEqualTo(403);
    }

    @Test
    void queues_of_the_servers_own_are_nobodys() {
        ChannelName own = new ChannelName("aws.sns", "topic/endpoint");
        server.commit(
                new Operation.Define(
                        Definition.Queue.of(own).withArguments(Map.of("push.leave", "hidden")),
                        Expect.Anything.ANYTHING));
        String name = "{\"host\":\"aws.sns\",\"name\":\"topic/endpoint\"}";
        String session = server.open();

        for (String query :
                new String[] {
                    "{\"query\":\"queue_named\",\"name\":" + name + "}",
                    "{\"query\":\"queues\",\"host\":\"aws.sns\"}",
                    "{\"query\":\"browse\",\"queue\":" + name + "}"
                }) {
            Problem problem = ApiServer.problem(server.post("/find", query));
            assertThat(problem.status()).as(query).isEqualTo(403);
            assertThat(problem.detail()).contains("aws.sns").doesNotContain("hidden");
        }
        assertThat(server.post(session + "/takes", "{\"queue\":" + name + "}").statusCode())
                .isEqualTo(403);
        assertThat(
                        server.post(
                                        session + "/commits",
                                        "[{\"operations\":[{\"op\":\"purge\",\"queue\":"
                                                + name
                                                + "}]}]")
                                .statusCode())
                .isEqualTo(403);
    }

    @Test
    void tokens_of_subscribers_are_not_shown_and_cannot_be_made() {
        Definition.Binding binding =
                Definition.Binding.of(ChannelName.of("events"), ChannelName.of("mail"), "")
                        .withArguments(Map.of("sns.leave", "hidden", "mine", "seen"));
        server.commit(new Operation.Define(binding, Expect.Anything.ANYTHING));

        HttpResponse<String> look = server.post("/find", "{\"query\":\"bindings\"}");
        String definition =
                new String(
                        Forms.DEFINITION.write(binding), java.nio.charset.StandardCharsets.UTF_8);
        Problem made =
                ApiServer.problem(
                        server.post(
                                server.open() + "/commits",
                                "[{\"operations\":[{\"op\":\"define\",\"definition\":"
                                        + definition
                                        + "}]}]"));

        assertThat(look.body()).contains("seen").doesNotContain("hidden");
        assertThat(made.status()).isEqualTo(403);
        assertThat(made.place()).isEqualTo("$[0].operations[0]");
    }

    @Test
    void every_operation_and_query_stands_on_the_page() throws Exception {
        String page = Pages.read("docs/http.md");
        TreeSet<String> missing = new TreeSet<>();
        Stream.of(Operation.class, Query.class)
                .flatMap(RightsTest::leavesOf)
                .map(type ->
                        type.getSimpleName()
                                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                                .toLowerCase(Locale.ROOT))
                .filter(word -> !page.contains("`" + word + "`"))
                .forEach(missing::add);
        assertThat(missing).isEmpty();
    }

    private static Stream<Class<?>> leavesOf(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(RightsTest::leavesOf)
                : Stream.of(type);
    }

    @Test
    void every_problem_stands_on_the_page() throws Exception {
        String page = Pages.read("docs/http.md");
        for (Trouble trouble : Trouble.values()) {
            assertThat(page).contains("| `" + trouble.type() + "` | " + trouble.status() + " |");
        }
    }
}
