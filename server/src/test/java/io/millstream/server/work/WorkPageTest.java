package io.millstream.server.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;

import io.millstream.WorkQueue;
import io.millstream.api.Message;
import io.millstream.jobs.JobRef;
import io.millstream.server.command.Commands;
import io.millstream.server.command.Surroundings;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What `docs/work.md` shows: its programs do what it says, its commands print what it says, and
/// what is posted has the form that it has there.
class WorkPageTest extends WorkFixture {
    private static final Pattern COMMAND =
            Pattern.compile("\\$ millstream (work|push) ([^\n]+)\n([^\n]+)\n");

    private record Shown(String name, String[] arguments, String output) {}

    private static String page() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/work.md"))) {
            root = root.getParent();
        }
        return Files.readString(root.resolve("docs/work.md"));
    }

    /// The block in which this is.
    private static String block(String language, String what) throws IOException {
        Matcher block =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(page());
        while (block.find()) {
            if (block.group(1).contains(what)) {
                return block.group(1);
            }
        }
        throw new AssertionError("The page shows no " + what);
    }

    private static List<Shown> commands(String name) throws IOException {
        return COMMAND.matcher(page())
                .results()
                .filter(found -> found.group(1).equals(name))
                .map(found -> new Shown(name, found.group(2).split(" "), found.group(3)))
                .toList();
    }

    private static void assumePython() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "python3"))),
                "there is no python3 here");
    }

    @Test
    void the_worker_that_is_a_script_of_a_shell() throws IOException {
        Path script = folder.resolve("greet.sh");
        Files.writeString(script, block("sh", "greet.sh"));
        assertThat(script.toFile().setExecutable(true)).isTrue();
        JobRef<JsonNode> ref = enqueue("greetings", "{\"name\":\"ann\"}");
        Shown shown = commands("work").getFirst();

        Running worker = work(shown.arguments());

        assertThat(ref.await(LONG)).hasToString("{\"greeted\":{\"name\":\"ann\"}}");
        assertThat(worker.out()).isEqualTo(shown.output() + "\n");
        assertThat(worker.err()).isEqualTo("%1$s | attempt 1 of %1$s\n".formatted(ref.id()));
    }

    @Test
    void the_worker_in_python() throws IOException {
        assumePython();
        Files.writeString(folder.resolve("charge.py"), block("python", "bank-is-open"));
        JobRef<JsonNode> ref = enqueue("charges", "{\"order\":7}");
        Shown shown = commands("work").get(1);
        String[] sooner =
                Stream.of(shown.arguments())
                        .map(argument -> argument.equals("1m") ? "100ms" : argument)
                        .toArray(String[]::new);

        Running worker = work(sooner);

        await(() -> counts("charges").delayed() == 1);
        Files.createFile(folder.resolve("bank-is-open"));
        assertThat(ref.await(LONG)).hasToString("{\"charged\":7}");
        assertThat(worker.out()).isEqualTo(shown.output() + "\n");
        JobRef<JsonNode> wrong = enqueue("charges", "{}");
        await(() -> worker.err().contains(wrong.id() + " | There is no order in it"));
    }

    @Test
    void what_is_posted_is_what_the_page_shows() throws IOException {
        CompletableFuture<String> single = new CompletableFuture<>();
        CompletableFuture<String> batch = new CompletableFuture<>();
        HttpServer endpoint =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        endpoint.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        String body =
                                new String(
                                        exchange.getRequestBody().readAllBytes(),
                                        StandardCharsets.UTF_8);
                        (body.contains("\"messages\"") ? batch : single).complete(body);
                        exchange.sendResponseHeaders(204, -1);
                    }
                });
        endpoint.start();
        try {
            List<Shown> shown = commands("push");
            assertThat(shown).hasSize(2);
            WorkQueue orders = millstream.queue("orders");
            for (int i = 0; i < 2; i++) {
                orders.send(Message.builder("{\"order\":7}").id("7").type("order.paid").build());
                String[] arguments =
                        Stream.of(shown.get(i).arguments())
                                .map(argument ->
                                        argument.replaceFirst(
                                                "https://[^/]+/",
                                                "http://127.0.0.1:"
                                                        + endpoint.getAddress().getPort()
                                                        + "/"))
                                .toArray(String[]::new);
                Running worker = push(arguments);
                assertThat(worker.out().replace("127.0.0.1", "shop.example"))
                        .isEqualTo(shown.get(i).output() + "\n");
                await(() -> counts("orders").messages() == 0);
                worker.signal();
                worker.status();
            }
        } finally {
            endpoint.stop(0);
        }
        assertThat(withoutWhatDiffers(single.join()))
                .isEqualTo(withoutWhatDiffers(block("json", "{\"id\":\"7\"").strip()));
        assertThat(withoutWhatDiffers(batch.join()))
                .isEqualTo(
                        withoutWhatDiffers(
                                block("json", "{\"queue\":\"orders\",\"messages\"").strip()));
    }

    private static String withoutWhatDiffers(String json) {
        return json.replaceAll("\"fence\":\"\\d{10}-\\d{19}\"", "\"fence\":\"F\"")
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]*Z", "TIME");
    }

    @Test
    void the_check_of_signatures_in_python_knows_what_is_genuine() throws Exception {
        assumePython();
        String shown = block("text", "Millstream-Signature:").strip();
        String header = shown.substring(shown.indexOf(' ') + 1);
        Path program = folder.resolve("check.py");
        Files.writeString(
                program,
                block("python", "is_genuine")
                        + """

                        key = b"0123456789abcdef0123456789abcdef"
                        header = "%s"
                        at = lambda: 1767225600 + 10
                        print(is_genuine(key, header, b"{}", at),
                              is_genuine(key, header, b"[]", at),
                              is_genuine(b"other", header, b"{}", at),
                              is_genuine(key, header, b"{}"))
                        """
                                .formatted(header));
        Process python =
                new ProcessBuilder("python3", program.toString()).redirectErrorStream(true).start();

        assertThat(new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("True False False False\n");
    }

    @Test
    void the_rights_that_the_page_names_are_enough_and_needed() {
        assertThat(pageSaysRights()).isTrue();
        enqueue("jobs", "{}");
        JobRef<JsonNode> ref = enqueue("jobs", "{}");
        millstream.queue("mail").send("x");
        String admin = users("add", "root", "--admin", "--password");
        environment.put("MILLSTREAM_USER", "root");
        environment.put("MILLSTREAM_PASSWORD", admin);
        String jobsOnly =
                users(
                        "add",
                        "ann",
                        "--allow",
                        "read:jobs",
                        "--allow",
                        "read,write:jobs.*",
                        "--password");
        String mailOnly = users("add", "ben", "--allow", "read:mail", "--password");

        environment.put("MILLSTREAM_USER", "ann");
        environment.put("MILLSTREAM_PASSWORD", jobsOnly);
        Running worker = work("jobs", "--", "sh", "-c", "echo done; touch $MILLSTREAM_ID.did");
        await(() -> Files.exists(folder.resolve(ref.id() + ".did")));
        worker.signal();
        assertThat(worker.status()).isZero();
        assertThat(tryWorkFails("mail")).contains("mail");

        environment.put("MILLSTREAM_USER", "ben");
        environment.put("MILLSTREAM_PASSWORD", mailOnly);
        work("mail", "--", "sh", "-c", "touch mail.did");
        await(() -> Files.exists(folder.resolve("mail.did")));
        assertThat(tryWorkFails("jobs")).contains("jobs");

        environment.put("MILLSTREAM_PASSWORD", "wrong");
        assertThatThrownBy(() -> tryWork("mail", "--", "true").status())
                .hasMessageContaining("refuses")
                .hasMessageNotContaining("wrong");
    }

    private static boolean pageSaysRights() {
        try {
            return page().contains("`read` on its queue") && page().contains("`read,write:jobs.*`");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String tryWorkFails(String queue) {
        try {
            return "status " + tryWork(queue, "--", "true").status();
        } catch (CompletionException refused) {
            return String.valueOf(refused.getCause().getMessage());
        }
    }

    /// `millstream users ...`
    ///
    /// @return the password that it made
    private String users(String... arguments) {
        var out = new ByteArrayOutputStream();
        var print = new PrintStream(out, true, StandardCharsets.UTF_8);
        String[] all =
                Stream.of(Stream.of("users"), Stream.of(arguments), Stream.of("--server", server))
                        .flatMap(part -> part)
                        .toArray(String[]::new);
        int status =
                Commands.run(
                        all,
                        new Surroundings(
                                print,
                                print,
                                environment,
                                folder,
                                "1.2.3",
                                _ -> {
                                    throw new IllegalStateException("no store here");
                                },
                                _ -> {}));
        String told = out.toString(StandardCharsets.UTF_8);
        assertThat(status).as(told).isZero();
        Matcher password = Pattern.compile("Password: (\\S+)").matcher(told);
        assertThat(password.find()).as(told).isTrue();
        return password.group(1);
    }
}
