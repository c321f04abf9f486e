package io.millstream.server.broker;

import io.millstream.api.MillstreamException;
import io.millstream.api.StoppedException;
import io.millstream.server.config.Setting;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/// The event loops that all doors share, and what can go wrong when one begins to listen.
final class Network {
    private static final long CLOSE_SECONDS_MAX = 5;

    private Network() {}

    static Vertx vertx() {
        // The doors serve no files, so nothing is to be unpacked into a temporary directory.
        FileSystemOptions noFiles =
                new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false);
        return Vertx.vertx(new VertxOptions().setFileSystemOptions(noFiles));
    }

    /// What a client is told: `http://127.0.0.1:9324`.
    static String url(String scheme, InetAddress bind, int port) {
        String host = bind.getHostAddress();
        return scheme
                + "://"
                + (bind instanceof Inet6Address ? "[" + host + "]" : host)
                + ":"
                + port;
    }

    /// Opens a door of this setting and returns its port.
    static int listening(Setting setting, InetAddress bind, int port, ToIntFunction<String> door) {
        String host = bind.getHostAddress();
        try {
            return door.applyAsInt(host);
        } catch (RuntimeException e) {
            throw new StartException(explain(setting, host, port, e), e);
        }
    }

    /// Finds out whether a door could be opened there, without opening one.
    static void probe(Setting setting, InetAddress bind, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // As the doors do: what a server has just left counts as free.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(bind, port));
        } catch (IOException e) {
            throw new StartException(explain(setting, bind.getHostAddress(), port, e), e);
        }
    }

    /// Whether a door could not be opened because the store has stopped.
    static boolean isOfStoppedStore(Throwable fault) {
        return causes(fault).anyMatch(StoppedException.class::isInstance);
    }

    /// Blocks until every event loop has ended.
    static void close(Vertx vertx) throws Exception {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .get(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private static String explain(Setting setting, String host, int port, Throwable fault) {
        Optional<Throwable> refused =
                causes(fault).filter(BindException.class::isInstance).findFirst();
        if (refused.isEmpty()) {
            // Then it is the store that does not let the door open, and it has said why.
            Throwable told =
                    causes(fault)
                            .filter(MillstreamException.class::isInstance)
                            .reduce(fault, (outer, inner) -> inner);
            return "Cannot open " + setting.option() + "=" + port + ": " + StoreFault.explain(told);
        }
        String why = String.valueOf(refused.get().getMessage());
        if (why.contains("assign")) {
            return "This machine does not have the address "
                    + host
                    + ". Use one that it has, such as --bind=127.0.0.1.";
        }
        if (why.contains("denied")) {
            return "This user may not listen on port "
                    + port
                    + ". Choose one above 1023, for example "
                    + setting.option()
                    + "="
                    + setting.standard().orElseThrow()
                    + ".";
        }
        int next = port < 65_535 ? port + 1 : port - 1;
        return "Port "
                + port
                + " on "
                + host
                + " is taken by another program. Stop that program, or choose another port: "
                + setting.option()
                + "="
                + next
                + ", or "
                + setting.option()
                + "=0 for any free one.";
    }

    /// The fault and what caused it, from the outside in.
    private static Stream<Throwable> causes(Throwable fault) {
        return Stream.iterate(fault, Objects::nonNull, Throwable::getCause);
    }
}
