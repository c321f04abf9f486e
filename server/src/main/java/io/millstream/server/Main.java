package io.millstream.server;

import io.millstream.server.broker.HeapShares;
import io.millstream.server.command.Commands;
import io.millstream.server.command.Surroundings;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;

/// The entry point of the single jar.
public final class Main {
    private static final String NETWORK_BYTES = "io.netty.maxDirectMemory";

    static {
        // Without this, Vert.x writes its own lines in its own form.
        System.setProperty(
                "vertx.logger-delegate-factory-class-name",
                "io.vertx.core.logging.SLF4JLogDelegateFactory");
        // Netty's memory is neither the heap nor counted by the virtual machine.
        if (System.getProperty(NETWORK_BYTES) == null) {
            System.setProperty(NETWORK_BYTES, String.valueOf(HeapShares.here().networkBytesMax()));
        }
    }

    private static final long STOP_SECONDS_MAX = 30;

    private Main() {}

    public static void main(String[] arguments) {
        Surroundings surroundings =
                new Surroundings(
                        System.in,
                        System.out,
                        System.err,
                        System.getenv(),
                        Path.of(""),
                        version(),
                        EngineStore::open,
                        Main::onStopSignal);
        System.exit(Commands.run(arguments, surroundings));
    }

    /// The virtual machine would end with 143 after a TERM however well everything was closed; who
    /// asked for a stop and got one is told 0. The hook also runs at every other exit, hence the
    /// status.
    private static void onStopSignal(IntSupplier stop) {
        Thread hook = new Thread(() -> Runtime.getRuntime().halt(stopInTime(stop)), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private static int stopInTime(IntSupplier stop) {
        var stopping = new CompletableFuture<Integer>();
        Thread.ofPlatform()
                .daemon()
                .name("stopping")
                .start(() -> stopping.complete(stop.getAsInt()));
        try {
            return stopping.get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            System.err.println(
                    "millstream: Stopping took more than "
                            + STOP_SECONDS_MAX
                            + " s and was cut short. Nothing acknowledged is lost; the next start"
                            + " takes a little longer. If this repeats, check the disk.");
            return 1;
        } catch (InterruptedException | ExecutionException e) {
            System.err.println("millstream: Stopping failed: " + e);
            return 1;
        }
    }

    private static String version() {
        @Nullable String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not run from the jar)" : version;
    }
}
