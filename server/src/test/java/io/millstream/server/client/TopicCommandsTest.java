package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.Codec;
import io.millstream.Millstream;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// `publish` and `tail`.
@Timeout(120)
class TopicCommandsTest {
    @TempDir Path folder;

    private ServedTerminal terminal;
    private Millstream program;

    @BeforeEach
    void serve() {
        terminal = new ServedTerminal(folder);
        program = terminal.program();
        var _ = program.topic("orders", Codec.text());
        var _ =
                program.topic(
                        Definition.Topic.of(ChannelName.of("wide")).withPartitions(3),
                        Codec.text());
    }

    @AfterEach
    void close() {
        program.close();
        terminal.close();
    }

    @Test
    void what_is_published_to_a_topic_is_read_again_and_again() {
        assertThat(terminal.done("publish", "orders", "one", "--key", "o-7", "-H", "a=b"))
                .isEqualTo("Published to topic orders, at 0.\n");
        assertThat(terminal.done("publish", "orders", "two", "--json"))
                .isEqualTo("{\"topic\":\"orders\",\"offset\":1}\n");

        assertThat(terminal.done("tail", "orders")).isEqualTo("one\ntwo\n");
        assertThat(terminal.done("tail", "orders", "--json", "--limit", "1"))
                .startsWith("{\"topic\":\"orders\",\"partition\":0,\"offset\":0,\"stored\":\"20")
                .contains("\"key\":\"o-7\"", "\"text\":\"one\"")
                .hasLineCount(1);
    }

    @Test
    void a_tail_begins_where_it_is_told_to() {
        terminal.pipe("a\nb\nc\nd\n").done("publish", "orders", "--each-line");

        assertThat(terminal.done("tail", "orders", "-n", "2")).isEqualTo("c\nd\n");
        assertThat(terminal.done("tail", "orders", "-n", "0")).isEmpty();
        assertThat(terminal.done("tail", "orders", "--from", "beginning", "--limit", "2"))
                .isEqualTo("a\nb\n");
        assertThat(terminal.done("tail", "orders", "--from", "1")).isEqualTo("b\nc\nd\n");
        assertThat(terminal.done("tail", "orders", "--from", "end")).isEmpty();
        assertThat(terminal.done("tail", "orders", "--from", "1h")).isEqualTo("a\nb\nc\nd\n");
        assertThat(terminal.done("tail", "orders", "--from", "2099-01-01T00:00:00Z")).isEmpty();
    }

    @Test
    void all_partitions_are_read_in_the_order_of_time() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            terminal.done("publish", "wide", "event " + i, "--key", "k" + i);
            lines.append("event ").append(i).append('\n');
        }

        assertThat(terminal.done("tail", "wide", "--from", "beginning"))
                .isEqualTo(lines.toString());
        assertThat(terminal.done("tail", "wide", "-p", "1", "-n", "1", "--json"))
                .contains("\"partition\":1")
                .hasLineCount(1);
        assertThat(terminal.run("tail", "wide", "-p", "3")).isEqualTo(2);
        assertThat(terminal.err()).contains("the partitions 0 to 2, and no partition 3");
    }

    @Test
    void a_tail_that_follows_goes_on_until_it_is_stopped() throws Exception {
        terminal.done("publish", "wide", "before");
        CompletableFuture<Integer> following = terminal.begin("tail", "wide", "--follow");
        await().atMost(Duration.ofSeconds(60)).until(() -> terminal.out().equals("before\n"));

        var topic = program.topic("wide", Codec.text());
        topic.publish("a", "one");
        await().atMost(Duration.ofSeconds(60)).until(() -> terminal.out().endsWith("one\n"));
        topic.publish("b", "two");
        topic.publish("c", "three");
        await().atMost(Duration.ofSeconds(60)).until(() -> terminal.out().lines().count() == 4);

        assertThat(terminal.stop().get(60, TimeUnit.SECONDS).getAsInt()).isEqualTo(130);
        assertThat(following.get(10, TimeUnit.SECONDS)).isEqualTo(130);
    }

    @Test
    void a_tail_that_follows_ends_after_its_limit() {
        terminal.pipe("a\nb\nc\n").done("publish", "orders", "--each-line");

        assertThat(terminal.done("tail", "orders", "-f", "--from", "beginning", "--limit", "2"))
                .isEqualTo("a\nb\n");
    }

    @Test
    void an_exchange_routes_by_key() {
        terminal.done("queues", "declare", "mail");
        terminal.done("queues", "declare", "audit");
        program.exchange("events").bind("mail", "mail.*").bind("audit", "#");

        assertThat(terminal.done("publish", "events", "hi", "--key", "mail.sent"))
                .isEqualTo("Published to audit, mail.\n");
        assertThat(terminal.done("publish", "events", "hi", "--key", "other", "--json"))
                .isEqualTo("{\"exchange\":\"events\",\"reached\":[\"audit\"]}\n");
        assertThat(terminal.done("receive", "audit", "-n", "9")).isEqualTo("hi\nhi\n");

        program.exchange("events").unbind("audit", "#");
        assertThat(terminal.run("publish", "events", "hi", "--key", "other")).isEqualTo(3);
        assertThat(terminal.out())
                .isEqualTo("No binding of exchange events takes it: it is nowhere.\n");
    }

    @Test
    void a_name_of_both_has_to_be_said_and_one_of_neither_is_refused() {
        var _ = program.exchange("orders");

        assertThat(terminal.run("publish", "orders", "hi")).isEqualTo(1);
        assertThat(terminal.err())
                .contains("There is an exchange orders and a topic orders. Say which")
                .hasLineCount(1);
        assertThat(terminal.done("publish", "orders", "hi", "--to", "topic"))
                .startsWith("Published to topic orders");

        assertThat(terminal.run("publish", "nothing", "hi")).isEqualTo(1);
        assertThat(terminal.err())
                .isEqualTo(
                        "millstream: There is no exchange or topic nothing. To put a message into a"
                                + " queue: millstream send nothing\n");
        assertThat(terminal.run("tail", "nothing")).isEqualTo(1);
        assertThat(terminal.err()).contains("There is no topic nothing.").hasLineCount(1);
    }
}
