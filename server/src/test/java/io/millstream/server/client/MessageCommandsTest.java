package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.Millstream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// `send` and `receive`.
@Timeout(120)
class MessageCommandsTest {
    @TempDir Path folder;

    private ServedTerminal terminal;

    @BeforeEach
    void serve() {
        terminal = new ServedTerminal(folder);
        terminal.done("queues", "declare", "mail");
    }

    @AfterEach
    void close() {
        terminal.close();
    }

    private long ready() {
        try (Millstream program = terminal.program()) {
            return program.queue("mail").counts().ready();
        }
    }

    @Test
    void a_message_is_sent_and_received_once() {
        assertThat(terminal.done("send", "mail", "hello")).isEqualTo("Sent to mail, at 1.\n");
        assertThat(terminal.done("send", "mail", "there", "--json"))
                .isEqualTo("{\"queue\":\"mail\",\"sequence\":2}\n");

        assertThat(terminal.done("receive", "mail")).isEqualTo("hello\n");
        assertThat(terminal.done("receive", "mail", "-n", "5")).isEqualTo("there\n");

        assertThat(terminal.run("receive", "mail")).isEqualTo(3);
        assertThat(terminal.out()).isEmpty();
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void everything_that_is_said_of_a_message_arrives() {
        terminal.done(
                "send mail hi -H a=b=c --header x= --type greet --key k --priority 3 --id i-7"
                        .concat(" --content-type text/plain --correlation-id c --reply-to r")
                        .concat(" --time-to-live 1h --deduplication d")
                        .split(" "));

        assertThat(terminal.done("receive", "mail", "--json"))
                .contains(
                        "{\"id\":\"i-7\",\"type\":\"greet\",\"content_type\":\"text/plain\"",
                        "\"correlation_id\":\"c\",\"reply_to\":\"r\",\"group\":\"k\"",
                        "\"deduplication\":\"d\",\"priority\":3,\"time_to_live_ms\":3600000",
                        "\"headers\":[{\"name\":\"a\",\"value\":\"b=c\"},"
                                + "{\"name\":\"x\",\"value\":\"\"}]",
                        "\"text\":\"hi\"")
                .hasLineCount(1);
    }

    @Test
    void what_is_piped_in_is_a_body_as_it_is() {
        byte[] bytes = {0, (byte) 0xff, '\n', 'x', '\n'};
        terminal.pipe(new ByteArrayInputStream(bytes)).done("send", "mail");
        terminal.pipe("@here, ${user.name}\n").done("send", "mail", "-");

        assertThat(terminal.done("receive", "mail", "--json")).contains("\"base64\":\"AP8KeAo=\"");
        assertThat(terminal.done("receive", "mail", "--raw")).isEqualTo("@here, ${user.name}\n");
        terminal.done("send", "mail", "@here");
        terminal.done("send", "mail", "--", "--json");
        assertThat(terminal.done("receive", "mail", "-n", "2")).isEqualTo("@here\n--json\n");
    }

    @Test
    void each_line_is_a_message_empty_ones_included() {
        assertThat(terminal.pipe("a\n\nb\r\nc").done("send", "mail", "--each-line"))
                .isEqualTo("Sent 4 messages to mail.\n");

        assertThat(terminal.done("receive", "mail", "-n", "100")).isEqualTo("a\n\nb\nc\n");
    }

    @Test
    void many_lines_arrive_in_their_order() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            lines.append("line ").append(i).append('\n');
        }

        assertThat(terminal.pipe(lines.toString()).done("send", "mail", "--each-line", "--json"))
                .isEqualTo("{\"queue\":\"mail\",\"sent\":3000,\"duplicates\":0}\n");

        assertThat(terminal.done("receive", "mail", "-n", "5000")).isEqualTo(lines.toString());
    }

    @Test
    void a_line_that_is_refused_is_named() {
        terminal.done("queues", "declare", "mail", "--message-bytes-max", "10", "--change");

        assertThat(
                        terminal.pipe("short\nfar too long a line\nshort\n")
                                .run("send", "mail", "--each-line"))
                .isEqualTo(1);

        assertThat(terminal.err())
                .startsWith("millstream: Line 2 was refused: ")
                .contains("Nothing was sent.")
                .hasLineCount(1);
        assertThat(ready()).isZero();
    }

    @Test
    void lines_that_come_slowly_do_not_wait_for_each_other() throws Exception {
        PipedOutputStream typing = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(typing);
        try (Millstream program = terminal.program()) {
            CompletableFuture<Integer> sending =
                    terminal.pipe(in).begin("send", "mail", "--each-line");

            typing.write("first\n".getBytes(StandardCharsets.UTF_8));
            typing.flush();

            await().atMost(Duration.ofSeconds(60))
                    .until(() -> program.queue("mail").counts().ready() == 1);
            typing.close();
            assertThat(sending.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void what_is_kept_is_printed_and_comes_again() {
        terminal.pipe("a\nb\n").done("send", "mail", "--each-line");

        assertThat(terminal.done("receive", "mail", "-n", "5", "--keep")).isEqualTo("a\nb\n");
        assertThat(terminal.done("receive", "mail", "-n", "5", "--settle", "release"))
                .isEqualTo("a\nb\n");

        assertThat(terminal.done("receive", "mail", "--json"))
                .contains("\"deliveries\":3,\"attempts\":1");
    }

    @Test
    void a_receive_waits_for_what_is_sent_meanwhile() throws Exception {
        CompletableFuture<Integer> receiving = terminal.begin("receive", "mail", "--wait", "90s");
        try (Millstream program = terminal.program()) {
            terminal.stop().get(60, TimeUnit.SECONDS);
            program.queue("mail").send("at last");

            assertThat(receiving.get(60, TimeUnit.SECONDS)).isZero();
        }
        assertThat(terminal.out()).isEqualTo("at last\n");
    }

    @Test
    void a_receiver_that_is_stopped_ends_at_once_with_130_and_holds_nothing() throws Exception {
        CompletableFuture<Integer> receiving = terminal.begin("receive", "mail", "--follow");
        try (Millstream program = terminal.program()) {
            program.queue("mail").send("one");
            await().atMost(Duration.ofSeconds(60)).until(() -> terminal.out().equals("one\n"));

            int status = terminal.stop().get(60, TimeUnit.SECONDS).getAsInt();

            assertThat(status).isEqualTo(130);
            assertThat(receiving.get(10, TimeUnit.SECONDS)).isEqualTo(130);
            program.queue("mail").send("two");
            assertThat(program.queue("mail").receive(Duration.ofSeconds(5)))
                    .hasValueSatisfying(one -> assertThat(one.text()).isEqualTo("two"));
        }
    }

    @Test
    void what_nobody_reads_is_not_settled() {
        terminal.pipe("a\nb\n").done("send", "mail", "--each-line");
        OutputStream closed =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };

        assertThat(terminal.into(closed).run("receive", "mail", "-n", "2")).isEqualTo(1);

        assertThat(terminal.err())
                .isEqualTo(
                        "millstream: Nobody reads what is printed any more. 2 messages given"
                                + " back.\n");
        assertThat(ready()).isEqualTo(2);
    }

    @Test
    void messages_of_a_type_are_received_where_the_queue_tells_types_apart() {
        terminal.done("queues", "declare", "typed", "--typed");
        terminal.done("send", "typed", "a", "--type", "x");
        terminal.done("send", "typed", "b", "--type", "y");

        assertThat(terminal.done("receive", "typed", "-n", "5", "--type", "y")).isEqualTo("b\n");
        assertThat(terminal.run("receive", "mail", "--type", "y")).isEqualTo(1);
        assertThat(terminal.err()).startsWith("millstream: ").hasLineCount(1);
    }

    @Test
    void a_queue_that_is_not_there_is_not_made() {
        assertThat(terminal.run("send", "maill", "hi")).isEqualTo(1);
        assertThat(terminal.err())
                .isEqualTo("millstream: There is no queue or topic maill. Define it first.\n");
        assertThat(terminal.run("receive", "maill")).isEqualTo(1);
        assertThat(terminal.done("queues", "list", "maill", "--json")).isEmpty();
    }
}
