package io.millstream.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.engine.Engine;
import io.millstream.engine.EngineOptions;
import io.millstream.engine.io.MemoryDisk;
import io.millstream.server.broker.Broker;
import io.millstream.server.broker.OpenStore;
import io.millstream.server.config.ServerConfig;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A started server with its HTTP port alone, on a store in memory, for tests.
///
/// @param broker the server
/// @param engine its store, which it closes
/// @param address of the port, such as `http://127.0.0.1:7171`
public record MemoryServer(Broker broker, Engine engine, String address) implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("status (http://127\\.0\\.0\\.1:\\d+)");

    /// One with nothing in it, at any free port.
    public static MemoryServer start(Path data) {
        return start(data, 0, Engine.open(new MemoryDisk(), EngineOptions.inMemory()));
    }

    /// One with nothing in it that has an index, in a directory of its own beside the data.
    public static MemoryServer searched(Path data) {
        Engine engine = Engine.open(new MemoryDisk(), EngineOptions.inMemory());
        var index = new ServerConfig.IndexFiles(data.resolveSibling("index"), 7, 64);
        return start(data, 0, engine, Optional.of(index));
    }

    /// One of this store.
    ///
    /// @param data where it writes nothing
    /// @param port 0 for any free one
    public static MemoryServer start(Path data, int port, Engine engine) {
        return start(data, port, engine, Optional.empty());
    }

    private static MemoryServer start(
            Path data, int port, Engine engine, Optional<ServerConfig.IndexFiles> index) {
        ServerConfig config =
                new ServerConfig(
                        data,
                        InetAddress.getLoopbackAddress(),
                        OptionalInt.empty(),
                        OptionalInt.of(port),
                        Optional.empty(),
                        Optional.empty(),
                        index,
                        false);
        Broker broker =
                new Broker(
                        config,
                        "1.2.3",
                        _ -> new OpenStore(engine, _ -> {}, _ -> {}, CompletableFuture::new));
        broker.start();
        Matcher address = ADDRESS.matcher(broker.readyLine());
        assertThat(address.find()).as(broker.readyLine()).isTrue();
        return new MemoryServer(broker, engine, address.group(1));
    }

    @Override
    public void close() {
        broker.close();
    }
}
