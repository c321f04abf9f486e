package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Codec;
import io.millstream.Millstream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

class QueueCommandsTest {
    @TempDir Path folder;

    private ServedTerminal terminal;

    @BeforeEach
    void serve() {
        terminal = new ServedTerminal(folder);
    }

    @AfterEach
    void close() {
        terminal.close();
    }

    @Test
    void a_queue_is_declared_once_and_shown_as_it_is() {
        assertThat(terminal.done("queues", "declare", "mail", "--max-attempts", "5"))
                .isEqualTo("Declared mail.\n");
        assertThat(terminal.done("queues", "declare", "mail", "--max-attempts", "5"))
                .isEqualTo("mail is so already.\n");

        terminal.done("send", "mail", "hi");

        assertThat(terminal.done("queues", "show", "mail"))
                .containsPattern("(?m)^queue +mail$")
                .containsPattern("(?m)^ready +1$")
                .containsPattern("(?m)^paused +no$")
                .containsPattern("(?m)^max_attempts +5$");
        assertThat(terminal.done("queues", "show", "mail", "--json"))
                .startsWith("{\"view\":\"queue\",\"definition\":{\"name\":\"mail\"")
                .contains("\"max_attempts\":5", "\"ready\":1")
                .hasLineCount(1);
    }

    @Test
    void what_is_declared_otherwise_changes_only_if_that_is_said() {
        terminal.done(
                "queues", "declare", "mail", "--max-attempts", "5", "--time-to-live", "1h30m");

        assertThat(terminal.run("queues", "declare", "mail", "--max-attempts", "6")).isEqualTo(1);
        assertThat(terminal.err())
                .isEqualTo(
                        "millstream: Queue mail is there and otherwise: max_attempts is 5, not 6."
                                + " Add --change to change it.\n");

        assertThat(terminal.done("queues", "declare", "mail", "--max-attempts", "6", "--change"))
                .isEqualTo("Changed mail.\n");
        assertThat(terminal.done("queues", "show", "mail", "--json"))
                .as("what was not said stays")
                .contains("\"max_attempts\":6", "\"time_to_live_ms\":5400000");
    }

    @Test
    void every_option_of_a_declaration_arrives() {
        terminal.done("queues", "declare", "failed");
        try (Millstream millstream = terminal.program()) {
            millstream.topic("steps", Codec.text()).publish("begun");
        }

        terminal.done(
                "queues declare mail --max-attempts 5 --dead-letter failed --back-off 1s"
                        .concat(" --back-off-max 1m --max-in-flight 7 --groups fair-ordered")
                        .concat(" --typed --ageing 2m --max-messages 100 --max-bytes 5000")
                        .concat(" --message-bytes-max 400 --retention 7d --time-to-live 1h")
                        .concat(" --unused-for 30d --keep-settled 1d --single-active")
                        .concat(" --lifecycle steps")
                        .split(" "));

        assertThat(terminal.done("queues", "show", "mail", "--json"))
                .contains(
                        "\"max_attempts\":5",
                        "\"dead_letter\":\"failed\"",
                        "\"first_ms\":1000",
                        "\"max_in_flight\":7",
                        "\"groups\":\"fair_ordered\"",
                        "\"typed\":true",
                        "\"ageing_ms\":120000",
                        "\"messages\":100",
                        "\"message_bytes_max\":400",
                        "\"retention_ms\":604800000",
                        "\"time_to_live_ms\":3600000",
                        "\"unused_for_ms\":2592000000",
                        "\"keep_settled_ms\":86400000",
                        "\"single_active\":true",
                        "\"lifecycle\":\"steps\"");
    }

    @Test
    void queues_are_listed_with_numbers_to_the_right() {
        terminal.done("queues", "declare", "mail");
        terminal.done("queues", "declare", "orders");
        terminal.pipe("a\nb\nc\n").done("send", "mail", "--each-line");
        terminal.done("queues", "pause", "orders");

        assertThat(terminal.done("queues", "list"))
                .isEqualTo(
                        """
                        queue   ready  leased  delayed  dead  is
                        mail        3       0        0     0  -
                        orders      0       0        0     0  paused
                        """);
        assertThat(terminal.done("queues", "list", "ord", "--json"))
                .contains("\"name\":\"orders\"")
                .hasLineCount(1);
    }

    @Test
    void a_paused_queue_hands_out_nothing() {
        terminal.done("queues", "declare", "mail");
        terminal.done("send", "mail", "hi");

        assertThat(terminal.done("queues", "pause", "mail")).isEqualTo("mail is now paused.\n");
        assertThat(terminal.done("queues", "pause", "mail"))
                .isEqualTo("mail was already paused.\n");
        assertThat(terminal.run("receive", "mail")).isEqualTo(3);

        assertThat(terminal.done("queues", "resume", "mail", "--json"))
                .isEqualTo("{\"queue\":\"mail\",\"paused\":false}\n");
        assertThat(terminal.done("receive", "mail")).isEqualTo("hi\n");
    }

    @Test
    void browsing_shows_messages_and_takes_none() {
        terminal.done("queues", "declare", "mail");
        terminal.done("send", "mail", "one\u001b[31m\ntwo", "--type", "greet", "--key", "k");
        terminal.done("send", "mail", "later", "--delay", "1h");

        assertThat(terminal.done("queues", "browse", "mail"))
                .contains("one [31m two")
                .doesNotContain("\u001b")
                .containsPattern("1  ready +0  \\S+  k +greet +one")
                .containsPattern("2  delayed +0  \\S+  - +- +later")
                .hasLineCount(3);
        assertThat(terminal.done("queues", "browse", "mail", "-n", "1", "--json"))
                .contains("\"view\":\"message\",\"sequence\":1", "\"type\":\"greet\"")
                .hasLineCount(1);
        assertThat(terminal.done("queues", "browse", "mail", "--delayed"))
                .contains("due", "later")
                .doesNotContain("greet");
        assertThat(terminal.done("queues", "list")).containsPattern("mail +1 +0 +1");
    }

    @Test
    void several_queues_are_all_tried_whatever_becomes_of_one() {
        terminal.done("queues", "declare", "mail");
        terminal.done("queues", "declare", "orders");
        terminal.done("send", "mail", "hi");

        assertThat(terminal.run("queues", "remove", "nowhere", "mail", "orders")).isEqualTo(1);

        assertThat(terminal.out()).isEqualTo("Removed orders.\n");
        assertThat(terminal.err())
                .contains("nowhere", "There is 1 message in queue mail.")
                .hasLineCount(2);
    }

    @Test
    void a_queue_with_messages_is_removed_only_by_force() {
        terminal.done("queues", "declare", "mail");
        terminal.done("send", "mail", "hi");

        assertThat(terminal.run("queues", "remove", "mail")).isEqualTo(1);
        assertThat(terminal.err())
                .isEqualTo(
                        "millstream: There is 1 message in queue mail. Purge it first, or add"
                                + " --force.\n");
        assertThat(terminal.done("queues", "purge", "mail"))
                .isEqualTo("Purged mail of 1 message.\n");
        assertThat(terminal.done("queues", "remove", "mail")).isEqualTo("Removed mail.\n");
        assertThat(terminal.run("queues", "show", "mail")).isEqualTo(1);

        terminal.done("queues", "declare", "mail");
        terminal.done("send", "mail", "hi");
        assertThat(terminal.done("queues", "remove", "mail", "--force", "--json"))
                .isEqualTo("{\"queue\":\"mail\",\"removed\":true}\n");
    }
}
