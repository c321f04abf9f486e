package io.millstream.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;
import io.millstream.server.broker.Broker;
import io.millstream.server.broker.OpenStore;
import io.millstream.server.config.ServerConfig;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `docs/users.md` shows of `millstream users`: first on a directory at rest, then on the
/// server that is started on it.
class UsersPageTest {
    private static final Pattern BLOCK = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL);
    private static final Pattern EXAMPLE =
            Pattern.compile("\\$ millstream ([^\n]+)\n((?:(?!\\$ )[^\n]*\n)*)");
    private static final Pattern PASSWORD = Pattern.compile("Password: (\\S+)");
    private static final Pattern ADDRESS = Pattern.compile("status (http://127\\.0\\.0\\.1:\\d+)");
    private static final Pattern KEY = Pattern.compile("AKMS[A-Z2-7]{16}");

    @TempDir Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Broker broker;

    @AfterEach
    void close() {
        if (broker != null) {
            broker.close();
        }
    }

    private static OpenStore open(Path data) throws IOException {
        Engine engine = Engine.open(FileDisk.at(data), EngineOptions.standard());
        return new OpenStore(engine, onStopped -> {}, registry -> {}, CompletableFuture::new);
    }

    private static Path page() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/users.md"))) {
            root = root.getParent();
        }
        return root.resolve("docs/users.md");
    }

    private String serve() throws IOException {
        ServerConfig config =
                new ServerConfig(
                        folder.resolve("data"),
                        InetAddress.getLoopbackAddress(),
                        OptionalInt.empty(),
                        OptionalInt.of(0),
                        Optional.empty(),
                        Optional.empty(),
                        false);
        broker = new Broker(config, "1.2.3", UsersPageTest::open);
        broker.start();
        Matcher address = ADDRESS.matcher(broker.readyLine());
        assertThat(address.find()).as(broker.readyLine()).isTrue();
        return address.group(1);
    }

    private String run(String arguments) {
        out.reset();
        err.reset();
        int status =
                Commands.run(
                        arguments.split(" "),
                        new Surroundings(
                                new PrintStream(out, true, StandardCharsets.UTF_8),
                                new PrintStream(err, true, StandardCharsets.UTF_8),
                                environment,
                                folder,
                                "1.2.3",
                                UsersPageTest::open,
                                stop -> {}));
        assertThat(status).as(arguments + ": " + err.toString(StandardCharsets.UTF_8)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void the_page_shows_what_the_commands_print() throws IOException {
        List<String> shown = new ArrayList<>();
        String server = null;
        Matcher block = BLOCK.matcher(Files.readString(page()));
        while (block.find()) {
            Matcher example = EXAMPLE.matcher(block.group(1));
            while (example.find()) {
                String arguments = example.group(1);
                shown.add(arguments.split(" ")[1]);
                if (!arguments.contains("--data") && server == null) {
                    server = serve();
                }
                String target = arguments.contains("--data") ? "" : " --server " + server;

                String told = run(withOurKeys(arguments) + target);

                remember(told, example.group(2));
                assertThat(withoutSecrets(told)).isEqualTo(withoutSecrets(example.group(2)));
            }
        }
        assertThat(shown).containsExactly("add", "add", "list", "change", "key", "key", "remove");
    }

    /// The page's keys are not those that were made here.
    private String withOurKeys(String arguments) {
        return KEY.matcher(arguments).replaceAll(key -> keys.get(key.group()));
    }

    private void remember(String told, String page) {
        Matcher password = PASSWORD.matcher(told);
        if (password.find()) {
            environment.put("MILLSTREAM_USER", "admin");
            environment.put("MILLSTREAM_PASSWORD", password.group(1));
        }
        Matcher ours = KEY.matcher(told);
        Matcher theirs = KEY.matcher(page);
        while (ours.find() && theirs.find()) {
            keys.put(theirs.group(), ours.group());
        }
    }

    private static String withoutSecrets(String text) {
        return KEY.matcher(text)
                .replaceAll("ID")
                .replaceAll("Password: [A-Za-z0-9_-]{24}", "Password: P")
                .replaceAll("SECRET_ACCESS_KEY=[A-Za-z0-9+/]{40}", "SECRET_ACCESS_KEY=S");
    }
}
