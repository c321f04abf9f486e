package io.millstream.protocols.aws;

import io.millstream.protocols.room.Room;
import io.millstream.protocols.web.Guard;
import io.millstream.protocols.web.Tls;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// What the event loops of one door share.
final class Doorway {
    final AwsLimits limits;
    final Guard guard;
    final Services services;
    final DoorMeters meters;
    final Room answers;
    final String host;

    private final int wantedPort;
    private final AtomicInteger port = new AtomicInteger();
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

    Doorway(
            String host,
            int port,
            AwsLimits limits,
            Guard guard,
            Services services,
            DoorMeters meters) {
        this.host = host;
        this.wantedPort = port;
        this.limits = limits;
        this.guard = guard;
        this.services = services;
        this.meters = meters;
        this.answers = new Room(limits.answersBytesMax());
        meters.showAnswers(answers);
    }

    /// The port to listen on. Any free one is said as -1: then Vert.x shares the port that it finds
    /// among the loops.
    int wantedPort() {
        return wantedPort == 0 ? -1 : wantedPort;
    }

    int port() {
        return port.get();
    }

    void listening(HttpServer server) {
        port.set(server.actualPort());
        servers.add(server);
    }

    /// Has all loops encrypt with this one from the next connection on.
    Future<?> renew(Tls tls) {
        return Future.join(servers.stream().map(tls::renew).toList());
    }
}
