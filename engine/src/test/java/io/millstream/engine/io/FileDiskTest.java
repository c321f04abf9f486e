package io.millstream.engine.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicReference;

class FileDiskTest {
    private static final Path FULL = Path.of("/dev/full");

    @TempDir private Path directory;

    @Test
    void a_missing_directory_is_created_with_its_parents() throws IOException {
        FileDisk.at(directory.resolve("data/queue")).open("a").close();
        assertThat(directory.resolve("data/queue/a")).isRegularFile();
    }

    @Test
    void a_directory_that_is_created_is_its_users_alone() throws IOException {
        Assumptions.assumeTrue(
                directory.getFileSystem().supportedFileAttributeViews().contains("posix"),
                "this system knows no owners");
        FileDisk.at(directory.resolve("above/data"));
        Path shared = Files.createDirectory(directory.resolve("shared"));
        String before = permissions(shared);
        FileDisk.at(shared);

        assertThat(permissions(directory.resolve("above/data"))).isEqualTo("rwx------");
        assertThat(permissions(shared)).isEqualTo(before);
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void a_file_in_place_of_the_directory_is_refused() throws IOException {
        Path file = Files.writeString(directory.resolve("data"), "x");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> FileDisk.at(file))
                .withMessageContaining(file.toString())
                .withMessageContaining("not a directory");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> FileDisk.at(file.resolve("below")))
                .withMessageContaining(file.toString());
    }

    @Test
    void only_files_of_the_engine_are_listed() throws IOException {
        FileDisk disk = FileDisk.at(directory);
        disk.lock();
        disk.open("a").close();
        Files.createDirectory(directory.resolve("lost+found"));
        Files.createDirectory(directory.resolve("sub"));
        Files.writeString(directory.resolve(".hidden"), "x");
        Files.writeString(directory.resolve("not_ours"), "x");
        assertThat(disk.list()).containsExactly("a");
        disk.close();
    }

    @Test
    void a_lock_names_the_process_until_it_is_given_back() throws IOException {
        FileDisk disk = FileDisk.at(directory);
        disk.lock();
        Path lock = directory.resolve("LOCK");
        assertThat(Files.readString(lock)).isEqualTo(ownPid());
        disk.close();
        assertThat(lock).isEmptyFile();
    }

    @Test
    void a_link_to_a_locked_directory_is_locked() throws IOException {
        Path data = Files.createDirectory(directory.resolve("data"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), data);
        try (FileDisk disk = FileDisk.at(data)) {
            disk.lock();
            assertThatExceptionOfType(LockedException.class)
                    .isThrownBy(FileDisk.at(link)::lock)
                    .withMessageContaining(ownPid());
        }
    }

    @Test
    void another_process_is_refused_and_told_who_has_the_directory() throws Exception {
        try (FileDisk disk = FileDisk.at(directory)) {
            disk.lock();
            // An attempt in this process must not free the directory for others.
            assertThatExceptionOfType(LockedException.class)
                    .isThrownBy(FileDisk.at(directory)::lock);
            assertThat(lockInAnotherProcess())
                    .contains("LockedException")
                    .contains("id " + ownPid())
                    .contains(directory.toRealPath().toString());
        }
        assertThat(lockInAnotherProcess()).isEqualTo("taken");
    }

    @Test
    void a_full_device_is_told_from_other_failures() throws IOException {
        Assumptions.assumeTrue(Files.isWritable(FULL), "this system has no /dev/full");
        Path link = Files.createSymbolicLink(directory.resolve("a"), FULL);
        try (StoredFile file = FileDisk.at(directory).open("a")) {
            assertThatExceptionOfType(DiskFullException.class)
                    .isThrownBy(() -> file.write(ByteBuffer.allocate(100), 0))
                    .withMessageContaining(directory.toRealPath().resolve("a").toString())
                    .withMessageContaining("write 100 bytes at 0")
                    .withMessageContaining("Free some space");
        }
        Files.delete(link);
    }

    @Test
    void an_interrupt_closes_the_file_and_the_message_says_so() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (StoredFile file = FileDisk.at(directory).open("a")) {
            Thread interrupted =
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler((thread, e) -> failure.set(e.getCause()))
                            .start(() -> {
                                Thread.currentThread().interrupt();
                                try {
                                    file.write(ByteBuffer.wrap("x".getBytes(UTF_8)), 0);
                                } catch (IOException e) {
                                    throw new AssertionError(e);
                                }
                            });
            interrupted.join();
        }
        assertThat(failure.get())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("interrupted");
    }

    private static String ownPid() {
        return Long.toString(ProcessHandle.current().pid());
    }

    private String lockInAnotherProcess() throws IOException, InterruptedException {
        Path outcome = directory.resolve("outcome.txt");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Locker.class.getName(),
                                directory.toString(),
                                outcome.toString())
                        .inheritIO()
                        .start();
        assertThat(process.waitFor()).isZero();
        return Files.readString(outcome);
    }

    /// What the other process runs.
    static final class Locker {
        public static void main(String[] arguments) throws IOException {
            try (FileDisk disk = FileDisk.at(Path.of(arguments[0]))) {
                disk.lock();
                Files.writeString(Path.of(arguments[1]), "taken");
            } catch (LockedException e) {
                Files.writeString(Path.of(arguments[1]), e.toString());
            }
        }
    }
}
