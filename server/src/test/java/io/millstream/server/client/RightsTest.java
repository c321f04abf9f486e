package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;

/// Where there are users.
@Timeout(120)
class RightsTest {
    private static final String PASSWORD = "correct horse/@:?#% ü";

    @TempDir Path folder;

    private ServedTerminal terminal;

    @BeforeEach
    void serve() throws Exception {
        terminal = new ServedTerminal(folder);
        Files.writeString(folder.resolve("secret"), PASSWORD);
        terminal.done("users", "add", "admin", "--admin", "--password-file", "secret");
        terminal.as("admin", PASSWORD);
        terminal.done(
                "users", "add", "sender", "--allow", "write:mail", "--password-file", "secret");
        terminal.done(
                "users", "add", "reader", "--allow", "read:mail", "--password-file", "secret");
        terminal.done("queues", "declare", "mail");
        terminal.done("queues", "declare", "hidden");
    }

    @AfterEach
    void close() {
        terminal.close();
    }

    @Test
    void who_says_nothing_is_told_where_to() {
        ServedTerminal nobody = terminal.as("admin", "wrong");
        assertThat(nobody.run("queues", "list")).isEqualTo(1);
        assertThat(nobody.err())
                .startsWith("millstream: The server at " + terminal.server + " refuses: ")
                .doesNotContain("wrong", PASSWORD)
                .hasLineCount(1);

        assertThat(terminal.asNobody().run("queues", "list")).isEqualTo(1);
        assertThat(terminal.err())
                .contains("refuses: ", "Set MILLSTREAM_USER and MILLSTREAM_PASSWORD")
                .hasLineCount(1);
    }

    @Test
    void the_address_may_name_the_user() {
        String address =
                terminal.server.replace(
                        "http://", "http://reader:correct%20horse%2F%40%3A%3F%23%25%20%C3%BC@");

        assertThat(terminal.asNobody().type("queues", "list", "--server", address))
                .as(terminal.err())
                .isZero();

        assertThat(terminal.out()).contains("mail").doesNotContain("hidden");
    }

    @Test
    void users_do_what_they_are_granted() {
        terminal.as("sender", PASSWORD).done("send", "mail", "hi");
        assertThat(terminal.run("receive", "mail")).isEqualTo(1);
        assertThat(terminal.err()).contains("it takes read on mail").hasLineCount(1);

        assertThat(terminal.as("reader", PASSWORD).done("receive", "mail")).isEqualTo("hi\n");
        assertThat(terminal.run("send", "mail", "hi")).isEqualTo(1);
        assertThat(terminal.err()).contains("it takes write on mail").hasLineCount(1);
    }

    @Test
    void jobs_take_what_jobs_have_for_themselves_and_their_queue() throws Exception {
        terminal.done(
                "users",
                "add",
                "boss",
                "--allow",
                "all:jobs.*",
                "--allow",
                "all:work",
                "--password-file",
                "secret");
        terminal.as("boss", PASSWORD);

        String job = terminal.done("enqueue", "t", "{}", "--queue", "work").strip();

        assertThat(terminal.done("jobs", "show", job)).contains("waiting");
        assertThat(terminal.done("jobs", "list")).contains(job).doesNotContain("hidden");
        assertThat(terminal.done("jobs", "why", job)).contains("No workers");
        assertThat(terminal.done("jobs", "cancel", job)).startsWith("Cancelled");
        assertThat(terminal.done("jobs", "dead")).hasLineCount(1);
        assertThat(terminal.done("schedules", "list")).hasLineCount(1);
        assertThat(terminal.run("enqueue", "t", "{}", "--queue", "mail")).isEqualTo(1);
        assertThat(terminal.err()).contains("on mail").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "enqueue t {}",
                "jobs list -q hidden",
                "jobs show x",
                "jobs cancel x",
                "jobs pause mail",
                "jobs dead",
                "jobs redrive --all",
                "schedules list",
                "schedules remove x",
                "queues declare other",
                "queues pause mail",
                "queues purge mail",
                "queues remove mail",
                "queues browse hidden",
                "send hidden hi",
                "receive hidden",
                "publish hidden hi",
                "tail hidden"
            })
    void what_is_not_granted_is_refused_in_one_line(String typed) {
        assertThat(terminal.as("reader", PASSWORD).run(typed.split(" ")))
                .as(terminal.out())
                .isEqualTo(1);

        assertThat(terminal.err()).startsWith("millstream: ").hasLineCount(1);
        assertThat(terminal.out()).isEmpty();
    }
}
