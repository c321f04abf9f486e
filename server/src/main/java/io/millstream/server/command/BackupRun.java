package io.millstream.server.command;

import io.millstream.api.Backend;
import io.millstream.api.MillstreamException;
import io.millstream.engine.Backup;
import io.millstream.engine.archive.Manifest;
import io.millstream.engine.log.DirectoryFormat;
import io.millstream.server.broker.OpenStore;
import io.millstream.server.broker.StoreFault;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;

/// `millstream backup`: of a server that runs, or of a directory that nobody has.
final class BackupRun {
    static final String NAME = "backup";
    private static final String FROM = "--from";
    private static final Duration SILENCE_MAX = Duration.ofSeconds(60);
    private static final String PATH = "/backup";
    private static final int CHUNK_BYTES = 128 << 10;
    private static final int PROBLEM_BYTES_MAX = 8_192;

    private final Surroundings surroundings;
    private final Duration silenceMax;

    BackupRun(Surroundings surroundings) {
        this(surroundings, SILENCE_MAX);
    }

    /// @param silenceMax how long a server may send nothing, before it answers and amidst its
    ///   answer; the whole may take as long as it takes
    BackupRun(Surroundings surroundings, Duration silenceMax) {
        this.surroundings = surroundings;
        this.silenceMax = silenceMax;
    }

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name(NAME);
        spec.usageMessage()
                .description("Writes everything acknowledged so far to one new file.")
                .customSynopsis(
                        "millstream backup --from URL FILE", "millstream backup DIRECTORY FILE")
                .footer(
                        "",
                        "With --from, of a server that runs and goes on; without, of a data",
                        "directory that no process has.");
        return spec.addOption(
                        OptionSpec.builder(FROM)
                                .paramLabel("URL")
                                .type(String.class)
                                .arity("1")
                                .description(
                                        "The server's status port, such as http://127.0.0.1:7171.")
                                .build())
                .addPositional(Paths.spec());
    }

    int run(ParseResult typed) {
        String server = typed.matchedOptionValue(FROM, "");
        if (server.isEmpty()) {
            Paths paths =
                    Paths.of(typed, surroundings, 2, "the data directory and the file to write");
            return ofDirectory(paths.get(0), paths.get(1));
        }
        return ofServer(server, Paths.of(typed, surroundings, 1, "the file to write").get(0));
    }

    /// Takes one over HTTP, from the status port at this address.
    private int ofServer(String server, Path file) {
        StatusPort port = StatusPort.at(server, surroundings.environment());
        return write("Backup of " + server + " to ", file, out -> fetch(port, out));
    }

    /// Takes one of a directory, whose lock it has meanwhile.
    private int ofDirectory(Path directory, Path file) {
        if (!Files.exists(directory.resolve(DirectoryFormat.FILE))) {
            throw new MillstreamException(
                    directory + " is not a Millstream data directory. Name one that is.");
        }
        return write("Backup of " + directory + " to ", file, out -> read(directory, out));
    }

    private int write(String what, Path file, ArchiveFile.Source source) {
        Instant began = Instant.now();
        try {
            Manifest manifest = new ArchiveFile(file).write(source);
            Duration took = Duration.between(began, Instant.now());
            Told.tell(surroundings.out(), what + file, manifest, Files.size(file), took);
            return ExitStatus.DONE;
        } catch (IOException failed) {
            throw new MillstreamException(
                    "No backup was taken: " + StoreFault.explain(failed), failed);
        }
    }

    private void fetch(StatusPort port, OutputStream out) throws IOException {
        URI address = port.address(PATH);
        HttpRequest request =
                port.request(PATH).timeout(silenceMax).POST(BodyPublishers.noBody()).build();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
            try (InputStream body = new LivelyStream(response.body(), silenceMax)) {
                if (response.statusCode() != 200) {
                    throw new IOException(address + " answers: " + explain(response, body));
                }
                copy(body, out);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("It was interrupted", interrupted);
        } catch (HttpConnectTimeoutException | ConnectException nobody) {
            throw new IOException(
                    "Nobody answers at "
                            + address
                            + ". Start the server, or give the address of its status port",
                    nobody);
        } catch (HttpTimeoutException silent) {
            throw new IOException(silence(address, "has not begun to answer"), silent);
        } catch (LivelyStream.SilentException silent) {
            throw new IOException(silence(address, "stopped in the middle of its answer"), silent);
        }
    }

    private String silence(URI address, String what) {
        return "%s %s: nothing came for %d seconds. See what its log says and whether the network"
                        .formatted(address, what, silenceMax.toSeconds())
                + " is up, and take another one";
    }

    private static String explain(HttpResponse<?> response, InputStream body) throws IOException {
        return StatusPort.explain(response.statusCode(), body.readNBytes(PROBLEM_BYTES_MAX));
    }

    private static void copy(InputStream body, OutputStream out) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        for (int read = next(body, chunk); read >= 0; read = next(body, chunk)) {
            out.write(chunk, 0, read);
        }
    }

    private static int next(InputStream body, byte[] chunk) throws IOException {
        try {
            return body.read(chunk);
        } catch (LivelyStream.SilentException silent) {
            throw silent;
        } catch (IOException broken) {
            throw new IOException(
                    "The server broke the backup off, and its log says why. Take another one when"
                            + " there is less to do",
                    broken);
        }
    }

    private void read(Path directory, OutputStream out) throws IOException {
        OpenStore store = surroundings.opener().open(directory);
        try (Backend _ = store.backend();
                Backup backup = await(store)) {
            backup.writeTo(out);
        }
    }

    private static Backup await(OpenStore store) {
        try {
            return store.backups().get().toCompletableFuture().join();
        } catch (CompletionException failed) {
            Throwable why = failed.getCause() == null ? failed : failed.getCause();
            throw new MillstreamException(String.valueOf(why.getMessage()), why);
        }
    }
}
