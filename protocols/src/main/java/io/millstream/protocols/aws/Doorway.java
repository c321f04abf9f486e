package io.millstream.protocols.aws;

import io.millstream.protocols.aws.sqs.SqsService;

import java.util.concurrent.atomic.AtomicInteger;

/// What the event loops of one door share.
final class Doorway {
    final AwsLimits limits;
    final SqsService.Shared services;
    final DoorMeters meters;
    final String host;

    private final AtomicInteger port;

    Doorway(
            String host,
            int port,
            AwsLimits limits,
            SqsService.Shared services,
            DoorMeters meters) {
        this.host = host;
        this.port = new AtomicInteger(port);
        this.limits = limits;
        this.services = services;
        this.meters = meters;
    }

    /// The port to listen on: any free one, as long as no loop listens, is said as -1, by which
    /// Vert.x shares the port that it finds among the loops.
    int wantedPort() {
        int wanted = port.get();
        return wanted == 0 ? -1 : wanted;
    }

    int port() {
        return port.get();
    }

    void listening(int actual) {
        port.set(actual);
    }
}
