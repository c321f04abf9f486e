package io.millstream.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.opentest4j.TestAbortedException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A disk whose power can be cut: a file system in an image file, which lies in memory.
///
/// What processes write stays in the kernel's page cache until it is synced, and reaches the image
/// then. So a copy of the image that is made while it is mounted has what the disk would have after
/// a power cut at that moment, and mounting the copy replays the file system's journal as a boot
/// does. Nothing may write while the copy is made, or it would mix two moments: stop the writer
/// first.
///
/// Needs root, and a kernel with loop devices; elsewhere [#mount] aborts the test with the reason.
final class CutDisk implements AutoCloseable {
    private static final long COMMAND_SECONDS_MAX = 60;
    private static final String SIZE = "1500M";

    private final Path memory;
    private final Path mountPoint;
    private final Thread lastResort = new Thread(this::close, "unmount");
    private int images;

    private CutDisk(Path folder) throws IOException {
        memory = Files.createDirectory(folder.resolve("memory"));
        mountPoint = Files.createDirectory(folder.resolve("disk"));
        Runtime.getRuntime().addShutdownHook(lastResort);
    }

    static CutDisk mount(Path folder) throws IOException, InterruptedException {
        CutDisk disk = new CutDisk(folder);
        try {
            run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", disk.memory.toString());
            run("truncate", "-s", "700M", disk.image().toString());
            run("mkfs.ext4", "-q", "-F", disk.image().toString());
            disk.mountImage();
            return disk;
        } catch (IOException e) {
            disk.close();
            String reason = "Power cannot be cut here: " + e.getMessage();
            Report.note("SKIPPED. " + reason);
            throw new TestAbortedException(reason, e);
        }
    }

    /// The root of the file system.
    Path root() {
        return mountPoint;
    }

    /// Keeps what is on the disk now for [#boot()].
    void cut() throws IOException, InterruptedException {
        Path from = image();
        images++;
        run("cp", "--sparse=always", from.toString(), image().toString());
    }

    /// Puts the disk of the last cut in the place of the one that lived on. Nobody may use that one
    /// any more.
    void boot() throws IOException, InterruptedException {
        run("umount", mountPoint.toString());
        Files.delete(memory.resolve("image-" + (images - 1)));
        mountImage();
    }

    @Override
    public void close() {
        // Lazily: a process that has not quite ended keeps the image, and nothing else.
        attempt("umount", "-l", mountPoint.toString());
        attempt("umount", "-l", memory.toString());
        try {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException e) {
            // It runs just now.
        }
    }

    private Path image() {
        return memory.resolve("image-" + images);
    }

    /// With such a long interval the file system writes nothing that nobody asked it to write.
    private void mountImage() throws IOException, InterruptedException {
        run("mount", "-o", "loop,commit=300", image().toString(), mountPoint.toString());
    }

    private static void attempt(String... command) {
        try {
            run(command);
        } catch (IOException e) {
            // It was not mounted; what is left is told by the folder's removal.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (!process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " takes too long");
        }
        if (process.exitValue() != 0) {
            throw new IOException(
                    String.join(" ", List.of(command))
                            + " ended with "
                            + process.exitValue()
                            + ": "
                            + output);
        }
    }
}
