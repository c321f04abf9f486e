package io.millstream.server.command;

import io.millstream.api.Backend;
import io.millstream.api.MillstreamException;
import io.millstream.engine.Backup;
import io.millstream.engine.archive.Manifest;
import io.millstream.engine.log.DirectoryFormat;
import io.millstream.server.broker.OpenStore;
import io.millstream.server.broker.StoreFault;
import io.millstream.server.config.ConfigException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;

/// `millstream backup`: of a server that runs, or of a directory that nobody has.
final class BackupRun {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final int CHUNK_BYTES = 128 << 10;
    private static final int PROBLEM_BYTES_MAX = 8_192;

    private final Surroundings surroundings;

    BackupRun(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// Takes one over HTTP, from the status port at this address.
    int ofServer(String server, Path file) {
        URI address = addressOf(server);
        return write("Backup of " + server + " to ", file, out -> fetch(address, out));
    }

    /// Takes one of a directory, whose lock it has meanwhile.
    int ofDirectory(Path directory, Path file) {
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

    private static URI addressOf(String server) {
        try {
            URI address = URI.create(server.replaceFirst("/$", "") + "/backup");
            if ("http".equals(address.getScheme()) && address.getHost() != null) {
                return address;
            }
        } catch (IllegalArgumentException unreadable) {
            // Said below.
        }
        throw new ConfigException(
                server
                        + " is not the address of a server. Give the one of its status port, such"
                        + " as http://127.0.0.1:7171.");
    }

    private static void fetch(URI address, OutputStream out) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(address)
                        .timeout(ANSWER_MAX)
                        .POST(BodyPublishers.noBody())
                        .build();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new IOException(address + " answers: " + problem(response, body));
                }
                copy(body, out);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("It was interrupted", interrupted);
        } catch (java.net.ConnectException nobody) {
            throw new IOException(
                    "Nobody answers at "
                            + address
                            + ". Start the server, or give the address of its status port",
                    nobody);
        }
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
        } catch (IOException broken) {
            throw new IOException(
                    "The server broke the backup off, and its log says why. Take another one when"
                            + " there is less to do",
                    broken);
        }
    }

    private static String problem(HttpResponse<?> response, InputStream body) throws IOException {
        byte[] text = body.readNBytes(PROBLEM_BYTES_MAX);
        try {
            String detail = JsonMapper.shared().readTree(text).path("detail").asString("");
            return detail.isEmpty() ? "status " + response.statusCode() : detail;
        } catch (JacksonException unreadable) {
            return "status " + response.statusCode();
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
