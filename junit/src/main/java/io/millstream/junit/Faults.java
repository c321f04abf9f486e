package io.millstream.junit;

import io.millstream.WorkQueue;
import io.millstream.api.ChannelName;
import io.millstream.testkit.disk.FaultyDisk;

import java.time.Duration;

/// What can happen to a store, on demand.
///
/// May be used from any thread but those that the store calls back on.
public final class Faults {
    private final FaultyDisk disk;
    private final SurvivingBackend backend;

    Faults(FaultyDisk disk, SurvivingBackend backend) {
        this.disk = disk;
        this.backend = backend;
    }

    /// Cuts the power and starts the store again on the same disk. Everything acknowledged is
    /// there; what was not is lost, and who still waited for an answer gets a
    /// [io.millstream.api.StoppedException], but for readers of topics, which go on waiting.
    ///
    /// The injected objects go on to work, and so do queues, topics, sessions, subscriptions,
    /// readers and ports: each is what its owner would have opened again. A reader of a topic goes
    /// on behind the last record that it has handed out, and a subscription to one where it was. As
    /// after any restart, leases that are bound to a session have ended, and others have at least
    /// five more seconds.
    public void crash() {
        backend.crash();
    }

    /// Ends the open leases of a queue now, as if their time had passed: the messages are delivered
    /// again, in their old places, and who still works on one is refused when settling it. Each
    /// lease counts as an attempt.
    ///
    /// @return how many leases were ended
    public int redeliver(String queue) {
        return backend.endLeases(ChannelName.of(queue));
    }

    /// As [#redeliver(String)].
    public int redeliver(WorkQueue queue) {
        return backend.endLeases(queue.name());
    }

    /// From now on each sync of the disk, and so each acknowledgement, takes at least so much
    /// longer, in real time. What waits for one longer than the test's patience fails; see
    /// [MillstreamTest#patienceMillis].
    public void slowDisk(Duration perSync) {
        backend.slow(perSync);
    }

    /// From now on the disk has no room: publishes are refused as busy, and receiving and settling
    /// go on. Returns when publishes are refused. A [WorkQueue#send] waits until there is room
    /// again, as long as the test's patience lasts; [WorkQueue#sendAsync] shows the refusal.
    public void fullDisk() {
        disk.full(true);
        backend.awaitPublishes(false);
    }

    /// The disk is quick and has room. Returns when publishes are taken.
    public void normalDisk() {
        backend.slow(Duration.ZERO);
        disk.full(false);
        backend.awaitPublishes(true);
    }
}
