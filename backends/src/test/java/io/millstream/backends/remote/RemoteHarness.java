package io.millstream.backends.remote;

import io.millstream.api.Backend;
import io.millstream.api.ChannelName;
import io.millstream.api.Query;
import io.millstream.engine.io.TimeSource;
import io.millstream.protocols.http.ApiLimits;
import io.millstream.testkit.contract.Harness;

import java.time.Duration;

/// A backend on the other side of a server, under the contracts.
final class RemoteHarness implements Harness {
    private final Harness there;
    private final RemoteBackend here;
    private ServerForTests server;

    /// @param there what the server has
    RemoteHarness(Harness there) {
        this.there = there;
        this.server = new ServerForTests(there.backend(), ApiLimits.USUAL, 0);
        this.here = RemoteBackend.open(RemoteOptions.at(server.address()));
    }

    @Override
    public Backend backend() {
        return here;
    }

    /// What was asked until now has reached the server: all of it goes one way.
    private void arrive() {
        here.find(new Query.QueueNamed(ChannelName.of("none"))).toCompletableFuture().join();
    }

    @Override
    public boolean isElsewhere() {
        return true;
    }

    @Override
    public void advance(Duration by) {
        arrive();
        there.advance(by);
    }

    @Override
    public void jumpWall(Duration by) {
        arrive();
        there.jumpWall(by);
    }

    /// The server is restarted; the program that uses it is not.
    @Override
    public Backend restart() {
        arrive();
        int port = server.port();
        server.close();
        server = new ServerForTests(there.restart(), ApiLimits.USUAL, port);
        return here;
    }

    @Override
    public Duration grace() {
        return there.grace();
    }

    @Override
    public TimeSource time() {
        return there.time();
    }

    @Override
    public void close() {
        here.close();
        server.close();
        there.close();
    }
}
