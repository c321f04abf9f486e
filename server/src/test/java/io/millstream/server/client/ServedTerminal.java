package io.millstream.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.Millstream;
import io.millstream.backends.remote.RemoteBackend;
import io.millstream.backends.remote.RemoteOptions;
import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.server.broker.Broker;
import io.millstream.server.broker.OpenStore;
import io.millstream.server.command.Commands;
import io.millstream.server.command.Surroundings;
import io.millstream.server.config.ServerConfig;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A started server, and a terminal at which commands are typed.
final class ServedTerminal implements AutoCloseable {
    private final Path folder;
    private final Broker broker;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private final CompletableFuture<IntSupplier> stop = new CompletableFuture<>();
    private InputStream in = InputStream.nullInputStream();
    private OutputStream taking = out;

    /// Where the server is.
    final String server;

    ServedTerminal(Path folder) {
        this.folder = folder;
        ServerConfig config =
                new ServerConfig(
                        folder.resolve("data"),
                        InetAddress.getLoopbackAddress(),
                        OptionalInt.empty(),
                        OptionalInt.of(0),
                        Optional.empty(),
                        Optional.empty(),
                        false);
        broker = new Broker(config, "1.2.3", _ -> open());
        broker.start();
        Matcher address =
                Pattern.compile("status (http://127\\.0\\.0\\.1:\\d+)").matcher(broker.readyLine());
        assertThat(address.find()).as(broker.readyLine()).isTrue();
        server = address.group(1);
    }

    private static OpenStore open() {
        Engine engine = Engine.open(new MemoryDisk(), EngineOptions.inMemory());
        return new OpenStore(engine, onStopped -> {}, registry -> {}, CompletableFuture::new);
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
                            _ -> open(),
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
        broker.close();
    }
}
