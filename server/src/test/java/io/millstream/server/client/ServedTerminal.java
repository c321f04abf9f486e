package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.backends.remote.RemoteBackend;
import io.millstream.backends.remote.RemoteOptions;
import io.millstream.server.MemoryServer;
import io.millstream.server.command.Commands;
import io.millstream.server.command.Surroundings;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/// A started server, and a terminal at which commands are typed.
final class ServedTerminal implements AutoCloseable {
    private final Path folder;
    private final MemoryServer served;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private final CompletableFuture<IntSupplier> stop = new CompletableFuture<>();
    private InputStream in = InputStream.nullInputStream();
    private OutputStream taking = out;

    /// Where the server is.
    final String server;

    ServedTerminal(Path folder) {
        this(folder, MemoryServer.start(folder.resolve("data")));
    }

    private ServedTerminal(Path folder, MemoryServer served) {
        this.folder = folder;
        this.served = served;
        server = served.address();
    }

    /// At a server that has an index.
    static ServedTerminal searched(Path folder) {
        return new ServedTerminal(folder, MemoryServer.searched(folder.resolve("data")));
    }

    /// The same server as a program sees it.
    Millstream program() {
        return Millstream.over(RemoteBackend.open(RemoteOptions.at(URI.create(server))));
    }

    /// What is piped into the next command.
    ServedTerminal pipe(String text) {
        in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    ServedTerminal pipe(InputStream stream) {
        in = stream;
        return this;
    }

    /// Where the next commands print to.
    ServedTerminal into(OutputStream stream) {
        taking = stream;
        return this;
    }

    ServedTerminal as(String user, String password) {
        environment.put("MILLSTREAM_USER", user);
        environment.put("MILLSTREAM_PASSWORD", password);
        return this;
    }

    ServedTerminal asNobody() {
        environment.clear();
        return this;
    }

    /// Types a command of this server; returns its status.
    int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        int options = all.contains("--") ? all.indexOf("--") : all.size();
        all.addAll(options, List.of("--server", server));
        return type(all.toArray(String[]::new));
    }

    /// Types a command; returns its status.
    int type(String... arguments) {
        synchronized (out) {
            out.reset();
            err.reset();
        }
        try {
            return Commands.run(
                    arguments,
                    new Surroundings(
                            in,
                            new PrintStream(taking, true, StandardCharsets.UTF_8),
                            new PrintStream(err, true, StandardCharsets.UTF_8),
                            environment,
                            folder,
                            "1.2.3",
                            _ -> {
                                throw new AssertionError("A client opens no store");
                            },
                            stop::complete));
        } finally {
            in = InputStream.nullInputStream();
        }
    }

    /// Types a command of this server on a thread of its own. (One of the common pool that blocks
    /// keeps the JDK's client from connecting, where there are few processors.)
    CompletableFuture<Integer> begin(String... arguments) {
        return CompletableFuture.supplyAsync(
                () -> run(arguments), task -> Thread.ofPlatform().start(task));
    }

    /// A command that has to be done.
    String done(String... arguments) {
        assertThat(run(arguments)).as(() -> String.join(" ", arguments) + ": " + err()).isZero();
        return out();
    }

    /// What a stop is told to, once a command listens for it.
    CompletableFuture<IntSupplier> stop() {
        return stop;
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        served.close();
    }
}
