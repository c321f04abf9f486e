package io.millstream.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.WorkQueue;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.doctor.Examination;
import io.millstream.engine.io.FileDisk;
import io.millstream.engine.state.Location;
import io.millstream.engine.state.QueueState;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The commands for a directory at rest, and what `docs/repair.md` shows of them.
class RepairPageTest {
    private static final String NAME = "data";
    private static final int STATUS_DAMAGED = 1;

    /// A command in the page, and what it prints.
    private static final Pattern EXAMPLE =
            Pattern.compile("```text\n\\$ millstream ([^\n]+)\n(.*?)```", Pattern.DOTALL);

    @TempDir Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void fill() throws IOException {
        try (Millstream millstream = Millstream.over(open())) {
            WorkQueue mail = millstream.queue("mail");
            for (int i = 1; i <= 5; i++) {
                mail.send("letter " + i);
            }
            mail.receive(1, Duration.ofHours(1), Duration.ofSeconds(5)).getFirst();
            millstream.queue("orders").send("order 1");
        }
    }

    private Engine open() throws IOException {
        return Engine.open(FileDisk.at(folder.resolve(NAME)), EngineOptions.standard());
    }

    /// Turns a bit of the third message.
    private void damage() throws IOException {
        Location location;
        String file;
        long offset;
        try (FileDisk disk = FileDisk.existing(folder.resolve(NAME));
                Examination sound = Examination.of(disk, finding -> {})) {
            QueueState queue = Inspection.queue(sound.state(), "mail");
            location = queue.locate(3);
            file = sound.survey().fileOf(location.position());
            offset = sound.survey().offsetOf(location.position()) + location.bytes() - 1;
        }
        try (FileChannel channel =
                FileChannel.open(
                        folder.resolve(NAME).resolve(file),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 4)).rewind();
            channel.write(one, offset);
        }
    }

    private Map<String, ByteBuffer> bytes() throws IOException {
        Map<String, ByteBuffer> all = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder.resolve(NAME))) {
            for (Path file : files.toList()) {
                all.put(file.getFileName().toString(), ByteBuffer.wrap(Files.readAllBytes(file)));
            }
        }
        return all;
    }

    private int run(String... arguments) {
        return run(folder, arguments);
    }

    private int run(Path home, String... arguments) {
        out.reset();
        err.reset();
        return Commands.run(
                arguments,
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Map.of(),
                        home,
                        "1.2.3",
                        data -> {
                            throw new IOException("no server is started here");
                        },
                        stop -> {}));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void the_page_shows_what_the_commands_print() throws IOException {
        List<String> shown = new ArrayList<>();
        Matcher example = EXAMPLE.matcher(Files.readString(page()));
        while (example.find()) {
            shown.add(example.group(1));
            if (shown.size() == 3) {
                damage();
            }
            int status = run(example.group(1).split(" "));
            assertThat(withoutNumbers(out())).isEqualTo(withoutNumbers(example.group(2)));
            assertThat(err()).isEmpty();
            boolean bad = shown.size() == 3 || shown.size() == 4;
            assertThat(status).as(example.group(1)).isEqualTo(bad ? STATUS_DAMAGED : 0);
        }
        assertThat(shown)
                .containsExactly(
                        "inspect data",
                        "inspect data --queue mail --limit 3",
                        "verify data",
                        "repair data",
                        "repair data --yes",
                        "verify data");
        try (Millstream millstream = Millstream.over(open())) {
            assertThat(millstream.queue("mail").counts().messages()).isEqualTo(4);
        }
    }

    /// Ids, times, sizes and places differ from run to run, and columns with them.
    private String withoutNumbers(String text) {
        return text.replace(folder.toAbsolutePath() + "/", "/var/lib/")
                .replaceAll("\\b[0-9a-f]{16}\\b", "ID")
                .replaceAll("[0-9TZ:.-]*[0-9][0-9TZ:.-]*", "N")
                .replaceAll(" +", " ");
    }

    private static Path page() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/repair.md"))) {
            root = root.getParent();
        }
        return root.resolve("docs/repair.md");
    }

    @Test
    void looking_changes_not_one_byte() throws IOException {
        damage();
        Map<String, ByteBuffer> before = bytes();

        run("inspect", NAME);
        run("inspect", NAME, "--json");
        run("inspect", NAME, "--queue", "mail", "--json");
        run("verify", NAME);
        run("repair", NAME);

        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void a_running_server_is_left_alone() throws IOException {
        try (Millstream running = Millstream.over(open())) {
            for (String command : List.of("inspect", "verify", "repair")) {
                assertThat(run(command, NAME)).isEqualTo(STATUS_DAMAGED);
                assertThat(err()).contains("has the directory").contains("Close that engine");
            }
            assertThat(running.queue("mail").counts().messages()).isEqualTo(5);
        }
    }

    /// The same directory on a file system that cannot be written.
    private FileSystem readOnly() throws IOException {
        URI archive = URI.create("jar:" + folder.resolve("read-only.zip").toUri());
        try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"));
                Stream<Path> files = Files.list(folder.resolve(NAME))) {
            Path data = Files.createDirectory(zip.getPath("/" + NAME));
            for (Path file : files.toList()) {
                Files.copy(file, data.resolve(file.getFileName().toString()));
            }
        }
        return FileSystems.newFileSystem(archive, Map.of("accessMode", "readOnly"));
    }

    @Test
    void a_directory_that_cannot_be_written_is_looked_at_and_not_repaired() throws IOException {
        assertThat(run("inspect", NAME)).isZero();
        String inspected = out();
        damage();
        try (FileSystem readOnly = readOnly()) {
            Path home = readOnly.getPath("/");

            assertThat(run(home, "inspect", NAME)).isZero();
            assertThat(out()).isEqualTo(inspected.replace(folder.toRealPath() + "/", "/"));
            assertThat(run(home, "verify", NAME)).isEqualTo(STATUS_DAMAGED);
            assertThat(out()).contains("Concerns message 3 of mail");
            assertThat(run(home, "repair", NAME)).isEqualTo(STATUS_DAMAGED);
            assertThat(out()).contains("mail: messages 3").contains("Nothing was changed");
            assertThat(err()).isEmpty();

            assertThat(run(home, "repair", NAME, "--yes")).isEqualTo(STATUS_DAMAGED);
            assertThat(err()).contains("cannot be read and written");
        }
    }

    @Test
    void without_a_lock_that_can_be_taken_it_says_so_and_goes_on() throws IOException {
        Files.delete(folder.resolve(NAME).resolve("LOCK"));
        try (FileSystem readOnly = readOnly()) {
            assertThat(run(readOnly.getPath("/"), "verify", NAME)).isZero();
            assertThat(out()).startsWith("Sound: 6 messages");
            assertThat(err())
                    .contains("is read-only here and has no LOCK", "If a server is at work in it");
        }
    }

    @Test
    void no_directory_is_made_and_no_other_one_touched() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("holiday.jpg"), "sun");
        for (String command : List.of("inspect", "verify", "repair")) {
            assertThat(run(command, "nowhere")).isEqualTo(STATUS_DAMAGED);
            assertThat(err()).contains("there is no such directory");
            assertThat(run(command, "other")).isEqualTo(STATUS_DAMAGED);
            assertThat(err()).contains("is not a Millstream data directory");
            assertThat(run(command)).isEqualTo(2);
            assertThat(err()).contains("DIR");
        }
        assertThat(folder.resolve("nowhere")).doesNotExist();
        try (Stream<Path> files = Files.list(other)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void programs_get_the_same_as_json() {
        assertThat(run("inspect", NAME, "--json")).isZero();
        assertThat(out())
                .contains("\"name\" : \"mail\"", "\"ready\" : 4", "\"leased\" : 1")
                .contains("\"torn\" : false", "\"damage\" : [ ]");

        assertThat(run("inspect", NAME, "--queue", "mail", "--after", "4", "--json")).isZero();
        assertThat(out()).contains("\"sequence\" : 5").doesNotContain("\"sequence\" : 4");

        assertThat(run("inspect", NAME, "--queue", "post")).isEqualTo(1);
        assertThat(err()).contains("There is no queue post");
    }

    @Test
    void what_is_sound_is_not_repaired() throws IOException {
        Map<String, ByteBuffer> before = bytes();

        assertThat(run("repair", NAME, "--yes")).isZero();

        assertThat(out()).contains("Nothing is damaged");
        assertThat(bytes()).isEqualTo(before);
    }

    @Test
    void what_nothing_tells_any_more_cannot_be_repaired() throws IOException {
        Files.delete(folder.resolve(NAME).resolve("millstream-format"));
        Map<String, ByteBuffer> before = bytes();

        assertThat(run("repair", NAME, "--yes")).isEqualTo(STATUS_DAMAGED);

        assertThat(out()).contains("millstream-format").contains("restore a backup");
        assertThat(bytes()).isEqualTo(before);
    }
}
