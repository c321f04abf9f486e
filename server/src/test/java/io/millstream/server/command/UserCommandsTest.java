package io.millstream.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.FileDisk;
import io.millstream.protocols.access.Users;
import io.millstream.server.broker.OpenStore;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// `millstream users` on a directory at rest.
class UserCommandsTest {
    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static OpenStore open(Path data) throws IOException {
        Engine engine = Engine.open(FileDisk.at(data), EngineOptions.standard());
        return new OpenStore(engine, onStopped -> {}, registry -> {}, CompletableFuture::new);
    }

    private int run(String arguments) {
        out.reset();
        err.reset();
        return Commands.run(
                arguments.split(" "),
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of(),
                        folder,
                        "1.2.3",
                        UserCommandsTest::open,
                        stop -> {}));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_first_user_is_added_before_the_first_start() throws IOException {
        assertThat(run("users add admin --admin --password --data data")).as(err()).isZero();

        assertThat(out().lines())
                .satisfiesExactly(
                        added -> assertThat(added).isEqualTo("Added admin."),
                        password -> assertThat(password).matches("Password: [A-Za-z0-9_-]{24}"),
                        once -> assertThat(once).isEqualTo("It is not shown again."));
        String password = out().lines().toList().get(1).substring("Password: ".length());
        byte[] log = Files.readAllBytes(folder.resolve("data/log-0000"));
        assertThat(new String(log, StandardCharsets.ISO_8859_1))
                .contains("admin")
                .doesNotContain(password);
        assertThat(run("users list --data data")).isZero();
        assertThat(out())
                .isEqualTo(
                        """
                        name   password  keys  may
                        admin  yes       -     all:*
                        """);
    }

    @Test
    void a_worker_gets_a_key_and_only_what_it_needs() {
        run("users add admin --admin --password --data data");

        assertThat(
                        run(
                                "users add worker --allow read:orders* --allow write:results"
                                        + " --aws-key --data data"))
                .isZero();

        assertThat(out().lines())
                .satisfiesExactly(
                        added -> assertThat(added).isEqualTo("Added worker."),
                        id -> assertThat(id).matches("AWS_ACCESS_KEY_ID=AKMS[A-Z2-7]{16}"),
                        secret ->
                                assertThat(secret)
                                        .matches("AWS_SECRET_ACCESS_KEY=[A-Za-z0-9+/]{40}"),
                        once -> assertThat(once).isEqualTo("The secret is not shown again."));
        run("users list --data data");
        assertThat(out())
                .containsPattern(
                        "worker  no        AKMS[A-Z2-7]{16}  read:orders\\* write:results\n");
    }

    @Test
    void keys_are_made_and_removed() throws IOException {
        run("users add admin --admin --data data");
        assertThat(out()).contains("admin has no password, which the status port asks for");
        assertThat(run("users key admin --data data")).isZero();
        String id = out().substring(out().indexOf('=') + 1, out().indexOf('\n'));
        try (OpenUsers users = new OpenUsers(folder.resolve("data"))) {
            assertThat(users.users.directory().keyHolder(id)).isPresent();
        }

        assertThat(run("users key admin --remove " + id + " --data data")).isZero();

        assertThat(run("users key admin --remove " + id + " --data data")).isEqualTo(1);
        assertThat(err()).isEqualTo("millstream: The user admin has no key " + id + ".\n");
    }

    /// The users of a directory.
    private static final class OpenUsers implements AutoCloseable {
        private final OpenStore store;
        final Users users;

        OpenUsers(Path data) throws IOException {
            store = open(data);
            users = Users.open(store.backend()).toCompletableFuture().join();
        }

        @Override
        public void close() {
            users.close();
            store.backend().close();
        }
    }

    @Test
    void a_password_can_be_read_from_a_file() throws IOException {
        Files.writeString(folder.resolve("secret"), "correct horse\nnot this\n");
        assertThat(run("users add admin --admin --password-file secret --data data")).isZero();
        assertThat(out()).isEqualTo("Added admin.\n");

        Files.writeString(folder.resolve("secret"), "short\n");
        assertThat(run("users change admin --password-file secret --data data")).isEqualTo(1);
        assertThat(err()).isEqualTo("millstream: A password has 8 to 256 characters, not 5.\n");
    }

    @Test
    void somebody_can_always_change_users() {
        assertThat(run("users add worker --allow read:* --data data")).isEqualTo(1);
        assertThat(err()).contains("begin with an administrator (--admin)").hasLineCount(1);
        run("users add admin --admin --password --data data");
        run("users add worker --allow read:* --data data");

        assertThat(run("users remove admin --data data")).isEqualTo(1);
        assertThat(run("users change admin --allow read:* --data data")).isEqualTo(1);
        assertThat(err()).contains("Nobody could change users any more").hasLineCount(1);

        assertThat(run("users remove worker --data data")).isZero();
        assertThat(run("users remove admin --data data")).isZero();
        assertThat(out()).startsWith("Removed admin.");
    }

    @Test
    void a_user_is_added_once_and_changed_only_if_it_is_there() {
        run("users add admin --admin --data data");

        assertThat(run("users add admin --admin --data data")).isEqualTo(1);
        assertThat(err()).contains("There is a user admin already. Change it, or remove it first.");
        assertThat(run("users change nobody --admin --data data")).isEqualTo(1);
        assertThat(err()).isEqualTo("millstream: There is no user nobody.\n");
        assertThat(run("users remove nobody --data data")).isEqualTo(1);
        assertThat(run("users key nobody --data data")).isEqualTo(1);
        assertThat(err()).isEqualTo("millstream: There is no user nobody.\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    users lst|2|lst is not a command of users. Did you mean list?
                    users add|2|NAME
                    users add a --alow read:x|2|--alow is not an option of add. Did you mean --allow
                    users change a|2|users change needs what to change
                    users list --data data --server http://x:1|2|--data is for a directory at rest
                    users list --server x:1|2|x:1 is not the address of a server.
                    users add a --password --password-file f|2|Give one of them.
                    users list --server http://127.0.0.1:1|1|Nobody answers at http://127.0.0.1:1.
                    users add a:b --admin --data data|1|A user's name has 1 to 64 letters, digits
                    users add a --allow orders --data data|1|The grant orders has no colon.
                    users add a --allow sing:x --data data|1|The verbs are read, write, manage and
                    users add a --allow read:a*b --data data|1|The pattern a*b is neither
                    users add a --admin --password-file no --data data|1|The password cannot be read
                    """)
    void a_slip_is_told_in_one_line(String arguments, int status, String message) {
        assertThat(run(arguments)).isEqualTo(status);
        assertThat(err()).startsWith("millstream: ").contains(message).hasLineCount(1);
        assertThat(out()).isEmpty();
    }

    @Test
    void without_a_command_the_help_goes_to_standard_error() {
        assertThat(run("users")).isEqualTo(2);
        assertThat(err()).contains("Usage: millstream users", "MILLSTREAM_PASSWORD");
        assertThat(run("users add --help")).isZero();
        assertThat(out()).contains("--allow", "--aws-key", "http://127.0.0.1:7171");
    }
}
