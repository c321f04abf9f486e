package io.millstream.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millstream.api.MillstreamException;
import io.millstream.engine.io.TimeSource;
import io.millstream.server.broker.OpenStore;
import io.millstream.server.broker.StoreOpener;
import io.millstream.server.config.Setting;
import io.millstream.testkit.memory.MemoryBackend;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

class CommandsTest {
    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private final CompletableFuture<IntSupplier> stop = new CompletableFuture<>();
    private final CompletableFuture<Consumer<Throwable>> storeStops = new CompletableFuture<>();
    private StoreOpener opener = this::memory;

    @Test
    void the_version_is_printed() {
        assertThat(run("--version")).isZero();
        assertThat(out()).isEqualTo("millstream 1.2.3\n");
        assertThat(err()).isEmpty();
    }

    @Test
    void the_help_names_every_option_and_every_default() {
        assertThat(run("serve", "--help")).isZero();

        for (Setting setting : Setting.values()) {
            assertThat(out()).contains(setting.option());
        }
        assertThat(out()).contains("9324", "7171", "./millstream-data", "MILLSTREAM_AWS_PORT");
        assertThat(err()).isEmpty();
    }

    @Test
    void without_a_command_the_help_goes_to_standard_error() {
        assertThat(run()).isEqualTo(2);
        assertThat(err()).contains("Usage: millstream").contains("millstream serve --help");
        assertThat(out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    serv|serv is not a command. Did you mean serve?
                    --verison|--verison is not an option. Did you mean --version?
                    serve --aws.prot=1|--aws.prot is not an option of serve. Did you mean --aws
                    serve --hue blue|--hue is not an option of serve. See: millstream serve --help
                    serve now|now is not an option of serve. See: millstream serve --help
                    serve --aws.port|Missing required parameter for option '--aws.port' (N). See:
                    serve --aws.port abc|--aws.port is abc. A port is a number
                    serve --aws.port=70000|--aws.port is 70000. A port is a number from 1 to 65535
                    serve --kafka.port=9092|the Kafka door is not built yet; leave --kafka.port off.
                    serve --amqp.port 0|the AMQP door is not built yet; leave --amqp.port off.
                    serve --data=|--data has no value. Give it one, or leave it out
                    backup|backup needs the data directory and the file to write, and nothing else
                    backup data|backup needs the data directory and the file to write
                    backup --form x y|--form is not an option of backup. Did you mean --from?
                    backup --from http://x:1|backup needs the file to write, and nothing else. See:
                    backup --from x:1 file|x:1 is not the address of a server. Give the one of its
                    restore x.zip|restore needs the backup and the directory to restore it to
                    restor x y|restor is not a command. Did you mean restore?
                    demo --rate 0|--rate is a number from 1 to 2000, not 0.
                    demo --rate many|--rate is a number from 1 to 2000, not many.
                    demo --for 5|--for is a time such as 300ms, 30s, 5m or 2h, not 5.
                    demo --for 0s|--for is 1s or longer, and 365d at most, not 0s.
                    demo --hue blue|--hue is not an option of demo. See: millstream demo --help
                    """)
    void a_slip_ends_with_one_line_and_status_2(String arguments, String message) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(err()).startsWith("millstream: ").contains(message).hasLineCount(1);
        assertThat(out()).isEmpty();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_server_says_where_it_is_and_ends_with_0_when_asked_to_stop() throws Exception {
        Path ready = folder.resolve("ready.json");
        CompletableFuture<Integer> status =
                serving("--http.port=0", "--aws.port", "0", "--ready-file=" + ready);
        IntSupplier stopped = stop.get();
        awaitReady(ready);

        assertThat(out())
                .matches(
                        "Millstream 1\\.2\\.3 is ready: SQS http://127\\.0\\.0\\.1:\\d+,"
                                + " status http://127\\.0\\.0\\.1:\\d+, data "
                                + folder.resolve("millstream-data")
                                + " \\(pid "
                                + ProcessHandle.current().pid()
                                + "\\)\n");
        assertThat(stopped.getAsInt()).isZero();
        assertThat(status.get()).isZero();
        assertThat(ready).doesNotExist();
        assertThat(err()).isEmpty();
    }

    @Test
    void a_store_that_stops_by_itself_ends_the_server_with_1() throws Exception {
        Path ready = folder.resolve("ready.json");
        CompletableFuture<Integer> status =
                serving("--http.port=0", "--aws.port=off", "--ready-file=" + ready);
        awaitReady(ready);

        storeStops.get().accept(new MillstreamException("The disk is gone. Replace it."));

        assertThat(status.get()).isEqualTo(1);
        assertThat(ready).doesNotExist();
    }

    @Test
    void a_taken_port_is_answered_with_the_option_to_paste() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            assertThat(run("serve", "--aws.port=off", "--http.port=" + port)).isEqualTo(1);
            assertThat(err())
                    .isEqualTo(
                            ("millstream: Port %d on 127.0.0.1 is taken by another program. Stop"
                                            + " that program, or choose another port:"
                                            + " --http.port=%d, or --http.port=0 for any free"
                                            + " one.\n")
                                    .formatted(port, port < 65_535 ? port + 1 : port - 1));
        }
    }

    @Test
    void an_address_of_another_machine_is_refused_in_words() {
        assertThat(run("serve", "--aws.port=off", "--bind=192.0.2.1", "--insecure")).isEqualTo(1);
        assertThat(err())
                .isEqualTo(
                        "millstream: This machine does not have the address 192.0.2.1. Use one that"
                                + " it has, such as --bind=127.0.0.1.\n");
    }

    @Test
    void what_keeps_the_store_shut_is_said_in_one_line() {
        opener =
                data -> {
                    throw new MillstreamException("log-7 is damaged at byte 4096.\nRestore it.");
                };

        assertThat(run("serve")).isEqualTo(1);
        assertThat(err())
                .isEqualTo(
                        "millstream: Cannot start on "
                                + folder.resolve("millstream-data")
                                + ": log-7 is damaged at byte 4096. Restore it.\n");
    }

    @Test
    void a_backup_of_nobody_says_who_was_asked() {
        assertThat(run("backup", "--from", "http://127.0.0.1:1/", "a.zip")).isEqualTo(1);
        assertThat(err())
                .isEqualTo(
                        "millstream: No backup was taken: Nobody answers at"
                                + " http://127.0.0.1:1/backup. Start the server, or give the"
                                + " address of its status port.\n");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_backup_never_replaces_a_file() throws IOException {
        Path file = Files.writeString(folder.resolve("a.zip"), "precious");

        assertThat(run("backup", "--from", "http://127.0.0.1:1", "a.zip")).isEqualTo(1);
        assertThat(err()).contains("a.zip is there already").hasLineCount(1);
        assertThat(file).hasContent("precious");
    }

    @Test
    void what_is_no_data_directory_is_neither_backed_up_nor_made_one() {
        assertThat(run("backup", "nothing", "a.zip")).isEqualTo(1);
        assertThat(err()).contains("is not a Millstream data directory").hasLineCount(1);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void what_is_no_archive_is_not_restored() throws IOException {
        Files.writeString(folder.resolve("a.zip"), "hello");

        assertThat(run("restore", "a.zip", "data")).isEqualTo(1);
        assertThat(run("restore", "b.zip", "data")).isEqualTo(1);
        assertThat(err())
                .contains("The archive is not a complete backup", "There is no file")
                .hasLineCount(2);
        assertThat(folder.resolve("data")).doesNotExist();
    }

    /// It tells people a moment after it has told programs.
    private void awaitReady(Path ready) {
        await().until(() -> Files.exists(ready) && out().endsWith("\n"));
    }

    private CompletableFuture<Integer> serving(String... options) {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "serve";
        System.arraycopy(options, 0, arguments, 1, options.length);
        return CompletableFuture.supplyAsync(() -> run(arguments));
    }

    private OpenStore memory(Path data) {
        var backend = new MemoryBackend(TimeSource.system());
        return new OpenStore(backend, storeStops::complete, registry -> {}, CompletableFuture::new);
    }

    private int run(String... arguments) {
        return Commands.run(
                arguments,
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        environment,
                        folder,
                        "1.2.3",
                        data -> opener.open(data),
                        stop::complete));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
