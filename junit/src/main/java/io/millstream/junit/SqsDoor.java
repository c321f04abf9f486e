package io.millstream.junit;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millstream.api.Backend;
import io.millstream.protocols.aws.AwsDoor;
import io.millstream.protocols.aws.AwsLimits;
import io.millstream.protocols.web.Guard;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

import java.net.URI;
import java.util.concurrent.TimeUnit;

/// An open port for clients of AWS, with an event loop of its own.
final class SqsDoor implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final long CLOSE_SECONDS_MAX = 10;

    /// The server's limits, with one thread and little patience at the end.
    private static final AwsLimits LIMITS =
            new AwsLimits(
                    1,
                    1_000,
                    1_000,
                    AwsLimits.USUAL.requestLineBytesMax(),
                    AwsLimits.USUAL.headerBytesMax(),
                    AwsLimits.USUAL.bodyBytesMax(),
                    AwsLimits.USUAL.smallBodyBytesMax(),
                    64L << 20,
                    AwsLimits.USUAL.receiveBytesMax(),
                    AwsLimits.USUAL.smallReceiveBytesMax(),
                    64L << 20,
                    1_000,
                    AwsLimits.USUAL.requestMillis(),
                    AwsLimits.USUAL.answerMillis(),
                    AwsLimits.USUAL.idleMillis(),
                    2_000);

    private final Vertx vertx;
    private final AwsDoor door;
    private final SqsEndpoint endpoint;

    private SqsDoor(Vertx vertx, AwsDoor door) {
        this.vertx = vertx;
        this.door = door;
        this.endpoint = new SqsEndpoint(URI.create("http://" + HOST + ":" + door.start(HOST, 0)));
    }

    /// Listens on any free port of this machine.
    static SqsDoor open(Backend backend) {
        FileSystemOptions noFiles =
                new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false);
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions().setEventLoopPoolSize(1).setFileSystemOptions(noFiles));
        return new SqsDoor(
                vertx, new AwsDoor(vertx, backend, LIMITS, new SimpleMeterRegistry(), Guard.OPEN));
    }

    SqsEndpoint endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        try {
            door.close();
        } finally {
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
                    .join();
        }
    }
}
