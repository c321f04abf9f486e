package io.millstream.testkit.contract;

import io.millstream.api.DeliverySink;
import io.millstream.api.Lease;
import io.millstream.api.Refusal;

import java.util.ArrayList;
import java.util.List;

/// Keeps what is delivered to it.
final class Consumer implements DeliverySink {

    private final List<Lease> leases = new ArrayList<>();
    private final List<Refusal> ends = new ArrayList<>();
    private final List<Boolean> standings = new ArrayList<>();

    @Override
    public synchronized void deliver(List<Lease> delivered) {
        leases.addAll(delivered);
    }

    @Override
    public synchronized void ended(Refusal why) {
        ends.add(why);
    }

    @Override
    public synchronized void active(boolean active) {
        standings.add(active);
    }

    /// What it was told of whether it is the active one.
    synchronized List<Boolean> standings() {
        return List.copyOf(standings);
    }

    synchronized List<Lease> leases() {
        return List.copyOf(leases);
    }

    synchronized List<Refusal> ends() {
        return List.copyOf(ends);
    }

    List<String> texts() {
        return leases().stream().map(lease -> lease.message().text()).toList();
    }
}
