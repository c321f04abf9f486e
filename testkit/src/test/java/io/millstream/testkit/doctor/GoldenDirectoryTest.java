package io.millstream.testkit.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Message;
import io.millstream.engine.doctor.Examination;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.engine.io.StoredFile;
import io.millstream.testkit.doctor.Specimen.Place;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Directories that earlier releases wrote, and what was in them: every later version opens them.
///
/// Each release adds one, made by `-Dgolden.release=VERSION`, and its name below. Those of versions
/// that were released are never written again.
class GoldenDirectoryTest {
    private static final long SEED = 42;

    @ParameterizedTest
    @ValueSource(strings = "0.1.0")
    void what_an_earlier_release_stored_is_there(String release) throws IOException {
        MemoryDisk disk = unpacked(resource(release + ".zip"));

        List<String> damage = new ArrayList<>();
        try (Examination examination =
                Examination.of(disk, finding -> damage.add(finding.toString()))) {
            examination.checkMessages();
        }
        assertThat(damage).isEmpty();
        List<String> found = lines(Specimen.open(disk));
        assertThat(found).isEqualTo(text(release).lines().toList());
        assertThat(Specimen.drain(disk)).isNotEmpty();
    }

    private static List<String> lines(Map<Place, Message> messages) {
        return messages.entrySet().stream()
                .map(one ->
                        "%s %d %d %s %d %08x"
                                .formatted(
                                        one.getKey().name(),
                                        one.getKey().partition(),
                                        one.getKey().sequence(),
                                        one.getValue().id(),
                                        one.getValue().body().length(),
                                        one.getValue().body().hashCode()))
                .toList();
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(
                GoldenDirectoryTest.class.getResourceAsStream("/golden/" + name), name);
    }

    private static String text(String release) throws IOException {
        try (InputStream in = resource(release + ".txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static MemoryDisk unpacked(InputStream archive) throws IOException {
        MemoryDisk disk = new MemoryDisk();
        try (ZipInputStream zip = new ZipInputStream(archive)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                try (StoredFile file = disk.open(entry.getName())) {
                    file.write(ByteBuffer.wrap(zip.readAllBytes()), 0);
                    file.sync();
                }
            }
        }
        disk.syncDirectory();
        return disk;
    }

    @Test
    @EnabledIfSystemProperty(
            named = "golden.release",
            matches = ".+",
            disabledReason = "It is asked for when there is a release.")
    void a_release_leaves_a_directory_behind() throws IOException {
        String release = System.getProperty("golden.release");
        Path folder = Path.of("src/test/resources/golden");
        MemoryDisk disk = Specimen.make(SEED);
        Path zip = folder.resolve(release + ".zip");
        try (OutputStream out = Files.newOutputStream(zip);
                ZipOutputStream archive = new ZipOutputStream(out)) {
            for (Map.Entry<String, ByteBuffer> file : Specimen.contents(disk).entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                entry.setTime(0);
                archive.putNextEntry(entry);
                archive.write(file.getValue().array(), 0, file.getValue().limit());
                archive.closeEntry();
            }
        }
        List<String> lines = lines(Specimen.open(disk));
        Files.writeString(folder.resolve(release + ".txt"), String.join("\n", lines) + "\n");
        assertThat(lines(Specimen.open(unpacked(Files.newInputStream(zip))))).isEqualTo(lines);
    }
}
